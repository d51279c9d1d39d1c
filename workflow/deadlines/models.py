"""Running clocks: one row each, with the moment at which it wants to be looked at again."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from workflow.db import BIG, big_id, ref


class Clock(SQLModel, table=True):
    """A limit or a period that runs for an issue, a request or a paper.

    ``schedule`` holds the moment of every rung (epoch seconds) in the order of the frozen ladder,
    so that the tick compares numbers and never consults a calendar.
    """

    __table_args__ = (
        CheckConstraint("subject in ('issue','request','paper')", name="subject"),
        CheckConstraint("state in ('running','held','paused','over','done')", name="state"),
        UniqueConstraint("subject", "subject_id", "kind", "seq"),
        Index("ix_clock_issue", "issue_id"),
        Index(
            "ix_clock_wake",
            "wake_at",
            sqlite_where=text("wake_at is not null"),
            postgresql_where=text("wake_at is not null"),
        ),
    )

    id: int | None = big_id()
    issue_id: int = Field(sa_type=BIG, foreign_key="issue.id")
    subject: str = Field(max_length=8)
    subject_id: int = Field(sa_type=BIG)
    kind: str = Field(max_length=32)
    """Name of the clock in its loop; else ``decide``, ``sign`` or ``answer``."""
    seq: int = 1
    """How often this kind was started afresh for the subject."""
    round: int = 1
    """Rises with each extension, resumption and period: the rungs of a new round are due afresh."""
    is_period: bool = False
    state: str = Field(default="running", max_length=8)
    muted: bool = False
    """Takes no rung while another clock of the issue speaks for it."""
    owner: str = Field(max_length=64)
    """``post@relation`` whose lateness it would be."""
    owner_unit_id: int | None = Field(default=None, sa_type=BIG)
    limit_text: str = Field(max_length=64)
    started_at: datetime
    due_at: datetime | None = None
    due_on: date | None = None
    original_due_on: date | None = None
    provisional: bool = False
    pauses: list[Any] = Field(default_factory=list, sa_type=JSON)
    """Append-only: [from, until or null, reason] each."""
    explanation: list[Any] = Field(default_factory=list, sa_type=JSON)
    calendar_version: str = Field(default="", max_length=64)
    ladder: str | None = Field(default=None, max_length=64)
    """Content hash of the frozen rungs (``ladder_version``); none for a clock without rungs."""
    schedule: list[Any] = Field(default_factory=list, sa_type=JSON)
    """Null for a rung of which nothing is to come although one before it still waits."""
    next_rung: int = 0
    lamp: str = Field(default="none", max_length=16)
    """Lit by the rungs taken in this round."""
    level: int = 0
    """Level of the rung that lit it."""
    blocked_by: int | None = Field(default=None, sa_type=BIG)
    """The paper that must be signed before the next paper of this clock may leave."""
    wake_at: datetime | None = None
    stopped_at: datetime | None = None


class LadderVersion(SQLModel, table=True):
    """The rungs of one clock and term class, frozen under their content hash."""

    __tablename__ = "ladder_version"

    hash: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=64)
    rungs: list[Any] = Field(sa_type=JSON)


class RungTaken(SQLModel, table=True):
    """What became of one rung in one round: taken, merged into a later one, skipped, withheld."""

    __tablename__ = "rung_taken"
    __table_args__ = (
        CheckConstraint("outcome in ('taken','merged','skipped')", name="outcome"),
        UniqueConstraint("clock_id", "round", "rung"),
        Index("ix_rung_taken_issue", "issue_id"),
    )

    id: int | None = big_id()
    clock_id: int = ref("clock")
    issue_id: int = Field(sa_type=BIG)
    round: int
    rung: int
    level: int
    lamp: str | None = Field(default=None, max_length=16)
    outcome: str = Field(max_length=8)
    merged_into: int | None = None
    paper_id: int | None = Field(default=None, sa_type=BIG)
    due_at: datetime
    at: datetime
