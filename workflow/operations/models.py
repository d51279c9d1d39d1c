"""What the parts of an installation tell each other, and the alarms that they raise."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from workflow.db import BIG, big_id, ref

OPEN_ALARM = "cleared_at is null"
OPEN_QUARANTINE = "lifted_at is null"


class Lease(SQLModel, table=True):
    """A right that one process has at a time: until a moment, unless it renews it."""

    name: str = Field(primary_key=True, max_length=32)
    holder: str = Field(max_length=32)
    """Id of the process."""
    token: int = Field(sa_type=BIG)
    """Fencing token: rises with each change of hands."""
    since: datetime
    until: datetime


class Process(SQLModel, table=True):
    """A running part of the installation and its last sign of life; it leaves when it ends."""

    __table_args__ = (
        CheckConstraint("part in ('serve','web','worker','clock')", name="part"),
        Index("ix_process_beat", "beat_at"),
    )

    id: str = Field(primary_key=True, max_length=32)
    part: str = Field(max_length=8)
    host: str = Field(max_length=128)
    pid: int
    version: str = Field(max_length=32)
    started_at: datetime
    beat_at: datetime
    skew: int
    """Seconds by which the clock of its machine is ahead of the database's."""


class Canary(SQLModel, table=True):
    """A task that does nothing: put by the leading clock, finished by the first worker."""

    __table_args__ = (Index("ix_canary_put", "put_at"),)

    id: int | None = big_id()
    token: int = Field(sa_type=BIG)
    """Fencing token of the clock that put it."""
    put_at: datetime
    done_at: datetime | None = None


class Alarm(SQLModel, table=True):
    """Something is wrong, from one moment to another; one at a time of a kind and subject."""

    __table_args__ = (
        CheckConstraint("severity in ('red','attention')", name="severity"),
        Index(
            "ix_alarm_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text(OPEN_ALARM),
            postgresql_where=text(OPEN_ALARM),
        ),
        Index("ix_alarm_raised", "raised_at"),
    )

    id: int | None = big_id()
    kind: str = Field(max_length=32)
    subject: str = Field(default="", max_length=160)
    """Which channel, which process; empty where there is only one."""
    severity: str = Field(max_length=9)
    since: datetime
    params: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    raised_at: datetime
    seen_at: datetime
    """When it was last found to be so."""
    cleared_at: datetime | None = None
    cleared_by_id: int | None = ref("person", nullable=True)
    """The operator, where a person had to say that all is well."""


class Quarantine(SQLModel, table=True):
    """The installation was restored; nothing leaves until an operator lifts it."""

    __table_args__ = (
        CheckConstraint("outcome in ('released','discarded')", name="outcome"),
        Index(
            "ix_quarantine_open",
            "began_at",
            sqlite_where=text(OPEN_QUARANTINE),
            postgresql_where=text(OPEN_QUARANTINE),
        ),
    )

    id: int | None = big_id()
    origin: str = Field(max_length=64)
    """SHA-256 of the backup."""
    taken_at: datetime
    """The moment whose state the backup holds."""
    began_at: datetime
    last_outbox_id: int = Field(sa_type=BIG)
    """Messages up to this one were put before the backup; they may have left since."""
    pending: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Channel → [waiting, being sent at the moment of the backup]."""
    lifted_at: datetime | None = None
    lifted_by_id: int | None = ref("person", nullable=True)
    reason: str | None = Field(default=None, max_length=500)
    outcome: str | None = Field(default=None, max_length=9)
    """What became of the messages of before: they left after all, or never will."""
    settled: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Channel → how many were released or discarded."""


class Mark(SQLModel, table=True):
    """The moment at which something was last done."""

    name: str = Field(primary_key=True, max_length=32)
    at: datetime


class Denial(SQLModel, table=True):
    """Somebody asked for what is not theirs, or is not there; the two look alike to them."""

    __tablename__ = "denied_access"
    __table_args__ = (Index("ix_denied_access_person", "person_id", "at"),)

    no: int = Field(sa_type=BIG, primary_key=True)
    """Without a gap: a row that has gone is missed."""
    at: datetime
    person_id: int = ref("person")
    door: str = Field(max_length=16)
    method: str = Field(max_length=8)
    path: str = Field(max_length=200)
    code: str = Field(max_length=32)
    """Why: the code of the refusal."""
