"""Looks whether time is to be trusted, before anybody is reported or admonished for being late."""

import logging
import threading
from datetime import timedelta

from tasks.audience import Audiences
from tasks.times import Times
from workflow.db import Database
from workflow.operations import actions, queries
from workflow.operations.findings import JUMP, Finding
from workflow.operations.queries import CONFIRMED, SWEPT
from workflow.operations.sanity import Jump, Reading, compare

LOG = logging.getLogger(__name__)
RECORDED = timedelta(seconds=10)
"""How often it is recorded that a sweep came to its end."""


class Sanity:
    """Compares the clocks with one another, and with the look before by the same process."""

    def __init__(self, database: Database, times: Times, audiences: Audiences) -> None:
        self.database = database
        self.times = times
        self.audiences = audiences
        self._lock = threading.Lock()
        self._before: Reading | None = None
        self._confirmed: object = None

    def is_frozen(self) -> bool:
        """Look; whether escalations have to wait for an operator."""
        with self._lock:
            with self.database.reading() as tx:
                reading = self.times.read(tx)
                recorded = queries.mark(tx, SWEPT)
                confirmed = queries.mark(tx, CONFIRMED)
                frozen = queries.is_frozen(tx)
            if confirmed != self._confirmed:
                # What was looked at before an operator spoke proves nothing any more.
                self._before, self._confirmed = None, confirmed
            jump = compare(self._before, reading, recorded)
            self._before = reading
        if jump is not None and not frozen:
            self._raise(jump, reading)
        return frozen or jump is not None

    def swept(self) -> None:
        """Record that a sweep came to its end: time may not go back behind it unnoticed."""
        with self.database.reading() as tx:
            now, recorded = self.times.shared(tx), queries.mark(tx, SWEPT)
        if recorded is None or abs(now - recorded) >= RECORDED:
            with self.database.transaction() as tx:
                actions.put_mark(tx, SWEPT, now=now)

    def _raise(self, jump: Jump, reading: Reading) -> None:
        LOG.error("time has jumped", extra={"seconds": jump.seconds, "source": jump.source})
        params = {"seconds": jump.seconds, "source": jump.source}
        finding = Finding(JUMP, "red", reading.database, params=params)
        with self.database.transaction() as tx:
            audience = self.audiences.of(tx, reading.wall)
            actions.raise_one(tx, finding, now=reading.database, audience=audience)
