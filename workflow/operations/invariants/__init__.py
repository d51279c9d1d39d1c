"""What must be true of the rows at any moment, asked in SQL alone: I1 to I12.

    from workflow.operations.invariants import check

A crash, a double or a hand in the database shows here, by the number of the issue and the ids.
"""

from datetime import UTC, datetime, timedelta

from workflow.db import Tx
from workflow.operations import queries
from workflow.operations.findings import CLOCK_LEASE, SHORTEST_SWEEP, WINDOW, two_sweeps
from workflow.operations.invariants import access, delivery, ladder, record, timers, tree
from workflow.operations.invariants.rule import MOST, Moments, Rule, Violation

__all__ = ["MOST", "RULES", "Violation", "check"]

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing is due before."""
RULES: tuple[Rule, ...] = (
    *record.RULES,
    *timers.RULES,
    *delivery.RULES,
    *tree.RULES,
    *ladder.RULES,
    *access.RULES,
)


def check(tx: Tx, now: datetime, *, sweep: timedelta = SHORTEST_SWEEP) -> tuple[Violation, ...]:
    """Every violation in the rows that this transaction sees, by invariant; () if all is well.

    At most `MOST` rows are named of each rule. What is due counts as overlooked only for as long
    as a clock has led: after an outage nothing is late before anybody could have looked.
    """
    moments = _moments(tx, now, sweep)
    found = [violation for rule in RULES for violation in rule.broken(tx, moments)]
    return tuple(sorted(found, key=lambda violation: int(violation.invariant[1:])))


def _moments(tx: Tx, now: datetime, sweep: timedelta) -> Moments:
    """Before what moments something must have been due to have been overlooked."""
    lease = queries.lease(tx, CLOCK_LEASE)
    if lease is None:
        return Moments(now, NEVER, NEVER, NEVER)
    looked, patience = min(now, lease.until), two_sweeps(sweep)
    late, ringing, stuck = (
        at if at > lease.since else NEVER
        for at in (looked - patience, looked - patience - WINDOW, looked - patience / 2)
    )
    return Moments(now, late, ringing, stuck)
