"""A small city in a fresh database, and a hand for each of its posts.

``World`` is what flow tests talk to: ``world.act(number, "assign", by="gj.dispatcher", …)`` goes
through the same doors' functions as a page does.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from tests.databases import create_schema
from workflow.audit.chain import GENESIS
from workflow.audit.models import Event
from workflow.db import Database
from workflow.deadlines import queries as clocks
from workflow.deadlines.models import Clock
from workflow.evidence.models import Blob
from workflow.issues import actions, store
from workflow.issues.actions import Outcome
from workflow.issues.case import Case
from workflow.issues.office import Office
from workflow.issues.opening import open_office, read_office
from workflow.units import actions as unit_actions
from workflow.units import queries as units
from workflow.units.importing import read_units
from workflow.units.rules import Actor, actor

BLOB, CLOCK, EVENT = Blob.__table__, Clock.__table__, Event.__table__

HERE = Path(__file__).parent
CONFIG = HERE.parent / "config"
START = datetime(2024, 9, 23, 1, 0, tzinfo=UTC)
"""Monday, nine o'clock in Shanghai; a week before a long holiday."""

REPORT: Mapping[str, Any] = {
    "title": "砂石厂物料露天堆放",
    "description": "厂区物料露天堆放，未苫盖，车辆进出带泥。",
    "category": "dust",
    "source": "patrol",
    "place": "青山镇东沟",
    "place_unit": "青山镇",
}


@dataclass
class World:
    """One city at one moment; ``now`` moves only when a test moves it."""

    database: Database
    office: Office
    now: datetime = START
    photos: int = 0

    def after(self, **delta: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**delta)
        return self.now

    def today(self) -> date:
        """The civil day."""
        return self.office.timing.day(self.now)

    def actor(self, login: str) -> Actor:
        """The person with that login, with today's posts."""
        with self.database.reading() as tx:
            directory = units.directory(tx)
        person = directory.person_by_login(login)
        assert person is not None, login
        return actor(directory, person.id, self.today())

    def unit(self, code: str) -> int:
        """The id of a unit."""
        with self.database.reading() as tx:
            found = units.directory(tx).find(code)
        assert found is not None, code
        return found.id

    def report(self, by: str = "hb.inspector", **data: Any) -> str:
        """File an issue and return its number."""
        with self.database.transaction() as tx:
            outcome = actions.report(
                tx,
                self.office,
                data={**REPORT, **data},
                by=self.actor(by),
                now=self.now,
                door="test",
            )
        return outcome.number

    def act(self, number: str, action: str, by: str, **data: Any) -> Outcome:
        """Take an action at the version that is current."""
        with self.database.transaction() as tx:
            return actions.act(
                tx,
                self.office,
                number=number,
                action=action,
                data=data,
                version=None,
                by=self.actor(by),
                now=self.now,
                door="test",
            )

    def case(self, number: str) -> Case:
        """The issue as a decision sees it."""
        with self.database.reading() as tx:
            return store.load(tx, self.office, number=number)

    def day(self, days: int) -> str:
        """A civil day so many days from now, as a form gives it."""
        return (self.today() + timedelta(days=days)).isoformat()

    def photo(self) -> str:
        """Store a small picture, each one different, and return its digest."""
        self.photos += 1
        data = b"photo %d" % self.photos
        digest = sha256(data).hexdigest()
        row = {"sha256": digest, "size": len(data), "mime": "image/jpeg", "stored_at": self.now}
        with self.database.transaction() as tx:
            tx.execute(insert(BLOB), row)
        return digest

    def end_periods(self) -> None:
        """Let every period end whose time has come, as the tick does."""
        with self.database.reading() as tx:
            due = [
                clocks.clock(tx, clock_id)
                for clock_id in tx.execute(
                    select(CLOCK.c.id).where(CLOCK.c.is_period, CLOCK.c.wake_at <= self.now)
                ).scalars()
            ]
        for clock in due:
            with self.database.transaction() as tx:
                actions.period_over(tx, self.office, clock, now=self.now)

    def appoint(self, login: str, unit: str, post: str) -> None:
        """Give a person one more post."""
        with self.database.transaction() as tx:
            unit_actions.appoint(
                tx,
                person_id=self.actor(login).person_id,
                unit_id=self.unit(unit),
                post=post,
                from_on=self.today(),
                now=self.now,
                door="test",
            )

    def events(self, number: str) -> int:
        """How many events the issue's chain has."""
        return len(self._chain(number))

    def record(self, number: str) -> str:
        """Everything that the issue's chain says."""
        return str(self._chain(number))

    def chain_is_whole(self, number: str) -> bool:
        """Whether the events link up, one a version, and end at the issue's head."""
        case, chain = self.case(number), self._chain(number)
        heads = [GENESIS, *(row.hash for row in chain)]
        return (
            [row.seq for row in chain] == list(range(1, case.version + 1))
            and [row.prev for row in chain] == heads[:-1]
            and heads[-1] == case.head
        )

    def _chain(self, number: str) -> list[Any]:
        asked = select(EVENT).where(EVENT.c.issue_id == self.case(number).id).order_by(EVENT.c.seq)
        with self.database.reading() as tx:
            return list(tx.execute(asked))


@cache
def arrangements() -> Office:
    """What the shipped files say, read once a process."""
    return read_office(CONFIG, mac_key=b"k" * 32)


def build(database: Database) -> World:
    """Fill a fresh database with the small city."""
    office = open_office(database, arrangements(), now=START)
    batch = read_units(HERE / "world.yaml", on=date(2024, 1, 1))
    with database.transaction() as tx:
        unit_actions.import_units(tx, batch, now=START, door="test")
    return World(database, office)


def fill(url: str) -> None:
    """Make the small city in the empty database at `url`."""
    create_schema(url)
    database = Database(url, pool_size=2)
    build(database)
    database.close()


@contextmanager
def entered(url: str, pool_size: int = 5) -> Iterator[World]:
    """The small city in the database at `url`, which holds it."""
    database = Database(url, pool_size=pool_size)
    try:
        yield World(database, open_office(database, arrangements(), now=START))
    finally:
        database.close()
