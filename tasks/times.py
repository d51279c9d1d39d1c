"""The clocks that a process reads, in one place, so that a test can put others in their stead."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text

from workflow.db import Tx
from workflow.operations.sanity import Reading

_ASLEEP_TOO = getattr(time, "CLOCK_BOOTTIME", None)
if sys.platform == "darwin":
    _ASLEEP_TOO = time.CLOCK_MONOTONIC
# now() would be the moment at which the transaction began.
_NOW = text("SELECT clock_timestamp()")


def utc_now() -> datetime:
    """The moment by this machine, as it is stored."""
    return datetime.now(UTC)


def steady_now() -> float:
    """Seconds by a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.monotonic() if _ASLEEP_TOO is None else time.clock_gettime(_ASLEEP_TOO)


@dataclass(frozen=True)
class Times:
    """The machine's clock, a steady one, and the database's."""

    now: Callable[[], datetime] = utc_now
    steady: Callable[[], float] = steady_now
    server: Callable[[Tx], datetime] | None = None
    """Asks the database; None: asks PostgreSQL, and on SQLite, which has none, the machine."""

    def shared(self, tx: Tx) -> datetime:
        """The moment by the clock that all machines of the installation share."""
        if self.server is not None:
            return self.server(tx)
        if tx.dialect.name == "sqlite":
            return self.now()
        found: datetime = tx.execute(_NOW).scalar_one()
        return found.astimezone(UTC)

    def read(self, tx: Tx) -> Reading:
        """All three at one moment."""
        shared = self.shared(tx)
        return Reading(self.now(), self.steady(), shared)
