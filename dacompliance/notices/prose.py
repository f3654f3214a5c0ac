"""The sentences of a digest, in a supervisor's words. Pure: counts, rules, references and moments in, sentences out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from dacompliance.exceptions.model import ClosedTask, Closing, Task
from dacompliance.exceptions.words import age, closing, day
from dacompliance.notices import words
from dacompliance.notices.cases import DAYS_LISTED, LISTED_AGAIN_ON, Cases, days_open, is_overdue, reference
from dacompliance.notices.model import Aside, Kind, Progress, RuleNote, RunFacts, StillOpen

REFERENCES_SHOWN: Final = 6
OFFICERS_SHOWN: Final = 5


def tally(kind: Kind, cases: Cases, facts: RunFacts) -> str:
    """Return the few words that stand in the subject: the headline, what falls due, and how much is open in all.

    A reader with nothing open of their own is told how many cases of others they have an eye on.
    """
    parts = [headline(kind, cases, facts)]
    if kind == "digest":
        soon, watched = len(cases.listed_in("due_soon")), len(cases.listed_in("oversight"))
        parts += [f"{soon} due soon"] if soon else []
        parts += [f"{len(cases.open)} open"] if cases.open or not cases.others else []
        parts += [f"{watched} under oversight"] if watched and not cases.open else []
    return ", ".join(parts)


def headline(kind: Kind, cases: Cases, facts: RunFacts) -> str:
    """Return the finding in a few words."""
    if kind == "stale":
        return f"the records are stale{_stale_for(facts)}"
    if kind == "could_not_check":
        return "could not check" if facts.rules_checked == 0 else "could not check everything"
    if kind == "nothing_to_do":
        return "nothing to do"
    doing = cases.listed_in("do")
    critical = sum(task.severity == "critical" for task in doing)
    if not doing and (escalated := len(cases.listed_in("escalated"))):
        return f"{escalated} escalated"
    number = f"{len(doing)} to do" if doing else "nothing new to do"
    return f"{number} ({critical} critical)" if critical else number


def _stale_for(facts: RunFacts) -> str:
    known = [each.known_to for each in facts.freshness if each.state == "stale" and each.known_to is not None]
    return f", {words.hours(min(known), facts.checked_at)} old" if known else ""


def preheader(kind: Kind, cases: Cases, facts: RunFacts) -> str:
    """Return what a mailbox shows beside the subject."""
    if kind in ("stale", "could_not_check"):
        return "Do not take this list for the whole picture."
    if kind == "nothing_to_do":
        return f"Nothing to do. {words.count(facts.incidents_checked, 'incident')} checked."
    told = cases.open or cases.others
    high = sum(task.grade == "high" for task in told)
    oldest = max((days_open(task, facts) for task in told), default=0)
    whose = "open" if cases.open or not told else "with others"
    return f"{high} high risk, {len(told)} {whose}, oldest {words.count(oldest, 'day')}."


def warnings(cases: Cases, facts: RunFacts, aside: Aside) -> Iterator[str]:
    """Yield what must be read before anything else: what could not be trusted, and what was not checked for it."""
    for each in facts.freshness:
        if each.state == "stale":
            known = "an unknown time" if each.known_to is None else moment(each.known_to, facts)
            old = "" if each.known_to is None else f", {words.hours(each.known_to, facts.checked_at)} before this check"
            yield f"The {each.record_set} are stale: known only to {known}{old}."
        elif each.state == "empty":
            yield f"The {each.record_set} came empty, and did not before."
        elif each.state == "short":
            yield f"The {each.record_set} came incomplete: far fewer can be used than at the last check."
    if facts.rules_checked == 0:
        yield "No rule could be checked. That nothing new is listed does not mean that nothing is wrong."
    elif facts.not_checked:
        number = words.count(len(facts.not_checked), "rule was", "rules were")
        yield f"{number} not checked: {_notes(facts.not_checked)}."
    if (cases.every or aside.not_checked) and (facts.rules_checked == 0 or facts.not_checked):
        yield "Open cases of rules not checked stay open, as they stood at the last check."


def _notes(notes: Sequence[RuleNote]) -> str:
    """Return rules with why, those of one reason together: `RA-01, SUP-01 (the assessments are stale)`."""
    reasons = dict.fromkeys(words.plain(note.why, 120) for note in notes)
    rules = {why: [note.rule_id for note in notes if words.plain(note.why, 120) == why] for why in reasons}
    return "; ".join(f"{', '.join(ids)} ({why})" for why, ids in rules.items())


def moment(instant: dt.datetime, facts: RunFacts) -> str:
    """Return an instant as the reader's own clock and calendar show it."""
    return words.moment(instant, facts.zone, facts.local_date)


def summary(kind: Kind, cases: Cases, facts: RunFacts) -> Iterator[str]:
    """Yield what is urgent and how old the oldest is."""
    if kind == "nothing_to_do":
        yield "Your list is empty: nothing overdue, nothing due before the next list, nothing that cannot be judged."
        return
    if doing := cases.listed_in("do"):
        parts = {
            "critical": sum(task.severity == "critical" for task in doing),
            "high risk": sum(task.grade == "high" for task in doing),
            "new to this list": sum(task.is_new for task in doing),
        }
        of_which = ", ".join(f"{number} {said}" for said, number in parts.items() if number)
        yield f"{len(doing)} to do today{f': {of_which}' if of_which else ''}."
    late = [task.due_at for task in cases.listed_in("do") if task.due_at and is_overdue(task, facts)]
    if late:
        yield f"The oldest has been overdue for {age(min(late), facts.as_at)}."
    if escalated := len(cases.listed_in("escalated")):
        yield f"{words.count(escalated, 'case')} escalated to you."
    if watched := len(cases.listed_in("oversight")):
        yield f"{words.count(watched, 'case')} under oversight."


def looked_again(rules: Collection[str]) -> tuple[str, ...]:
    """Return the sentence that says which rules a second look was at, none where there was none."""
    if not rules:
        return ()
    return (f"A second look at {', '.join(sorted(rules))}, since this morning's list; no other rule was looked at.",)


def trust(facts: RunFacts) -> Iterator[str]:
    """Yield what the list rests on."""
    if facts.rules_checked:
        rules = words.count(facts.rules_checked, "rule")
        incidents = words.count(facts.incidents_checked, "incident")
        yield f"{incidents} checked by {rules}, as at {moment(facts.as_at, facts)}."
    known = [
        f"{each.record_set} to {moment(each.known_to, facts)}" for each in facts.freshness if each.known_to is not None
    ]
    if known:
        yield f"Records: {', '.join(known)}."
    bad = [f"{words.count(facts.set_aside, 'row')} set aside or without an incident"] if facts.set_aside else []
    bad += [words.count(facts.unreadable, "unreadable cell")] if facts.unreadable else []
    if bad:
        yield f"{' and '.join(bad)}: what rests on them is not judged until they are mended."
    if facts.bundled:
        yield f"Bundled defaults, not force policy: {', '.join(facts.bundled)}."


def left_out(facts: RunFacts, aside: Aside) -> Iterator[str]:
    """Yield what is in no section, and why not."""
    if facts.switched_off:
        yield f"Switched off: {_notes(facts.switched_off)}."
    if aside.waived:
        yield f"{words.count(aside.waived, 'open exception')} waived: not chased, still counted as not compliant."
    if aside.suspended:
        yield f"{words.count(aside.suspended, 'open exception')} suspended: the rule is switched off."
    if aside.not_checked:
        yield f"{words.count(aside.not_checked, 'open exception')} of rules not checked: counted here, not listed."
    if facts.backlog and facts.chase_from is not None:
        since = day(facts.chase_from, year=facts.chase_from.year != facts.local_date.year)
        yield f"{words.count(facts.backlog, 'older case')}, reported before {since}: measured, not chased."
    if aside.with_data_keeper:
        why = "a cell cannot be read, or a form is not listed"
        yield f"{words.count(aside.with_data_keeper, 'open exception')} with the keeper of the data: {why}."


def still_open(cases: Cases, facts: RunFacts) -> StillOpen | None:
    """Return all that is open by age, and by officer what is only counted; None when nothing is open."""
    ages = [days_open(task, facts) for task in cases.open]
    if not ages:
        return None
    officers = Counter(words.plain(task.officer, 20) or "not recorded" for task in cases.counted)
    ranked = sorted(officers.items(), key=lambda each: (-each[1], each[0]))
    rest = sum(number for _, number in ranked[OFFICERS_SHOWN:])
    return StillOpen(
        bands=(
            ("0 to 3 days", sum(age <= 3 for age in ages)),
            ("4 to 7 days", sum(3 < age <= 7 for age in ages)),
            ("over 7 days", sum(age > 7 for age in ages)),
        ),
        counted_only=len(cases.counted),
        note=_counted_only(len(cases.counted)),
        officers=(*ranked[:OFFICERS_SHOWN], *([("others", rest)] if rest else [])),
    )


def _counted_only(number: int) -> str:
    if number == 0:
        return ""
    these = "1 of these is" if number == 1 else f"{number:,} of these are"
    return (
        f"{these} over {DAYS_LISTED} days old, neither critical nor high risk, "
        f"and listed one by one on {LISTED_AGAIN_ON} only."
    )


def closed_heading(since: dt.datetime | None, facts: RunFacts) -> str:
    """Return the heading of what was closed, with the day of the last list."""
    if since is None:
        return "Closed"
    return f"Closed since the last list ({day(since.astimezone(facts.zone).date())})"


def closed(tasks: Sequence[ClosedTask]) -> Iterator[str]:
    """Yield what was done first, and apart from it what merely went away: only done is success."""
    if not tasks:
        yield "Nothing was closed."
    for how in Closing:
        gone = [task for task in tasks if task.how is how]
        late = sum(task.was_late for task in gone)
        if gone and how is Closing.DONE:
            yield f"{len(gone)} done{f', {late} of them late' if late else ''}: {_references(gone)}."
        elif gone:
            yield f"{len(gone)} closed without being done ({closing(how)}): {_references(gone)}."


def _references(tasks: Sequence[ClosedTask]) -> str:
    references = sorted({reference(task) for task in tasks})
    more = len(references) - REFERENCES_SHOWN
    return ", ".join(references[:REFERENCES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def progress(figures: Progress) -> Iterator[str]:
    """Yield the share complete, now and before, and whether that is a real change. A rate only from ten cases on."""
    span = ""
    if figures.interval is not None and figures.of >= 10:
        low, high = figures.interval
        span = f", likely {100 * low:.0f} to {100 * high:.0f}%"
    whose = words.plain(figures.of_whom, 60)
    done = words.share(figures.done, figures.of)
    yield f"Risk assessments complete, {whose}, last 28 days: {done}{span}."
    yield f"The 28 days before: {words.share(figures.done_before, figures.of_before)}. {words.plain(figures.change)}"


def disputed(task: Task, facts: RunFacts) -> str:
    """Return what somebody has said against a case, and when; the case stays open."""
    if not task.disputed or task.disputed_at is None:
        return ""
    return f"disputed on {day(task.disputed_at.astimezone(facts.zone).date())}: {task.disputed}"


def foot(title: str, facts: RunFacts, *, rehearsal: bool = False) -> Iterator[str]:
    """Yield to whom the list went, what run made it, and what it is not."""
    yield f"For: {title}. A rehearsal: sent to its reviewer and to nobody else." if rehearsal else f"Sent to: {title}."
    yield f"Run {words.plain(facts.run, 60)} ({facts.job}), checked at {moment(facts.checked_at, facts)}."
    yield "This list says what was recorded and when. It does not say that an assessment was good."
