"""The small city on a stage that is set back between examples."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.databases import SQLite
from tests.property.issue_machine import ALSO, Stage
from tests.world import build
from workflow.audit import guards
from workflow.db import Database

IN_MEMORY = Path("/dev/shm")
OF_ISSUES = (
    "rung_taken", "reporter", "reporter_access", "source", "paper", "request", "issue_unit",
    "issue_search", "evidence", "event", "clock", "inbox_item", "outbox", "ledger_row", "issue",
)  # fmt: skip


def _stage(database: Database, photos: int = 3) -> Stage:
    world = build(database)
    for post in ALSO:
        world.appoint(*post)
    return Stage(world, lambda: None, tuple(world.photo() for _ in range(photos)))


@pytest.fixture
def ram_stage(sqlite: SQLite, tmp_path: Path) -> Iterator[Stage]:
    """SQLite on a file in memory where there is such a folder: no disk is waited for."""
    folder = Path(tempfile.mkdtemp(dir=IN_MEMORY)) if IN_MEMORY.is_dir() else tmp_path
    with sqlite.fresh(folder) as url:
        database = Database(url, pool_size=2)
        stage = _stage(database)
        path = str(database.url.database)
        with closing(sqlite3.connect(path)) as now, sqlite3.connect(":memory:") as morning:
            now.backup(morning)

        def reset() -> None:
            with closing(sqlite3.connect(path)) as now:
                morning.backup(now)

        stage.reset = reset
        yield stage
        morning.close()
        database.close()
    if folder != tmp_path:
        shutil.rmtree(folder)


@pytest.fixture
def postgres_stage(postgres_url: str) -> Iterator[Stage]:
    """The same on a real server."""
    database = Database(postgres_url, pool_size=2)
    stage = _stage(database)

    def reset() -> None:
        with database.transaction() as tx:
            guards.take_down(tx)
            tx.execute(text(f"truncate {', '.join(OF_ISSUES)} restart identity"))
            tx.execute(text("delete from stamp where name like 'number:%'"))
            guards.put_up(tx)

    stage.reset = reset
    yield stage
    database.close()
