"""Finds what should have been done and was not, and says so: alarms, log, the outside heartbeat."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from tasks.audience import Audiences
from tasks.broker import BrokerReading
from tasks.lease import Leadership
from tasks.times import Times
from workflow.db import Database, Tx
from workflow.operations import actions, leases, queries, words
from workflow.operations.actions import Changes
from workflow.operations.findings import BROKEN, JUMP, Finding, judge

LOG = logging.getLogger(__name__)
EVERY = 15.0
"""Seconds between two looks."""
AUDIT_LEASE = "audit"
AUDIT_LENGTH = 45.0
BROKER_PATIENCE = timedelta(seconds=30)
FRESH = 3 * EVERY
"""Seconds for which a verdict holds."""
KINDS_AUDITED = frozenset(words.WORDS) - {JUMP, BROKEN}
"""What a look finds, or finds gone."""


class Auditor:
    """Looks every few seconds while this process holds the lease of the audit.

    Any process may: a dead clock is found by the pages, dead pages by the clock.
    """

    def __init__(
        self,
        database: Database,
        times: Times,
        audiences: Audiences,
        lead: Leadership,
        *,
        sweep: float,
        look_at_broker: Callable[[], BrokerReading] | None = None,
    ) -> None:
        self.database = database
        self.times = times
        self.audiences = audiences
        self.lead = lead
        self.sweep = timedelta(seconds=sweep)
        self.look_at_broker = look_at_broker
        self._lock = threading.Lock()
        self._green_until = 0.0
        self._awake = -2 * FRESH
        self._watched_since: datetime | None = None
        self._away_since: datetime | None = None

    @property
    def is_green(self) -> bool:
        """Whether this process has just looked and found nothing red."""
        with self._lock:
            return self.times.steady() < self._green_until

    def step(self) -> None:
        """Look, if it falls to this process; raise and clear alarms."""
        self._wake()
        self.lead.renew()
        token = self.lead.token
        if token is None:
            self._settle(green=False)
            return
        asked = self.look_at_broker() if self.look_at_broker else None
        with self.database.reading() as tx:
            found = self._findings(tx, asked)
            is_calm = not found and not queries.open_alarms(tx)
        changes = Changes() if is_calm else self._reconcile(found, token)
        if changes is not None:
            _log(changes)
            self._settle(green=is_calm or not self._is_red())

    def _wake(self) -> None:
        """After a sleep, or a freeze, nothing is late before it could have been done."""
        steady = self.times.steady()
        if steady - self._awake > FRESH:
            self._watched_since = None
        self._awake = steady

    def _findings(self, tx: Tx, asked: BrokerReading | None) -> tuple[Finding, ...]:
        now = self.times.shared(tx)
        if self._watched_since is None:
            self._watched_since = now
        read = queries.readings(tx, at=now, sweep=self.sweep, watched_since=self._watched_since)
        return (*judge(read), *self._of_broker(asked, now))

    def _of_broker(self, asked: BrokerReading | None, now: datetime) -> Iterator[Finding]:
        if asked is None or asked.state != "away":
            self._away_since = None
        elif self._away_since is None:
            self._away_since = now
        if asked is not None and asked.state == "evicts":
            yield Finding("broker_evicts", "red", now, params={"policy": asked.policy})
        if self._away_since is not None and now - self._away_since >= BROKER_PATIENCE:
            yield Finding("broker_away", "red", self._away_since)

    def _reconcile(self, found: Sequence[Finding], token: int) -> Changes | None:
        """None if the audit has passed to another process meanwhile."""
        with self.database.transaction() as tx:
            if not leases.is_held(tx, AUDIT_LEASE, holder=self.lead.holder, token=token):
                return None
            now = self.times.shared(tx)
            audience = self.audiences.of(tx, now)
            return actions.reconcile(
                tx, found, now=now, audience=audience, looked_for=KINDS_AUDITED
            )

    def _is_red(self) -> bool:
        with self.database.reading() as tx:
            return any(alarm.severity == "red" for alarm in queries.open_alarms(tx))

    def _settle(self, *, green: bool) -> None:
        with self._lock:
            self._green_until = self.times.steady() + FRESH if green else 0.0


def _log(changes: Changes) -> None:
    for alarm in changes.raised:
        LOG.error("alarm", extra={"kind": alarm.kind, "subject": alarm.subject})
    for alarm in changes.cleared:
        LOG.info("alarm is over", extra={"kind": alarm.kind, "subject": alarm.subject})
