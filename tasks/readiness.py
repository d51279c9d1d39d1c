"""Whether the installation does what it promises, check by check; for machines and for a page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from config.settings import Settings
from workflow import migrate
from workflow.db import Database
from workflow.operations import queries
from workflow.operations.findings import (
    BROKEN,
    BROKER,
    JUMP,
    QUARANTINE,
    Finding,
    Readings,
    judge,
)
from workflow.operations.queries import AlarmRow

State = Literal["ok", "attention", "red"]
CHECKS: Mapping[str, frozenset[str]] = {
    QUARANTINE: frozenset({QUARANTINE}),
    "clock": frozenset({"clock_silent"}),
    "worker": frozenset({"worker_silent"}),
    "sweep": frozenset({"rung_late"}),
    "delivery": frozenset({"message_late", "lease_stuck", "channel_down", "undelivered"}),
    "time": frozenset({JUMP, "clock_skew"}),
    "broker": BROKER,
    "record": frozenset({BROKEN}),
    "parts": frozenset({"process_silent"}),
}
"""Check → kinds of findings that speak against it."""
TOLD = BROKER | {JUMP, BROKEN}
"""Not seen in the readings: an open alarm tells of them."""


@dataclass(frozen=True)
class Verdict:
    """Everything at one moment."""

    state: State
    checks: Mapping[str, Mapping[str, Any]]
    readings: Readings | None = None
    alarms: tuple[AlarmRow, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """What `/readyz` answers."""
        alarms = [
            {
                "number": alarm.number,
                "kind": alarm.kind,
                "severity": alarm.severity,
                "since": alarm.since.isoformat(),
            }
            for alarm in self.alarms
        ]
        return {"status": self.state, "checks": dict(self.checks), "alarms": alarms}


def verdict(database: Database, settings: Settings, now: datetime) -> Verdict:
    """Read everything in one view and judge it; a database that does not answer is red."""
    try:
        schema = _schema(database)
        if schema["state"] == "red":
            return Verdict("red", {"database": {"state": "ok"}, "schema": schema})
        with database.reading() as tx:
            sweep = timedelta(seconds=settings.tick_seconds)
            readings = queries.readings(tx, at=now, sweep=sweep)
            alarms = queries.open_alarms(tx)
    except Exception as error:  # noqa: BLE001 - whatever the driver raises means: not ready
        return Verdict("red", {"database": {"state": "red", "error": type(error).__name__}})
    findings = (*judge(readings), *_told(alarms))
    checks = {
        "database": {"state": "ok"},
        "schema": schema,
        **{name: {**_check(kinds, findings)} for name, kinds in CHECKS.items()},
    }
    checks["sweep"]["lag_seconds"] = lag(readings.rung_due_since, now)
    due = [channel.due_since for channel in readings.channels]
    checks["delivery"]["lag_seconds"] = lag(min(due, default=None), now)
    return Verdict(_worst(checks.values()), checks, readings, alarms, findings)


def lag(since: datetime | None, now: datetime) -> float:
    """Seconds for which something has been due; 0 if nothing is."""
    return 0.0 if since is None else max(round((now - since).total_seconds(), 3), 0.0)


def _schema(database: Database) -> dict[str, Any]:
    try:
        is_current = migrate.state(database) == "current"
    except migrate.SchemaError:
        is_current = False
    found = migrate.current(database)
    return {"state": "ok" if is_current else "red", "revision": found, "wanted": migrate.head()}


def _told(alarms: Sequence[AlarmRow]) -> Iterator[Finding]:
    for alarm in alarms:
        if alarm.kind in TOLD:
            yield Finding(alarm.kind, "red", alarm.since, alarm.subject, alarm.params)


def _check(kinds: frozenset[str], findings: Sequence[Finding]) -> dict[str, Any]:
    against = [finding for finding in findings if finding.kind in kinds]
    if not against:
        return {"state": "ok"}
    is_red = any(finding.severity == "red" for finding in against)
    return {
        "state": "red" if is_red else "attention",
        "kinds": sorted({finding.kind for finding in against}),
        "since": min(finding.since for finding in against).isoformat(),
    }


def _worst(checks: Any) -> State:
    states = {check["state"] for check in checks}
    return "red" if "red" in states else "attention" if "attention" in states else "ok"
