"""Parts are killed and frozen while programs work: nothing is lost, nothing is done twice."""

from pathlib import Path

import pytest

from tests.chaos.killer import CLUSTER, LONG, Killer, shuffled
from tests.chaos.run import seed, violence
from tests.chaos.site import cluster


def test_nothing_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    number = seed()
    with cluster(tmp_path, issues=60) as site:
        kinds = shuffled(CLUSTER, number, 21)
        killer = Killer(site, number, kinds, rest=(0.2, 0.8), down=(0.2, 1.0))
        found = violence(site, killer, 2_000)
    assert not found.wrong, found.told()


@pytest.mark.long
@pytest.mark.parametrize("turn", range(3))
def test_nothing_is_lost_in_two_hundred_blows(tmp_path: Path, turn: int) -> None:
    number = seed() + turn
    with cluster(tmp_path, issues=400, spread={"first": 30.0, "last": 400.0}) as site:
        kinds = shuffled(LONG, number, 200)
        killer = Killer(site, number, kinds, rest=(0.2, 2.0), down=(0.2, 3.0))
        found = violence(site, killer, 20_000, every_mail=True)
    assert not found.wrong, found.told()
