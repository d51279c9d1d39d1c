"""A demo city for each file of walks, served by a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.walk.city import City, city


@pytest.fixture(scope="module")
def config() -> Path | None:
    """The folder that an office edits; a file that needs one of its own says so."""
    return None


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, config: Path | None) -> Iterator[City]:
    """The city of this file."""
    with city(tmp_path_factory.mktemp("town"), config=config) as found:
        yield found


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where pictures of the pages go."""
    return tmp_path / "shots"
