"""Faults of forms and their answers, each sown into so many incidents, returned by the monitor's keys."""

from __future__ import annotations

import datetime as dt

import numpy as np

from dacompliance.demo import period
from dacompliance.demo.draft import BLANK, NO, ODD, Draft, either, grown
from dacompliance.demo.faults_cases import AUTUMN, Keys
from dacompliance.demo.links import Links
from dacompliance.demo.paperwork import OLD_FORM, OLD_QUESTIONS
from dacompliance.records.table import BoolArray, IntArray


def add_forms(draft: Draft, links: Links, victims: IntArray, submitted: IntArray, grade: str | None) -> IntArray:
    """Add a complete form for each victim, written by the officer in the case, and return the new rows."""
    model = np.resize(links.form[links.form >= 0], len(victims))
    first = len(draft.forms.number)
    draft.forms = grown(
        draft.forms,
        model,
        number=draft.forms.number.max() + 2 + 3 * np.arange(len(victims)),
        victim=victims,
        code=np.where(submitted < period.minutes(period.NEW_FORM_FROM), OLD_FORM, "VF27"),
        started=submitted - 40,
        submitted=submitted,
        handed_in=submitted + 3,
        author=draft.occurrences.officer[draft.cases(victims)],
        declined="N",
        grade=grade,
        rationale="Y",
        rationale_known=submitted + 3,
        since=submitted - 40,
        until=period.NEVER,
        answers=NO,
        answered=(submitted + 3)[:, None],
    )
    rows = first + np.arange(len(victims))
    old = rows[draft.forms.code[rows] == OLD_FORM]
    draft.forms.answers[np.ix_(old, np.arange(OLD_QUESTIONS, 27))] = BLANK
    return rows


def add_sign_offs(draft: Draft, forms: IntArray, at: IntArray) -> IntArray:
    """Add a sign-off of each form by the supervisor of the case, the grade unchanged, and return the new rows."""
    first = len(draft.endorsements.at)
    draft.endorsements = grown(
        draft.endorsements,
        np.zeros(len(forms), dtype=np.int64),
        form=forms,
        at=at,
        by=draft.occurrences.supervisor[draft.cases(draft.forms.victim[forms])],
        final_grade=None,
        final_rationale=None,
        void=None,
        void_known=period.ALWAYS,
        since=at + 4,
        until=period.NEVER,
    )
    return first + np.arange(len(forms))


def add_checks(draft: Draft, victims: IntArray, at: IntArray) -> None:
    """Add a finished check of the referral unit for each victim."""
    rows = np.zeros(len(victims), dtype=np.int64)
    draft.checks = grown(draft.checks, rows, victim=victims, at=at, since=at + 5)


def form_without_number(draft: Draft, links: Links, count: int) -> Keys:
    """Lose the number of a form, so that its answers belong to nothing."""
    rows = draft.take("form_without_number", links.settled & links.silent & (links.referrals == 0), count)
    forms = add_forms(draft, links, rows, links.reported[rows] + 5 * period.HOUR, "S")
    draft.forms.number[forms] = period.NONE
    return draft.incident_keys(rows)


def merged_away(draft: Draft, links: Links, count: int) -> Keys:
    """Merge the occurrence into another, and leave its form behind."""
    rows = draft.take("merged_away", links.settled & (links.form >= 0) & (links.referrals == 0), count)
    merged = links.reported[rows] + 3 * period.DAY
    draft.occurrences.until[draft.cases(rows)] = merged
    draft.victims.until[rows] = merged
    return draft.form_keys(links.form[rows])


def unreadable_submission(draft: Draft, links: Links, count: int) -> Keys:
    """Date the form 31 February, so that nobody can tell whether it was handed in by any instant."""
    march = links.days("2026-03-01", "2026-03-06") & (links.form >= 0)
    rows = draft.take("unreadable_submission", links.settled & march, count)
    draft.write("risk_form", "submit_dt", links.form[rows], "31/02/2026 14:05")
    return draft.form_keys(links.form[rows])


def submitted_in_repeated_hour(draft: Draft, links: Links, count: int) -> Keys:
    """Hand the form in between 01:00 and 02:00 in the night of 25 October, an hour that happened twice."""
    after = period.at(dt.date(2026, 10, 25), 2)
    submitted = np.where(links.form >= 0, draft.forms.submitted[links.form], period.NONE)
    that_night = (links.reported < after - 4 * period.HOUR) & (submitted >= after)
    rows = draft.take_first("submitted_in_repeated_hour", that_night, submitted, count)
    draft.forms.submitted[links.form[rows]] = after - 45 + 11 * np.arange(count)
    return draft.form_keys(links.form[rows])


def grade_variant(draft: Draft, links: Links, count: int) -> Keys:
    """Write high risk as HIGH RISK, High or high."""
    rows = draft.take("grade_variant", _graded(draft, links, "H"), count)
    words = np.array(["HIGH RISK", "High", "high"], dtype=object)
    draft.forms.grade[links.form[rows]] = words[np.arange(count) % 3]
    return draft.form_keys(links.form[rows])


def grade_nobody_mapped(draft: Draft, links: Links, count: int) -> Keys:
    """Write the grade as a word that nobody mapped."""
    recent = links.days("2026-10-15", "2026-10-24")
    rows = draft.take("grade_nobody_mapped", _graded(draft, links, "M") & recent, count)
    draft.forms.grade[links.form[rows]] = "SEVERE"
    return draft.form_keys(links.form[rows])


def answer_nobody_mapped(draft: Draft, links: Links, count: int) -> Keys:
    """Answer question 17 with a question mark."""
    rows = draft.take("answer_nobody_mapped", links.settled & links.days(*AUTUMN) & (links.form >= 0), count)
    draft.forms.answers[links.form[rows], 16] = ODD
    return draft.form_keys(links.form[rows])


def submitted_before_report(draft: Draft, links: Links, count: int) -> Keys:
    """Date the form a month before the report: the wrong month was typed."""
    rows = draft.take("submitted_before_report", links.settled & links.days(*AUTUMN) & links.endorsed, count)
    draft.forms.submitted[links.form[rows]] = links.reported[rows] - 30 * period.DAY + 5 * period.HOUR
    return draft.incident_keys(rows)


def left_as_draft(draft: Draft, links: Links, count: int) -> Keys:
    """Begin a form and never hand it in."""
    unassessed = links.silent & (links.referrals == 0)
    rows = draft.take("left_as_draft", links.settled & unassessed & links.days(*AUTUMN), count)
    forms = add_forms(draft, links, rows, links.reported[rows] + 4 * period.HOUR, None)
    draft.forms.submitted[forms] = period.NONE
    draft.forms.answers[forms, 9:] = BLANK
    return draft.incident_keys(rows)


def assessed_twice(draft: Draft, links: Links, count: int) -> Keys:
    """Hand in a second form of the same kind, with the same grade."""
    rows = draft.take("assessed_twice", _graded(draft, links, "S") & links.days("2026-01-05", "2026-10-20"), count)
    again = draft.forms.submitted[links.form[rows]] + 2 * period.DAY
    add_sign_offs(draft, add_forms(draft, links, rows, again, "S"), again + 3 * period.HOUR)
    return draft.form_keys(links.form[rows])


def high_days_later(draft: Draft, links: Links, count: int) -> Keys:
    """Raise the grade to high by a second form three days on, and refer within hours of that."""
    once = _graded(draft, links, "M") & links.days("2026-09-01", "2026-10-18") & (links.referrals == 0)
    rows = draft.take("high_days_later", once, count)
    again = draft.forms.submitted[links.form[rows]] + 3 * period.DAY
    add_sign_offs(draft, add_forms(draft, links, rows, again, "H"), again + 2 * period.HOUR)
    sent = again + 9 * period.HOUR
    draft.referrals = grown(
        draft.referrals,
        np.zeros(count, dtype=np.int64),
        number=[f"R9{each:05d}" for each in range(count)],
        victim=rows,
        hub="MSH",
        sent=sent,
        acknowledged=sent + 60,
        acknowledged_known=sent + 60,
        since=sent + 2,
    )
    return draft.incident_keys(rows)


def old_form_after_change(draft: Draft, links: Links, count: int) -> Keys:
    """Use the 24-question form although the 27-question one has taken its place."""
    after = links.days("2025-06-04", "2025-07-15") & (links.form >= 0)
    rows = draft.take("old_form_after_change", links.settled & after, count)
    draft.forms.code[links.form[rows]] = OLD_FORM
    draft.forms.answers[np.ix_(links.form[rows], np.arange(OLD_QUESTIONS, 27))] = BLANK
    return draft.form_keys(links.form[rows])


def declined(draft: Draft, links: Links, count: int) -> Keys:
    """Leave most questions blank because the victim would not answer; the officer graded on judgement."""
    handed_in = ~links.silent & (draft.forms.handed_in[links.form] < period.LAST)
    rows = draft.take("declined", handed_in & (links.reported < period.LAST - 2 * period.DAY), count)
    forms = links.form[rows]
    draft.forms.declined[forms] = "Y"
    answered = draft.dice.between(0, 8, count)
    rank = np.argsort(np.argsort(draft.dice.uniform(count, 27), axis=1), axis=1)
    draft.forms.answers[forms] = np.where(rank < answered[:, None], draft.forms.answers[forms], BLANK)
    return draft.form_keys(forms)


def _graded(draft: Draft, links: Links, grade: str) -> BoolArray:
    """Return settled incidents whose form has that grade, unchanged at sign-off."""
    own = either(~links.silent, draft.forms.grade[links.form], None)
    return np.asarray(links.settled & links.endorsed & (own == grade) & (links.grade == grade))
