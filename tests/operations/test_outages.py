"""Parts that freeze and a Redis that goes away, with real processes and at real speed."""

import json
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.chaos.stores import Valkey
from tests.operations.processes import KEY, PROXYLESS, ROOT, Parts, Started, answers, parts, until
from tests.operations.test_outside import Watcher
from tests.servers import free_port
from workflow.db import Database
from workflow.operations import queries
from workflow.outbox import actions as outbox
from workflow.outbox import queries as inbox
from workflow.outbox.actions import Notice
from workflow.units import queries as units

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOTS = os.environ.get("BIHUAN_TEST_SHOTS", "")
"""A folder for pictures of what was seen."""
PASSWORD = "correct horse battery staple"
ALERT = 180.0
"""Seconds within which whoever runs the installation has to know."""
DONE = 90.0
"""Seconds within which what is due is done all the same."""

pytestmark = pytest.mark.long


@dataclass
class Site:
    """One web, two workers and two clocks around a database."""

    database: Database
    valkey: Valkey
    watcher: Watcher
    parts: Parts
    url: str
    workers: list[Started]
    clocks: list[Started]

    def tell(self, effect: str) -> None:
        """Put a message that somebody has to deliver."""
        now = datetime.now(UTC)
        with self.database.transaction() as tx:
            person = units.directory(tx).person_by_login("qs.handler")
            assert person is not None
            notice = Notice(effect, "reminder", {"number": "1", "title": "题"}, (person.id,), None)
            outbox.put(tx, [notice], channels=("inbox",), now=now)

    def unread(self, login: str = "qs.handler") -> int:
        with self.database.reading() as tx:
            person = units.directory(tx).person_by_login(login)
            assert person is not None
            return inbox.unread(tx, person_id=person.id)

    def alarms(self) -> set[str]:
        with self.database.reading() as tx:
            return {alarm.kind for alarm in queries.open_alarms(tx)}

    def ready(self) -> str:
        with suppress(OSError), PROXYLESS.open(f"{self.url}/readyz", timeout=10) as reply:
            return str(json.loads(reply.read())["status"])
        return "red"


@pytest.fixture
def site(postgresql: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Everything runs and is well."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    valkey, watcher, port = Valkey(tmp_path / "valkey"), Watcher(), free_port()
    with postgresql.fresh(schema=False) as url:
        env = {
            "BIHUAN_DATABASE_URL": url,
            "BIHUAN_BROKER_URL": valkey.url,
            "BIHUAN_SECRET_KEY": KEY,
            "BIHUAN_DATA_DIR": str(tmp_path / "data"),
            "BIHUAN_HEARTBEAT_URL": watcher.url,
        }
        valkey.start()
        with parts(tmp_path, env) as started:
            started.run("bihuan", "migrate")
            started.run("bihuan", "unit", "import", str(ROOT / "tests" / "world.yaml"))
            started.start("bihuan", "web", "--port", str(port))
            workers = [started.start("bihuan", "worker") for _ in range(2)]
            clocks = [started.start("bihuan", "clock") for _ in range(2)]
            database = Database(url)
            found = Site(
                database, valkey, watcher, started, f"http://127.0.0.1:{port}", workers, clocks
            )
            until(lambda: answers(f"{found.url}/healthz"), what="the start")
            until(lambda: found.ready() == "ok", what="being well")
            found.tell("first")
            until(lambda: found.unread() == 1, what="the first message")
            yield found
            database.close()
        valkey.stop()
        watcher.close()


def noticed(site: Site, kind: str) -> None:
    until(lambda: kind in site.alarms(), ALERT, f"the alarm {kind}")
    assert site.ready() == "red"
    until(lambda: site.unread("root") > 0, DONE, "telling the administrator")
    pings = len(site.watcher.pings)
    quiet(lambda: len(site.watcher.pings) == pings, 70)


def quiet(condition: Callable[[], object], seconds: float) -> None:
    """It stays so."""
    with pytest.raises(AssertionError, match="did not happen"):
        until(lambda: not condition(), seconds)


def test_frozen_workers_are_noticed_and_their_work_is_done_by_the_clock(site: Site) -> None:
    for worker in site.workers:
        worker.send_all(signal.SIGSTOP)
    site.tell("while frozen")
    waited = until(lambda: site.unread() == 2, DONE, "delivery")
    noticed(site, "worker_silent")
    for worker in site.workers:
        worker.send_all(signal.SIGCONT)
    until(lambda: not site.alarms(), ALERT, "the all-clear")
    until(lambda: site.ready() == "ok", what="being well")
    print(f"delivered by the clock after {waited:.0f} s")


@pytest.mark.browser
def test_the_health_page_shows_a_frozen_worker(site: Site, page: "Page") -> None:
    """Before, while one worker is frozen, while both are, and after: what an operator sees."""
    enlist = ("--name", "值班员", "--unit", "huanbao", "--post", "admin", "--password-stdin")
    site.parts.run("bihuan", "user", "add", "watch", *enlist, stdin=f"{PASSWORD}\n")
    page.goto(f"{site.url}/login")
    page.locator("input[name=login]").fill("watch")
    page.locator("input[name=password]").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("form.card button").first.click()

    assert "没有告警" in looked(site, page, "1-before")
    one, other = site.workers
    one.send_all(signal.SIGSTOP)
    until(lambda: "process_silent" in site.alarms(), ALERT, "the alarm of one")
    seen = looked(site, page, "2-one-frozen")
    assert "有进程没有响应" in seen
    assert re.search(r"(秒|分钟)没有响应", seen)
    assert site.ready() == "attention"

    other.send_all(signal.SIGSTOP)
    waited = until(lambda: "worker_silent" in site.alarms(), ALERT, "the alarm of both")
    seen = looked(site, page, "3-both-frozen")
    assert "后台任务停了" in seen
    assert "查看 bihuan worker 是否在运行" in seen
    assert site.ready() == "red"
    assert 'bihuan_alarms{kind="worker_silent"} 1.0' in figures(site)
    assert "bihuan_ready 0.0" in figures(site)
    until(lambda: any("worker_silent" in each.said() for each in site.parts.started), 10, "the log")
    until(lambda: "后台任务停了" in opened(site, page, "/inbox"), DONE, "the notice")
    keep(page, "4-notice")
    pings = len(site.watcher.pings)
    quiet(lambda: len(site.watcher.pings) == pings, 70)

    for worker in site.workers:
        worker.send_all(signal.SIGCONT)
    until(lambda: not site.alarms(), ALERT, "the all-clear")
    seen = looked(site, page, "5-after")
    assert "没有告警" in seen
    assert "已解除的告警" in seen
    until(lambda: len(site.watcher.pings) > pings, ALERT, "the heartbeat")
    print(f"both frozen: alarm after {waited:.0f} s")


def opened(site: Site, page: "Page", path: str) -> str:
    """The words of a page."""
    page.goto(f"{site.url}{path}")
    return page.locator("main").inner_text()


def looked(site: Site, page: "Page", name: str) -> str:
    """The words of the health page, of which a picture is kept."""
    found = opened(site, page, "/health")
    keep(page, name)
    return found


def keep(page: "Page", name: str) -> None:
    """A picture, if somebody wants them."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def figures(site: Site) -> str:
    """What Prometheus reads."""
    with PROXYLESS.open(f"{site.url}/metrics", timeout=10) as reply:
        return str(reply.read().decode())


def test_dead_clocks_are_noticed(site: Site) -> None:
    for clock in site.clocks:
        clock.send_all(signal.SIGKILL)
    noticed(site, "clock_silent")
    site.clocks.append(site.parts.start("bihuan", "clock"))
    until(lambda: "clock_silent" not in site.alarms(), ALERT, "the all-clear")


def test_a_redis_that_goes_away_fails_nothing_and_delays_little(site: Site) -> None:
    site.valkey.stop()
    site.tell("while away")
    until(lambda: site.unread() == 2, DONE, "delivery")
    assert answers(f"{site.url}/login")
    noticed(site, "broker_away")
    site.valkey.start()
    until(lambda: not site.alarms(), ALERT, "the all-clear")
    site.tell("back again")
    until(lambda: site.unread() == 3, DONE, "delivery by workers")
    with socket.create_connection(("127.0.0.1", site.valkey.port)):
        pass
