"""Versions of loops in the database: stored once, found by their hash, never changed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from workflow.db import Database
from workflow.errors import NotFound, WorkflowError
from workflow.loops import queries
from workflow.loops.actions import ensure_version
from workflow.loops.models import LoopVersion
from workflow.loops.queries import by_version
from workflow.loops.registry import load_all

LOOPS = load_all(Path(__file__).parents[2] / "config" / "loops")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
VERSION = LoopVersion.__table__


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(queries, "_known", {})
    found = Database(database_url)
    yield found
    found.close()


def test_a_version_is_stored_once_and_read_back_the_same(database: Database) -> None:
    for _ in range(2):
        with database.transaction() as tx:
            for loop in LOOPS.values():
                ensure_version(tx, loop, NOW)
    with database.reading() as tx:
        count = tx.execute(select(func.count()).select_from(VERSION)).scalar_one()
        queries._known.clear()
        for loop in LOOPS.values():
            assert by_version(tx, loop.version) == loop
            assert by_version(tx, loop.version) is by_version(tx, loop.version)
    assert count == len(LOOPS)


def test_an_unknown_version_is_not_found(database: Database) -> None:
    with database.reading() as tx, pytest.raises(NotFound):
        by_version(tx, "0" * 64)


def test_a_version_that_this_release_cannot_read_says_so(database: Database) -> None:
    loop = LOOPS["snapshot"]
    with database.transaction() as tx:
        ensure_version(tx, loop, NOW)
        tx.execute(update(VERSION).values(definition={"loop": "snapshot"}))
    queries._known.clear()
    with database.reading() as tx, pytest.raises(WorkflowError, match="旧格式"):
        by_version(tx, loop.version)
