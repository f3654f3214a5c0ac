"""Records judged by a whole pack: which rules can be checked, and what they say. Pure; runs and replays share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dacompliance.judging.items import World, build
from dacompliance.judging.outcomes import Outcome
from dacompliance.judging.verdicts import Cells, RuleVerdicts, frame, judge, together
from dacompliance.localtime import day_of
from dacompliance.policy.columns import record_sets, switched_off
from dacompliance.policy.model import About, Pack
from dacompliance.records.table import BoolArray, Records, mapped_columns

State = Literal["checked", "switched_off", "not_checked", "not_asked"]
NOT_ASKED = "a second look at other rules"
_OPEN: Final = (Outcome.UNDETERMINED, Outcome.BREACHED)
_NOT_SETTLED: Final = (*_OPEN, Outcome.PENDING)


@dataclass(frozen=True, slots=True)
class Status:
    """Whether a rule was checked and, where not, why: in names of columns and record sets."""

    state: State
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """What a pack says of the records as at one instant. `status` has every rule of the pack."""

    world: World
    status: Mapping[str, Status]
    verdicts: tuple[RuleVerdicts, ...]

    def frame(self) -> pd.DataFrame:
        """Return the verdicts of the rules that were checked, in words."""
        return frame(self.verdicts)

    def open_or_about(self, about: Mapping[About, BoolArray], since: int) -> pd.DataFrame:
        """Return, in words, all verdicts of some items (`are_about`), and others breached, undetermined or pending.

        Of the others only those of incidents reported on the local day `since` or later.
        """
        return together(
            [
                each.frame((np.isin(each.outcome, _NOT_SETTLED) & _reported(each, since)) | about[each.rule.about])
                for each in self.verdicts
            ]
        )

    def open_before(self, about: Mapping[About, BoolArray], day: int) -> dict[str, int]:
        """Return by rule how many verdicts are breached or undetermined of incidents before `day`, some items apart."""
        return {
            each.rule.id: int((np.isin(each.outcome, _OPEN) & ~_reported(each, day) & ~about[each.rule.about]).sum())
            for each in self.verdicts
        }

    def are_about(self, items: AbstractSet[str]) -> dict[About, BoolArray]:
        """Say of each item, by kind, whether it is one of `items`, by ref."""
        refs = list(items)
        kinds = (self.world.incidents, self.world.assessments, self.world.referrals)
        return {each.about: np.asarray(pd.Index(each.keys, dtype=object).isin(refs)) for each in kinds}

    def applying(self) -> Iterator[tuple[str, Cells]]:
        """Yield by rule, a rule at a time and in order of id, its verdicts of the items it applies to."""
        for each in sorted(self.verdicts, key=lambda each: each.rule.id):
            yield each.rule.id, each.cells(np.flatnonzero(each.outcome != Outcome.NOT_APPLICABLE))

    def hold(self, why: Mapping[str, str]) -> Checked:
        """Return the same without the verdicts of some rules, by id, which thereby are not checked, and why not."""
        status = {**self.status, **{rule_id: Status("not_checked", words) for rule_id, words in why.items()}}
        return Checked(self.world, status, tuple(each for each in self.verdicts if each.rule.id not in why))


def _reported(verdicts: RuleVerdicts, since: int) -> BoolArray:
    """Say of which verdicts the incident was reported on a local day or later."""
    return verdicts.items.reported_day >= since


def asked_by(status: Mapping[str, Status]) -> frozenset[str] | None:
    """Return the rules of a second look, None where every rule of the pack was asked."""
    asked = frozenset(rule_id for rule_id, each in status.items() if each.state != "not_asked")
    return asked if len(asked) < len(status) else None


def statuses(
    pack: Pack,
    mapped: Mapping[str, AbstractSet[str]],
    failed: Mapping[str, str],
    asked: AbstractSet[str] | None = None,
) -> dict[str, Status]:
    """Return each rule's status: off where a column it rests on is not mapped, else not checked where a set has failed.

    `failed` names record sets not to be trusted in this run, and why. With `asked`, the rules of a second look, every
    other is not asked, whatever else could be said of it.
    """
    off = switched_off(pack, mapped)
    found: dict[str, Status] = {}
    for rule in pack.rules:
        untrusted = sorted(record_sets(rule, mapped) & set(failed))
        if asked is not None and rule.id not in asked:
            found[rule.id] = Status("not_asked", NOT_ASKED)
        elif rule.id in off:
            found[rule.id] = Status("switched_off", off[rule.id])
        elif untrusted:
            found[rule.id] = Status("not_checked", "; ".join(f"{name} {failed[name]}" for name in untrusted))
        else:
            found[rule.id] = Status("checked")
    return found


def check(
    records: Records,
    pack: Pack,
    as_at: int,
    zone: ZoneInfo,
    failed: Mapping[str, str],
    known_at: int | None = None,
    asked: AbstractSet[str] | None = None,
) -> Checked:
    """Judge `records` by every rule of `pack` that can be checked, as at `as_at` (microseconds UTC).

    `known_at` chooses the versions published and holidays announced by then; left out, it is the as-at. `asked` are the
    rules of a second look; left out, all.
    """
    status = statuses(pack, mapped_columns(records), failed, asked)
    world = build(records, as_at, zone)
    known = as_at if known_at is None else known_at
    day = day_of(known, zone)
    rules = [rule for rule in pack.rules if status[rule.id].state == "checked"]
    return Checked(world, status, tuple(judge(world, rules, pack.holidays, day)))
