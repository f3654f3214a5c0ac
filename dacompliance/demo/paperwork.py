"""What was done about it: forms and answers, sign-offs, the unit's checks, referrals; with the gaps inspectors found.

The rates make the force what its inspector saw, fewer than 70 of 100 incidents with a complete form, a little better
by the end. They are chances of a draw, not what any rule demands.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from dacompliance.demo import period
from dacompliance.demo.cases import progress
from dacompliance.demo.dice import Dice, FloatArray
from dacompliance.demo.draft import (
    BLANK,
    NO,
    NOT_KNOWN,
    QUESTIONS,
    YES,
    Checks,
    CodeArray,
    Endorsements,
    Forms,
    Occurrences,
    Referrals,
    Victims,
    either,
    filled,
    never,
    texts,
)
from dacompliance.demo.people import Roster
from dacompliance.records.table import BoolArray, IntArray, TextArray

OLD_FORM: Final = "VF24"
NEW_FORM: Final = "VF27"
OLD_QUESTIONS: Final = 24

GRADES: Final = ("S", "M", "H")
GRADE_SHARE: Final = (0.57, 0.30, 0.10)  # and 0.03 with no grade
MEAN_YES: Final = (3.0, 7.0, 12.0)
NOT_KNOWN_SHARE: Final = 0.05
HAS_FORM: Final = (0.75, 0.80)  # at the start of the two years, and at their end
FULL: Final = (0.83, 0.89)
WEAK_AREA: Final = "HT"
WEAKER: Final = 0.05
HAS_RATIONALE: Final = 0.95
ENDORSED: Final = 0.91
REGRADED_UP: Final = 0.03
REGRADED_DOWN: Final = 0.01
CHECKED: Final = {"H": 0.96, "M": 0.93, "S": 0.90, None: 0.90}
CHECK_HOURS: Final = {"H": 5.0, "M": 9.0, "S": 12.0, None: 12.0}
TO_MASH: Final = 0.93
MENDED: Final = 0.5
"""The share of gaps that somebody fills later: blank answers, a missing reason for the grade."""


def make_forms(dice: Dice, occurrences: Occurrences, victims: Victims) -> Forms:
    """Return the forms that were handed in, at most one a victim."""
    reported = occurrences.reported[victims.occurrence]
    weak = np.char.startswith(occurrences.station[victims.occurrence].astype("U3"), WEAK_AREA)
    odds = _rising(HAS_FORM, reported) - WEAKER * weak
    victim = np.flatnonzero(dice.chance(odds))
    case = victims.occurrence[victim]
    size = len(victim)
    arrived = np.maximum(occurrences.reported[case], occurrences.attended[case])  # nobody went: from the report
    started = arrived + dice.between(15, 60, size)
    submitted = period.clear_of_repeated_hour(started + _handing_in(dice, size))
    since = np.maximum(started, occurrences.since[case])
    handed_in = np.maximum(submitted + dice.between(0, 8, size), since)
    grade = np.searchsorted(np.cumsum(GRADE_SHARE), dice.uniform(size), side="right")  # 3: none
    code = np.where(submitted < period.minutes(period.NEW_FORM_FROM), OLD_FORM, NEW_FORM).astype(object)
    answers = _answers(dice, grade, code)
    answered = np.repeat(handed_in[:, None], QUESTIONS, axis=1)
    blank = _blanks(dice, _rising(FULL, reported[victim]), code)
    _mend_some(dice, handed_in, blank, answers, answered)
    has_rationale = dice.chance(np.full(size, HAS_RATIONALE))
    mended = dice.chance(np.full(size, MENDED))
    return Forms(
        number=400_000 + np.cumsum(dice.between(1, 4, size)),
        victim=victim,
        code=code,
        started=period.clear_of_repeated_hour(started),
        submitted=submitted,
        handed_in=handed_in,
        author=occurrences.officer[case].copy(),
        declined=texts("N", size),
        grade=np.array([*GRADES, None], dtype=object)[grade],
        rationale=either(has_rationale | mended, "Y", "N"),
        rationale_known=handed_in + np.where(has_rationale, 0, dice.delay(2 * period.DAY, 2, size)),
        since=since,
        until=never(size),
        answers=answers,
        answered=answered,
    )


def make_endorsements(dice: Dice, occurrences: Occurrences, victims: Victims, forms: Forms) -> Endorsements:
    """Return the sign-offs, each by the supervisor of the case, a few with another grade."""
    form = np.flatnonzero(dice.chance(np.full(len(forms.number), ENDORSED)))
    size = len(form)
    at = period.clear_of_repeated_hour(forms.submitted[form] + 5 + dice.delay(7 * period.HOUR, 1.4, size))
    chance = dice.uniform(size)
    grade = forms.grade[form]
    up = (chance < REGRADED_UP) & np.isin(grade, ("S", "M"))
    down = (chance > 1 - REGRADED_DOWN) & np.isin(grade, ("M", "H"))
    higher = either(grade == "S", "M", "H")
    lower = either(grade == "H", "M", "S")
    recorded = at + dice.between(0, 5, size)
    return Endorsements(
        form=form,
        at=at,
        by=occurrences.supervisor[victims.occurrence[forms.victim[form]]].copy(),
        final_grade=either(up, higher, either(down, lower, None)),
        final_rationale=either(up | down, "Y", None),
        void=texts(None, size),
        void_known=np.full(size, period.ALWAYS, dtype=np.int64),
        since=recorded,
        until=never(size),
    )


def became(forms: Forms, endorsements: Endorsements) -> tuple[TextArray, IntArray]:
    """Return the grade each form ended at, and the minute it did."""
    grade, when = forms.grade.copy(), forms.submitted.copy()
    changed = np.flatnonzero(filled(endorsements.final_grade))
    grade[endorsements.form[changed]] = endorsements.final_grade[changed]
    when[endorsements.form[changed]] = endorsements.at[changed]
    return grade, when


def make_checks(dice: Dice, roster: Roster, forms: Forms, endorsements: Endorsements) -> Checks:
    """Return the unit's checks: of every form, those of high risk first."""
    grade, when = became(forms, endorsements)
    form = np.flatnonzero(dice.chance(np.array([CHECKED[each] for each in grade.tolist()])))
    size = len(form)
    median = period.HOUR * np.array([CHECK_HOURS[each] for each in grade[form].tolist()])
    at = period.clear_of_repeated_hour(when[form] + 10 + dice.delay(median, 1.9, size))
    return Checks(
        victim=forms.victim[form],
        at=at,
        by=roster.unit[dice.below(np.full(size, len(roster.unit)))],
        since=at + dice.between(0, 6, size),
        until=never(size),
    )


def make_referrals(
    dice: Dice, occurrences: Occurrences, victims: Victims, forms: Forms, endorsements: Endorsements
) -> Referrals:
    """Return the referrals: high-risk cases to the MASH, MARAC and an adviser, children to children's services."""
    grade, when = became(forms, endorsements)
    high = np.flatnonzero(grade == "H")
    child = np.flatnonzero(occurrences.children[victims.occurrence[forms.victim]] == "Y")
    parts = [
        _sent(dice, forms, when, high, "MSH", TO_MASH, 8 * period.HOUR),
        _sent(dice, forms, when, high, "MRC", 0.70, 20 * period.HOUR),
        _sent(dice, forms, when, high, "IDV", 0.71, 20 * period.HOUR),
        _sent(dice, forms, when, child, "CSC", 0.90, 6 * period.HOUR),
    ]
    victim, sent, hub = (np.concatenate([part[each] for part in parts]) for each in range(3))
    order = np.argsort(sent, kind="stable")
    victim, sent, hub = victim[order], sent[order], hub[order]
    size = len(victim)
    answered = dice.chance(np.full(size, 0.86))
    back = period.clear_of_repeated_hour(sent + 5 + dice.delay(5 * period.HOUR, 1.8, size))
    return Referrals(
        number=np.array([f"R{each}" for each in (70_000 + np.cumsum(dice.between(1, 9, size))).tolist()], dtype=object),
        victim=victim,
        hub=hub,
        sent=sent,
        acknowledged=np.where(answered, back, period.NONE),
        acknowledged_known=back + dice.between(0, 30, size),
        cancelled=texts("N", size),
        cancelled_known=np.full(size, period.ALWAYS, dtype=np.int64),
        since=sent + dice.between(0, 10, size),
        until=never(size),
    )


def _sent(
    dice: Dice, forms: Forms, when: IntArray, among: IntArray, hub: str, odds: float, median: float
) -> tuple[IntArray, IntArray, TextArray]:
    form = among[dice.chance(np.full(len(among), odds))]
    sent = period.clear_of_repeated_hour(when[form] + 10 + dice.delay(median, 2.2, len(form)))
    return forms.victim[form], sent, texts(hub, len(form))


def _rising(ends: tuple[float, float], reported: IntArray) -> FloatArray:
    return np.asarray(ends[0] + (ends[1] - ends[0]) * progress(reported))


def _handing_in(dice: Dice, size: int) -> IntArray:
    """Most forms are handed in before the end of the shift, some days later."""
    late = dice.chance(np.full(size, 0.12))
    return np.where(late, dice.delay(40 * period.HOUR, 2.0, size), dice.delay(3.5 * period.HOUR, 2.4, size))


def _answers(dice: Dice, grade: IntArray, code: TextArray) -> CodeArray:
    """Draw every answer: more yes the higher the grade, some questions more often yes than others."""
    weight = 0.5 + (np.arange(QUESTIONS) * 7 % QUESTIONS) / (QUESTIONS - 1)  # each question its own, 1 on average
    mean = np.array([*MEAN_YES, 5.0])[grade]
    odds = np.minimum(mean[:, None] / QUESTIONS * weight[None, :], 0.95)
    drawn = dice.uniform(len(grade), QUESTIONS)
    answers = np.where(drawn < odds, YES, np.where(drawn > 1 - NOT_KNOWN_SHARE, NOT_KNOWN, NO)).astype(np.int8)
    answers[np.ix_(code == OLD_FORM, np.arange(OLD_QUESTIONS, QUESTIONS))] = BLANK
    return answers


def _blanks(dice: Dice, full: FloatArray, code: TextArray) -> BoolArray:
    """Return which questions were left blank: one to six on a hurried form."""
    size = len(full)
    blank = np.where(dice.chance(full), 0, dice.between(1, 6, size))
    draw = dice.uniform(size, QUESTIONS)
    not_asked = (np.arange(QUESTIONS) >= OLD_QUESTIONS)[None, :] & (code == OLD_FORM)[:, None]
    draw[not_asked] = 2.0  # what the form does not ask cannot be left blank
    rank = np.argsort(np.argsort(draw, axis=1), axis=1)
    return np.asarray(rank < blank[:, None])


def _mend_some(dice: Dice, handed_in: IntArray, blank: BoolArray, answers: CodeArray, answered: IntArray) -> None:
    """Leave blanks blank, but for a share of forms that somebody completes days later."""
    mended = dice.chance(np.full(len(blank), MENDED))
    later = handed_in + dice.delay(2 * period.DAY, 2.0, len(blank))
    filled = blank & mended[:, None]
    answered[filled] = np.repeat(later[:, None], QUESTIONS, axis=1)[filled]
    answers[blank & ~mended[:, None]] = BLANK
