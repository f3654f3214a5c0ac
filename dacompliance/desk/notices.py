"""The outbox at the operator's desk: what was queued, what became of it, and what to do about it.

Readers are called by key, never by address. "Handed over" is what the relay took; that anything was delivered or read
nobody can say.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

from dacompliance.config import Settings
from dacompliance.errors import UsageError
from dacompliance.ledger import mailroom
from dacompliance.ledger.database import Ledger, open_ledger, reading
from dacompliance.ledger.mailroom import Delivery, Sent
from dacompliance.ledger.mentions import cases_of
from dacompliance.ledger.outbox import State

WORDS = {
    State.PENDING: "waiting",
    State.CLAIMED: "being sent",
    State.HANDED_OVER: "handed to the relay",
    State.WRITTEN: "written to a file",
    State.REFUSED: "refused for good",
    State.DEAD: "given up",
}
"""What each state is called."""


def state_of(text: str) -> State:
    """Return the state of a name such as "dead" or "handed-over". Raises UsageError for any other."""
    name = text.strip().lower().replace("-", "_")
    if name not in list(State):
        raise UsageError(f"--state: is no state. Write one of: {', '.join(each.replace('_', '-') for each in State)}.")
    return State(name)


def notice_lines(
    settings: Settings, *, states: tuple[State, ...], reader: str | None, since: dt.date | None, limit: int
) -> Iterator[str]:
    """Yield a line a notice, newest first, after a heading; then how many messages stand in each state in all."""
    with reading(settings.ledger.url.get_secret_value()) as connection:
        found = mailroom.listing(connection, states=states, reader=reader, since=since, limit=limit)
        counts = mailroom.counts(connection)
    if found:
        yield f"{'notice':>7}  {'made (local)':<16}  {'day':<10}  {'job':<12} {'kind':<16} {'reader':<22} state"
    for sent in found:
        yield _line(sent, settings)
    if not found and any(counts.values()):
        yield "No notice is as asked for."
    every = [f"{number:,} {WORDS[state]}" for state, number in counts.items() if number]
    yield f"In all: {', '.join(every) or 'no notice yet'}."


def _line(sent: Sent, settings: Settings) -> str:
    notice, made = sent.notice, sent.notice.made_at.astimezone(settings.zone)
    states = Counter(WORDS[each.state] for each in sent.deliveries)
    said = ", ".join(word if len(states) == 1 else f"{number} {word}" for word, number in states.items()) or "to nobody"
    codes = dict.fromkeys(each.code for each in sent.deliveries if each.code and each.state is not State.HANDED_OVER)
    why = f" ({'; '.join(codes)})" if codes else ""
    return (
        f"{sent.id:>7}  {made:%Y-%m-%d %H:%M}  {notice.local_date}  {notice.job:<12} "
        f"{notice.kind.replace('_', ' '):<16} {notice.reader_key:<22} {said}{why}"
    )


def show_lines(settings: Settings, number: int, *, text: bool = False) -> Iterator[str]:
    """Yield what is known of one notice: who it is for, each message and its tries, and the cases it has rows for.

    With `text` its plain part follows, as it was mailed.
    """
    with reading(settings.ledger.url.get_secret_value()) as connection:
        sent = mailroom.show(connection, number)
        cases = cases_of(connection, number)
    notice = sent.notice
    made_by = f"run {sent.run_id}" if sent.run_id else "no run"
    yield f"Notice {sent.id}: {notice.kind.replace('_', ' ')} of {notice.local_date} for {notice.reader_key}."
    yield f"Made by {notice.job}, {made_by}, at {_local(notice.made_at, settings)}. Message-ID {notice.message_id}."
    for place, each in enumerate(sent.deliveries, start=1):
        yield f"Message {place}: {_fate(each, settings)}."
    for section, rows in sorted(Counter(each.section for each in cases).items()):
        shown = [f"{each.rule_id} {each.item_ref}" for each in cases if each.section == section]
        yield f"{section.replace('_', ' ').capitalize()} ({rows}): {', '.join(shown)}."
    if text:
        yield ""
        yield from notice.text.splitlines()


def _fate(each: Delivery, settings: Settings) -> str:
    tries = f"{each.attempts} {'try' if each.attempts == 1 else 'tries'}"
    parts = [WORDS[each.state], tries, f"since {_local(each.changed_at, settings)}"]
    parts += [each.code] if each.code else []
    parts += ["to the reviewer of a rehearsal"] if each.mode == "shadow" else []
    parts += [f"next try {_local(each.next_try_at, settings)}"] if each.next_try_at is not None else []
    return ", ".join(parts)


def _local(instant: dt.datetime, settings: Settings) -> str:
    return f"{instant.astimezone(settings.zone):%Y-%m-%d %H:%M}"


def retry(settings: Settings, number: int | None, *, now: dt.datetime) -> str:
    """Let what was refused or given up be tried afresh, of one notice or of all; say how many messages that is."""
    with closing(_open(settings)) as ledger:
        found = mailroom.retry(ledger, number, now=now)
    return _changed("tried afresh", found, "was refused for good or given up")


def release(settings: Settings, number: int | None, *, now: dt.datetime, claimed: bool) -> str:
    """Let what waits for a later try be tried now, of one notice or of all; say how many messages that is."""
    with closing(_open(settings)) as ledger:
        found = mailroom.release(ledger, number, now=now, claimed=claimed)
    return _changed("tried now", found, "waits for a later try")


def _changed(what: str, number: int, which: str) -> str:
    taken = "The next send takes them." if number else f"None of these messages {which}."
    return f"To be {what}: {number:,}. {taken}"


def _open(settings: Settings) -> Ledger:
    return open_ledger(settings.ledger.url.get_secret_value(), create=False)
