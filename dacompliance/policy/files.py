"""A folder of rule files → the model, refusing what it does not understand. The only module of policy that reads files.

One rule is one file, `<ID>-<slug>.toml`; calendars.toml, bank-holidays.toml and instruments.toml lie beside them.
Nothing is guessed: what cannot be understood is refused with its file, its key and the mend.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeVar, get_args

from dacompliance.errors import RuleError
from dacompliance.policy.calendars import NATIONS, read_calendars, read_holidays, read_instruments
from dacompliance.policy.cases import read_cases
from dacompliance.policy.columns import OwnColumns
from dacompliance.policy.conditions import Scope
from dacompliance.policy.digests import version_digest
from dacompliance.policy.model import SEVERITIES, About, Calendar, Holiday, Pack, Reader, Rule, Version
from dacompliance.policy.parts import Part, read_part
from dacompliance.policy.versions import read_versions
from dacompliance.resources import rules_folder

CALENDARS: Final = "calendars.toml"
HOLIDAYS: Final = "bank-holidays.toml"
INSTRUMENTS: Final = "instruments.toml"
BESIDE: Final = (CALENDARS, HOLIDAYS, INSTRUMENTS)
OPTIONAL: Final = "optional"
"""The folder, within a pack's, of rules that are off until the force copies them up into the pack."""

_KEYS: Final = ("id", "title", "action", "about", "for", "severity", "source", "note", "chase", "version", "case")
_Read = TypeVar("_Read")


def load_pack(folder: Path | None, own: OwnColumns | None = None) -> Pack:
    """Read a whole pack: the rules of `folder`, its calendars, bank holidays and instruments; None is the bundled one.

    `own` are the force's own columns, which rules may name. Raises RuleError with the first fault of each faulty file,
    one a line.
    """
    folder = rules_folder() if folder is None else folder
    reading = _Reading()
    beside = _beside(folder, reading)
    rules = tuple(_rules(folder, own or {}, beside.calendars, reading))
    reading.finish()
    return Pack(rules, beside.holidays, beside.instruments, reading.texts, beside.calendars or {})


def optional_files(folder: Path | None) -> tuple[Path, ...]:
    """Return the rule files a force may adopt, in order of name: those of the pack's own folder `optional`.

    A pack without one is offered the bundled ones. They are in no pack until they are copied up into it.
    """
    own = None if folder is None else folder / OPTIONAL
    offered = own if own is not None and own.is_dir() else rules_folder() / OPTIONAL
    return tuple(sorted(path for path in offered.glob("*.toml") if not path.name.startswith(".")))


def load_rule(path: Path, folder: Path | None, own: OwnColumns | None = None) -> Rule:
    """Read one rule file that need not be of the pack yet, by the calendars of `folder` (None: the bundled ones)."""
    reading = _Reading()
    beside = _beside(rules_folder() if folder is None else folder, reading)
    reading.finish()
    part, text = read_part(path)
    return _rule(part, text, path, own or {}, beside.calendars)


@dataclass(slots=True)
class _Reading:
    """What has been read so far, and what was wrong with it: the first fault of each file, by file name."""

    texts: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def take(self, path: Path, make: Callable[[Part, str], _Read]) -> _Read | None:
        """Read one file and make of it what `make` does; a fault is noted and gives None."""
        try:
            part, text = read_part(path)
            self.texts[path.name] = text
            return make(part, text)
        except RuleError as error:
            self.faults[path.name] = str(error)
            return None

    def beside(self, path: Path, make: Callable[[Part], _Read]) -> _Read | None:
        """Read one of the files beside the rules, which need not be there."""
        return self.take(path, lambda part, _: make(part)) if path.exists() else None

    def finish(self) -> None:
        """Raise every fault at once, one a line."""
        if self.faults:
            raise RuleError("\n".join(self.faults.values()))


@dataclass(frozen=True, slots=True)
class _Beside:
    """What lies beside the rules. `calendars` is None where that file is at fault."""

    holidays: tuple[Holiday, ...]
    instruments: Mapping[str, int]
    calendars: Mapping[str, Calendar] | None


def _beside(folder: Path, reading: _Reading) -> _Beside:
    if not folder.is_dir():
        raise RuleError(f"{folder}: is not a folder of rules. Name one that is there, or none for the bundled pack.")
    holidays = reading.beside(folder / HOLIDAYS, read_holidays) or ()
    nations = NATIONS if HOLIDAYS in reading.faults else {holiday.nation for holiday in holidays}
    calendars = reading.beside(folder / CALENDARS, lambda part: read_calendars(part, nations))
    instruments = reading.beside(folder / INSTRUMENTS, read_instruments) or {}
    return _Beside(holidays, instruments, None if CALENDARS in reading.faults else calendars or {})


def _rules(
    folder: Path, own: OwnColumns, calendars: Mapping[str, Calendar] | None, reading: _Reading
) -> Iterator[Rule]:
    """Yield the folder's rules in order of id, each id once."""
    found: dict[str, Rule] = {}
    for path in _rule_files(folder, reading):
        rule = reading.take(path, partial(_rule, path=path, own=own, calendars=calendars))
        if rule is None:
            continue
        if rule.id in found:
            first = found[rule.id].file
            said = f"{rule.id} is the id of {first} too. Give one of them another, and a file name to match."
            reading.faults[path.name] = f"{folder.name}/{path.name}, id: {said}"
        found.setdefault(rule.id, rule)
    yield from (found[rule_id] for rule_id in sorted(found))


def _rule_files(folder: Path, reading: _Reading) -> list[Path]:
    """Return the rule files; what an editor hides is none."""
    paths = sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))
    paths = [path for path in paths if path.name not in (CALENDARS, HOLIDAYS, INSTRUMENTS)]
    if not paths:
        reading.faults[""] = f"{folder}: there is no rule in it. Add one, as REF-01-high-risk-to-mash.toml."
    return paths


def _rule(file: Part, text: str, path: Path, own: OwnColumns, calendars: Mapping[str, Calendar] | None) -> Rule:
    """Make one rule of its file; the order of the checks is the order of the file."""
    file.only(*_KEYS)
    rule_id = _id(file, path)
    about = file.word("about", get_args(About))
    scope = Scope(about, own)
    chase = file.flag("chase", default=True)
    versions = read_versions(file, scope, calendars)
    _chased_has_deadlines(file, versions, chase)
    return Rule(
        id=rule_id,
        title=file.text("title"),
        action=file.text("action"),
        about=about,
        reader=file.word("for", get_args(Reader)),
        severity=file.word("severity", SEVERITIES),
        source=file.text("source"),
        chase=chase,
        versions=versions,
        cases=read_cases(file, scope),
        note=file.text("note") if "note" in file.table else "",
        file=path.name,
        text=text,
        digests=tuple(version_digest(about, version) for version in versions),
    )


def _id(file: Part, path: Path) -> str:
    found = file.text("id")
    if not re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", found):
        raise file.fault("id", 'is not an id. Write capital letters, figures and single hyphens, as "REF-01".')
    if path.stem != found and not path.stem.startswith(f"{found}-"):
        raise file.fault("id", f"{found} does not begin the file's name. Call the file {found}-….toml, or mend the id.")
    return found


def _chased_has_deadlines(file: Part, versions: tuple[Version, ...], chase: bool) -> None:
    """Refuse a chased version without a deadline: what is never due can never be chased fairly."""
    for version in versions:
        if chase and version.deadline is None:
            raise file.fault(
                f"version {version.in_force_from}",
                "has no deadline, and a chased rule needs one. Write start, within and clock, "
                "or chase = false above the versions to measure it only.",
            )
