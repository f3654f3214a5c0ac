"""Where each incident's paperwork is in a draft: what a fault is sown into. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from dacompliance.demo import period
from dacompliance.demo.draft import Draft, either, first_of
from dacompliance.demo.paperwork import became
from dacompliance.records.table import BoolArray, IntArray, TextArray


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """For each victim the row of its form, of that form's sign-off, of its check and MASH referral, or -1; and more."""

    reported: IntArray
    form: IntArray
    endorsement: IntArray
    check: IntArray
    mash: IntArray
    referrals: IntArray
    grade: TextArray
    graded_at: IntArray
    """When the grade became what it is in the end; NONE without a form."""
    settled: BoolArray
    """Nothing is recorded of the incident from the day before the first morning on."""

    def days(self, first: str, last: str) -> BoolArray:
        """Return which incidents were reported on the local days `first` to `last`."""
        return period.within(self.reported, dt.date.fromisoformat(first), dt.date.fromisoformat(last))

    @property
    def silent(self) -> BoolArray:
        """No form was handed in."""
        return np.asarray(self.form < 0)

    @property
    def endorsed(self) -> BoolArray:
        """A form was handed in and signed off."""
        return np.asarray(self.endorsement >= 0)


def make_links(draft: Draft) -> Links:
    """Look up every incident's paperwork, as the draft was made: what is sown later goes to the end of its table."""
    size = len(draft.victims.number)
    form = first_of(draft.forms.victim, size)
    sign_off = first_of(draft.endorsements.form, len(draft.forms.number))
    mash = np.flatnonzero(draft.referrals.hub == "MSH")
    first_mash = first_of(draft.referrals.victim[mash], size)
    grade, when = became(draft.forms, draft.endorsements)
    return Links(
        reported=draft.occurrences.reported[draft.victims.occurrence],
        form=form,
        endorsement=np.where(form >= 0, sign_off[form], -1),
        check=first_of(draft.checks.victim, size),
        mash=np.where(first_mash >= 0, mash[first_mash], -1),
        referrals=np.bincount(draft.referrals.victim, minlength=size),
        grade=either(form >= 0, grade[form], None),
        graded_at=np.where(form >= 0, when[form], period.NONE),
        settled=_last_recorded(draft) < period.at(period.MORNINGS[0], 0) - period.DAY,
    )


def _last_recorded(draft: Draft) -> IntArray:
    """Return when the last thing of each incident was recorded, the closing of its occurrence apart."""
    forms, sign_offs, checks, referrals = draft.forms, draft.endorsements, draft.checks, draft.referrals
    last = draft.occurrences.attended[draft.victims.occurrence].copy()
    np.maximum.at(last, forms.victim, np.maximum.reduce([forms.handed_in, forms.rationale_known]))
    np.maximum.at(last, forms.victim, forms.answered.max(axis=1))
    np.maximum.at(last, forms.victim[sign_offs.form], sign_offs.since)
    np.maximum.at(last, checks.victim, checks.since)
    np.maximum.at(last, referrals.victim, np.maximum(referrals.since, referrals.acknowledged_known))
    return np.maximum(last, draft.occurrences.reported[draft.victims.occurrence])
