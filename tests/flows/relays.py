"""An office whose messages a relay carries."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from config import settings
from config.mail import MailServer
from tasks.channels import Channel
from tasks.channels.file import NAME, File
from tasks.channels.inbox import Inbox
from tasks.channels.mail import Mail
from tasks.relay import Relay
from tasks.render import Renderer
from tests.mail import Sink
from workflow.db import Database
from workflow.labels import load_labels
from workflow.outbox import actions, queries
from workflow.outbox.actions import Notice
from workflow.outbox.messages import Overdue, Reminder
from workflow.outbox.policy import Manners

ZONE = ZoneInfo("Asia/Shanghai")


NOON = datetime(2025, 10, 15, 12, tzinfo=ZONE).astimezone(UTC)


MINUTE = timedelta(minutes=1)


RENDERER = Renderer(ZONE, load_labels(Path(settings.__file__).parent / "labels"))


PEOPLE = (
    ("wang", "王经办", "wang@example.gov.cn", "zh"),
    ("li", "李科长", "li@example.gov.cn", "en"),
    ("zhao", "赵无信箱", None, "zh"),
)


@dataclass
class Office:
    """A database with three people, and a clock to set."""

    database: Database
    now: datetime = NOON
    manners: Manners = field(default_factory=lambda: Manners(ZONE))

    def put(
        self, effect: str, *people: int, urgent: bool = False, channels: tuple[str, ...]
    ) -> None:
        message = (Overdue if urgent else Reminder)(
            number="2025-17", title="散煤复燃", owner="青山镇", due="2025-10-15"
        )
        notice = Notice(effect, message.kind, message.payload(), people, 7, urgent)
        with self.database.transaction() as tx:
            actions.put(tx, [notice], channels=channels, now=self.now)

    def relay(self, *channels: Channel, batch: int = 200) -> Relay:
        return Relay(
            self.database,
            {channel.name: channel for channel in channels},
            RENDERER,
            self.manners,
            base_url="https://bihuan.example.gov.cn",
            batch=batch,
            now=lambda: self.now,
        )

    def states(self) -> dict[str, str]:
        with self.database.reading() as tx:
            rows = tx.execute(text("select key, state from outbox order by id"))
            return {row.key: row.state for row in rows}

    def inbox(self, person: int) -> tuple[queries.Item, ...]:
        with self.database.reading() as tx:
            return queries.inbox(tx, person_id=person)


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    database = Database(database_url)
    with database.transaction() as tx:
        for login, name, email, lang in PEOPLE:
            tx.execute(
                text(
                    "insert into person (login, name, email, lang, active)"
                    " values (:login, :name, :email, :lang, true)"
                ),
                {"login": login, "name": name, "email": email, "lang": lang},
            )
    yield Office(database)
    database.close()


def mail(sink: Sink) -> Mail:
    return Mail(MailServer.parse(sink.url))


def lines(folder: Path) -> list[dict[str, str]]:
    path = folder / NAME
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def channel_of(name: str, folder: Path, mail_url: str) -> Channel:
    return {"inbox": Inbox(), "file": File(folder), "mail": Mail(MailServer.parse(mail_url))}[name]
