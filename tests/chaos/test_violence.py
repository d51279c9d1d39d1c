"""Parts are killed and frozen while programs work: nothing is lost, nothing is done twice."""

import os
import random
import time
from pathlib import Path

import pytest

from tests.chaos.checker import BREAKS, Verdict, unexcused, verdict
from tests.chaos.clients import Crowd, Program
from tests.chaos.killer import CLUSTER, Killer, shuffled
from tests.chaos.site import Site, cluster
from tests.operations.processes import until

SEED = "BIHUAN_TEST_SEED"
"""Repeats the run of a seed."""
PROGRAMS = 6
QUIET = 180.0


def seed() -> int:
    """A new one each time, unless one is to be repeated."""
    return int(os.environ.get(SEED) or random.SystemRandom().randrange(10**6))


def work(site: Site, killer: Killer, transitions: int) -> Crowd:
    """Programs work until all is done and every blow is dealt."""
    shared = list(site.due)
    crowd = Crowd(site.addresses, site.tokens, shared, site.today, transitions)
    programs = [Program(crowd, f"{killer.seed}/{number}") for number in range(PROGRAMS)]
    for each in (*programs, killer):
        each.thread.start()
    for each in (*programs, killer):
        each.thread.join()
        if each.error is not None:
            raise each.error
    return crowd


def violence(site: Site, killer: Killer, transitions: int, *, every_mail: bool = False) -> Verdict:
    """Violence, quiet, and the verdict, which is printed."""
    began = time.monotonic()
    print(f"\nseed {killer.seed}: {len(killer.kinds)} blows, {transitions} transitions")
    crowd = work(site, killer, transitions)
    worked = time.monotonic() - began
    waited = until(lambda: site.is_quiet(every_mail=every_mail), QUIET, "coming to rest")
    found = verdict(site, crowd.sent, killer.blows)
    found.strange += unexcused(crowd.faults, killer.blows, BREAKS)
    print(
        f"seed {killer.seed}: {crowd.done} acknowledged in {worked:.0f} s, quiet {waited:.0f} s"
        f" later; {found.events} events, of which {found.unknown} unheard; {len(crowd.faults)}"
        f" requests failed and were repeated or given up; {len(found.lost)} lost,"
        f" {len(found.doubled)} doubled; {found.rungs} rungs, p99 {found.late:.1f} s late;"
        f" sent {found.sends}, of which again {found.extra}; starts"
        f" {sum(slot.starts for slot in site.slots.values())}; blows {dict(killer.tally())}"
    )
    return found


def test_nothing_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    number = seed()
    with cluster(tmp_path, issues=60) as site:
        kinds = shuffled(CLUSTER, number, 21)
        killer = Killer(site, number, kinds, rest=(0.2, 0.8), down=(0.2, 1.0))
        found = violence(site, killer, 2_000)
    assert found.wrong == []


@pytest.mark.long
@pytest.mark.parametrize("turn", range(3))
def test_nothing_is_lost_in_two_hundred_blows(tmp_path: Path, turn: int) -> None:
    number = seed() + turn
    with cluster(tmp_path, issues=400, spread={"first": 30.0, "last": 400.0}) as site:
        kinds = shuffled(CLUSTER, number, 200)
        killer = Killer(site, number, kinds, rest=(0.2, 2.0), down=(0.2, 3.0))
        found = violence(site, killer, 20_000, every_mail=True)
    assert found.wrong == []
