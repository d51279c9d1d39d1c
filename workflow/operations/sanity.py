"""Whether time is to be trusted. Pure.

Three clocks are compared: the machine's, which people and daemons set; a steady one, which nobody
sets and which also runs while the machine sleeps; and the database's, which all machines share.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

BACK = 60.0
FORWARD = 900.0
"""Seconds by which time may leap in either direction before nobody should be admonished for it."""

Source = Literal["machine", "database", "record"]


@dataclass(frozen=True, slots=True)
class Reading:
    """The three clocks at one moment."""

    wall: datetime
    steady: float
    """Seconds since some moment."""
    database: datetime


@dataclass(frozen=True, slots=True)
class Jump:
    """Time is not where it should be: by so many seconds, forward or (negative) back."""

    seconds: int
    source: Source
    """``machine`` against the database, ``database`` against the steady clock, ``record`` against
    what was recorded before."""


def compare(before: Reading | None, now: Reading, recorded: datetime | None) -> Jump | None:
    """The jump between two looks, or None.

    `recorded` is the latest moment at which work is known to have been done: time that lies before
    it has gone back, also across a restart. Forward, a restart cannot be told from an outage.
    """
    if (apart := _leap(_seconds(now.wall, now.database))) is not None:
        return Jump(apart, "machine")
    if before is not None:
        steady = now.steady - before.steady
        drift = _leap(_seconds(now.database, before.database) - steady)
        if drift is not None:
            return Jump(drift, "database")
    if recorded is not None:
        behind = _seconds(now.database, recorded)
        if behind < -BACK:
            return Jump(round(behind), "record")
    return None


def _leap(seconds: float) -> int | None:
    return round(seconds) if seconds < -BACK or seconds > FORWARD else None


def _seconds(one: datetime, other: datetime) -> float:
    return (one - other).total_seconds()
