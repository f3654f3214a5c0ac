"""Records from a folder of files: the first import of years of history, before anything runs every morning.

`incidents.csv` or `incidents.parquet`, and so for each record set, with the columns the configuration's query of it
returns; they are read as its rows would be, by the same value maps, zones and types. No error holds a value of theirs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dacompliance.config import Settings
from dacompliance.config.source import Query
from dacompliance.errors import SourceError
from dacompliance.localtime import micros
from dacompliance.records.contract import RECORD_SETS
from dacompliance.records.intake import Watch, insist_fit, take_in, unwatched
from dacompliance.records.mapping import readings
from dacompliance.records.parts import Laid, Pulled
from dacompliance.records.table import TextArray

CHUNK: Final = 20_000
ENDINGS: Final = ("csv", "parquet")


def read_folder(
    folder: Path,
    settings: Settings,
    *,
    now: dt.datetime,
    instruments: Mapping[str, int],
    keep: AbstractSet[str] = frozenset(),
    known_to: dt.datetime | None = None,
    progress: Watch | None = None,
) -> Pulled:
    """Read the record sets a folder has files of, in parts as `source.pull_in_parts` does.

    Each is known to `known_to`, or to the newest time recorded in it not after `now`. Raises SourceError for a folder
    without incidents, for two files of one set, and for a file that cannot be read.
    """
    files = _files(folder)
    queries = dict(settings.records.mapped())
    pulled = micros(now)
    given = None if known_to is None else min(pulled, micros(known_to))
    laid = Laid(pulled, folder=settings.source.scratch_folder)
    for name, file in files.items():
        query = queries.get(name, Query(query=""))
        for raw in _raw(name, file, progress or unwatched):
            laid.take(name, take_in(name, raw, readings(name, query, list(raw), settings.zone), instruments, keep))
        insist_fit(name, laid.counted[name], typed=file.suffix != ".csv")
    return laid.pulled(dict.fromkeys(files, given))


def _files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise SourceError(f"{folder}: is no folder. Name one that holds incidents.csv or incidents.parquet.")
    found: dict[str, Path] = {}
    for name in RECORD_SETS:
        there = [path for path in (folder / f"{name}.{ending}" for ending in ENDINGS) if path.exists()]
        if len(there) > 1:
            raise SourceError(f"{folder}: holds {name} twice, as CSV and as Parquet. Keep one of them there.")
        if there:
            found[name] = there[0]
    if "incidents" not in found:
        raise SourceError(f"{folder}: holds neither incidents.csv nor incidents.parquet. Put one there.")
    return found


def _raw(name: str, file: Path, progress: Watch) -> Iterator[dict[str, TextArray]]:
    """Yield the rows of a file a chunk at a time, an array of objects a column."""
    try:
        for frame in (_csv if file.suffix == ".csv" else _parquet)(file):
            yield {column: frame[column].to_numpy(dtype=object) for column in frame.columns}
            progress(name, len(frame))
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError, pa.ArrowException, OSError) as error:
        kind = type(error).__name__
        raise SourceError(
            f"{file}: cannot be read ({kind}). Write it as UTF-8 CSV with a header, or as Parquet."
        ) from None


def _csv(file: Path) -> Iterator[pd.DataFrame]:
    """Yield chunks of text, at least one; empty is missing."""
    with pd.read_csv(file, dtype=object, keep_default_na=False, encoding="utf-8-sig", chunksize=CHUNK) as reader:
        any_yet = False
        for frame in reader:
            any_yet = True
            yield frame
        if not any_yet:
            yield pd.read_csv(file, dtype=object, keep_default_na=False, encoding="utf-8-sig")


def _parquet(file: Path) -> Iterator[pd.DataFrame]:
    """Yield chunks of Python's own objects, as a driver would give; at least one."""
    with pq.ParquetFile(file) as parquet:
        names = parquet.schema_arrow.names
        any_yet = False
        for batch in parquet.iter_batches(CHUNK):
            any_yet = True
            yield pd.DataFrame({name: pd.Series(batch.column(name).to_pylist(), dtype=object) for name in names})
        if not any_yet:
            yield pd.DataFrame({name: pd.Series([], dtype=object) for name in names})
