"""Whether any worker works: the leading clock puts a canary, the first worker finishes it.

While none does, the clock does the work itself: what is due waits neither for a dead broker nor for
frozen workers.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from tasks.hints import Hints
from tasks.jobs import CANARY
from tasks.lease import Leadership
from tasks.times import Times
from workflow.db import Database
from workflow.operations import actions, queries

LOG = logging.getLogger(__name__)
EVERY = 15.0
"""Seconds between two canaries."""
SELF_HELP = timedelta(seconds=30)
"""A canary that has waited for so long: the clock begins to help itself."""


class Canaries:
    """Puts them, hints at them, and sees how long they wait."""

    def __init__(
        self, database: Database, times: Times, lead: Leadership, hints: Hints, helper: "Helper"
    ) -> None:
        self.database = database
        self.times = times
        self.lead = lead
        self.hints = hints
        self.helper = helper
        self._put = -EVERY
        self._waits = False
        self._helps = False

    def step(self) -> None:
        """Put one if it is time; hint at the one that waits; help where nobody else does."""
        token, steady = self.lead.token, self.times.steady()
        if token is None:
            return
        if self._waits:
            with self.database.reading() as tx:
                found = queries.canary(tx)
            self._waits = found is not None and found.done_at is None
        if not self._waits and steady - self._put < EVERY:
            return
        with self.database.transaction() as tx:
            now = self.times.shared(tx)
            since = actions.put_canary(tx, holder=self.lead.holder, token=token, now=now)
        if since is None:
            LOG.warning("another clock leads", extra={"token": token})
            return
        if since == now:
            self._put = steady
        self._waits = True
        self.hints.give(CANARY)
        self._help(now, since)

    def _help(self, now: datetime, since: datetime) -> None:
        helps = now - since >= SELF_HELP
        if helps and not self._helps:
            seconds = round((now - since).total_seconds())
            LOG.warning("no worker works, the clock does it", extra={"seconds": seconds})
        self._helps = helps
        if helps:
            self.helper.begin()


class Helper:
    """Does the workers' work in a thread of its own, one round at a time."""

    def __init__(self, *work: Callable[[], object]) -> None:
        self.work = work
        self._thread: threading.Thread | None = None

    def begin(self) -> bool:
        """Begin a round; False while one is still under way."""
        if self._thread is not None and self._thread.is_alive():
            return False
        self._thread = threading.Thread(target=self._run, name="helper", daemon=True)
        self._thread.start()
        return True

    def wait(self, seconds: float) -> None:
        """Wait for the round that is under way."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        for each in self.work:
            try:
                each()
            except Exception:
                LOG.exception("the clock could not do the work of a worker")
