"""The command that serves, as a process: what it says, whom it refuses, how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from cli.main import app
from tests.servers import free_port
from workflow import migrate
from workflow.db import Database
from workflow.outbox import actions, queries
from workflow.outbox.actions import Notice

ROOT = Path(__file__).parents[2]
KEY = "0123456789abcdef0123456789abcdef"
PROXYLESS = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from cli.main import main; main()", *words]


def environment(**extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BIHUAN_")}
    return {**kept, "PYTHONPATH": str(ROOT), "BIHUAN_LOG_FORMAT": "text", **extra}


def refused(*words: str) -> tuple[int, str]:
    """A command that ends before it begins; its exit code and what it said on stderr."""
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stderr


@contextmanager
def running(
    folder: Path, *words: str, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A command that runs until it is told to stop; its output is in `folder`."""
    with (folder / "output.txt").open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command(*words),
            cwd=folder,
            env=environment(**(env or {})),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "did not happen in time"
        time.sleep(0.02)


def answers(port: int) -> bool:
    try:
        with PROXYLESS.open(f"http://127.0.0.1:{port}/healthz", timeout=20) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def ended(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, float]:
    """Exit code, and seconds from the signal to the end."""
    began = time.monotonic()
    process.send_signal(number)
    return process.wait(20), time.monotonic() - began


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_stops_in_under_three_seconds(
    tmp_path: Path, number: signal.Signals
) -> None:
    port = free_port()
    with running(tmp_path, "serve", "--port", str(port), "--data-dir", "city") as server:
        until(lambda: answers(port) or server.poll() is not None)
        code, seconds = ended(server, number)
    said = (tmp_path / "output.txt").read_text("utf-8")
    assert (code, said.splitlines()[:3]) == (
        0,
        [f"地址：http://127.0.0.1:{port}/", f"数据：{tmp_path / 'city'}", "停止：按 Ctrl+C"],
    )
    assert seconds < 3
    assert "Traceback" not in said


def test_one_server_a_file_also_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = free_port(), free_port()
    words = ("serve", "--data-dir", "city", "--port")
    with running(tmp_path, *words, str(first)) as server:
        until(lambda: answers(first))
        monkeypatch.chdir(tmp_path)
        code, said = refused(*words, str(second))
        assert code == 1
        assert f"进程 {server.pid}，http://127.0.0.1:{first}）" in said
        ended(server, signal.SIGKILL)
    with running(tmp_path, *words, str(second)) as server:
        until(lambda: answers(second))
        assert ended(server, signal.SIGINT)[0] == 0


def test_a_busy_port_is_named_with_a_free_one(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = refused("serve", "--demo", "--port", str(port), "--data-dir", str(tmp_path))
    found = re.search(r"端口 (\d+) 已被占用，可改用：bihuan serve --demo --port (\d+)", said)
    assert found is not None
    assert code == 1
    assert int(found[1]) == port
    with socket.socket() as proposed:
        proposed.bind(("127.0.0.1", int(found[2])))


def test_the_demo_serves_this_machine_only(tmp_path: Path) -> None:
    city = tmp_path / "city"
    code, said = refused("serve", "--demo", "--host", "0.0.0.0", "--data-dir", str(city))
    assert code == 2
    assert "只能在本机使用" in said
    assert not city.exists()


def test_others_are_not_served_without_a_key_of_ones_own(tmp_path: Path) -> None:
    words = ("serve", "--host", "0.0.0.0", "--port", str(free_port()))
    with running(tmp_path, *words) as server:
        assert server.wait(60) == 2
    assert "BIHUAN_SECRET_KEY" in (tmp_path / "output.txt").read_text("utf-8")


@pytest.mark.parametrize("part", ["web", "worker", "clock"])
def test_parts_need_servers_to_meet_in(part: str) -> None:
    code, said = refused(part)
    assert code == 2
    assert "PostgreSQL" in said


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("BIHUAN_BROKER_URL", "amqp://localhost", "BIHUAN_BROKER_URL：只支持"),
        ("BIHUAN_TICK_SECONDS", "often", "BIHUAN_TICK_SECONDS：写一个数"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    code, said = refused("serve")
    assert code == 2
    assert expected in said


def test_worker_and_clock_apart_deliver_as_the_whole_does(
    bare_postgres: str, redis_url: str, tmp_path: Path
) -> None:
    env = {
        "BIHUAN_DATABASE_URL": bare_postgres,
        "BIHUAN_BROKER_URL": redis_url,
        "BIHUAN_SECRET_KEY": KEY,
        "BIHUAN_TICK_SECONDS": "0.5",
        "BIHUAN_DATA_DIR": str(tmp_path / "data"),
    }
    database = Database(bare_postgres)
    migrate.upgrade(database)
    with database.transaction() as tx:
        tx.execute(
            text("insert into person (login, name, lang, active) values ('a','甲','zh',true)")
        )
        person = tx.execute(text("select id from person")).scalar_one()

    def _tell(effect: str) -> None:
        notice = Notice(effect, "new_work", {"number": "1", "title": "题"}, (person,), None)
        with database.transaction() as tx:
            actions.put(tx, [notice], channels=("inbox",), now=datetime.now(UTC))

    def _unread() -> int:
        with database.reading() as tx:
            return queries.unread(tx, person_id=person)

    folders = [tmp_path / name for name in ("worker", "clock")]
    for folder in folders:
        folder.mkdir()
    with (
        running(folders[0], "worker", env=env) as worker,
        running(folders[1], "clock", env=env) as clock,
    ):
        _tell("before anything")
        until(lambda: _unread() == 1, 60)
        _tell("while it runs")
        until(lambda: _unread() == 2)
        codes = [ended(process, signal.SIGTERM)[0] for process in (clock, worker)]
    database.close()
    assert codes == [0, 0]
    assert not [one for one in folders if "Traceback" in (one / "output.txt").read_text("utf-8")]


@pytest.fixture
def bare_postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    """A PostgreSQL database without tables."""
    with request.getfixturevalue("postgresql").fresh(schema=False) as url:
        yield url
