"""What people decide about exceptions between runs: waive, end, dispute, accept; and the lists that show it.

Everything here is the ledger's: a run notes it, and makes it an event. Words that people write stay in the ledger and
in the story of the case; no notice and no log repeats them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Final

import sqlalchemy as sa

from dacompliance.config import Settings
from dacompliance.errors import UsageError
from dacompliance.exceptions import disputes as pure_disputes
from dacompliance.exceptions.disputes import WORDS, Claim
from dacompliance.exceptions.model import Closing, Standing
from dacompliance.exceptions.waivers import expires
from dacompliance.exceptions.words import closing as closing_words
from dacompliance.exceptions.words import day, instant
from dacompliance.ledger import casework, disputes, history, holds, waivers
from dacompliance.ledger.database import open_ledger, reading

CLAIMS: Final = {"wrong": Claim.WRONG, "done": Claim.DONE_NOT_RECORDED, "cannot": Claim.CANNOT_BE_DONE}
"""How a claim is typed."""
LONGEST: Final = {"--by": 80, "--reason": 500, "--why": 500}


def waive(settings: Settings, rule_id: str, number: str, *, until: str, by: str, reason: str, now: dt.datetime) -> str:
    """Waive an open exception up to the end of the local day `until`; return what was done, in a line."""
    last_day, author, why = _last_day(settings, until, now), _written("--by", by), _written("--reason", reason)
    with closing(open_ledger(_url(settings), create=False)) as ledger, ledger.begin() as connection:
        standing = _one_open(connection, rule_id, number)
        waivers.add(connection, standing.identity, author=author, reason=why, made_at=now, last_day=last_day)
    return (
        f"{rule_id} of {standing.about} {standing.item_ref} is waived to the end of {day(last_day, year=True)}. "
        "It is not chased, and still counts as not compliant."
    )


def end_waiver(settings: Settings, rule_id: str, number: str, *, by: str, now: dt.datetime) -> str:
    """End a waiver before its last day; return what was done, in a line."""
    author = _written("--by", by)
    with closing(open_ledger(_url(settings), create=False)) as ledger, ledger.begin() as connection:
        standing = _one_open(connection, rule_id, number)
        waivers.end(connection, standing.identity, by=author, at=now)
    return (
        f"The waiver of {rule_id} of {standing.about} {standing.item_ref} is ended: it is chased from the next run on."
    )


def dispute(settings: Settings, rule_id: str, number: str, *, says: str, by: str, why: str, now: dt.datetime) -> str:
    """Keep what someone says against an open exception; return what was done, in a line."""
    if says not in CLAIMS:
        raise UsageError(f"--says: is not one of {', '.join(CLAIMS)}.")
    author, reason = _written("--by", by), _written("--why", why)
    with closing(open_ledger(_url(settings), create=False)) as ledger, ledger.begin() as connection:
        standing = _one_open(connection, rule_id, number)
        disputes.add(connection, standing.identity, CLAIMS[says], author=author, reason=reason, made_at=now)
    return (
        f"{rule_id} of {standing.about} {standing.item_ref} is disputed: {WORDS[CLAIMS[says]]}. "
        "It stays open until the records say otherwise."
    )


def accept(settings: Settings, rule_id: str, *, by: str, reason: str, now: dt.datetime) -> str:
    """Accept what a held rule would change; return what was done, in a line."""
    author, why = _written("--by", by), _written("--reason", reason)
    with closing(open_ledger(_url(settings), create=False)) as ledger, ledger.begin() as connection:
        hold = holds.accept(connection, rule_id, by=author, why=why, at=now)
    return (
        f"{rule_id} is accepted: the next run may open {hold.surge.opening:,} and close {hold.surge.closing:,} "
        "exceptions of it at once."
    )


def waiver_lines(settings: Settings, *, every: bool) -> Iterator[str]:
    """Yield a line a waiver that stands, or a line each that there ever was."""
    with reading(_url(settings)) as connection:
        found = [each for each in waivers.every(connection) if every or each.ended_at is None]
    if not found:
        yield "No waiver." if every else "No waiver stands."
    for each in found:
        ended = ""
        if each.ending is not None and each.ended_at is not None:
            by = f" by {each.ended_by}" if each.ended_by else ""
            ended = f"; {each.ending}{by} {instant(each.ended_at, settings.zone, year=True)}"
        yield (
            f"{each.rule_id}  {each.item_ref}  to {day(each.last_day, year=True)}, by {each.author} "
            f"{instant(each.made_at, settings.zone, year=True)}: {each.reason}{ended}"
        )


def dispute_lines(settings: Settings) -> Iterator[str]:
    """Yield the disputes counted by rule, claim and what became of them, then those of open exceptions one by one."""
    with reading(_url(settings)) as connection:
        found, became = disputes.every(connection), disputes.became(connection)
        opened = Counter(rule_id for rule_id, _ in casework.standings(connection))
    if not found:
        yield "No dispute."
        return
    for (rule_id, claim), outcomes in pure_disputes.counted(found, became).items():
        ends = [f"{number} {_became(what)}" for what, number in sorted(outcomes.items())]
        yield f"{rule_id}  {WORDS[claim]}: {outcomes.total()} ({', '.join(ends)})"
    for rule_id, number in sorted(Counter(rule_id for rule_id, _ in {each.identity for each in found}).items()):
        yield f"{rule_id}  {number:,} of {opened[rule_id]:,} exceptions ever opened were disputed"
    for each in found:
        if not became[each.identity]:
            said = f"{WORDS[each.claim]}, by {each.author} {instant(each.made_at, settings.zone, year=True)}"
            yield f"  open: {each.rule_id}  {each.item_ref}  {said}: {each.reason}"


def hold_lines(settings: Settings) -> Iterator[str]:
    """Yield a line a rule that is held, or accepted and not yet run again."""
    with reading(_url(settings)) as connection:
        found = holds.pending(connection)
    if not found:
        yield "No rule is held."
    for each in found:
        if each.accepted_at is None:
            yield f"{each.surge.rule_id}  {each.surge.words} (run {each.run_id}). Not accepted."
        else:
            accepted = instant(each.accepted_at, settings.zone, year=True)
            yield f"{each.surge.rule_id}  accepted {accepted} by {each.accepted_by}: {each.accepted_why}"


def _became(closing: str) -> str:
    return f"closed: {closing_words(Closing(closing))}" if closing else "still open"


def _one_open(connection: sa.Connection, rule_id: str, number: str) -> Standing:
    """Return the open exception of a rule that a number stands for: the item's, the incident's or the occurrence's."""
    found = casework.find_open(connection, rule_id, number)
    if not found:
        incidents = history.find_incidents(connection, number)
        found = tuple(each for ref in incidents for each in casework.find_open(connection, rule_id, ref))
    if not found:
        raise UsageError("no open exception has that rule and reference. `dacompliance explain` tells what is open.")
    if len(found) > 1:
        items = ", ".join(each.item_ref for each in found)
        raise UsageError(f"that reference has {len(found)} open exceptions of {found[0].rule_id}. Name one: {items}.")
    return found[0]


def _last_day(settings: Settings, until: str, now: dt.datetime) -> dt.date:
    try:
        last_day = dt.date.fromisoformat(until)
    except ValueError:
        raise UsageError('--until: is not a date. Write it like "2026-11-30".') from None
    longest = settings.exceptions.longest_waiver_days
    today = now.astimezone(settings.zone).date()
    if expires(last_day, settings.zone) <= now:
        raise UsageError("--until: is past. A waiver lasts to the end of that day.")
    if (last_day - today).days > longest:
        raise UsageError(
            f"--until: is more than {longest} days from today, the longest that exceptions.longest_waiver_days allows. "
            f"Name a day up to {today + dt.timedelta(days=longest)}; it can be waived again then."
        )
    return last_day


def _written(option: str, text: str) -> str:
    """Return what a person wrote, on one line. Raises UsageError for nothing, and for a whole letter."""
    words = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if not words:
        raise UsageError(f"{option}: is empty. Whoever reads the case later must know who decided, and why.")
    if len(words) > LONGEST[option]:
        raise UsageError(f"{option}: is longer than {LONGEST[option]} characters. Say it shorter.")
    return words


def _url(settings: Settings) -> str:
    return settings.ledger.url.get_secret_value()
