"""The morning's digests handed over to a real relay, over STARTTLS that is verified, and read back from it."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.force import SmallForce
from tests.acceptance.test_one_true_morning import FORM, REPORTED, ledger_rows
from tests.notices.relay import LOGIN, PASSWORD, Handler, make_papers, relay

STAFF = {"staff_id": "77", "email": "sergeant@force.example", "role": "sergeant"}


def turn_on(force: SmallForce, port: int, ca_file: Path) -> None:
    """Have the force's mail leave through the relay at `port`, which must show a certificate of `ca_file`."""
    (force.folder / "secret").write_text(PASSWORD + "\n")
    force.edit(
        "[mail]",
        f'[mail]\nmode = "on"\nallowed_domains = ["force.example"]\nhost = "localhost"\nport = {port}\n'
        f'auth = "password"\nlogin = "{LOGIN}"\nsecret_file = "secret"\nca_file = "{ca_file}"\ntimeout_seconds = 5',
    )


def test_the_unit_and_the_supervisor_are_told_over_verified_starttls(force: SmallForce, tmp_path: Path):
    force.put("incidents", [REPORTED, {**REPORTED, "incident_ref": "I2"}])
    force.put("assessments", [FORM])
    force.put("staff", [STAFF])
    papers, handler = make_papers(tmp_path), Handler()
    with relay(handler, tls_context=papers.server, require_starttls=True, authenticator=handler.check) as port:
        turn_on(force, port, papers.ca_file)
        ran = force.run("check", "--send")
    assert ran.code == 0, ran.err
    by_reader = {str(message["To"]): message for message in handler.messages}
    assert by_reader.keys() >= {"unit@force.example", "sergeant@force.example"}
    assert all(len(envelope.rcpt_tos) == 1 for envelope in handler.taken)
    unit = by_reader["unit@force.example"]
    assert unit.get_content_type() == "multipart/alternative"
    assert "Refer" in unit.get_body(("plain",)).get_content()
    assert "I1" in unit.get_body(("html",)).get_content()
    assert "I2" in by_reader["sergeant@force.example"].get_body(("plain",)).get_content()
    assert {row[0] for row in ledger_rows(force, "SELECT DISTINCT state FROM notice_recipient")} == {"handed_over"}
    assert PASSWORD not in ran.out + ran.err


def test_a_relay_with_a_certificate_nobody_vouches_for_is_told_nothing(force: SmallForce, tmp_path: Path):
    force.put("incidents", [REPORTED])
    (tmp_path / "other").mkdir()
    papers, stranger, handler = make_papers(tmp_path), make_papers(tmp_path / "other"), Handler()
    with relay(handler, tls_context=stranger.server, require_starttls=True, authenticator=handler.check) as port:
        turn_on(force, port, papers.ca_file)
        ran = force.run("check", "--send")
    assert handler.taken == []
    assert handler.users == []
    assert {row[0] for row in ledger_rows(force, "SELECT DISTINCT state FROM notice_recipient")} == {"pending"}
    assert "not_trusted" in ran.out.lower().replace(" ", "_") or ran.code == 7


def test_what_was_not_handed_over_leaves_at_the_next_try_with_the_same_message_id(force: SmallForce, tmp_path: Path):
    force.put("incidents", [REPORTED])
    papers, handler = make_papers(tmp_path), Handler()
    with relay(handler, tls_context=papers.server, require_starttls=True, authenticator=handler.check) as port:
        turn_on(force, port, papers.ca_file)
        force.edit(f"port = {port}", "port = 9")  # nobody is there
        assert ledger_rows_after(force, "Tue 2026-11-03 06:30") == {"pending"}
        before = ledger_rows(force, "SELECT message_id FROM notice ORDER BY message_id")
        force.edit("port = 9", f"port = {port}")
        force.run("check", "--send", at="Tue 2026-11-03 09:30")
    assert {row[0] for row in ledger_rows(force, "SELECT DISTINCT state FROM notice_recipient")} == {"handed_over"}
    assert sorted((str(message["Message-ID"]),) for message in handler.messages) == before


def ledger_rows_after(force: SmallForce, at: str) -> set[str]:
    force.run("check", "--send", at=at)
    return {row[0] for row in ledger_rows(force, "SELECT DISTINCT state FROM notice_recipient")}
