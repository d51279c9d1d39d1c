"""The small city on both databases, and clocks that a test moves by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tasks.times import Times
from tests.operations.backups import City, back_up, settle
from tests.world import START, World, entered
from workflow.db import Database


@dataclass
class Hands:
    """The three clocks of one machine; nothing moves unless a test moves it."""

    wall: datetime = START
    steady: float = 1000.0
    server: datetime | None = None
    """The database's clock where it is another machine's."""

    def times(self) -> Times:
        """What the product reads."""
        return Times(
            now=lambda: self.wall,
            steady=lambda: self.steady,
            server=lambda _tx: self.server or self.wall,
        )

    def after(self, seconds: float) -> None:
        """Time passes on all of them alike."""
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds
        if self.server is not None:
            self.server += timedelta(seconds=seconds)

    def jump(self, seconds: float) -> None:
        """Somebody sets the machine's clock."""
        self.wall += timedelta(seconds=seconds)

    def another_machine(self) -> "Hands":
        """The same moment on a machine of its own."""
        return replace(self)


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """One small city for all tests of restoring; nobody changes it."""
    folder = tmp_path_factory.mktemp("city")
    database = Database(f"sqlite:///{folder}/bihuan.db", pool_size=5)
    yield settle(database, folder)
    database.close()


@pytest.fixture(scope="session")
def backup(city: City) -> Path:
    """Its backup."""
    path = city.folder / "city.bihuan"
    back_up(city, path)
    return path


@pytest.fixture
def hands() -> Hands:
    """Clocks at rest."""
    return Hands()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database of each kind, without rows."""
    opened = Database(database_url, pool_size=5)
    yield opened
    opened.close()


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A city on Monday morning, without issues."""
    with entered(database_url) as world:
        yield world
