"""Writes the completion page and its two CSV files. The edge of reporting: it is told everything and reads no clock."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from dacompliance.reporting import pages
from dacompliance.reporting.csvs import to_csv
from dacompliance.reporting.facts import CompletionFacts
from dacompliance.reporting.figures import figures
from dacompliance.reporting.tables import completion_table
from dacompliance.resources import templates_folder

TABLE, CASES, PAGE = "completion.csv", "completion-cases.csv", "completion.html"


def write_completion(folder: Path, facts: CompletionFacts, templates: Path | None = None) -> list[Path]:
    """Write the page, and the CSV files it opens to, into `folder`; return their paths, the page first.

    Each file is replaced whole, the page last, so that no reader sees half of one or a page without its cases. A
    template in `templates` wins over the bundled one. Where completion was not measured only the page is written, and
    CSV files of an earlier run are removed: they would be taken for this run's.
    """
    jinja = pages.environment([each for each in (templates, templates_folder()) if each is not None])
    counted = None if facts.cases is None else figures(facts, facts.cases)
    page = pages.completion_page(jinja, facts, counted).encode("utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / PAGE]
    if facts.cases is None or counted is None:
        for name in (TABLE, CASES):
            (folder / name).unlink(missing_ok=True)
    else:
        written += [folder / TABLE, folder / CASES]
        replace(folder / TABLE, to_csv(completion_table(facts.cases, counted)))
        replace(folder / CASES, to_csv(facts.cases))
    replace(folder / PAGE, page)
    return written


def replace(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file whole or not at all: beside it first, then in its place.

    What is not `durable` may be lost with the machine's power: hundreds of files that can be made again at any time.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        Path(name).chmod(0o640)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
