"""The small city in a fresh database of each kind."""

from collections.abc import Iterator

import pytest

from tests.world import World, build
from workflow.db import Database


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A city on Monday morning, without issues."""
    database = Database(database_url, pool_size=5)
    try:
        yield build(database)
    finally:
        database.close()
