"""A sample of verdicts for a person to judge: drawn from the ledger, filled in by hand, scored and kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from contextlib import closing
from pathlib import Path
from typing import Final

import pandas as pd
import sqlalchemy as sa

from dacompliance.audit.past import past_pack
from dacompliance.config import Settings
from dacompliance.errors import LedgerError, UsageError
from dacompliance.ledger import history, runs, samples
from dacompliance.ledger.database import open_ledger, reading
from dacompliance.reporting import prose
from dacompliance.reporting.samples import answers, draw, run_and_seed
from dacompliance.reporting.spc import wilson
from dacompliance.reporting.verdicts_csv import instants, write_table

LONGEST: Final = 80


def write_sample(settings: Settings, *, size: int, seed: int, run_id: int | None, path: Path) -> str:
    """Write `size` verdicts of a run at random (None: of the last checked one); return what was done, in a line."""
    with reading(_url(settings)) as connection:
        last = runs.last_checked(connection)
        if last is None:
            raise LedgerError("ledger: nothing has been checked yet. Run `dacompliance check` first.")
        number = last.id if run_id is None else runs.run(connection, run_id).id
        drawn = _drawn(connection, number, size, seed)
    write_table(path, drawn, option="--out")
    return (
        f"{path}: {len(drawn)} verdicts of run {number}, drawn at random with seed {seed}. Look each up in the "
        f"records, write yes or no under agree, and run: dacompliance sample --score {path} --by NAME"
    )


def score_sample(settings: Settings, path: Path, *, by: str, now: dt.datetime) -> str:
    """Score a filled-in sample, keep the score, and return it in a line."""
    author = " ".join(by.split())
    if not author or len(author) > LONGEST:
        raise UsageError(f"--by: say who looked, in 1 to {LONGEST} characters.")
    content, sample = _read(path)
    run_id, seed = run_and_seed(sample)
    with closing(open_ledger(_url(settings), create=False)) as ledger, ledger.begin() as connection:
        found = answers(sample, _drawn(connection, runs.run(connection, run_id).id, len(sample), seed))
        agreed = found.agreed
        if agreed.n == 0:
            raise UsageError("--score: nothing is filled in. Write yes or no under agree.")
        score = samples.Score(
            run_id, seed, found.drawn, agreed.n, agreed.x, author, now, hashlib.sha256(content).hexdigest()
        )
        samples.add(connection, score)
    return (
        f"Agreed with {agreed.x} of {agreed.n} verdicts of run {run_id}: {100 * agreed.x / agreed.n:.1f}% "
        f"(95% interval {prose.between(wilson(agreed))}). {found.drawn - agreed.n} of {found.drawn} not answered."
    )


def _drawn(connection: sa.Connection, run_id: int, size: int, seed: int) -> pd.DataFrame:
    verdicts = history.verdicts_at(connection, run_id)
    pack, _ = past_pack(connection, run_id)
    told = verdicts.assign(due_at=instants(verdicts["due_at"]), done_at=instants(verdicts["done_at"]))
    return draw(told, {rule.id: rule.title for rule in pack.rules}, run_id, size, seed)


def _read(path: Path) -> tuple[bytes, pd.DataFrame]:
    try:
        content = path.read_bytes()
        return content, pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}). Name the file you filled in.") from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise UsageError(f"{path}: is no CSV file in UTF-8. Score a file that `dacompliance sample` wrote.") from None


def _url(settings: Settings) -> str:
    return settings.ledger.url.get_secret_value()
