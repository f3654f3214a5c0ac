"""Signs of life: a file that is whole or not there, and a ping that never stops the work."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from dacompliance.config import Schedule, load_settings
from dacompliance.schedule.heartbeat import beat, ping
from tests.acceptance.force import SmallForce, build
from tests.acceptance.test_one_true_morning import REPORTED
from tests.helpers import when

NOW = when("Tue 2026-11-03 06:30")


@contextmanager
def web(code: int = 200) -> Iterator[tuple[str, list[str]]]:
    """Run a web server that answers with a code; yield an address on it, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(code)
            self.end_headers()
            self.wfile.write(b"OK")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/ping/secret-part", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def force(tmp_path, capsys) -> SmallForce:
    made = build(tmp_path / "force", capsys)
    made.put("incidents", [REPORTED])
    return made


def test_the_heartbeat_says_when_and_how_jobs_and_messages_stand(force):
    force.edit("[readers]", '[schedule]\nheartbeat_file = "alive.json"\n[readers]')
    force.run("run-once", "morning")
    beat(load_settings(force.config, {}), NOW)
    found = json.loads((force.folder / "alive.json").read_text())
    assert found["alive_at"] == "2026-11-03T06:30:00Z"
    assert found["jobs"] == {"morning": {"day": "2026-11-03", "state": "done"}}
    assert found["messages"]["pending"] == 0
    assert found["messages"]["written"] > 0
    assert found["ledger"] == "readable"
    assert not list(force.folder.glob("*.part"))


def test_before_the_first_run_there_is_no_ledger_to_read(force):
    force.edit("[readers]", '[schedule]\nheartbeat_file = "alive.json"\n[readers]')
    beat(load_settings(force.config, {}), NOW)
    assert json.loads((force.folder / "alive.json").read_text())["ledger"] == "cannot be read"


def test_a_heartbeat_that_cannot_be_written_stops_nothing(force, caplog):
    force.edit("[readers]", '[schedule]\nheartbeat_file = "no/such/folder/alive.json"\n[readers]')
    beat(load_settings(force.config, {}), NOW)
    assert "heartbeat_file cannot be written" in caplog.text


def test_a_check_that_was_kept_asks_for_the_address_once_and_a_failed_one_does_not(force):
    with web() as (url, asked):
        force.edit("[readers]", f'[schedule]\nping_url = "{url}"\n[readers]')
        assert force.run("run-once", "morning").code == 0
        assert asked == ["/ping/secret-part"]
        assert force.run("run-once", "morning").code == 0
        force.execute("DROP TABLE staff")
        assert force.run("run-once", "morning", at="Wed 2026-11-04 06:30").code == 5
        assert len(asked) == 1


@pytest.mark.parametrize("code", [404, 500])
def test_an_address_that_answers_badly_stops_nothing_and_is_not_repeated_in_the_log(force, caplog, code):
    with web(code) as (url, _):
        force.edit("[readers]", f'[schedule]\nping_url = "{url}"\n[readers]')
        assert ping(load_settings(force.config, {})) is False
    (line,) = caplog.records
    assert (line.getMessage(), line.error, line.code) == ("ping_url did not answer", "HTTPError", code)
    assert "secret-part" not in caplog.text


def test_nobody_listening_stops_nothing(force, caplog):
    force.edit("[readers]", '[schedule]\nping_url = "http://127.0.0.1:9/secret-part"\n[readers]')
    assert ping(load_settings(force.config, {})) is False
    assert "secret-part" not in caplog.text


def test_only_an_address_of_the_web_is_asked_for():
    for wrong in ("file:///etc/passwd", "ftp://force.example", "heartbeat"):
        with pytest.raises(ValueError, match="is not an address"):
            Schedule(ping_url=SecretStr(wrong))
