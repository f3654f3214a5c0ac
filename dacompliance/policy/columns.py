"""Which columns a rule may name, and what each is made from (semantics §§2, 3). Pure: names in, names out; no data.

The one place that knows. A rule that rests on a column nobody mapped is switched off, and the reason says which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from dacompliance.policy.model import About, Pack, Rule
from dacompliance.records.contract import COUNTS, QUESTIONS, RECORD_SETS, Kind

Source = tuple[str, str]
"""A mapped column: (record set, column)."""
Mapped = Mapping[str, AbstractSet[str]]
"""The columns each record set's query brings, the contract's and the force's own."""
OwnColumns = Mapping[str, Mapping[str, Kind]]
"""The force's own columns, by record set and name."""


def _of(record_set: str, *columns: str) -> frozenset[Source]:
    return frozenset((record_set, column) for column in columns)


@dataclass(frozen=True, slots=True)
class Fact:
    """What a fact is and is made from: `needs` must be mapped, `reads` are read where they are."""

    kind: Kind
    needs: frozenset[Source]
    reads: frozenset[Source] = frozenset()


_SUBMITTED: Final = _of("assessments", "submitted_at")
_GRADED: Final = _of("assessments", "submitted_at", "risk_grade")
_SIGN_OFF: Final = _of("assessments", "signed_off_at", "final_grade")

INCIDENT_FACTS: Final[Mapping[str, Fact]] = {
    "assessment_count": Fact(Kind.NUMBER, _SUBMITTED),
    "first_submitted_at": Fact(Kind.INSTANT, _SUBMITTED),
    "grade": Fact(Kind.GRADE, _GRADED, _SIGN_OFF),
    "grade_since": Fact(Kind.INSTANT, _GRADED, _SIGN_OFF),
    "highest_grade": Fact(Kind.GRADE, _GRADED, _SIGN_OFF),
    "first_high_at": Fact(Kind.INSTANT, _GRADED, _SIGN_OFF),
}
TIMELINE_FACTS: Final[Mapping[str, Fact]] = {
    "previous_grade": Fact(Kind.GRADE, _GRADED, _SIGN_OFF),
    "lowered": Fact(Kind.YES_NO, _GRADED, _SIGN_OFF),
    "superseded": Fact(Kind.YES_NO, _of("assessments", "submitted_at", "instrument")),
}
ASSESSMENT_FACTS: Final[Mapping[str, Fact]] = {
    **TIMELINE_FACTS,
    "signed_off_role": Fact(
        Kind.TEXT, _of("assessments", "signed_off_by") | _of("staff", "role"), _of("assessments", "signed_off_at")
    ),
    "minutes_to_sign_off": Fact(Kind.NUMBER, _of("assessments", "submitted_at", "signed_off_at")),
    "question_count": Fact(Kind.NUMBER, _of("assessments", "instrument")),
    "blank_questions": Fact(Kind.TEXT, _of("assessments", QUESTIONS[0], "instrument")),
}
FACTS: Final[Mapping[About, Mapping[str, Fact]]] = {
    "incident": INCIDENT_FACTS,
    "assessment": {**ASSESSMENT_FACTS, **INCIDENT_FACTS},
    "referral": INCIDENT_FACTS,
}
SETS: Final[Mapping[About, tuple[str, ...]]] = {
    "incident": ("incidents",),
    "assessment": ("assessments", "incidents"),
    "referral": ("referrals", "incidents"),
}
"""The record sets whose columns an item has: its own, then its incident's."""

_ITEM: Final[Mapping[About, Fact]] = {
    "incident": Fact(Kind.TEXT, _of("incidents", "reported_at"), _of("incidents", "excluded_reason")),
    "assessment": Fact(Kind.TEXT, _of("incidents", "reported_at") | _SUBMITTED, _of("incidents", "excluded_reason")),
    "referral": Fact(
        Kind.TEXT,
        _of("incidents", "reported_at") | _of("referrals", "referred_at"),
        _of("incidents", "excluded_reason") | _of("referrals", "received_at", "cancelled"),
    ),
}
"""What there must be for an item to exist and to have a version, whatever its rule names."""

_HIDDEN_UNTIL_SIGNED: Final = ("signed_off_by", "final_grade", "final_rationale_recorded")
_DESTINATION_FACT: Final = re.compile(r"([a-z0-9_]+)_(referred_at|received_at)")


def kind_of(about: About, name: str, own: OwnColumns | None = None) -> Kind | None:
    """Return what a column holds, or None when a rule about `about` may not name it."""
    for record_set in SETS[about]:
        spec = RECORD_SETS[record_set].spec(name)
        if spec is not None:
            return spec.kind
    if name in FACTS[about]:
        return FACTS[about][name].kind
    if is_referral_fact(name):
        return Kind.INSTANT
    declared = (own or {}).get
    return next((kind for each in SETS[about] if (kind := declared(each, {}).get(name)) is not None), None)


def names(about: About, own: OwnColumns | None = None) -> tuple[str, ...]:
    """Return every column a rule about `about` may name, but the destinations' facts, which have no end."""
    found = {spec.name for record_set in SETS[about] for spec in RECORD_SETS[record_set].columns}
    found.update(FACTS[about], *((own or {}).get(record_set, {}) for record_set in SETS[about]))
    return tuple(sorted(found))


def clashes(own: OwnColumns) -> tuple[str, ...]:
    """Return the force's own columns whose name already means something else, as `incidents.grade`."""
    taken = {name for about in SETS for name in names(about)} | {f"{each}_set_aside" for each in RECORD_SETS} | {"any"}
    twice = {name for name in own.get("assessments", {}) if name in own.get("incidents", {})}
    twice |= {name for name in own.get("referrals", {}) if name in own.get("incidents", {})}
    return tuple(
        f"{record_set}.{name}"
        for record_set, columns in sorted(own.items())
        for name in sorted(columns)
        if record_set != "staff" and (name in taken or name in twice or is_referral_fact(name))
    )


def split_destination_fact(name: str) -> tuple[str, str] | None:
    """Return a destination's fact as its stem and its time, `mash` and `referred_at`; None for any other name."""
    found = _DESTINATION_FACT.fullmatch(name)
    return None if found is None else (found[1], found[2])


def is_referral_fact(name: str) -> bool:
    """Say whether a name is a destination's fact: `mash_referred_at`, `mash_received_at`."""
    return split_destination_fact(name) is not None


def destination_fact(destination: str, time: str) -> str:
    """Return the fact's name: the destination in lower case, all but letters and digits as `_`, then the time."""
    return f"{re.sub(r'[^a-z0-9]', '_', destination.lower())}_{time}"


def from_assessments(columns: Iterable[str]) -> frozenset[str]:
    """Return those made from an incident's assessments, which one set aside leaves in doubt.

    An assessment's own columns, `signed_off_role` and `minutes_to_sign_off` are its own matter.
    """
    return frozenset(columns) & (INCIDENT_FACTS.keys() | TIMELINE_FACTS.keys())


def from_referrals(columns: Iterable[str]) -> frozenset[str]:
    """Return those made from an incident's referrals, which one set aside leaves in doubt."""
    return frozenset(name for name in columns if is_referral_fact(name))


def rests_on(rule: Rule, mapped: Mapped | None = None) -> frozenset[Source]:
    """Return the mapped columns a rule rests on, over all its versions.

    Without `mapped`, those that must be mapped at the least. With it, also those that are read where mapped
    (sign-off columns, `received_at`, `cancelled`), and the answers where they win over the counts.
    """
    return columns_rest_on(rule.about, {name for version in rule.versions for name in version.columns()}, mapped)


def columns_rest_on(about: About, columns: Iterable[str], mapped: Mapped | None = None) -> frozenset[Source]:
    """Return the mapped columns that items of a kind, and these columns of theirs, rest on."""
    there = mapped or {}
    facts = [_ITEM[about], *(_made_from(about, name, there) for name in columns)]
    needs = frozenset[Source]().union(*(fact.needs for fact in facts))
    reads = frozenset[Source]().union(*(fact.reads for fact in facts))
    return needs | {(record_set, name) for record_set, name in reads if name in there.get(record_set, ())}


def _made_from(about: About, name: str, mapped: Mapped) -> Fact:
    """Return what a column is made from. One that is neither the contract's nor a fact is the force's own."""
    if about == "assessment" and name in (*COUNTS, "blank_questions"):
        return _counted(name, mapped)
    if (destination := split_destination_fact(name)) is not None:
        reads = _of("referrals", "referred_at", "received_at", "cancelled")
        return Fact(Kind.INSTANT, _of("referrals", "destination", destination[1]), reads)
    if name in FACTS[about]:
        return FACTS[about][name]
    signed = _of("assessments", "signed_off_at") if name in _HIDDEN_UNTIL_SIGNED else frozenset[Source]()
    return Fact(Kind.TEXT, _of(_home(about, name, mapped), name), signed)


def _counted(name: str, mapped: Mapped) -> Fact:
    """Return what a count is made from: the answers where any is mapped, else the count as it is given.

    Records kept from an earlier run have `blank_questions` and no answers any more.
    """
    brought = mapped.get("assessments", frozenset())
    answers = set(QUESTIONS) & brought
    if answers:
        return Fact(Kind.NUMBER, _of("assessments", "instrument", *answers))
    given = name in COUNTS or name in brought
    return Fact(Kind.NUMBER, _of("assessments", name)) if given else ASSESSMENT_FACTS[name]


def _home(about: About, name: str, mapped: Mapped) -> str:
    """Return the record set a column is in; for a force's own column, the first of the item's that maps it."""
    sets = SETS[about]
    spoken_for = (each for each in sets if RECORD_SETS[each].spec(name) is not None)
    brought = (each for each in sets if name in mapped.get(each, ()))
    return next(spoken_for, None) or next(brought, sets[0])


def record_sets(rule: Rule, mapped: Mapped) -> frozenset[str]:
    """Return the record sets a rule rests on: where one of them fails, the rule is not checked."""
    return frozenset(record_set for record_set, _ in rests_on(rule, mapped))


def switched_off(pack: Pack, mapped: Mapped) -> Mapping[str, str]:
    """Return the rules that rest on a column nobody mapped, by id, each with the reason in words."""
    reasons = {rule.id: _unmapped(rests_on(rule, mapped), mapped) for rule in pack.rules}
    return {rule_id: reason for rule_id, reason in reasons.items() if reason}


def _unmapped(sources: Iterable[Source], mapped: Mapped) -> str:
    lost = sorted(source for source in sources if source[1] not in mapped.get(source[0], ()))
    whole = sorted({record_set for record_set, _ in lost if not mapped.get(record_set)})
    words = [f"{record_set} has no query" for record_set in whole]
    words += [f"{record_set}.{name} is not mapped" for record_set, name in lost if record_set not in whole]
    return "; ".join(words)


def destinations_named(pack: Pack) -> Mapping[str, tuple[str, ...]]:
    """Return the stems of the destinations that rules name (`mash`), each with the ids of its rules."""
    found: dict[str, set[str]] = {}
    for rule in pack.rules:
        for name in from_referrals(name for version in rule.versions for name in version.columns()):
            found.setdefault(name.rsplit("_", 2)[0], set()).add(rule.id)
    return {stem: tuple(sorted(ids)) for stem, ids in sorted(found.items())}


def questions_named(pack: Pack) -> frozenset[str]:
    """Return the answers (`q07`) that a rule names itself; the others are kept no further than their counts."""
    used = (version.columns() for rule in pack.rules for version in rule.versions)
    return frozenset(QUESTIONS).intersection(frozenset[str]().union(*used))
