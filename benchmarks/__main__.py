"""Benchmarks by name: `python -m benchmarks judging`; without a name, every one. Each prints its own lines."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import Final

BENCHMARKS: Final[Mapping[str, str]] = {
    "judging": "pull, items, verdicts and history of 100,000 and 1,000,000 incidents; judging against hand-written SQL",
    "digests": "400 readers and 5,000 open exceptions: lists, digests and notices, in CPU seconds",
    "pull": "a source of 1.5 million incidents, SQLite and PostgreSQL, in slices of several sizes: seconds and memory",
    "replay": "ten years of a 10,000-incident force: the ledger's size, and a morning rebuilt and replayed (minutes)",
    "fortnight": "the demonstration force's first fortnight, morning by morning: mails, rows and new rows by reader",
}
"""Each is a module of this package with a `main()`; add its name here."""


def main(arguments: Sequence[str]) -> int:
    """Run the benchmarks named, in that order, or all of them."""
    listed = "\n".join(f"  {name:12} {what}" for name, what in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        "python -m benchmarks",
        description="Measure the monitor on this machine, with invented records.",
        epilog=f"benchmarks:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which to run; left out: all")
    names = parser.parse_args(arguments).names
    for name in names:
        if name not in BENCHMARKS:
            parser.error(f"there is no benchmark {name}. Name one of these, or none for all:\n{listed}")
    for name in names or BENCHMARKS:
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
