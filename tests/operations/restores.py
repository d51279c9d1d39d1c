"""What the tests of restoring have in common."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.operations.backups import City, rows_of
from tests.world import START
from workflow.db import Database

LATER = START + timedelta(days=60)
OWN = ("quarantine",)
"""What a restore adds itself."""


@pytest.fixture
def target(bare_database_url: str) -> Iterator[Database]:
    """An empty database of each kind."""
    database = Database(bare_database_url, pool_size=5)
    yield database
    database.close()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Database]:
    """An SQLite database that is not even a file yet."""
    (tmp_path / "new").mkdir()
    database = Database(f"sqlite:///{tmp_path}/new/bihuan.db", pool_size=5)
    yield database
    database.close()


def rows(database: Database) -> dict[str, list[bytes]]:
    with database.reading() as tx:
        found = rows_of(tx)
    return {name: lines for name, lines in found.items() if name not in OWN}


def as_before(city: City) -> dict[str, list[bytes]]:
    """What is expected: claims of relays end with the installation that made them."""
    return {name: lines for name, lines in city.rows().items() if name not in OWN}


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in (folder / "evidence").rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def untouched(folder: Path) -> bool:
    """Nothing of a restore is there: no file, no folder."""
    return not folder.exists() or list(folder.iterdir()) == []
