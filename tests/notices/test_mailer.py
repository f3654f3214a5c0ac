"""Handing notices to a real SMTP relay: what arrives, who is trusted, and the name of every way to fail."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import logging
import socket
import time

import pytest

from dacompliance.errors import MailError
from dacompliance.notices import mailer
from dacompliance.notices.mailer import Outcome, Result, hand_over, is_allowed
from tests.notices.relay import LOGIN, PASSWORD, TOKEN, Handler, listener, make_papers, relay
from tests.notices.samples import UNIT, a_notice, settings

READER = UNIT.address


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """Return an authority and a certificate for localhost, made now."""
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def handler():
    """Return what the relay does, and keeps."""
    return Handler()


@pytest.fixture
def made(tmp_path, papers):
    """Return a function that makes settings for a relay on a port, with verified STARTTLS unless told otherwise."""

    def make(port, secret=None, **mail):
        changes = {"mode": "on", "port": port, "ca_file": papers.ca_file, "timeout_seconds": 5, **mail}
        if changes.get("auth", "none") != "none":
            changes.setdefault("secret_env", "MAIL_SECRET")
        return settings(tmp_path, **changes).model_copy(update={"secrets": {"mail": secret} if secret else {}})

    return make


def secret(text):
    from pydantic import SecretStr

    return SecretStr(text)


@pytest.fixture
def starttls(papers, handler):
    """Run a relay that offers STARTTLS and yield its port."""
    with relay(handler, tls_context=papers.server) as port:
        yield port


@pytest.fixture
def plain(handler):
    """Run a relay that offers no TLS and yield its port."""
    with relay(handler) as port:
        yield port


# What arrives


def test_a_notice_arrives_over_verified_starttls_whole(starttls, handler, made):
    notice = a_notice("digest")
    result = hand_over(notice, READER, made(starttls))
    assert result == Result(Outcome.HANDED_OVER, step="send")
    assert result.handed_over
    assert not result.retry
    (envelope,), (message,) = handler.taken, handler.messages
    assert (envelope.mail_from, envelope.rcpt_tos) == ("da.monitor@westmere.police.example", [READER])
    assert message["Subject"] == notice.subject
    assert message["From"] == "DA compliance monitor <da.monitor@westmere.police.example>"
    assert message["To"] == READER
    assert message["Message-ID"] == notice.message_id
    assert message["Date"].datetime == notice.made_at
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Importance"] == "high"
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().splitlines() == notice.text.splitlines()
    assert html.get_content().splitlines() == notice.html.splitlines()
    assert max(map(len, envelope.content.splitlines())) <= 998


def test_words_beyond_ascii_arrive_as_they_were(starttls, handler, made):
    notice = a_notice("digest", subject="Llanfairpwll – “ŵ” £", text="ŵ – £\n", html="<p>ŵ – £</p>\n")
    assert hand_over(notice, READER, made(starttls, sender_name="Gwasanaeth ŵ")).handed_over
    (message,) = handler.messages
    assert message["Subject"] == notice.subject
    assert message["From"].addresses[0].display_name == "Gwasanaeth ŵ"
    assert [part.get_content().strip() for part in message.iter_parts()] == ["ŵ – £", "<p>ŵ – £</p>"]


def test_a_text_that_names_a_file_is_not_attached(starttls, handler, made, tmp_path):
    file = tmp_path / "secret.csv"
    file.write_text("must never leave", encoding="utf-8")
    notice = a_notice("digest", text=str(file), html=str(file), subject=str(file))
    assert hand_over(notice, READER, made(starttls)).handed_over
    (message,) = handler.messages
    assert [part.get_content().strip() for part in message.iter_parts()] == [str(file), str(file)]
    assert list(message.iter_attachments()) == []
    assert b"must never leave" not in handler.taken[0].content


def test_a_style_sheet_named_in_the_page_is_not_fetched(starttls, handler, made):
    with socket.create_server(("127.0.0.1", 0)) as web:
        page = f'<link rel="stylesheet" href="http://127.0.0.1:{web.getsockname()[1]}/x.css"><p>x</p>'
        assert hand_over(a_notice("digest", html=page), READER, made(starttls)).handed_over
        web.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has called
            web.accept()
    assert list(handler.messages[0].iter_parts())[1].get_content().strip() == page


def test_every_attempt_sends_the_same_bytes(starttls, handler, made):
    for _ in range(2):
        assert hand_over(a_notice("digest"), READER, made(starttls)).handed_over
    first, second = handler.taken
    assert first.content == second.content


def test_without_importance_nothing_is_said_of_it(starttls, handler, made):
    hand_over(a_notice("nothing_to_do"), READER, made(starttls))
    assert "Importance" not in handler.messages[0]


def test_shadow_mail_goes_to_the_shadow_reader_only(starttls, handler, made):
    shadow = "reviewer@westmere.police.example"
    assert hand_over(a_notice("digest"), READER, made(starttls, mode="shadow", shadow_reader=shadow)).handed_over
    assert handler.taken[0].rcpt_tos == [shadow]
    assert handler.messages[0]["To"] == shadow


# Whom we trust


def test_implicit_tls_is_verified_and_delivers(papers, handler, made):
    with relay(handler, implicit=papers.server) as port:
        assert hand_over(a_notice("digest"), READER, made(port, security="tls")).handed_over
        assert hand_over(a_notice("digest"), READER, made(port, security="tls", ca_file=None)).outcome is (
            Outcome.NOT_TRUSTED
        )
    assert len(handler.taken) == 1


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        pytest.param({"ca_file": None}, Outcome.NOT_TRUSTED, id="nobody we know signed the certificate"),
        pytest.param({"host": "127.0.0.1"}, Outcome.NOT_TRUSTED, id="it is for another host name"),
        pytest.param(
            {"security": "tls", "timeout_seconds": 1}, Outcome.NO_TLS, id="TLS at once where STARTTLS is spoken"
        ),
    ],
)
def test_a_server_that_cannot_be_trusted_gets_nothing(starttls, handler, made, changes, outcome):
    result = hand_over(a_notice("digest"), READER, made(starttls, **changes))
    assert (result.outcome, result.step, result.retry) == (outcome, "connect", True)
    assert handler.taken == []


def test_an_expired_certificate_is_not_trusted(tmp_path, handler, made):
    old = make_papers(tmp_path, expired=True)
    with relay(handler, tls_context=old.server) as port:
        result = hand_over(a_notice("digest"), READER, made(port, ca_file=old.ca_file))
    assert result.outcome is Outcome.NOT_TRUSTED
    assert handler.taken == []


def test_where_no_starttls_is_offered_nothing_is_sent_in_the_clear(plain, handler, made):
    assert hand_over(a_notice("digest"), READER, made(plain)) == Result(Outcome.NO_TLS, step="connect")
    assert handler.taken == []


def test_a_relay_without_tls_is_used_only_when_asked_for(plain, handler, made):
    assert hand_over(a_notice("digest"), READER, made(plain, security="none")).handed_over
    assert len(handler.taken) == 1


def test_a_ca_file_that_is_none_is_told_of(made, tmp_path):
    (tmp_path / "bad.pem").write_text("no certificate", encoding="utf-8")
    for name in ("bad.pem", "absent.pem"):
        with pytest.raises(MailError, match=r"mail\.ca_file: holds no certificate we can read"):
            hand_over(a_notice("digest"), READER, made(1, ca_file=tmp_path / name))


# Logging in


@pytest.fixture
def guarded(papers, handler):
    """Run a relay that wants a login, by password or XOAUTH2, and yield its port."""
    with relay(handler, tls_context=papers.server, auth_required=True, authenticator=handler.check) as port:
        yield port


@pytest.mark.parametrize(("auth", "word"), [("password", PASSWORD), ("xoauth2", TOKEN)])
def test_a_login_name_other_than_the_sender_is_accepted(guarded, handler, made, auth, word):
    assert hand_over(a_notice("digest"), READER, made(guarded, secret(word), auth=auth, login=LOGIN)).handed_over
    assert handler.users == [LOGIN]
    assert handler.taken[0].mail_from == "da.monitor@westmere.police.example"


@pytest.mark.parametrize("auth", ["password", "xoauth2"])
def test_a_refused_login_sends_nothing_and_is_no_fault_of_the_notice(guarded, handler, made, auth):
    result = hand_over(a_notice("digest"), READER, made(guarded, secret("wrong"), auth=auth, login=LOGIN))
    assert (result.outcome, result.code, result.step, result.retry) == (Outcome.LOGIN_REFUSED, 535, "login", True)
    assert handler.taken == []


def test_a_relay_that_wants_a_login_we_do_not_have_says_so(guarded, made):
    result = hand_over(a_notice("digest"), READER, made(guarded))
    assert (result.outcome, result.code, result.retry) == (Outcome.LOGIN_REFUSED, 530, True)


@pytest.mark.parametrize("auth", ["password", "xoauth2"])
def test_a_relay_that_knows_no_login_is_told_apart(starttls, made, auth):
    result = hand_over(a_notice("digest"), READER, made(starttls, secret("x"), auth=auth))
    assert (result.outcome, result.step) == (Outcome.LOGIN_REFUSED, "login")


def test_a_token_in_a_file_is_read_each_time(guarded, made, tmp_path):
    ready = made(guarded, auth="xoauth2", login=LOGIN, secret_env=None, secret_file="token")
    (tmp_path / "token").write_text("of yesterday\n", encoding="utf-8")
    assert hand_over(a_notice("digest"), READER, ready).outcome is Outcome.LOGIN_REFUSED
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    assert hand_over(a_notice("digest"), READER, ready).handed_over


def test_while_a_token_s_file_is_being_replaced_the_last_one_known_is_used(guarded, made, tmp_path):
    ready = made(guarded, secret(TOKEN), auth="xoauth2", login=LOGIN, secret_env=None, secret_file="token")
    assert hand_over(a_notice("digest"), READER, ready).handed_over
    (tmp_path / "token").write_text("", encoding="utf-8")
    assert hand_over(a_notice("digest"), READER, ready).handed_over


def test_a_missing_secret_is_told_of_before_anybody_is_asked(made):
    with pytest.raises(MailError, match=r"auth needs a secret and there is none"):
        hand_over(a_notice("digest"), READER, made(1, auth="password"))


def test_a_secret_that_smtp_cannot_carry_is_told_of_without_telling_it(guarded, made):
    with pytest.raises(MailError, match=r"is not ASCII") as told:
        hand_over(a_notice("digest"), READER, made(guarded, secret("pässword"), auth="xoauth2"))
    assert "ssword" not in str(told.value)


def test_a_secret_is_never_sent_in_the_clear(made, plain):
    clear = made(plain, secret(PASSWORD), auth="password")
    unsafe = clear.model_copy(update={"mail": clear.mail.model_copy(update={"security": "none"})})
    with pytest.raises(MailError, match=r"would send a secret in the clear"):
        hand_over(a_notice("digest"), READER, unsafe)


# Refusals


@pytest.mark.parametrize(
    ("answer", "outcome", "code", "status", "retry"),
    [
        ("550 5.1.1 <unit@x> no such user", Outcome.REFUSED, 550, "5.1.1", False),
        ("554 no", Outcome.REFUSED, 554, "", False),
        ("450 4.2.1 mailbox busy", Outcome.REFUSED_FOR_NOW, 450, "4.2.1", True),
        ("452 4.3.1 full", Outcome.REFUSED_FOR_NOW, 452, "4.3.1", True),
        ("421 4.7.0 too many", Outcome.REFUSED_FOR_NOW, 421, "4.7.0", True),
    ],
)
@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_refusal_is_permanent_or_temporary_by_its_code(
    starttls, handler, made, answer, outcome, code, status, retry, step
):
    async def refuse(server, envelope):
        return answer

    if step == "RCPT":
        handler.recipients[READER] = answer
    else:
        handler.at_data = refuse
    result = hand_over(a_notice("digest"), READER, made(starttls))
    assert result == Result(outcome, code, status, "send")
    assert result.retry is retry
    assert result.words == " ".join(str(each) for each in (outcome.value, code, status) if each)


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "450 4.2.1 busy"])
def test_one_bad_recipient_does_not_touch_the_other(starttls, handler, made, answer):
    """One message to one recipient, so a refusal is that recipient's own."""
    handler.recipients["gone@westmere.police.example"] = answer
    ready = made(starttls)
    results = [hand_over(a_notice("digest"), each, ready) for each in ("gone@westmere.police.example", READER)]
    assert [result.handed_over for result in results] == [False, True]
    assert [envelope.rcpt_tos for envelope in handler.taken] == [[READER]]


def test_a_message_over_the_relay_s_own_limit_is_refused_for_good(papers, handler, made):
    with relay(handler, tls_context=papers.server, data_size_limit=2000) as port:
        result = hand_over(a_notice("digest"), READER, made(port))
    assert (result.outcome, result.code, result.retry) == (Outcome.REFUSED, 552, False)


# Faults of the line


def test_a_silent_server_costs_no_more_than_the_time_limit(made):
    with listener(first_words=b"") as port:
        begun = time.monotonic()
        result = hand_over(a_notice("digest"), READER, made(port, timeout_seconds=1))
    assert (result.outcome, result.step, result.retry) == (Outcome.TIMED_OUT, "connect", True)
    assert time.monotonic() - begun < 3


def test_a_server_that_hangs_after_the_message_costs_no_more_than_the_time_limit(starttls, handler, made):
    async def hang(server, envelope):
        await asyncio.sleep(60)
        return "250 late"

    handler.at_data = hang
    begun = time.monotonic()
    result = hand_over(a_notice("digest"), READER, made(starttls, timeout_seconds=1))
    assert (result.outcome, result.step, result.retry) == (Outcome.TIMED_OUT, "send", True)
    assert time.monotonic() - begun < 4


def test_a_server_that_hangs_up_before_it_answers_is_asked_once_only(starttls, handler, made):
    async def hang_up(server, envelope):
        handler.taken.append(envelope)
        server.transport.abort()
        return "250 never heard"

    handler.at_data = hang_up
    begun = time.monotonic()
    result = hand_over(a_notice("digest"), READER, made(starttls))
    assert (result.outcome, result.step, result.retry) == (Outcome.CONNECTION_LOST, "send", True)
    assert len(handler.taken) == 1
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    ("greeting", "outcome", "code"),
    [
        (b"554 5.7.1 not from you\r\n", Outcome.NOT_CONNECTED, 554),
        (b"421 4.3.2 closing\r\n", Outcome.REFUSED_FOR_NOW, 421),
    ],
)
def test_a_server_that_turns_us_away_at_the_door_is_tried_again_later(made, greeting, outcome, code):
    with listener(greeting) as port:
        result = hand_over(a_notice("digest"), READER, made(port))
    assert (result.outcome, result.code, result.step, result.retry) == (outcome, code, "connect", True)


def test_nobody_listening_is_not_connected(made):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert hand_over(a_notice("digest"), READER, made(port)) == Result(Outcome.NOT_CONNECTED, step="connect")


def test_a_host_that_is_no_host_name_is_told_of(made):
    with pytest.raises(MailError, match=r"mail\.host: is not a host name"):
        hand_over(a_notice("digest"), READER, made(25, host="relay..example"))


def test_a_goodbye_that_is_not_answered_does_not_undo_what_was_taken(papers, made):
    class Rude(Handler):
        async def handle_QUIT(  # noqa: N802
            self, server, session, envelope
        ):
            server.transport.abort()
            return "221 bye"

    rude = Rude()
    with relay(rude, tls_context=papers.server) as port:
        assert hand_over(a_notice("digest"), READER, made(port)).handed_over
    assert len(rude.taken) == 1


# What never leaves


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("a@westmere.police.example", True),
        ("a@WESTMERE.police.example", True),
        ("a@mail.westmere.police.example", False),
        ("a@evilwestmere.police.example", False),
        ("a@westmere.police.example.evil.example", False),
        ("a@westmere.police.example@evil.example", False),
        ("nobody", False),
    ],
)
def test_notices_go_to_the_allowed_domains_only(made, starttls, handler, address, allowed):
    assert is_allowed(address, ("Westmere.police.example",)) is allowed
    result = hand_over(a_notice("digest"), address, made(starttls))
    assert result.handed_over is allowed
    if not allowed:
        assert result == Result(Outcome.NOT_ALLOWED)
        assert not result.retry
        assert handler.taken == []


def test_a_message_that_is_too_large_is_not_offered(made, starttls, handler, monkeypatch):
    monkeypatch.setattr(mailer, "MAX_BYTES", 5_000)
    assert hand_over(a_notice("digest"), READER, made(starttls)) == Result(Outcome.TOO_LARGE)
    assert handler.taken == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"subject": "list\nBcc: x@evil.example"}, id="a header added"),
        pytest.param({"subject": "list\nstray"}, id="a stray line"),
        pytest.param({"subject": "list\r\n"}, id="an empty line at the end"),
        pytest.param({"subject": "list\u2028more"}, id="another line separator"),
        pytest.param({"message_id": "<a@b>\r\nX: y"}, id="in the Message-ID"),
    ],
)
def test_a_line_break_in_a_header_is_refused(made, starttls, handler, changes):
    assert hand_over(a_notice("digest", **changes), READER, made(starttls)) == Result(Outcome.MALFORMED)
    assert handler.taken == []


def test_with_mail_off_nothing_is_handed_over(made):
    with pytest.raises(MailError, match=r'mail\.mode is "off"'):
        hand_over(a_notice("digest"), READER, made(1, mode="off"))


# What is told


def test_no_log_no_result_and_no_terminal_learns_an_address_or_a_word(made, starttls, handler, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    handler.recipients[READER] = f"550 5.1.1 <{READER}> is unknown here"
    results = [hand_over(a_notice("digest"), READER, made(starttls))]
    handler.recipients.clear()
    results += [hand_over(a_notice("digest"), READER, made(starttls))]
    results += [hand_over(a_notice("digest"), READER, made(starttls, ca_file=None))]
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("mail.log", "asyncio"))]
    terminal = capfd.readouterr()
    for told in (*ours, *map(repr, results), *(result.words for result in results), terminal.out, terminal.err):
        assert "@" not in told
        assert "WM-26" not in told


def test_a_result_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Result(Outcome.REFUSED).code = 1  # type: ignore[misc]


def test_only_the_notice_s_own_faults_are_final():
    final = {outcome for outcome in Outcome if not Result(outcome).retry and outcome is not Outcome.HANDED_OVER}
    assert final == {Outcome.REFUSED, Outcome.NOT_ALLOWED, Outcome.TOO_LARGE, Outcome.MALFORMED}


def test_a_notice_keeps_its_time_in_any_zone(starttls, handler, made):
    summer = dt.datetime(2026, 7, 1, 6, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    hand_over(a_notice("digest", made_at=summer), READER, made(starttls))
    assert handler.messages[0]["Date"] == "Wed, 01 Jul 2026 06:30:00 +0100"
