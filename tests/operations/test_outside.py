"""The outside heartbeat leaves while all is well, and is withheld while something is red."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from config.settings import SettingsError, load_settings
from tasks.alive import lives
from tasks.outside import Outside
from tasks.runtime import build
from tests.operations.processes import until
from workflow.operations import actions
from workflow.operations.findings import Finding


class Watcher:
    """Somebody outside who counts."""

    def __init__(self) -> None:
        self.pings: list[str] = []
        self.status = 200
        watcher = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                watcher.pings.append(self.path)
                self.send_response(watcher.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ping/1"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watcher]:
    """Listens on this machine only."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    found = Watcher()
    yield found
    found.close()


def test_it_leaves_only_while_all_is_well(watcher: Watcher) -> None:
    green = [True]
    outside = Outside(watcher.url, lambda: green[0])
    assert outside.step()
    green[0] = False
    assert not outside.step()
    assert watcher.pings == ["/ping/1"]


@pytest.mark.parametrize("status", [500, 404])
def test_who_does_not_answer_disturbs_nobody(
    watcher: Watcher, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    watcher.status = status
    assert not Outside(watcher.url, lambda: True).step()
    assert "not answered" in caplog.text
    assert not Outside("http://127.0.0.1:1/", lambda: True).step()


def test_a_process_that_audits_pings_until_an_alarm_is_red(
    watcher: Watcher, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.outside.EVERY", 0.05)
    monkeypatch.setattr("tasks.runtime.BEAT", 0.05)
    settings = load_settings(
        env_file=None,
        database_url=sqlite_url,
        data_dir=tmp_path,
        heartbeat_url=watcher.url,
        alive_file=tmp_path / "alive",
    )
    runtime = build(settings)
    runtime.watch.outside = Outside(watcher.url, lambda: runtime.watch.auditor.is_green, every=0.05)
    runtime.start()
    try:
        until(lambda: len(watcher.pings) > 2, 20)
        assert lives(str(tmp_path / "alive"))
        with runtime.database.transaction() as tx:
            finding = Finding("clock_jump", "red", runtime.now(), params={"seconds": 900})
            actions.raise_one(tx, finding, now=runtime.now(), audience=actions.Audience())
        until(lambda: not runtime.watch.auditor.is_green, 20)
        seen = len(watcher.pings)
        threading.Event().wait(0.5)
        assert len(watcher.pings) <= seen + 1
    finally:
        assert runtime.stop()
    assert not lives(str(tmp_path / "alive"))


def test_only_an_address_is_taken() -> None:
    with pytest.raises(SettingsError, match="BIHUAN_HEARTBEAT_URL：写完整网址"):
        load_settings(env_file=None, heartbeat_url="file:///etc/passwd")
