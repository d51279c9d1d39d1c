"""What is wrong with an installation, judged by what its database says. Pure.

A *red* finding means that something promised is not being done; *attention* that somebody should
look before it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

Severity = Literal["red", "attention"]

CLOCK_LEASE = "clock"
"""The lease of the leading clock."""
JUMP = "clock_jump"
"""Raised where time itself is looked at, and cleared by a person only."""
BROKEN = "invariant_broken"
"""Raised by the nightly look at the invariants, and cleared by one that finds nothing."""
QUARANTINE = "quarantine"
"""The installation was restored; nothing leaves until a person says so."""
IN_APP = "inbox"
BROKER = frozenset({"broker_away", "broker_evicts"})
"""Found by asking the broker, not the database."""

SHORTEST_SWEEP = timedelta(seconds=30)
"""A sweep may take as long; who ticks more often is not late sooner."""
WINDOW = timedelta(minutes=1)
"""Messages that ring a bell are collected for so long before they leave."""
SILENT = frozenset({"inbox", "file"})
"""Channels that collect nothing."""
WORKER_PATIENCE = timedelta(seconds=120)
"""A canary that nobody has finished by then: no worker works."""
CLOCK_PATIENCE = timedelta(seconds=60)
"""A lease that has been free for so long: no clock ticks."""
PROCESS_PATIENCE = timedelta(seconds=60)
CHANNEL_PATIENCE = timedelta(seconds=90)
"""Failures for so long, and not one success: the channel is down."""
SKEW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """Who holds a lease, under which token, from when to when."""

    name: str
    holder: str
    token: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class CanaryRow:
    """The last canary of the clock that leads."""

    id: int
    put_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One running part and its last sign of life."""

    id: str
    part: str
    host: str
    pid: int
    version: str
    started_at: datetime
    beat_at: datetime
    skew: int

    @property
    def name(self) -> str:
        """worker@host:4711."""
        return f"{self.part}@{self.host}:{self.pid}"


@dataclass(frozen=True, slots=True)
class ChannelReading:
    """What waits on one channel."""

    name: str
    open: int
    due_since: datetime
    """Earliest moment at which one of its messages was, or will be, due."""
    leased_until: datetime | None = None
    """Earliest end of a lease."""
    failing_since: datetime | None = None
    """When the oldest message was put that has failed and will be tried again."""
    sent_at: datetime | None = None
    """The last success among the latest messages; only read where something fails."""


@dataclass(frozen=True, slots=True)
class Readings:
    """Everything that the judgement needs, read at one moment."""

    at: datetime
    sweep: timedelta
    """How often the clock looks for due rungs."""
    watched_since: datetime | None = None
    """Since when somebody has been looking: after an outage nothing is late at the first look."""
    rung_due_since: datetime | None = None
    channels: tuple[ChannelReading, ...] = ()
    undelivered: int = 0
    """Messages given up within the last day."""
    lead: LeaseRow | None = None
    canary: CanaryRow | None = None
    processes: tuple[ProcessRow, ...] = ()
    is_frozen: bool = False
    quarantined_since: datetime | None = None
    swept_at: datetime | None = None
    """When a sweep last came to its end."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, since when, and what its sentence needs."""

    kind: str
    severity: Severity
    since: datetime
    subject: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from every other one."""
        return self.kind, self.subject


def two_sweeps(sweep: timedelta) -> timedelta:
    """What is due for longer has been overlooked."""
    return 2 * max(sweep, SHORTEST_SWEEP)


def judge(found: Readings) -> tuple[Finding, ...]:
    """Everything that is wrong, the gravest first."""
    judged = (
        *_quarantine(found),
        *_clock(found),
        *_worker(found),
        *_rungs(found),
        *_delivery(found),
        *_parts(found),
    )
    return tuple(sorted(judged, key=lambda finding: finding.severity != "red"))


def _is_late(found: Readings, since: datetime, patience: timedelta) -> bool:
    """Whether it has lasted for longer than `patience`, all of it under our eyes."""
    began = since if found.watched_since is None else max(since, found.watched_since)
    return found.at - began > patience


def _quarantine(found: Readings) -> Iterator[Finding]:
    if found.quarantined_since is not None:
        yield Finding(QUARANTINE, "red", found.quarantined_since)


def _clock(found: Readings) -> Iterator[Finding]:
    if found.lead is not None:
        since = found.lead.until
    else:
        started = [process.started_at for process in found.processes]
        since = min(started, default=found.watched_since or found.at)
    if since <= found.at and _is_late(found, since, CLOCK_PATIENCE):
        yield Finding("clock_silent", "red", since)


def _worker(found: Readings) -> Iterator[Finding]:
    canary = found.canary
    if canary is None or canary.done_at is not None:
        return
    if _is_late(found, canary.put_at, WORKER_PATIENCE):
        yield Finding("worker_silent", "red", canary.put_at)


def _rungs(found: Readings) -> Iterator[Finding]:
    since = found.rung_due_since
    # What a person has to release first is late on purpose, and has an alarm of its own.
    if (
        since is not None
        and not found.is_frozen
        and found.quarantined_since is None
        and _is_late(found, since, two_sweeps(found.sweep))
    ):
        yield Finding("rung_late", "red", since)


def _delivery(found: Readings) -> Iterator[Finding]:
    patience = two_sweeps(found.sweep)
    for channel in found.channels:
        name = channel.name
        if found.quarantined_since is not None and name != IN_APP:
            continue  # held on purpose
        if channel.leased_until is not None and _is_late(found, channel.leased_until, patience):
            yield Finding("lease_stuck", "red", channel.leased_until, name, {"channel": name})
        window = timedelta(0) if name in SILENT else WINDOW
        if _is_late(found, channel.due_since, patience + window):
            params = {"channel": name, "count": channel.open}
            yield Finding("message_late", "red", channel.due_since, name, params)
        yield from _failing(found, channel)
    if found.undelivered:
        yield Finding("undelivered", "attention", found.at, params={"count": found.undelivered})


def _failing(found: Readings, channel: ChannelReading) -> Iterator[Finding]:
    since = channel.failing_since
    if since is None or not _is_late(found, since, CHANNEL_PATIENCE):
        return
    if channel.sent_at is None or channel.sent_at < since:
        params = {"channel": channel.name}
        yield Finding("channel_down", "red", since, channel.name, params)


def _parts(found: Readings) -> Iterator[Finding]:
    for process in found.processes:
        if _is_late(found, process.beat_at, PROCESS_PATIENCE):
            params = {"process": process.name}
            yield Finding("process_silent", "attention", process.beat_at, process.id, params)
        elif abs(process.skew) > SKEW.total_seconds():
            apart = {"process": process.name, "seconds": process.skew}
            yield Finding("clock_skew", "attention", found.at, process.id, apart)
