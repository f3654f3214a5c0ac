"""A measurement in a process of its own, so that time and memory are its own; and what this machine was doing."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_STATUS: Final = Path("/proc/self/status")
_FORGET: Final = Path("/proc/self/clear_refs")


def apart(function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """Call a function of a module in a new process, and return what it returns."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments, **named).result()


@dataclass(frozen=True, slots=True)
class Phase:
    """What one phase took: seconds on the clock and of the processor, and the most memory while it ran (MB).

    `megabytes` is 0 where the system does not tell (it is Linux that does).
    """

    name: str
    seconds: float
    processor: float
    megabytes: int


class Stopwatch:
    """The phases of one process, in order."""

    def __init__(self) -> None:
        self.phases: list[Phase] = []

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        forget_peak()
        seconds, processor = time.perf_counter(), time.process_time()
        yield
        taken = time.perf_counter() - seconds, time.process_time() - processor
        self.phases.append(Phase(name, *taken, peak()))


def forget_peak() -> None:
    """Let the most memory from now on be told by `peak`, where the system can."""
    if _FORGET.exists():
        _FORGET.write_text("5")  # Linux: the peak is the present size again


def peak() -> int:
    """Return the most resident memory since it was last forgotten, in MB; 0 where the system does not tell.

    Not `ru_maxrss`: that carries over what the starting process held.
    """
    if not _STATUS.exists():
        return 0
    kilobytes = next(line.split()[1] for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) // 1024


def median(values: Sequence[float]) -> str:
    """Return the median of some seconds, and their span."""
    return f"{statistics.median(values):.3g} s ({min(values):.3g} to {max(values):.3g})"


def machine() -> str:
    """Return what this machine is and how busy it was, in a line."""
    load = f", load {os.getloadavg()[0]:.1f} before we began" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores{load}; Python {platform.python_version()} on {platform.system()}"
