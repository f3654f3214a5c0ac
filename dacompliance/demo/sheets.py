"""A finished draft as the force's own tables: its column names, its codes, its wall times as text. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from dacompliance.demo import period
from dacompliance.demo.draft import BLANK, Draft, length, never
from dacompliance.demo.paperwork import OLD_FORM
from dacompliance.demo.sheet import Cells, Sheet, always
from dacompliance.records.table import IntArray, TextArray

ANSWER_CODES: Final = ("", "Y", "N", "NK", "?")
TABLES: Final = (
    "employee", "occurrence", "occ_victim", "risk_form", "form_answer", "endorsement", "unit_check", "referral",
)  # fmt: skip


def make_sheets(draft: Draft) -> Mapping[str, Sheet]:
    """Return every table by name, `load_log` first."""
    return {
        "load_log": _load_log(),
        "employee": _employee(draft),
        "occurrence": _occurrence(draft),
        "occ_victim": _victim(draft),
        "risk_form": _form(draft),
        "form_answer": _answer(draft),
        "endorsement": _endorsement(draft),
        "unit_check": _check(draft),
        "referral": _referral(draft),
    }


def _sheet(draft: Draft, name: str, since: IntArray, until: IntArray, columns: dict[str, Any]) -> Sheet:
    """Put a table together: times become wall text, and cells with a text of their own get it."""
    made: dict[str, Cells] = {}
    for column, given in columns.items():
        cells = given if isinstance(given, Cells) else Cells(_text(given))
        own = draft.texts.get((name, column), {})
        if own:
            cells.values[np.fromiter(own, dtype=np.int64)] = list(own.values())
        made[column] = cells
    return Sheet(made, since, until)


def _text(values: np.ndarray[Any, Any]) -> TextArray:
    """Return text; only times reach here as int64, numbers come as objects."""
    return period.wall_text(values) if values.dtype == np.int64 else values.copy()


def _later(values: np.ndarray[Any, Any], known: IntArray, before: object = None) -> Cells:
    return Cells(_text(values), known, before)


def _number(values: IntArray) -> TextArray:
    numbers = values.astype(object)
    numbers[values == period.NONE] = None
    return numbers


def _load_log() -> Sheet:
    """One successful load of every table each night; the first try of one night failed, and is there too."""
    days = (period.MORNINGS[-1] - period.FIRST_DAY).days
    nights = [period.FIRST_DAY + dt.timedelta(days=each + 1) for each in range(days)]
    rows = [
        *((night, table, period.minutes(period.load_of(night)), "OK") for night in nights for table in TABLES),
        (period.MORNINGS[1], "referral", period.at(period.MORNINGS[1], 4, 10), "FAILED"),
    ]
    rows.sort(key=lambda row: row[2])
    ended = np.array([row[2] for row in rows], dtype=np.int64)
    columns = {
        "load_id": Cells(np.arange(1, len(rows) + 1).astype(object)),
        "table_name": Cells(np.array([row[1] for row in rows], dtype=object)),
        "load_end": Cells(period.wall_text(ended)),
        "outcome": Cells(np.array([row[3] for row in rows], dtype=object)),
    }
    return Sheet(columns, ended, never(len(rows)))


def _employee(draft: Draft) -> Sheet:
    staff = draft.employees
    number = [collar.removeprefix("WM") for collar in staff.collar.tolist()]
    titles = {"PC": "Officer", "SGT": "Sergeant", "INSP": "Inspector", "CRU": "Unit member"}
    size = length(staff)
    columns = {
        "collar": staff.collar,
        "disp_name": np.array([f"{titles[r]} {n}" for r, n in zip(staff.role, number, strict=True)], dtype=object),
        "mail_addr": np.array([f"wm{each}@westmarch.example" for each in number], dtype=object),
        "role_cd": staff.role,
        "team_cd": staff.team,
        "stn_cd": staff.station,
        "line_mgr": staff.manager,
        "left_dt": staff.left,
    }
    return _sheet(draft, "employee", always(size), never(size), columns)


def _occurrence(draft: Draft) -> Sheet:
    each = draft.occurrences
    columns = {
        "occ_no": each.number,
        "rec_dt": each.reported,
        "flag_dt": _later(each.flagged, each.flagged),
        "att_dt": _later(each.attended, each.attended),
        "stn_cd": each.station,
        "team_cd": each.team,
        "oic": each.officer,
        "sup": each.supervisor,
        "class_cd": each.crime,
        "child_flag": each.children,
        "status_cd": _later(each.status, each.status_known, "OPN"),
    }
    return _sheet(draft, "occurrence", each.since, each.until, columns)


def _victim(draft: Draft) -> Sheet:
    each = draft.victims
    columns = {
        "occ_no": draft.occurrences.number[each.occurrence],
        "vic_no": _number(each.number),
        "rpt_vic": each.repeat,
        "no_form_cd": _later(each.no_form, each.no_form_known),
    }
    return _sheet(draft, "occ_victim", each.since, each.until, columns)


def _form(draft: Draft) -> Sheet:
    each = draft.forms
    columns = {
        "form_id": _number(each.number),
        **_whose(draft, each.victim),
        "form_cd": each.code,
        "stage_cd": _later(np.where(each.submitted == period.NONE, "D", "S").astype(object), each.handed_in, "D"),
        "start_dt": each.started,
        "submit_dt": _later(each.submitted, each.handed_in),
        "author": each.author,
        "declined": _later(each.declined, each.handed_in, "N"),
        "grade_cd": _later(each.grade, each.handed_in),
        "rationale": _later(each.rationale, each.rationale_known, "N"),
    }
    return _sheet(draft, "risk_form", each.since, each.until, columns)


def _answer(draft: Draft) -> Sheet:
    """Return a row an answer. The old form kept a row for a blank too, the new one keeps none."""
    forms = draft.forms
    kept = (forms.answers != BLANK) | ((forms.code == OLD_FORM)[:, None] & (np.arange(27) < 24)[None, :])
    kept &= (forms.number != period.NONE)[:, None]
    form, item = np.nonzero(kept)
    columns = {
        "form_id": forms.number[form].astype(object),
        "item_no": (item + 1).astype(object),
        "ans_cd": np.array(ANSWER_CODES, dtype=object)[forms.answers[form, item]],
    }
    return _sheet(draft, "form_answer", forms.answered[form, item], forms.until[form], columns)


def _endorsement(draft: Draft) -> Sheet:
    each = draft.endorsements
    columns = {
        "form_id": _number(draft.forms.number[each.form]),
        "endorse_dt": each.at,
        "endorser": each.by,
        "final_grade_cd": each.final_grade,
        "final_rationale": each.final_rationale,
        "void": _later(each.void, each.void_known),
    }
    return _sheet(draft, "endorsement", each.since, each.until, columns)


def _check(draft: Draft) -> Sheet:
    each = draft.checks
    columns = {**_whose(draft, each.victim), "checked_dt": each.at, "checked_by": each.by}
    return _sheet(draft, "unit_check", each.since, each.until, columns)


def _referral(draft: Draft) -> Sheet:
    each = draft.referrals
    columns = {
        "ref_no": each.number,
        **_whose(draft, each.victim),
        "hub_cd": each.hub,
        "sent_dt": each.sent,
        "ack_dt": _later(each.acknowledged, each.acknowledged_known),
        "cancelled": _later(each.cancelled, each.cancelled_known, "N"),
    }
    return _sheet(draft, "referral", each.since, each.until, columns)


def _whose(draft: Draft, victim: IntArray) -> dict[str, TextArray]:
    victims = draft.victims
    return {
        "occ_no": draft.occurrences.number[victims.occurrence[victim]],
        "vic_no": _number(victims.number[victim]),
    }
