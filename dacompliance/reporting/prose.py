"""The sentences of the completion page: numbers and facts in, plain English out. Pure; it escapes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from dacompliance.judging.measures import Share
from dacompliance.policy.model import Clock, Deadline, Version
from dacompliance.reporting import spc
from dacompliance.reporting.figures import Figures
from dacompliance.reporting.series import Chart, Counted, Month, Rebase, long_date, month_name, short_month

NOT_POLICY: Final = "bundled default, not force policy"

NO_RATE: Final = {"u": f"[u] fewer than {spc.FEWEST}", "z": "[z] none due"}
"""What stands in place of a rate: the government's shorthand for low reliability and for not applicable."""


def count(number: int) -> str:
    """Return a number with its thousands apart."""
    return f"{number:,}"


def status(share: Share) -> str:
    """Return why a share has no rate to show, as a shorthand code; empty where it has."""
    return "z" if share.n == 0 else "u" if share.n < spc.FEWEST else ""


def percent(share: Share) -> str:
    """Return a share in per cent, or why it has none. Only all of them are 100.0%, and only none of them 0.0%."""
    code = status(share)
    if code:
        return NO_RATE[code]
    tenths = min(max(round(1000 * share.x / share.n), 1), 999) if 0 < share.x < share.n else 1000 * share.x // share.n
    return f"{tenths // 10}.{tenths % 10}%"


def between(interval: spc.Interval | None) -> str:
    """Return an interval in per cent."""
    return "" if interval is None else f"{100 * interval.lower:.1f}% to {100 * interval.upper:.1f}%"


def likely(share: Share) -> str:
    """Return the 95 % interval of a share, empty where it has no rate to show."""
    return "" if status(share) else between(spc.wilson(share))


def short(month: str) -> str:
    """Return `2026-10` as `Oct 2026`."""
    return " ".join(short_month(month))


def moment(instant: dt.datetime, zone: ZoneInfo) -> str:
    """Return an instant as people of the force read it, to the minute."""
    local = instant.astimezone(zone)
    return f"{long_date(local)}, {local:%H:%M}"


def answer(month: Month[Counted], as_at: str) -> str:
    """Return the answer in one sentence: how many of how many, the rate, its interval, and as at when."""
    share = month.counts.share
    rate = f": {percent(share)} (95% interval {likely(share)})" if not status(share) else ", too few for a rate"
    return (
        f"{count(share.x)} of the {count(share.n)} incidents reported in {month.name} whose deadline has passed have a "
        f"complete DASH{rate}, as at {as_at}."
    )


def verdict(month: Month[Counted] | None) -> spc.Change:
    """Say what the newest full month's signal means, where high is good."""
    if month is None or month.limits is None:
        return spc.Change.TOO_FEW
    if month.mark is None:
        return spc.Change.NONE
    return spc.Change.BETTER if month.mark.side > 0 else spc.Change.WORSE


def standing(chart: Chart[Counted], month: Month[Counted]) -> str:
    """Say how the newest full month stands to the months its limits were made from."""
    found = verdict(month)
    if chart.centre is None or found is spc.Change.TOO_FEW:
        return "Too few full months to say whether it is changing."
    base = f"the {100 * chart.centre:.1f}% of {month_name(chart.baseline[0])} to {month_name(chart.baseline[-1])}"
    if month.mark is None:
        return f"{found} from {base}."
    if month.mark.signal is spc.Signal.TREND:
        return f"{found}: {spc.RUN} or more months {side(month.mark)}."
    return f"{found}: {'better' if month.mark.side > 0 else 'worse'} than {base} by more than chance."


def signal(month: Month[Counted]) -> str:
    """Return the signal of one month in words, for its row in the table."""
    if not month.over:
        return "month not over"
    if month.limits is None:
        return "not tested"
    if month.mark is None:
        return "none"
    return f"{side(month.mark)}: {month.mark.signal}"


def side(mark: spc.Mark) -> str:
    """Return which way a special cause points."""
    up, down = ("rising", "falling") if mark.signal is spc.Signal.TREND else ("high", "low")
    return up if mark.side > 0 else down


def headline(chart: Chart[Counted], last: Month[Counted] | None, what: str = "Completion") -> str:
    """Return the chart's title: what it finds of `what`, in one line."""
    found = verdict(last)
    if last is None or chart.centre is None or found is spc.Change.TOO_FEW:
        return f"{what} by month: too few full months to say whether it is changing"
    average = f"{100 * chart.centre:.1f}%"
    if found is spc.Change.NONE:
        return f"{what} has not really changed: {last.name} is within chance of an average of {average}"
    direction = "improving" if found is spc.Change.BETTER else "getting worse"
    assert last.mark is not None
    return f"{what} is {direction}: {last.name} is {side(last.mark)} ({last.mark.signal}; average {average})"


def special_months(chart: Chart[Counted]) -> str:
    """Name the months that chance does not explain, by signal and side, in one sentence."""
    named: dict[spc.Mark, list[str]] = {}
    for month in chart.months:
        if month.mark is not None:
            named.setdefault(month.mark, []).append(month.name)
    if not named:
        return "No month stands out." if chart.centre is not None else "No month can be tested yet."
    order = sorted(named, key=lambda each: (list(spc.Signal).index(each.signal), -each.side))
    parts = [f"{listed(named[each])} ({side(each)}: {each.signal})" for each in order]
    return f"Months that chance does not explain: {'; '.join(parts)}."


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def limits_method(chart: Chart[Counted]) -> str:
    """Say how the control limits were made, and from which months."""
    if chart.centre is None:
        return f"There are no control limits: they need two full months with {spc.FEWEST} or more incidents due."
    first, last = month_name(chart.baseline[0]), month_name(chart.baseline[-1])
    months = f"the {len(chart.baseline)} months from {first} to {last}"
    if chart.trial:
        anew = f" {rebased(chart.parts[-1].since)}" if chart.parts[-1].since else ""
        return f"{_method(chart)} Trial limits from {months}: they move until there are {spc.BASELINE} months.{anew}"
    since = chart.parts[-1].since
    if since is None:
        return f"{_method(chart)} Average and limits are fixed on {months}, and have not been set anew since."
    return f"{_method(chart)} Average and limits are fixed on {months}. {rebased(since)}"


def rebased(rebase: Rebase) -> str:
    """Say when, by whom and why limits were set anew."""
    return f"Set anew from {month_name(rebase.month)} by {rebase.author} ({long_date(rebase.date)}): {rebase.reason}"


def _method(chart: Chart[Counted]) -> str:
    spread = f"sigma z = {chart.spread:.2f}"
    if chart.overdispersed:
        return f"Laney's p'-chart ({spread}: months vary more than chance between cases would make them)."
    if spc.too_even(chart.spread, len(chart.baseline)):
        return f"p-chart ({spread}: months vary less than chance alone would make them; are records copied?)."
    return f"p-chart ({spread}: months vary about as chance between cases makes them)."


def describe(chart: Chart[Counted], what: str = "the share of incidents with a complete DASH") -> str:
    """Say in words what the chart shows, for who cannot see it."""
    shown = [month for month in chart.months if not status(month.counts.share)]
    if not shown:
        return "No month has enough incidents due to be drawn. The table below has the numbers."
    rates = [(month.counts.share.rate or 0.0, month) for month in shown]
    low, high = min(rates, key=lambda each: each[0])[1], max(rates, key=lambda each: each[0])[1]
    return (
        f"Line of {what}, by month of report, "
        f"{shown[0].name} to {shown[-1].name}. Lowest {percent(low.counts.share)} in {low.name}, "
        f"highest {percent(high.counts.share)} in {high.name}. "
        f"{special_months(chart)} The table below has the same numbers."
    )


def recent(figures: Figures) -> str:
    """Compare the last 28 days with the 28 before in one sentence."""
    if figures.change is spc.Change.TOO_FEW:
        return "The last 28 days cannot be compared with the 28 before: too few incidents due."
    before = f"the 28 days before: {percent(figures.before)} of {count(figures.before.n)}"
    return f"{figures.change} ({before})."


def limit(deadline: Deadline | None) -> str:
    """Return a rule's limit in words."""
    if deadline is None:
        return "no limit"
    one = deadline.amount == 1
    unit = {
        Clock.HOURS: "hour of real time" if one else "hours of real time",
        Clock.DAYS: "calendar day" if one else "calendar days",
        Clock.WORKING_HOURS: "working hour" if one else "working hours",
        Clock.WORKING_DAYS: "working day" if one else "working days",
    }[deadline.clock]
    calendar = f" of the calendar “{deadline.calendar.name}”" if deadline.calendar is not None else ""
    return f"{deadline.amount} {unit}{calendar}"


def approval(version: Version) -> str:
    """Say who approved a version, or that nobody did."""
    if version.approved is None:
        return NOT_POLICY
    minute = f" ({version.approved.minute})" if version.approved.minute else ""
    return f"approved by {version.approved.by} on {long_date(version.approved.on)}{minute}"
