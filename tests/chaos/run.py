"""One run: programs work, a killer strikes, and when all is quiet a checker looks at everything."""

import os
import random
import time
from collections.abc import Sequence

from tests.chaos.checker import BREAKS, Verdict, unexcused, verdict
from tests.chaos.clients import Crowd, Program
from tests.chaos.killer import Killer
from tests.chaos.site import Site
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
    crowd.violence_is_over = lambda: killer.is_done
    programs = [Program(crowd, f"{killer.seed}/{number}") for number in range(PROGRAMS)]
    for each in (*programs, killer):
        each.thread.start()
    for each in (*programs, killer):
        each.thread.join()
        if each.error is not None:
            raise each.error
    return crowd


def violence(
    site: Site,
    killer: Killer,
    transitions: int,
    *,
    every_mail: bool = False,
    breaks: Sequence[str] = BREAKS,
) -> Verdict:
    """Violence, quiet, and the verdict, which is printed.

    Blows against a part whose name begins with one of `breaks` may fail a request.
    """
    began = time.monotonic()
    print(f"\nseed {killer.seed}: {len(killer.kinds)} blows, {transitions} transitions")
    crowd = work(site, killer, transitions)
    worked = time.monotonic() - began
    waited = until(lambda: site.is_quiet(every_mail=every_mail), QUIET, "coming to rest")
    found = verdict(site, crowd.sent, killer.blows)
    found.strange += unexcused(crowd.faults, killer.blows, breaks)
    print(
        f"seed {killer.seed}: {crowd.done} acknowledged in {worked:.0f} s, quiet {waited:.0f} s"
        f" later; {found.events} events, of which {found.unknown} unheard; {len(crowd.faults)}"
        f" requests failed and were repeated or given up, {crowd.replayed} had been done;"
        f" {len(found.lost)} lost,"
        f" {len(found.doubled)} doubled; {found.rungs} rungs, p99 {found.late:.1f} s late;"
        f" sent {found.sends}, of which again {found.extra}; starts"
        f" {sum(slot.starts for slot in site.slots.values())}; blows {dict(killer.tally())}"
    )
    return found
