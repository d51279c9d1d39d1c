"""The small city in a fresh database of each kind."""

from collections.abc import Iterator

import pytest

from tests.world import World, entered


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A city on Monday morning, without issues."""
    with entered(database_url) as world:
        yield world
