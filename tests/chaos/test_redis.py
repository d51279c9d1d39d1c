"""Redis is a hint: stopped for minutes, or throwing away what it was given, it loses nothing.

Wiped, killed, frozen and evicting for a moment it is among the blows of `test_violence`.
"""

from pathlib import Path

import pytest

from tests.chaos.killer import Killer
from tests.chaos.run import seed, violence
from tests.chaos.site import cluster

MINUTES = 150.0
pytestmark = pytest.mark.long


@pytest.mark.parametrize("kind", ["redis kill", "redis evict", "redis freeze"])
def test_without_redis_no_request_fails_and_nothing_is_lost(tmp_path: Path, kind: str) -> None:
    number = seed()
    with cluster(tmp_path, issues=100, spread={"first": 30.0, "last": 120.0}) as site:
        killer = Killer(site, number, [kind], rest=(5.0, 5.0), down=(MINUTES, MINUTES))
        found = violence(site, killer, 3_000, every_mail=True, breaks=())
    assert found.extra == {"file": 0, "mail": 0}
    assert not found.wrong, found.told()
