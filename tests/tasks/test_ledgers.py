"""A confirmed ledger runs by itself in one process: the sweep finds it, helping by helping."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.settings import load_settings
from tasks.runtime import build
from tests.flows.ledger.ledgers import many
from workflow import migrate
from workflow.db import Database
from workflow.evidence import actions as evidence
from workflow.evidence.storage import Storage
from workflow.issues.visible import ISSUE
from workflow.ledger import actions, staging
from workflow.ledger.store import find
from workflow.ledger.tools import open_tools
from workflow.units import actions as unit_actions
from workflow.units import queries as units
from workflow.units.importing import read_units
from workflow.units.rules import actor

WORLD = Path(__file__).parents[1] / "world.yaml"
ROWS = 90
LONGEST = 60.0


def test_a_confirmed_ledger_becomes_issues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.ledgers.HELPING", 1)
    settings = load_settings(env_file=None, data_dir=tmp_path, demo=True, tick_seconds=1)
    now = datetime.now(UTC)
    database = Database(settings.database_url)
    migrate.upgrade(database)
    with database.transaction() as tx:
        batch = read_units(WORLD, on=now.date())
        unit_actions.import_units(tx, batch, now=now, door="test")
    database.close()
    runtime = build(settings)
    try:
        import_id = _confirmed(runtime, many(ROWS), tmp_path, now)
        runtime.start(watch=False)
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            with runtime.database.reading() as tx:
                if find(tx, import_id).state == "active":
                    break
            time.sleep(0.1)
        with runtime.database.reading() as tx:
            assert find(tx, import_id).state == "active"
            assert tx.execute(select(func.count()).select_from(ISSUE)).scalar() == ROWS
    finally:
        runtime.stop()


def _confirmed(runtime: object, data: bytes, folder: Path, now: datetime) -> int:
    database, office = runtime.database, runtime.office  # type: ignore[attr-defined]
    tools = open_tools(office, runtime.settings.config_dir)  # type: ignore[attr-defined]
    with database.reading() as tx:
        directory = units.directory(tx)
    person = directory.person_by_login("gj.dispatcher")
    assert person is not None
    by = actor(directory, person.id, office.timing.day(now))
    upload = evidence.seal(Storage(folder), data, "台账.xlsx", zone=office.timing.zone)
    staged = staging.stage(
        database, tools, data=data, upload=upload, name="台账.xlsx", given=None, by=by, now=now
    )
    with database.transaction() as tx:
        actions.confirm(tx, tools, staged.import_id, options={}, by=by, now=now)
    return staged.import_id
