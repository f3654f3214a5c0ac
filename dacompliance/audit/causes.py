"""Why two judgements of one item differ. Pure.

Of a run judged again (`Doubt`): an input that is no longer what was kept is its cause, the program only where every
input of the verdict is. Of two runs (`smallest`): the fewest inputs that, put in place of the old, make the old verdict
the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations
from typing import Final

from dacompliance.policy.model import Rule


class Cause(StrEnum):
    """What made a verdict another one, in the order in which causes are named."""

    RECORDS = "records"
    RULES = "rules"
    CALENDAR = "calendar"
    SETTINGS = "settings"
    CODE = "code"
    VERDICTS = "verdicts"
    WITHHELD = "withheld"
    TIME = "time"


WORDS: Final[Mapping[Cause, str]] = {
    Cause.RECORDS: "the records are other ones",
    Cause.RULES: "the rules are other ones",
    Cause.CALENDAR: "the calendar or the bank holidays are other ones",
    Cause.SETTINGS: "the settings are other ones: the zone, or the columns that are mapped",
    Cause.CODE: "the program is another one, and judges otherwise",
    Cause.VERDICTS: "all it was judged by is as it was kept: what it said was altered since",
    Cause.WITHHELD: "a record was lawfully deleted since, so it cannot be judged again",
    Cause.TIME: "time has passed",
}

CALENDAR_FILES: Final = frozenset({"calendars.toml", "bank-holidays.toml"})
Identity = tuple[str, str]
EITHER: Final = (Cause.CODE, Cause.VERDICTS)
ANY_INPUT: Final = (Cause.RECORDS, Cause.RULES, Cause.CALENDAR, Cause.SETTINGS)


def witnessed(
    counted: Mapping[str, int], said: Mapping[str, int], again: Mapping[str, int], same_program: bool | None
) -> tuple[Cause, ...]:
    """Return what a difference that no input explains is put down to: the program, what was said, or either.

    Another program may judge otherwise, and what was said may have been altered since. The run counted its verdicts by
    outcome when it was made: `counted`. Where only what is judged again agrees with that, what was `said` was altered;
    where what was said does, the program judges otherwise, if it is another or counts otherwise. `same_program` is None
    where the run did not keep it.
    """
    if same_program:
        return (Cause.VERDICTS,)
    if counted and said != counted:
        return (Cause.VERDICTS,) if again == counted else EITHER
    differs = same_program is False or bool(counted and again != counted)
    return (Cause.CODE,) if differs else EITHER


def told_apart(stands: bool, stands_again: bool, same_program: bool | None) -> tuple[Cause, ...]:
    """Return what a difference that no input explains is put down to, where the run kept a fingerprint of what it said.

    Either what was said still has it (`stands`) or it was altered; and what is judged again has it or has not. Where
    the ledger says what was said then, and the program is the run's own, an input was altered together with its digest.
    """
    if stands:
        return ANY_INPUT if same_program else (Cause.CODE,)
    return (Cause.VERDICTS,) if same_program or stands_again else EITHER


@dataclass(frozen=True, slots=True)
class Doubt:
    """What of a run's inputs is not what was kept: incidents whose rows were altered or withheld, files, settings.

    `staff` and `staff_withheld` are true where somebody's row was: they are in every verdict on who signed. `rows` is
    true where a record set has more or fewer rows than the run counted. `otherwise` is what a difference is put down to
    that none of these explains; `by_rule` is that of the rules whose fingerprint the run kept.
    """

    incidents: frozenset[str] = frozenset()
    staff: bool = False
    withheld: frozenset[str] = frozenset()
    staff_withheld: bool = False
    files: frozenset[str] = frozenset()
    settings: bool = False
    rows: bool = False
    otherwise: tuple[Cause, ...] = EITHER
    by_rule: Mapping[str, tuple[Cause, ...]] = field(default_factory=dict)

    def of(self, rule_id: str, incident_ref: str, rule: Rule | None) -> tuple[Cause, ...]:
        """Return why a verdict of `rule` on an item of an incident differs; `rule` is None where the pack has it not.

        Every input of the verdict that was altered is named, the program only where none was.
        """
        by_staff = rule is None or any("signed_off_role" in version.columns() for version in rule.versions)
        calendars = rule is None or any(v.deadline is not None and v.deadline.calendar for v in rule.versions)
        named = {
            Cause.RECORDS: incident_ref in self.incidents or (self.staff and by_staff),
            Cause.RULES: any(is_file_of(rule_id, file) for file in self.files),
            Cause.CALENDAR: bool(calendars and self.files & CALENDAR_FILES),
            Cause.SETTINGS: self.settings,
            Cause.WITHHELD: incident_ref in self.withheld or (self.staff_withheld and by_staff),
        }
        found = tuple(cause for cause, is_it in named.items() if is_it)
        return found or ((Cause.RECORDS,) if self.rows else self.by_rule.get(rule_id, self.otherwise))


def is_file_of(rule_id: str, file: str) -> bool:
    """Say whether a file is that of a rule: `RA-01.toml`, `RA-01-submitted.toml`, or `RA-01` of one that is gone."""
    stem = file.removesuffix(".toml")
    return stem == rule_id or stem.startswith(f"{rule_id}-")


def smallest(
    causes: Sequence[Cause],
    wanted: AbstractSet[Identity],
    agree: Callable[[Collection[Cause]], AbstractSet[Identity]],
) -> dict[Identity, tuple[Cause, ...]]:
    """Return, for each wanted verdict, the fewest of `causes` with which it is already the new one; first come first.

    `agree` says which of the verdicts are the new ones when just these inputs are. What no set of causes brings about
    is not in the answer.
    """
    found: dict[Identity, tuple[Cause, ...]] = {}
    for some in _sets(causes):
        left = wanted - found.keys()
        if not left:
            break
        found |= dict.fromkeys(left & agree(some), some)
    return found


def _sets(causes: Sequence[Cause]) -> Iterator[tuple[Cause, ...]]:
    for size in range(len(causes) + 1):
        yield from combinations(causes, size)
