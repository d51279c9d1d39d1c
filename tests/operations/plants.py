"""An installation with every channel, as it stands after a restore."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, text
from sqlmodel.sql.sqltypes import UTCDateTime

from config.mail import MailServer
from config.settings import load_settings
from tasks import quarantine as lifting
from tasks.audience import Audiences
from tasks.channels import Channels
from tasks.channels.file import NAME, File
from tasks.channels.inbox import Inbox
from tasks.channels.mail import Mail
from tasks.installation import Installation
from tasks.quarantine import Lifted
from tasks.relay import Relay
from tasks.render import Renderer
from tasks.sanity import Sanity
from tasks.sweep import Sweeper
from tasks.times import Times
from tests.flows.issues.walks import assigned, rectifying
from tests.mail import Sink
from tests.world import CONFIG, START, World, arrangements, build
from workflow import migrate
from workflow.db import Database
from workflow.issues.opening import open_office
from workflow.labels import load_labels
from workflow.operations import quarantine
from workflow.operations.quarantine import Held, Outcome
from workflow.outbox.policy import Manners
from workflow.units.queries import mark_changed

ORIGIN = "ab" * 32


CHANNELS = ("inbox", "mail", "file")


REASON = "原系统昨天下午停机，已核对"


@dataclass
class Plant:
    """An installation with every channel, and what has come out of it."""

    world: World
    installation: Installation
    relay: Relay
    sweeper: Sweeper
    sink: Sink
    folder: Path

    def run(self, seconds: float = 61) -> None:
        """Let time pass, sweep, deliver."""
        self.world.after(seconds=seconds)
        self.sweeper.sweep()
        self.relay.run()

    def mails(self) -> list[tuple[str, str]]:
        """Recipient and Message-ID of every mail that has arrived."""
        pairs = zip(self.sink.envelopes, self.sink.messages, strict=True)
        return [(envelope.rcpt_tos[0], mail["Message-ID"]) for envelope, mail in pairs]

    def files(self) -> list[str]:
        """The keys of the messages written to the file channel."""
        path = self.folder / NAME
        if not path.exists():
            return []
        return [json.loads(line)["key"] for line in path.read_text("utf-8").splitlines()]

    def restored(self) -> Held:
        """What `bihuan restore` does last."""
        with self.world.database.transaction() as tx:
            return quarantine.begin(
                tx,
                origin=ORIGIN,
                taken_at=self.world.now - timedelta(hours=8),
                now=self.world.now,
            )

    def lift(self, outcome: Outcome, login: str = "root", reason: str = REASON) -> Lifted:
        """What `bihuan quarantine --lift` does."""
        by = self.world.actor(login)
        return lifting.lift(
            self.installation, outcome=outcome, by=by, reason=reason, now=self.world.now
        )

    def states(self, channel: str) -> list[str]:
        """The states of all messages of a channel."""
        return [
            row[0] for row in self.ask("select state from outbox where channel = :c", c=channel)
        ]

    def ask(self, sql: str, **params: object) -> list[Any]:
        with self.world.database.reading() as tx:
            asked = text(sql)
            if "at" in params:
                asked = asked.bindparams(bindparam("at", type_=UTCDateTime()))
            return [tuple(row) for row in tx.execute(asked, params)]


@contextmanager
def opened(url: str, sink: Sink, folder: Path) -> Iterator[Plant]:
    """The small city with every channel, in a database that says that it has been migrated."""
    database = Database(url, pool_size=5)
    build(database)
    with database.transaction() as tx:
        tx.exec_driver_sql("create table alembic_version (version_num varchar(32) not null)")
        tx.exec_driver_sql(f"insert into alembic_version values ('{migrate.head()}')")
        tx.execute(text("update person set email = login || '@example.gov.cn'"))
        mark_changed(tx)
    try:
        yield plant_of(database, sink, folder)
    finally:
        database.close()


def plant_of(database: Database, sink: Sink, folder: Path, now: datetime = START) -> Plant:
    """An installation on this database, as a process builds it."""
    office = open_office(database, arrangements(), now=now)
    world = World(database, replace(office, channels=CHANNELS), now)
    settings = load_settings(env_file=None, data_dir=folder)
    channels: Channels = {
        "inbox": Inbox(),
        "mail": Mail(MailServer.parse(sink.url)),
        "file": File(folder / "outgoing"),
    }
    installation = Installation(settings, database, world.office, channels, b"k" * 32)
    times = Times(now=lambda: world.now, steady=lambda: 0.0, server=lambda _tx: world.now)
    audiences = Audiences(world.office.timing.zone, CHANNELS, "https://bihuan.example.gov.cn")
    sanity = Sanity(database, times, audiences)
    sanity.is_frozen = lambda: False  # type: ignore[method-assign]
    relay = Relay(
        database,
        channels,
        Renderer(settings.zone, load_labels(CONFIG / "labels")),
        Manners(settings.zone, daily_budget=1000),
        base_url="https://bihuan.example.gov.cn",
        now=lambda: world.now,
    )
    sweeper = Sweeper(installation, times, sanity)
    return Plant(world, installation, relay, sweeper, sink, folder / "outgoing")


@pytest.fixture
def plant(database_url: str, mail_sink: Sink, tmp_path: Path) -> Iterator[Plant]:
    """On each database."""
    with opened(database_url, mail_sink, tmp_path) as found:
        yield found


@pytest.fixture
def lite(sqlite_url: str, mail_sink: Sink, tmp_path: Path) -> Iterator[Plant]:
    """Where both databases do the same."""
    with opened(sqlite_url, mail_sink, tmp_path) as found:
        yield found


def waiting_for_mail(plant: Plant) -> str:
    """An issue of which everybody has been told, and another one of which nobody has."""
    number = rectifying(plant.world)
    plant.run()
    assert plant.mails()
    assert plant.files()
    assigned(plant.world)
    assert "waiting" in plant.states("mail")
    return number
