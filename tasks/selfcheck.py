"""The nightly look at the invariants: what must be true of the rows whatever has happened."""

import logging
from datetime import timedelta

from tasks.audience import Audiences
from tasks.times import Times
from workflow.db import Database
from workflow.operations import queries
from workflow.operations.invariants import Violation, check
from workflow.operations.invariants.actions import LOOKED, record

LOG = logging.getLogger(__name__)
EVERY = timedelta(hours=20)
"""Not again before, however often the work of the day is hinted at."""


class SelfCheck:
    """Looks once a day, in a view that nobody waits for; what it finds is an alarm."""

    def __init__(
        self, database: Database, times: Times, audiences: Audiences, *, sweep: float
    ) -> None:
        self.database = database
        self.times = times
        self.audiences = audiences
        self.sweep = timedelta(seconds=sweep)

    def step(self) -> None:
        """Look, unless somebody has just looked."""
        with self.database.reading() as tx:
            now, looked = self.times.shared(tx), queries.mark(tx, LOOKED)
        if looked is None or abs(now - looked) >= EVERY:
            self.look()

    def look(self) -> tuple[Violation, ...]:
        """Look now, raise or clear the alarm; what is broken."""
        with self.database.reading() as tx:
            violations = check(tx, self.times.shared(tx), sweep=self.sweep)
        for each in violations:
            LOG.error("invariant is broken: %s", each.text(), extra={"rule": each.rule})
        with self.database.transaction() as tx:
            now = self.times.shared(tx)
            record(tx, violations, now=now, audience=self.audiences.of(tx, now))
        return violations
