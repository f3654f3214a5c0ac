"""Faults of sign-offs and referrals, each sown into so many incidents, returned by the monitor's keys."""

from __future__ import annotations

import numpy as np

from dacompliance.demo import period
from dacompliance.demo.draft import Draft, filled, grown
from dacompliance.demo.faults_cases import AUTUMN, Keys
from dacompliance.demo.links import Links
from dacompliance.records.table import BoolArray


def author_signed_off(draft: Draft, links: Links, count: int) -> Keys:
    """Let the author sign off their own form."""
    rows = draft.take("author_signed_off", _signed(draft, links), count)
    draft.endorsements.by[links.endorsement[rows]] = draft.forms.author[links.form[rows]]
    return draft.form_keys(links.form[rows])


def signed_off_before_submission(draft: Draft, links: Links, count: int) -> Keys:
    """Date the sign-off three hours before the form was handed in."""
    rows = draft.take("signed_off_before_submission", _signed(draft, links), count)
    draft.endorsements.at[links.endorsement[rows]] = draft.forms.submitted[links.form[rows]] - 3 * period.HOUR
    return draft.form_keys(links.form[rows])


def sign_off_without_time_of_day(draft: Draft, links: Links, count: int) -> Keys:
    """Type only the day of the sign-off."""
    rows = draft.take("sign_off_without_time_of_day", _signed(draft, links), count)
    sign_offs = links.endorsement[rows]
    days = [text[:10] for text in period.wall_text(draft.endorsements.at[sign_offs]).tolist()]
    draft.write("endorsement", "endorse_dt", sign_offs, days)
    return draft.form_keys(links.form[rows])


def signed_off_in_2062(draft: Draft, links: Links, count: int) -> Keys:
    """Date the sign-off 2062, the year's digits the wrong way round."""
    rows = draft.take("signed_off_in_2062", _signed(draft, links), count)
    sign_offs = links.endorsement[rows]
    texts = [text.replace("/2026 ", "/2062 ") for text in period.wall_text(draft.endorsements.at[sign_offs]).tolist()]
    draft.write("endorsement", "endorse_dt", sign_offs, texts)
    return draft.form_keys(links.form[rows])


def collar_in_lower_case(draft: Draft, links: Links, count: int) -> Keys:
    """Type the supervisor's number in small letters."""
    rows = draft.take("collar_in_lower_case", _signed(draft, links), count)
    sign_offs = links.endorsement[rows]
    draft.endorsements.by[sign_offs] = [collar.lower() for collar in draft.endorsements.by[sign_offs].tolist()]
    return draft.form_keys(links.form[rows])


def referral_matches_nothing(draft: Draft, links: Links, count: int) -> Keys:
    """Type the occurrence number on the referral wrongly, so that it is nobody's."""
    rows = draft.take("referral_matches_nothing", links.settled & links.days(*AUTUMN) & _one_referral(links), count)
    numbers = draft.occurrences.number[draft.cases(rows)].tolist()
    draft.write("referral", "occ_no", links.mash[rows], [f"{number[:-1]}X" for number in numbers])
    return draft.referral_keys(links.mash[rows])


def referred_twice(draft: Draft, links: Links, count: int) -> Keys:
    """Send the referral to the MASH twice, twenty minutes apart."""
    rows = draft.take("referred_twice", _referred_in_time(draft, links), count)
    first = links.mash[rows]
    sent = draft.referrals.sent[first] + 20
    numbers = [f"{number}B" for number in draft.referrals.number[first].tolist()]
    draft.referrals = grown(draft.referrals, first, number=numbers, sent=sent, since=draft.referrals.since[first] + 20)
    return draft.incident_keys(rows)


def referred_to_wrong_hub(draft: Draft, links: Links, count: int) -> Keys:
    """Send the MASH referral to a hub code that means nothing."""
    rows = draft.take("referred_to_wrong_hub", _referred_in_time(draft, links), count)
    draft.referrals.hub[links.mash[rows]] = "MHS"
    return draft.incident_keys(rows)


def referral_cancelled(draft: Draft, links: Links, count: int) -> Keys:
    """Cancel the referral to the MASH an hour later, and send none instead."""
    rows = draft.take("referral_cancelled", _referred_in_time(draft, links), count)
    draft.referrals.cancelled[links.mash[rows]] = "Y"
    draft.referrals.cancelled_known[links.mash[rows]] = draft.referrals.sent[links.mash[rows]] + 60
    return draft.incident_keys(rows)


def received_not_sent(draft: Draft, links: Links, count: int) -> Keys:
    """Record that the MASH acknowledged a referral, and not that it was sent."""
    back = np.where(links.mash >= 0, draft.referrals.acknowledged[links.mash], period.NONE)
    rows = draft.take("received_not_sent", _referred_in_time(draft, links) & (back != period.NONE), count)
    draft.write("referral", "sent_dt", links.mash[rows], None)
    return draft.referral_keys(links.mash[rows])


def _signed(draft: Draft, links: Links) -> BoolArray:
    """Return recent incidents whose form was signed off with its grade unchanged."""
    regraded = filled(draft.endorsements.final_grade)[links.endorsement]
    return np.asarray(links.settled & links.days(*AUTUMN) & links.endorsed & ~regraded)


def _one_referral(links: Links) -> BoolArray:
    return np.asarray((links.mash >= 0) & (links.referrals == 1))


def _referred_in_time(draft: Draft, links: Links) -> BoolArray:
    """Return recent high-risk incidents whose MASH referral was sent within 20 hours of the grade."""
    sent = np.where(links.mash >= 0, draft.referrals.sent[links.mash], period.NEVER)
    return links.settled & links.days(*AUTUMN) & (links.mash >= 0) & (sent - links.graded_at <= 20 * period.HOUR)
