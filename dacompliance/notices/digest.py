"""One reader's digest, as values: what to do, what is due, what cannot be judged, how it is going. Pure.

It knows in which order these help a supervisor; it knows no template, no mail and no clock. Every cell is a reference,
a rule, a number or one of our own words: whatever comes from a record is cut to one plain line.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from dacompliance.exceptions.model import ClosedTask, Listed, Reader, Section, Task
from dacompliance.exceptions.words import day
from dacompliance.notices import cases, prose, words
from dacompliance.notices.cases import Cases
from dacompliance.notices.model import Aside, Digest, House, Kind, Listing, Progress, Row, RunFacts
from dacompliance.policy.model import About

HEADINGS: Final[dict[Section, tuple[str, str]]] = {
    "do": ("Do today", "Overdue. Critical and high risk first, then the longest overdue."),
    "due_soon": ("Due before the next list", "Not late yet. What falls due first is first."),
    "cannot_judge": (
        "Cannot be judged",
        "Something is missing from the record, so nobody can tell if this was done.",
    ),
    "escalated": ("Escalated", "Open for long with someone else, who has been told each day."),
    "oversight": ("Oversight", "High-risk cases first, then unassessed ones, whoever must act."),
}
ITEM_WORDS: Final[dict[About, str]] = {"incident": "incident", "assessment": "form", "referral": "referral"}
_NOTHING_ASIDE: Final = Aside()


def compose(
    reader: Reader,
    tasks: Sequence[Task],
    closed: Sequence[ClosedTask],
    facts: RunFacts,
    house: House,
    *,
    since: dt.datetime | None = None,
    progress: Sequence[Progress] = (),
    aside: Aside = _NOTHING_ASIDE,
    second_look: Collection[str] = (),
) -> Digest:
    """Make the digest of `reader`. `since` is when a notice was last handed over to them, None for the first list.

    At most `house.max_rows` rows stand in all sections together, what is new first among them; the rest is counted.
    Where a rule was not checked its cases are those of the last check, and the notice says so before anything else.
    The completion figure is left out when a record set cannot be trusted: nothing is praised on old records. With
    `second_look`, the rules that were looked at again, the notice says that it is of these and no others.
    """
    sorted_out = cases.sort_out(tasks, facts)
    kind, again = kind_of(tasks, facts), prose.looked_again(second_look)
    title, marking = words.plain(reader.title, 60), words.plain(house.marking)
    today = day(facts.local_date)
    return Digest(
        kind="second_look" if second_look else kind,
        reader_key=reader.key,
        job=facts.job,
        local_date=facts.local_date,
        marking=marking,
        subject=f"{marking} - DA checks {today}{', second look' if second_look else ''} - {title}: "
        f"{prose.tally(kind, sorted_out, facts)}",
        preheader=prose.preheader(kind, sorted_out, facts),
        heading=f"{title}: {prose.headline(kind, sorted_out, facts)}",
        dateline=f"{words.plain(house.force)}, domestic abuse checks, {today} {facts.local_date.year}",
        important=any(_is_urgent(task, facts) for task in tasks),
        warnings=tuple(prose.warnings(sorted_out, facts, aside)),
        summary=(*again, *prose.summary(kind, sorted_out, facts)),
        trust=tuple(prose.trust(facts)),
        listings=tuple(_listings(sorted_out, facts, house, reader)),
        full_list=words.plain(house.full_list, 300),
        still_open=prose.still_open(sorted_out, facts),
        closed_heading=prose.closed_heading(since, facts),
        closed=tuple(prose.closed(closed)) if closed or (since is not None and facts.rules_checked) else (),
        progress=tuple(line for each in progress for line in prose.progress(each)) if _trusted(facts) else (),
        policy_contact=house.policy_contact or "",
        foot=tuple(prose.foot(title, facts, rehearsal=house.rehearsal)),
        cases=(*_listed(sorted_out, house), *(_closed(task) for task in closed)),
        left_out=tuple(prose.left_out(facts, aside)),
    )


def kind_of(tasks: Sequence[Task], facts: RunFacts) -> Kind:
    """Return which e-mail this is: stale before all else, and "nothing to do" only when every rule was looked at."""
    if any(each.state == "stale" for each in facts.freshness):
        return "stale"
    if facts.rules_checked == 0 or (facts.not_checked and not tasks):
        return "could_not_check"
    return "digest" if tasks else "nothing_to_do"


def _trusted(facts: RunFacts) -> bool:
    return facts.rules_checked > 0 and all(each.state == "fresh" for each in facts.freshness)


def _is_urgent(task: Task, facts: RunFacts) -> bool:
    """Say whether an overdue critical case of one's own is worth a flag: a new one once, one graded high every day."""
    critical_and_late = task.section == "do" and task.severity == "critical" and cases.is_overdue(task, facts)
    return critical_and_late and (task.is_new or task.grade == "high")


def _listings(sorted_out: Cases, facts: RunFacts, house: House, reader: Reader) -> Iterator[Listing]:
    for section, tasks, more in _sections(sorted_out, house):
        heading, lead = HEADINGS[section]
        yield Listing(heading, lead, tuple(_told_apart(tasks, facts, house, reader)), more)


def _told_apart(tasks: Sequence[Task], facts: RunFacts, house: House, reader: Reader) -> Iterator[Row]:
    """Yield the rows of a section; where one incident has two forms with one fault, each names its form."""
    alike = Counter((task.rule_id, task.incident_ref) for task in tasks)
    for task in tasks:
        row = row_of(task, facts, house, reader)
        if alike[task.rule_id, task.incident_ref] > 1 and task.item_ref != task.incident_ref:
            item = f"{ITEM_WORDS[task.about]} {words.plain(task.item_ref, 40)}"
            row = replace(row, missing=f"{row.missing} ({item})")
        yield row


def _sections(sorted_out: Cases, house: House) -> Iterator[tuple[Section, list[Task], int]]:
    """Yield each section that has tasks: those that have a row of the `max_rows`, and how many have not."""
    found = [(section, cases.in_order(section, sorted_out.listed_in(section))) for section in HEADINGS]
    yield from cases.with_rows(found, house.max_rows)


def _listed(sorted_out: Cases, house: House) -> Iterator[Listed]:
    for section, tasks, _ in _sections(sorted_out, house):
        for task in tasks:
            yield Listed(task.rule_id, task.item_ref, section, task.incident_ref)


def _closed(task: ClosedTask) -> Listed:
    return Listed(task.rule_id, task.item_ref, "closed", task.incident_ref or task.item_ref)


def row_of(task: Task, facts: RunFacts, house: House, reader: Reader) -> Row:
    """Return one case as a row: every cell one plain line, of references, rules, numbers and our own words."""
    action = words.plain(task.action)
    who = words.plain(task.team or task.area, 40)
    missing = words.plain(task.missing or task.title, 160)
    return Row(
        reference=cases.reference(task),
        link=record_link(task, house.record_link or ""),
        risk=f"{words.plain(task.grade, 20)} risk" if task.grade else "not graded",
        stands_out=cases.stands_out(task),
        label=cases.label(task),
        action=f"{action} ({who})" if task.section in ("escalated", "oversight") and who else action,
        missing=f"unclear: {missing}" if task.section == "cannot_judge" else missing,
        rule=task.rule_id if task.approved else f"{task.rule_id}, bundled default",
        officer=words.plain(task.officer, 20) or "not recorded",
        when=cases.when(task, facts),
        dispute=dispute_link(task, facts, house, reader),
        disputed=prose.disputed(task, facts),
    )


def record_link(task: Task, template: str) -> str:
    """Return the force's address of the record, empty without a template.

    A reference is quoted whole, so that it can add nothing to the address but itself.
    """
    references = {
        "{occurrence_ref}": task.occurrence_ref or task.incident_ref,
        "{incident_ref}": task.incident_ref,
    }
    for slot, reference in references.items():
        template = template.replace(slot, quote(words.plain(reference), safe=""))
    return template


def dispute_link(task: Task, facts: RunFacts, house: House, reader: Reader) -> str:
    """Return a `mailto:` to the policy contact that names rule and references, and leaves the reason to be written."""
    if not house.policy_contact:
        return ""
    subject = f"{words.plain(house.marking)} - wrong or already done: {task.rule_id} {cases.reference(task)}"
    body = (
        f"Rule: {task.rule_id}\r\nReference: {cases.reference(task)}\r\nItem: {words.plain(task.item_ref, 40)}\r\n"
        f"List: {reader.key}, {facts.local_date}\r\n\r\n"
        "Keep one: wrong / already done, not recorded / cannot be done\r\nWhy (no names, no addresses):\r\n"
    )
    address = quote(house.policy_contact, safe="@")
    return f"mailto:{address}?subject={quote(subject, safe=':,')}&body={quote(body, safe=':,/')}"
