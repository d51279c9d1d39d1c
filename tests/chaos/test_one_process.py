"""The same on a laptop: everything in one process on SQLite, which is killed again and again."""

from pathlib import Path

import pytest

from tests.chaos.killer import SERVE, Killer, shuffled
from tests.chaos.run import seed, violence
from tests.chaos.site import one_process


def test_one_process_on_sqlite_loses_and_doubles_nothing(tmp_path: Path) -> None:
    number = seed()
    with one_process(tmp_path, issues=10, spread={"first": 8.0, "last": 10.0}) as site:
        kinds = shuffled({"serve kill": 1, "serve freeze": 1}, number, 2)
        killer = Killer(site, number, kinds, rest=(0.5, 1.5), down=(0.1, 0.5), waits=True)
        found = violence(site, killer, 100)
    assert not found.wrong, found.told()


@pytest.mark.long
def test_one_process_on_sqlite_after_a_hundred_blows(tmp_path: Path) -> None:
    number = seed()
    with one_process(tmp_path, issues=100, spread={"first": 30.0, "last": 200.0}) as site:
        kinds = shuffled(SERVE, number, 100)
        killer = Killer(site, number, kinds, rest=(0.5, 4.0), down=(0.1, 2.0), waits=True)
        found = violence(site, killer, 5_000, every_mail=True)
    assert not found.wrong, found.told()
