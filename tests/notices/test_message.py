"""A notice as a message and as a file: headers that are safe, names of files that say what they are."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes, policy

import pytest

from dacompliance.errors import MailError
from dacompliance.notices.message import build, message_id, write_eml
from tests.notices.samples import UNIT, a_notice, settings

DAY = dt.date(2026, 3, 10)
SENDER = "da.monitor@westmere.police.example"


def test_a_message_id_is_the_same_for_ever():
    """Written down, so that no change of code makes yesterday's notice look new to a mail system."""
    assert message_id("morning", DAY, "unit", "digest", SENDER) == (
        "<52e56188d1e277e91ecde91e95f9b7117e69f70d@westmere.police.example>"
    )


@pytest.mark.parametrize(
    "other",
    [
        ("afternoon", DAY, "unit", "digest"),
        ("morning", DAY + dt.timedelta(days=1), "unit", "digest"),
        ("morning", DAY, "team:A", "digest"),
        ("morning", DAY, "unit", "stale"),
    ],
)
def test_another_job_day_reader_or_kind_is_another_message(other):
    assert message_id(*other, SENDER) != message_id("morning", DAY, "unit", "digest", SENDER)


def test_a_notice_is_written_as_a_file_a_mail_program_opens(tmp_path):
    notice = a_notice("digest")
    path = write_eml(notice, UNIT.address, settings(tmp_path))
    assert path.parent == tmp_path / "outbox"
    assert path.name.startswith("2026-03-10-morning-unit-digest-")
    assert path.suffix == ".eml"
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["Message-ID"] == notice.message_id
    assert message["To"] == UNIT.address
    assert message.get_body(("plain",)).get_content().splitlines() == notice.text.splitlines()
    assert message.get_body(("html",)).get_content().splitlines() == notice.html.splitlines()


def test_the_same_notice_is_the_same_file(tmp_path):
    ready = settings(tmp_path)
    paths = [write_eml(a_notice("digest"), UNIT.address, ready) for _ in range(2)]
    contents = {path.read_bytes() for path in paths}
    assert len(set(paths)) == len(contents) == 1
    assert [path.name for path in (tmp_path / "outbox").iterdir()] == [paths[0].name]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("team:../../etc/passwd", "2026-03-10-morning-team-etc-passwd-digest-"),
        ("team:A\\B\x00:*?", "2026-03-10-morning-team-a-b-digest-"),
        ("team:" + "x" * 300, "2026-03-10-morning-team-" + "x" * 67),
        ("team:Tŷ Mawr", "2026-03-10-morning-team-t-mawr-digest-"),
    ],
)
def test_a_reader_s_key_cannot_lead_the_file_astray(tmp_path, key, name):
    path = write_eml(a_notice("digest", reader_key=key), UNIT.address, settings(tmp_path))
    assert path.parent == tmp_path / "outbox"
    assert path.name.startswith(name)
    assert len(path.name) < 120


def test_readers_whose_keys_look_alike_have_files_of_their_own(tmp_path):
    ready = settings(tmp_path)
    keys = ("team:A B", "team:A-B", "team:a b")
    notices = [
        a_notice("digest", reader_key=key, message_id=message_id("morning", DAY, key, "digest", SENDER)) for key in keys
    ]
    assert len({write_eml(notice, UNIT.address, ready) for notice in notices}) == 3


def test_a_folder_that_cannot_be_written_is_told_of(tmp_path):
    (tmp_path / "outbox").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(MailError, match=r"outbox: mail\.folder: cannot be written \(.*\)\. Make it writable\."):
        write_eml(a_notice("digest"), UNIT.address, settings(tmp_path))


@pytest.mark.parametrize(
    ("recipient", "changes"),
    [
        pytest.param("unit@x.example\n", {}, id="a line break after an address"),
        pytest.param("unit@x.example, other@x.example", {}, id="two addresses"),
        pytest.param("ünit@x.example", {}, id="an address beyond ASCII"),
        pytest.param("@", {}, id="no address"),
        pytest.param("unit@x.example", {"subject": "a\r\nBcc: b@x.example"}, id="a header added"),
    ],
)
def test_what_cannot_stand_in_a_header_is_refused_without_being_told(tmp_path, recipient, changes):
    with pytest.raises(MailError, match=r"cannot stand in a header") as told:
        build(a_notice("digest", **changes), recipient, settings(tmp_path))
    assert "x.example" not in str(told.value)


def test_an_address_s_display_name_is_quoted(tmp_path):
    message = build(a_notice("digest"), UNIT.address, settings(tmp_path, sender_name='Monitor, "DA" <x@evil.example>'))
    assert message["From"].addresses[0].addr_spec == SENDER
    assert len(message["From"].addresses) == 1
