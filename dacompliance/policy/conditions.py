"""Condition tables → the model, each test held to the kind of its column (semantics §4). Judges nothing.

A test of the wrong type, or for a word no cell can hold, is refused here: no rule goes wrong quietly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from dacompliance.policy.columns import OwnColumns, kind_of, names
from dacompliance.policy.model import About, Condition, Test, TestKind
from dacompliance.policy.parts import Part, did_you_mean, either, type_words
from dacompliance.records.contract import WORDS, Kind

FORMS: Final = ("equals", "in", "not", "at_least", "at_most", "is", "same_as", "differs_from")
_EVERY_ABOUT: Final[tuple[About, ...]] = ("incident", "assessment", "referral")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule may name: the columns of what it is about, and the force's own."""

    about: About
    own: OwnColumns = field(default_factory=dict)

    def kind(self, part: Part, key: str, column: str) -> Kind:
        """Return what a column holds. Raises RuleError where a rule about such items may not name it."""
        found = kind_of(self.about, column, self.own)
        if found is not None:
            return found
        for other in _EVERY_ABOUT:
            if kind_of(other, column, self.own) is not None:
                a_other, a_this = article(other), article(self.about)
                raise part.fault(
                    key, f'"{column}" is a column of {a_other}, and this rule is about {a_this}. Name one of its own.'
                )
        known = names(self.about, self.own)
        remedy = (
            did_you_mean(column, known) or " Name one of the contract, a fact, or one that the configuration declares."
        )
        raise part.fault(key, f'"{column}" is not a column of {article(self.about)}.{remedy}')

    def time(self, part: Part, key: str) -> str:
        """Return the name of the column of times under `key`."""
        column = part.text(key)
        if not self.kind(part, key, column).is_time:
            raise part.fault(key, f'"{column}" does not hold times. Name a column that does.')
        return column


def article(about: About) -> str:
    """Return the kind of item with its article."""
    return f"{'a' if about == 'referral' else 'an'} {about}"


def read_condition(part: Part, scope: Scope) -> Condition:
    """Read a condition table: columns with their tests, all of which must be true, and `any`.

    Raises RuleError for an empty table: a condition left out means always.
    """
    if not part.table:
        raise part.fault("", "is empty, and so says nothing. Leave it out, or name a column and its test.")
    tests = tuple(test for column in part.table if column != "any" for test in _tests(part, column, scope))
    return Condition(tests, (_any(part, scope),) if "any" in part.table else ())


def _any(part: Part, scope: Scope) -> tuple[Condition, ...]:
    tables = tuple(part.parts("any", "any"))
    if not tables:
        raise part.fault("any", "is an empty list, of which none can hold. Write any = [ { … }, { … } ].")
    return tuple(read_condition(table, scope) for table in tables)


def _tests(part: Part, column: str, scope: Scope) -> Iterator[Test]:
    kind = scope.kind(part, column, column)
    found = part.table[column]
    if not isinstance(found, dict):
        yield from _form(Part(part.where, {column: found}), column, column, kind, scope)
        return
    table = Part(f"{part.where}, {column}", found)
    table.only(*FORMS)
    if not found:
        raise part.fault(column, 'has no test. Write one, as { is = "present" }.')
    for form in found:
        yield from _form(table, form, column, kind, scope)


def _form(table: Part, form: str, column: str, kind: Kind, scope: Scope) -> Iterator[Test]:
    """Yield the test that `form` makes of a column of `kind`; a bare word or list is `equals` or `in`."""
    if form == "is":
        yield Test(column, TestKind(table.word("is", (TestKind.PRESENT.value, TestKind.MISSING.value))))
        return
    if kind.is_time:
        raise table.fault(form, f'{column} holds times, which take only is = "present" and is = "missing".')
    if form in ("at_least", "at_most"):
        if kind is not Kind.NUMBER:
            raise table.fault(form, f"{column} does not hold numbers. Use equals, in or not.")
        yield Test(column, TestKind(form), number=table.whole_number(form))
    elif form in ("same_as", "differs_from"):
        yield Test(column, TestKind(form), other=_other(table, form, column, kind, scope))
    else:
        yield Test(column, TestKind.NOT_IN if form == "not" else TestKind.IN, words=_words(table, form, column, kind))


def _other(table: Part, form: str, column: str, kind: Kind, scope: Scope) -> str:
    other = table.text(form)
    other_kind = scope.kind(table, form, other)
    if other == column:
        raise table.fault(form, "compares the column with itself. Name another.")
    if other_kind is not kind:
        raise table.fault(
            form, f'{column} holds {kind.value} and "{other}" holds {other_kind.value}. Name one of the same kind.'
        )
    return other


def _words(table: Part, form: str, column: str, kind: Kind) -> tuple[str, ...]:
    found = table.table[form]
    if form == "equals" and isinstance(found, list):
        raise table.fault(form, "is a list. Write in = [ … ].")
    if form == "in" and not isinstance(found, list):
        raise table.fault(form, f"is {type_words(found)}. Write a list, or equals.")
    several = found if isinstance(found, list) else [found]
    if not several:
        raise table.fault(form, "is an empty list, which nothing is in. List at least one.")
    return tuple(dict.fromkeys(_word(table, form, column, kind, each) for each in several))


def _word(table: Part, form: str, column: str, kind: Kind, found: object) -> str:
    """Return one word as it is compared; a number is its digits. A word no cell can hold is refused."""
    if kind is Kind.NUMBER:
        if type(found) is not int:
            raise table.fault(
                form,
                f"{column} holds whole numbers; this is {type_words(found)}. Write a whole number, without quotes.",
            )
        return str(found)
    if not isinstance(found, str):
        raise table.fault(
            form, f"{column} holds {kind.value}; this is {type_words(found)}. Write it in quotes{_yes_no(found)}."
        )
    if kind in WORDS and found not in WORDS[kind]:
        remedy = did_you_mean(found.lower(), WORDS[kind])
        raise table.fault(form, f"{column} holds only {either(WORDS[kind])}.{remedy or ' Write one of these.'}")
    if found != found.strip() or not found:
        raise table.fault(
            form, f'no cell of {column} is empty or has spaces round it. Drop them, or write is = "missing".'
        )
    if kind is Kind.ID and found != found.upper():
        raise table.fault(form, f"{column} is kept in capitals. Write it in capitals.")
    return found


def _yes_no(found: object) -> str:
    return ', as "yes" or "no"' if isinstance(found, bool) else ""
