"""All that a run must know of every part of its records at once: counts, figures, and what exceptions may hang on."""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dacompliance.audit import fingerprint
from dacompliance.config import Settings
from dacompliance.exceptions import routing
from dacompliance.exceptions.faults import unlisted
from dacompliance.judging.checking import Checked, Status, asked_by
from dacompliance.judging.deadlines import day_number
from dacompliance.judging.verdicts import tally
from dacompliance.localtime import day_of
from dacompliance.policy.model import About, Pack
from dacompliance.records.table import IntArray, Records, TextArray
from dacompliance.run.judging import Judging
from dacompliance.run.measuring import (
    completion_cases,
    figures_of_run,
    figures_together,
    figures_without,
    lately,
)

ITEM_SETS: Final[Mapping[About, str]] = {
    "incident": "incidents",
    "assessment": "assessments",
    "referral": "referrals",
}
_NONE: Final[IntArray] = np.array([], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Watched:
    """What is said of these items matters whatever it is; of `incidents` it matters who would hear. By reference."""

    items: frozenset[str] = frozenset()
    incidents: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ruled:
    """What one rule said in all: verdicts by outcome, the versions it judged by, by place, and their fingerprint.

    `old` counts those breached and undetermined of incidents that are not chased, watched items apart.
    """

    outcomes: Counter[str]
    versions: frozenset[int]
    said: str
    old: int


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What a run found in all parts of its records.

    `sizes` are what was judged, by kind of item, and `rows_usable`. `verdicts` are in words, in order of rule and item:
    those that are breached, undetermined or pending of incidents that are chased, and all about what is watched; of
    their incidents `places` says who hears, and `old` are those reported before any is chased. `present` are the
    watched items that the source has, by kind. `figures` are those the ledger keeps, `lately` the latest cases of
    completion, None where it is not measured. `unlisted` are findings. `across` are numbers for the occurrences that
    may have victims in several parts.
    """

    as_at: int
    zone: ZoneInfo
    status: Mapping[str, Status]
    sizes: Counter[str]
    ruled: Mapping[str, Ruled]
    verdicts: pd.DataFrame
    places: Mapping[str, routing.Place]
    old: frozenset[str]
    present: Mapping[About, frozenset[str]]
    figures: pd.DataFrame
    lately: pd.DataFrame | None
    unlisted: pd.DataFrame
    across: IntArray

    @property
    def asked(self) -> frozenset[str] | None:
        """The rules of a second look, None where every rule of the pack was asked."""
        return asked_by(self.status)

    @property
    def day(self) -> int:
        """The local day of the as-at."""
        return day_of(self.as_at, self.zone)

    @property
    def outcomes(self) -> Counter[str]:
        """How many verdicts there are of each outcome."""
        return _sum(each.outcomes for each in self.ruled.values())

    def hold(self, why: Mapping[str, str], completion_rule: str) -> Survey:
        """Return the same without what some rules said, by id, which thereby are not checked, and why not."""
        status = {**self.status, **{rule_id: Status("not_checked", words) for rule_id, words in why.items()}}
        return replace(
            self,
            status=status,
            ruled={rule_id: each for rule_id, each in self.ruled.items() if rule_id not in why},
            verdicts=self.verdicts[~self.verdicts["rule_id"].isin(why)],
            figures=figures_without(self.figures, why, completion_rule),
            lately=None if completion_rule in why else self.lately,
        )


def survey(judging: Judging, settings: Settings, watched: Watched) -> Survey:
    """Judge every part, and return what must be known of all."""
    return _together(
        list(judging.each("incidents judged", partial(_of_part, judging, settings, watched))), judging.pack
    )


def _of_part(judging: Judging, settings: Settings, watched: Watched, records: Records, checked: Checked) -> Survey:
    world, since = checked.world, day_number(settings.chase_from)
    about = checked.are_about(watched.items)
    verdicts, old = checked.open_or_about(about, since), checked.open_before(about, since)
    said, incidents = fingerprint.of_judged(checked), world.incidents
    cases = completion_cases(checked, records, judging.pack, settings, judging.failed)
    named = _among(incidents.keys, {*watched.incidents, *verdicts["incident_ref"]})
    texts = (incidents.column(name).take(named).text() for name in ("team", "supervisor_id", "officer_id"))
    return Survey(
        as_at=world.as_at,
        zone=world.zone,
        status=checked.status,
        sizes=sizes(records, checked),
        ruled={
            each.rule.id: Ruled(
                Counter(tally([each])),
                frozenset(np.unique(each.version).tolist()),
                said[each.rule.id],
                old[each.rule.id],
            )
            for each in checked.verdicts
        },
        verdicts=verdicts,
        places=routing.places(incidents.keys[named], *texts),
        old=frozenset(incidents.keys[named][incidents.reported_day[named] < since]),
        present={
            about: frozenset(keys[_among(keys, watched.items)])
            for about, keys in ((about, records.table(name).keys) for about, name in ITEM_SETS.items())
        },
        figures=figures_of_run(checked, cases),
        lately=None if cases is None else lately(cases, day_of(world.as_at, world.zone)),
        unlisted=unlisted(records, judging.pack, settings.rules.destinations),
        across=numbers(occurrences(checked)) if len(judging.pulled) > 1 else _NONE,
    )


def sizes(records: Records, checked: Checked) -> Counter[str]:
    """Return how many items of each kind were judged, and how many rows could be."""
    world = checked.world
    return Counter(
        incidents=len(world.incidents),
        assessments=len(world.assessments),
        referrals=len(world.referrals),
        rows_usable=sum(len(records.table(name)) for name in ITEM_SETS.values()),
    )


def occurrences(checked: Checked) -> Collection[str]:
    """Return the occurrence numbers of the incidents of a part, each once."""
    column = checked.world.incidents.column("occurrence_ref")
    return [column.words[code] for code in np.unique(column.values[column.present]).tolist()]


def numbers(texts: Collection[str]) -> IntArray:
    """Return a number for each text. Two texts may have the same, in which case they must be looked at themselves."""
    return np.fromiter(map(hash, texts), dtype=np.int64, count=len(texts))


def _among(keys: TextArray, refs: AbstractSet[str]) -> IntArray:
    """Return the rows of the keys that are among some references."""
    return np.flatnonzero(pd.Index(keys, dtype=object).isin(list(refs)))


def _together(parts: Sequence[Survey], pack: Pack) -> Survey:
    """Return what parts say together: no item is in two of them."""
    first = parts[0]
    if len(parts) == 1:
        return first
    found, counts = np.unique(np.concatenate([each.across for each in parts]), return_counts=True)
    return replace(
        first,
        sizes=_sum(each.sizes for each in parts),
        ruled={rule_id: _ruled([each.ruled[rule_id] for each in parts]) for rule_id in first.ruled},
        verdicts=_in_order(pd.concat([each.verdicts for each in parts], ignore_index=True), pack),
        places=dict(ChainMap(*(dict(each.places) for each in parts))),
        old=frozenset().union(*(each.old for each in parts)),
        present={about: frozenset().union(*(each.present[about] for each in parts)) for about in first.present},
        figures=figures_together([each.figures for each in parts]),
        lately=None if first.lately is None else pd.concat([each.lately for each in parts], ignore_index=True),
        unlisted=pd.concat([each.unlisted for each in parts], ignore_index=True),
        across=found[counts > 1],
    )


def _ruled(parts: Sequence[Ruled]) -> Ruled:
    return Ruled(
        _sum(each.outcomes for each in parts),
        frozenset().union(*(each.versions for each in parts)),
        fingerprint.together(each.said for each in parts),
        sum(each.old for each in parts),
    )


def _in_order(verdicts: pd.DataFrame, pack: Pack) -> pd.DataFrame:
    """Return verdicts by rule, as the pack has them, and by item: as of records in one piece."""
    places = verdicts["rule_id"].map({rule.id: place for place, rule in enumerate(pack.rules)})
    keys = pd.DataFrame({"rule": places, "item": verdicts["item_ref"]})
    return verdicts.loc[keys.sort_values(["rule", "item"], kind="stable").index].reset_index(drop=True)


def _sum(counts: Iterable[Counter[str]]) -> Counter[str]:
    """Return the counts added up, noughts too."""
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)
    return found
