"""What the database says about the installation that works on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, select, text

from workflow.db import Tx
from workflow.deadlines import climbing
from workflow.operations.findings import (
    CLOCK_LEASE,
    JUMP,
    CanaryRow,
    ChannelReading,
    LeaseRow,
    ProcessRow,
    Readings,
)
from workflow.operations.models import (
    OPEN_ALARM,
    OPEN_QUARANTINE,
    Alarm,
    Canary,
    Lease,
    Mark,
    Process,
    Quarantine,
)
from workflow.outbox import queries as outbox
from workflow.outbox.queries import Waiting
from workflow.units.directory import Directory

LEASE = Lease.__table__  # type: ignore[attr-defined]
PROCESS = Process.__table__  # type: ignore[attr-defined]
CANARY = Canary.__table__  # type: ignore[attr-defined]
ALARM = Alarm.__table__  # type: ignore[attr-defined]
MARK = Mark.__table__  # type: ignore[attr-defined]
QUARANTINE = Quarantine.__table__  # type: ignore[attr-defined]

SWEPT = "swept"
"""The mark of the last sweep that came to its end."""
CONFIRMED = "time_confirmed"
"""The mark of an operator's word that the time is right."""
ADMIN = "admin"
"""The post whose holders are told."""
GIVEN_UP = timedelta(days=1)
RECENT = 20

_LEASE = select(LEASE.c.name, LEASE.c.holder, LEASE.c.token, LEASE.c.since, LEASE.c.until).where(
    LEASE.c.name == bindparam("lease")
)
_CANARY = (
    select(CANARY.c.id, CANARY.c.put_at, CANARY.c.done_at).order_by(CANARY.c.id.desc()).limit(1)
)
_PROCESSES = select(
    PROCESS.c.id,
    PROCESS.c.part,
    PROCESS.c.host,
    PROCESS.c.pid,
    PROCESS.c.version,
    PROCESS.c.started_at,
    PROCESS.c.beat_at,
    PROCESS.c.skew,
).order_by(PROCESS.c.part, PROCESS.c.started_at)
_MARK = select(MARK.c.at).where(MARK.c.name == bindparam("mark"))
_FROZEN = select(ALARM.c.id).where(text(OPEN_ALARM), ALARM.c.kind == JUMP).limit(1)
_QUARANTINED = select(func.min(QUARANTINE.c.began_at)).where(text(OPEN_QUARANTINE))
_COLUMNS = (
    ALARM.c.id,
    ALARM.c.kind,
    ALARM.c.subject,
    ALARM.c.severity,
    ALARM.c.since,
    ALARM.c.params,
    ALARM.c.raised_at,
    ALARM.c.seen_at,
    ALARM.c.cleared_at,
    ALARM.c.cleared_by_id,
)
_OPEN = (
    select(*_COLUMNS)
    .where(text(OPEN_ALARM))
    .order_by(case((ALARM.c.severity == "red", 0), else_=1), ALARM.c.raised_at, ALARM.c.id)
)
_PAST = (
    select(*_COLUMNS)
    .where(ALARM.c.cleared_at.is_not(None))
    .order_by(ALARM.c.raised_at.desc(), ALARM.c.id.desc())
    .limit(bindparam("most"))
)
_TOTAL = select(func.count()).select_from(ALARM)


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One alarm, open or past."""

    id: int
    kind: str
    subject: str
    severity: str
    since: datetime
    params: Mapping[str, Any]
    raised_at: datetime
    seen_at: datetime
    cleared_at: datetime | None
    cleared_by_id: int | None

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from every other open one."""
        return self.kind, self.subject

    @property
    def number(self) -> str:
        """How people call it."""
        return f"A{self.id}"


def readings(
    tx: Tx, *, at: datetime, sweep: timedelta, watched_since: datetime | None = None
) -> Readings:
    """Everything that `findings.judge` needs, as this transaction sees it."""
    return Readings(
        at=at,
        sweep=sweep,
        watched_since=watched_since,
        rung_due_since=climbing.due_since(tx, at),
        channels=tuple([_channel(tx, each) for each in outbox.waiting(tx)]),
        undelivered=outbox.given_up(tx, since=at - GIVEN_UP),
        lead=lease(tx, CLOCK_LEASE),
        canary=canary(tx),
        processes=processes(tx),
        is_frozen=is_frozen(tx),
        quarantined_since=quarantined_since(tx),
        swept_at=mark(tx, SWEPT),
    )


def _channel(tx: Tx, waiting: Waiting) -> ChannelReading:
    failing = waiting.failing_since
    return ChannelReading(
        name=waiting.channel,
        open=waiting.count,
        due_since=waiting.due_since,
        leased_until=waiting.leased_until,
        failing_since=failing,
        sent_at=None if failing is None else outbox.last_success(tx, channel=waiting.channel),
    )


def lease(tx: Tx, name: str) -> LeaseRow | None:
    """Who holds a lease, also one that has run out; None if nobody ever did."""
    found = tx.execute(_LEASE, {"lease": name}).first()
    return None if found is None else LeaseRow(*found)


def canary(tx: Tx) -> CanaryRow | None:
    """The last canary."""
    found = tx.execute(_CANARY).first()
    return None if found is None else CanaryRow(*found)


def processes(tx: Tx) -> tuple[ProcessRow, ...]:
    """Every process that has not ended as it should, the silent ones too."""
    return tuple([ProcessRow(*row) for row in tx.execute(_PROCESSES)])


def mark(tx: Tx, name: str) -> datetime | None:
    """When something was last done."""
    found: datetime | None = tx.execute(_MARK, {"mark": name}).scalar()
    return found


def is_frozen(tx: Tx) -> bool:
    """Whether escalations wait until an operator has looked at the time."""
    return tx.execute(_FROZEN).first() is not None


def quarantined_since(tx: Tx) -> datetime | None:
    """Since when nothing may leave; None where there is no quarantine."""
    found: datetime | None = tx.execute(_QUARANTINED).scalar_one()
    return found


def open_alarms(tx: Tx) -> tuple[AlarmRow, ...]:
    """What is wrong now, the gravest and the oldest first."""
    return _alarms(tx.execute(_OPEN))


def past_alarms(tx: Tx, *, most: int = RECENT) -> tuple[AlarmRow, ...]:
    """What was wrong and is over, the newest first."""
    return _alarms(tx.execute(_PAST, {"most": most}))


def _alarms(rows: Iterable[Any]) -> tuple[AlarmRow, ...]:
    return tuple([AlarmRow(*row) for row in rows])


def raised_ever(tx: Tx) -> int:
    """How many alarms were ever raised."""
    return int(tx.execute(_TOTAL).scalar_one())


def admins(directory: Directory, on: date) -> tuple[int, ...]:
    """Who runs the installation: every holder of the post `admin`, each once."""
    found = (person for unit in directory.units for person in directory.holders(unit, ADMIN, on))
    return tuple(dict.fromkeys(found))
