"""Leading: one process of many, as long as it renews its lease in the database."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from tasks.loop import Loop, first_line
from tasks.times import Times
from workflow.db import Database
from workflow.operations import leases

LOG = logging.getLogger(__name__)
RENEWALS = 3
"""A lease is renewed so many times before it would end."""


def _always() -> bool:
    return True


class Leadership:
    """Takes a lease when it is free and renews it while this process is fit to lead.

    Whether it leads is answered without the database, from the moment at which the last renewal
    was asked for: a process that was frozen knows at once that it has been too long.
    """

    def __init__(
        self,
        database: Database,
        times: Times,
        *,
        name: str,
        holder: str,
        length: float,
        is_fit: Callable[[], bool] = _always,
        by_force: bool = False,
    ) -> None:
        self.database = database
        self.times = times
        self.name = name
        self.holder = holder
        self.length = length
        self.is_fit = is_fit
        self.by_force = by_force
        """Take the lease over at the first try: the one server of a file knows that it is alone."""
        self.on_gain: Callable[[], object] | None = None
        self.loop = Loop(f"lease-{name}", self.renew, length / RENEWALS)
        self._lock = threading.Lock()
        self._token: int | None = None
        self._until = 0.0

    @property
    def leads(self) -> bool:
        """Whether this process leads at this moment."""
        return self.token is not None

    @property
    def token(self) -> int | None:
        """The fencing token while this process leads, else None."""
        with self._lock:
            return self._token if self.times.steady() < self._until else None

    @property
    def is_well(self) -> bool:
        """Whether the lease is being tried for."""
        return self.loop.is_well

    def start(self) -> None:
        """Try at once, then at intervals."""
        self.loop.take()
        self.loop.start()

    def revive(self) -> None:
        """Start another thread in place of one that has stopped."""
        self.loop.revive()

    def stop(self) -> None:
        """Try no more, and leave the lease to the next one."""
        self.loop.stop()
        if not self.leads:
            return
        with self._lock:
            self._token = None
        try:
            with self.database.transaction() as tx:
                now = self.times.shared(tx)
                leases.release(tx, self.name, holder=self.holder, now=now)
        except SQLAlchemyError as error:
            text = first_line(error)
            LOG.warning("lease runs out by itself", extra={"lease": self.name, "error": text})

    def renew(self) -> None:
        """Take the lease or keep it, unless this process is not fit to lead."""
        if not self.is_fit():
            if self.leads:
                LOG.warning("not fit to lead", extra={"lease": self.name})
            return
        led, alone, asked = self.leads, self.by_force, self.times.steady()
        token = self._take()
        with self._lock:
            self._token = token
            self._until = asked + self.length
        if token is None and led:
            LOG.warning("lost the lead", extra={"lease": self.name})
        elif token is not None and not led:
            level = logging.DEBUG if alone else logging.INFO
            LOG.log(level, "leads", extra={"lease": self.name, "token": token})
            if self.on_gain is not None:
                self.on_gain()

    def _take(self) -> int | None:
        # If the database is away, what was taken holds until it ends: nobody has it any sooner.
        with self.database.transaction() as tx:
            token = leases.take(
                tx,
                self.name,
                holder=self.holder,
                now=self.times.shared(tx),
                length=timedelta(seconds=self.length),
                by_force=self.by_force,
            )
        self.by_force = False
        return token
