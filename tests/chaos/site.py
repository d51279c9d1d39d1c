"""An installation as an office runs it: its parts as processes, restarted when they end."""

import shutil
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings, load_settings
from tasks.installation import Installation, open_database, open_installation
from tests.chaos.stores import PostgreSQL, Valkey
from tests.mail import Sink
from tests.operations.processes import KEY, ROOT, Parts, Started, answers, parts, until
from tests.servers import free_port
from tests.world import CONFIG, World
from workflow import migrate
from workflow.db import Database
from workflow.tokens import actions as tokens
from workflow.units import actions as units
from workflow.units.importing import read_units

ZONE = ZoneInfo("Asia/Shanghai")
LIMIT = timedelta(hours=4)
"""For accepting a snapshot report."""
RUNGS = (-6, 0, 5, 10)
"""Seconds before and after that limit at which our ladder has a rung."""
LADDER = """
    - {at: -6s, level: 1, lamp: blue, message: reminder, to: owner}
    - {at: 0, level: 2, lamp: yellow, message: urging, to: owner}
    - {at: +5s, level: 3, lamp: orange, message: overdue, to: owner, copy: [deputy@owner]}
    - {at: +10s, level: 4, lamp: red, message: warning, to: principal@owner}
"""
LOGINS = ("hb.inspector", "gj.dispatcher", "gj.deputy", "qs.handler", "db.supervisor")
RESTART = 0.3
"""Seconds after which a part that has ended is started anew, as a service manager would."""


def moment() -> datetime:
    """Now."""
    return datetime.now(UTC)


def config(folder: Path) -> Path:
    """The shipped configuration, but for a ladder that climbs in seconds."""
    made = folder / "config"
    for name in ("loops", "ladders", "calendars", "labels"):
        shutil.copytree(CONFIG / name, made / name)
    path = made / "ladders" / "default.yaml"
    before, head, rest = path.read_text("utf-8").partition("\n  accept:\n")
    assert head
    _, _, after = rest.partition("\n  #")
    path.write_text(f"{before}\n  accept:{LADDER}\n  #{after}", encoding="utf-8")
    return made


@dataclass
class Slot:
    """A place in which one part runs, one process after another."""

    name: str
    words: tuple[str, ...]
    running: Started
    held: bool = False
    """Somebody is at it; nobody restarts it."""
    starts: int = 1
    ended_at: float = 0.0


@dataclass
class Site:
    """One installation, and what the outside has received from it."""

    folder: Path
    settings: Settings
    installation: Installation
    parts: Parts
    sink: Sink
    addresses: list[tuple[str, int]]
    postgresql: PostgreSQL | None = None
    valkey: Valkey | None = None
    slots: dict[str, Slot] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
    tokens: dict[str, str] = field(default_factory=dict)
    due: dict[str, datetime] = field(default_factory=dict)
    """Number of a seeded issue → when its limit runs out."""

    @property
    def database(self) -> Database:
        return self.installation.database

    @property
    def today(self) -> date:
        return moment().astimezone(ZONE).date()

    # -- parts -------------------------------------------------------------------------------------

    def start(self, name: str, *words: str) -> None:
        """Start a part that is to run until the end."""
        self.slots[name] = Slot(name, words, self.parts.start(*words, name=f"{name}-1"))

    def supervise(self) -> None:
        """Restart what has ended, until told to stop."""
        while not self.stopping.wait(0.05):
            for slot in self.slots.values():
                if not slot.held:
                    self._look_after(slot)

    def _look_after(self, slot: Slot) -> None:
        if slot.running.process.poll() is None:
            slot.ended_at = 0.0
        elif not slot.ended_at:
            slot.ended_at = time.monotonic()
        elif time.monotonic() - slot.ended_at > RESTART:
            slot.starts += 1
            slot.ended_at = 0.0
            slot.running = self.parts.start(*slot.words, name=f"{slot.name}-{slot.starts}")

    def serves(self) -> bool:
        """Whether every part runs and every address answers."""
        runs = all(slot.running.process.poll() is None for slot in self.slots.values())
        return runs and all(
            answers(f"http://{host}:{port}/healthz") for host, port in self.addresses
        )

    # -- what it begins with -----------------------------------------------------------------------

    def seed(self, spread: Mapping[str, float] | None, issues: int) -> None:
        """Tokens for programs, addresses for people, and issues whose limit is about to run out."""
        now = moment()
        with self.database.transaction() as tx:
            tx.execute(text("update person set email = login || '@example.gov.cn'"))
            for login in LOGINS:
                made = tokens.add(tx, login=login, days=30, now=now, door="test")
                self.tokens[login] = made.secret
        ends = spread or {"first": 10.0, "last": 25.0}
        step = (ends["last"] - ends["first"]) / max(1, issues)
        for number in range(issues):
            due = now + timedelta(seconds=ends["first"] + number * step)
            self._file(due.replace(microsecond=0))

    def _file(self, due: datetime) -> None:
        world = World(self.database, self.installation.office, now=due - LIMIT)
        number = world.report(source="snapshot")
        given = {"responsible": "河口镇", "acceptance": "市生态环境局", "due": world.day(40)}
        world.act(number, "assign", "gj.dispatcher", **given)
        self.due[number] = due

    # -- how it stands -----------------------------------------------------------------------------

    def count(self, question: str, **values: object) -> int:
        """The answer to a question that counts."""
        with self.database.reading() as tx:
            return int(tx.execute(text(question), values).scalar_one())

    def is_quiet(self, *, every_mail: bool = False) -> bool:
        """Every seeded rung was due, and nothing is left to do."""
        if moment() <= max(self.due.values()) + timedelta(seconds=RUNGS[-1]):
            return False
        waiting = "state in ('waiting', 'leased')"
        if not every_mail:
            # The others wait for the end of the minute in which they came.
            waiting += " and (channel <> 'mail' or urgent)"
        try:
            if not self.serves():
                return False
            messages = self.count(f"select count(*) from outbox where {waiting}")
            due = "select count(*) from clock where wake_at <= :now"
            return messages + self.count(due, now=moment()) == 0
        except SQLAlchemyError:
            return False


def _settings(folder: Path, sink: Sink, **more: str) -> dict[str, str]:
    return {
        "secret_key": KEY,
        "data_dir": str(folder / "data"),
        "config_dir": str(config(folder)),
        "file_channel": str(folder / "sent"),
        "mail_url": sink.url,
        "quiet_hours": "",
        "daily_budget": "1000000",
        "tick_seconds": "1",
        "lease_seconds": "3",
        "log_level": "INFO",
        **more,
    }


@contextmanager
def cluster(
    folder: Path, *, issues: int, spread: Mapping[str, float] | None = None
) -> Iterator[Site]:
    """Two of each part around a PostgreSQL and a Valkey of their own."""
    postgresql, valkey = PostgreSQL(), Valkey(folder / "valkey")
    ports = [free_port(), free_port()]
    with Sink() as sink:
        given = _settings(folder, sink, database_url=postgresql.url, broker_url=valkey.url)
        try:
            valkey.start()
            with _site(folder, given, ports, sink) as site:
                site.postgresql, site.valkey = postgresql, valkey
                site.seed(spread, issues)
                for number, port in enumerate(ports):
                    site.start(f"web{number}", "bihuan", "web", "--port", str(port))
                    site.start(f"worker{number}", "bihuan", "worker")
                    site.start(f"clock{number}", "bihuan", "clock")
                with _supervised(site):
                    yield site
        finally:
            valkey.stop()
            postgresql.close()


@contextmanager
def one_process(
    folder: Path, *, issues: int, spread: Mapping[str, float] | None = None
) -> Iterator[Site]:
    """Everything in one process on a SQLite file."""
    port = free_port()
    with Sink() as sink:
        given = _settings(folder, sink, database_url=f"sqlite:///{folder}/data/bihuan.db")
        (folder / "data").mkdir(parents=True)
        with _site(folder, given, [port], sink) as site:
            site.seed(spread, issues)
            site.start("serve", "bihuan", "serve", "--port", str(port))
            with _supervised(site):
                yield site


@contextmanager
def _site(folder: Path, given: Mapping[str, str], ports: list[int], sink: Sink) -> Iterator[Site]:
    env = {f"BIHUAN_{name.upper()}": value for name, value in given.items()}
    logs = folder / "logs"
    logs.mkdir()
    with parts(logs, env) as started:
        settings = load_settings(env_file=None, **given)
        database = open_database(settings)
        migrate.upgrade(database)
        database.close()
        installation = open_installation(settings, now=moment())
        batch = read_units(ROOT / "tests" / "world.yaml", on=date(2024, 1, 1))
        with installation.database.transaction() as tx:
            units.import_units(tx, batch, now=moment(), door="test")
        addresses = [("127.0.0.1", port) for port in ports]
        try:
            yield Site(folder, settings, installation, started, sink, addresses)
        finally:
            installation.close()


@contextmanager
def _supervised(site: Site) -> Iterator[None]:
    thread = threading.Thread(target=site.supervise, name="supervisor", daemon=True)
    thread.start()
    try:
        until(site.serves, what="the start")
        yield
    finally:
        site.stopping.set()
        thread.join()
        for slot in site.slots.values():
            with suppress(ProcessLookupError):
                slot.running.send_all(signal.SIGCONT)
