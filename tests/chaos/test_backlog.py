"""Eight hours without the installation: what fell due meanwhile is caught up, once and in order."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from config.settings import load_settings
from tasks.runtime import Runtime, build
from tasks.times import Times
from tests.operations.processes import KEY
from tests.world import HERE, World
from workflow.operations.invariants import check
from workflow.units import actions as units
from workflow.units.importing import read_units

MONDAY = datetime(2024, 9, 23, 1, 0, tzinfo=UTC)
"""Nine o'clock in Shanghai."""
OUTAGE = timedelta(hours=8)
WITHIN = 300.0
"""Seconds in which all must be caught up."""
_LATE = text(
    "select outbox.issue_id, outbox.person_id, outbox.payload from outbox"
    " where channel = 'inbox' and created_at >= :since"
)


@dataclass
class Clocks:
    """Wall clock, steady clock and the database's, which a test moves together; they run on."""

    start: datetime
    moved: float = 0.0
    began: float = field(default_factory=time.monotonic)

    def steady(self) -> float:
        """Seconds since the beginning."""
        return 1000.0 + self.moved + time.monotonic() - self.began

    def now(self) -> datetime:
        """The moment."""
        return self.start + timedelta(seconds=self.steady() - 1000.0)

    def pass_until(self, moment: datetime) -> None:
        """Let time pass."""
        self.moved += (moment - self.now()).total_seconds()

    def times(self) -> Times:
        """What the product reads."""
        return Times(now=self.now, steady=self.steady, server=lambda _: self.now())


@contextmanager
def installed(url: str, folder: Path, clocks: Clocks) -> Iterator[Runtime]:
    """An installation whose ladder climbs within minutes, as the demo's does."""
    settings = load_settings(
        env_file=None, database_url=url, data_dir=folder, secret_key=KEY, demo=True
    )
    runtime = build(settings, now=clocks.now(), times=clocks.times())
    batch = read_units(HERE / "world.yaml", on=MONDAY.date() - timedelta(days=100))
    with runtime.database.transaction() as tx:
        units.import_units(tx, batch, now=clocks.now(), door="test")
    try:
        yield runtime
    finally:
        runtime.installation.close()


def assign(runtime: Runtime, issues: int) -> None:
    """Issues that are to be accepted and rectified by the end of Tuesday."""
    world = World(runtime.database, runtime.office, now=MONDAY)
    given = {"responsible": "青山镇", "acceptance": "市生态环境局", "due": world.day(1)}
    for _ in range(issues):
        number = world.report()
        world.act(number, "take_up", "gj.dispatcher")
        world.act(number, "assign", "gj.dispatcher", **given)


def catch_up(runtime: Runtime) -> float:
    """Sweep and deliver until nothing is left; seconds."""
    began = time.monotonic()
    while runtime.sweeper.sweep() or runtime.relay.run():
        pass
    return time.monotonic() - began


def outage(url: str, folder: Path, issues: int) -> None:
    """Tuesday noon all is well; from six in the evening to two in the morning nothing runs."""
    clocks = Clocks(MONDAY)
    with installed(url, folder, clocks) as runtime:
        assign(runtime, issues)
        clocks.pass_until(MONDAY + timedelta(days=1, hours=3))
        catch_up(runtime)
        clocks.pass_until(MONDAY + timedelta(days=1, hours=9))
        assert runtime.sweeper.sweep() == 0
        clocks.pass_until(clocks.now() + OUTAGE)
        since = clocks.now()
        seconds = catch_up(runtime)

        with runtime.database.reading() as tx:
            told = Counter(
                (issue, person, _level(payload))
                for issue, person, payload in tx.execute(_LATE, {"since": since})
                if _level(payload) is not None
            )
            papers = Counter(map(tuple, tx.execute(text("select kind, state from paper"))))
            clocks_of = tx.execute(text("select count(distinct clock_id) from paper")).scalar_one()
            fates = Counter(tx.execute(text("select outcome from rung_taken")).scalars())
            waiting = tx.execute(
                text("select count(*) from outbox where state in ('waiting', 'leased')")
            ).scalar_one()
            wrong = check(tx, clocks.now())
        print(
            f"\n{issues} issues caught up in {seconds:.1f} s: {sum(told.values())} notices,"
            f" rungs {dict(fates)}, papers {dict(papers)}"
        )
    assert len({issue for issue, _, _ in told}) == issues
    assert max(told.values()) == 1
    # Three papers were due of each; the second waits for the first to be signed.
    assert papers == {("supervision", "draft"): issues}
    assert clocks_of == issues
    assert fates["merged"] >= 3 * issues
    assert waiting == 0
    assert wrong == ()
    assert seconds < WITHIN


def _level(payload: Any) -> Any:
    read = json.loads(payload) if isinstance(payload, str) else payload
    return read.get("level")


def test_after_eight_hours_all_is_caught_up_once(postgres_url: str, tmp_path: Path) -> None:
    outage(postgres_url, tmp_path, 300)


@pytest.mark.long
def test_after_eight_hours_five_thousand_are_caught_up(database_url: str, tmp_path: Path) -> None:
    outage(database_url, tmp_path, 5_000)
