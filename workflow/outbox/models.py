"""Messages that must leave, and the in-app inbox where they always arrive."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from workflow.db import BIG, big_id, ref

OPEN = "state in ('waiting','leased')"
"""Still to be delivered.  Spelt out in each statement, since a partial index only serves a
condition that repeats its own."""

COUNTED = "state = 'sent' and not urgent and channel not in ('inbox','file')"
"""Rang somebody's bell; the daily budget counts these."""


class Outbox(SQLModel, table=True):
    """One message to one recipient over one channel; its key makes it unique for ever."""

    __table_args__ = (
        CheckConstraint(
            "state in ('waiting','leased','sent','merged','dead','void')", name="state"
        ),
        Index(
            "ix_outbox_open",
            "channel",
            "not_before",
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index(
            "ix_outbox_rung",
            "person_id",
            "channel",
            "settled_at",
            sqlite_where=text(COUNTED),
            postgresql_where=text(COUNTED),
        ),
        Index(
            "ix_outbox_dead",
            "settled_at",
            sqlite_where=text("state = 'dead'"),
            postgresql_where=text("state = 'dead'"),
        ),
        Index("ix_outbox_issue", "issue_id"),
    )

    id: int | None = big_id()
    key: str = Field(unique=True, max_length=160)
    issue_id: int | None = Field(default=None, sa_type=BIG)
    person_id: int = ref("person")
    channel: str = Field(max_length=16)
    message: str = Field(max_length=32)
    urgent: bool = False
    payload: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime
    not_before: datetime
    """Not sent before; also the end of a running lease, so one index finds all that is due."""
    state: str = Field(default="waiting", max_length=8)
    token: int = 0
    """Fencing token: rises with each claim, checked when the outcome is recorded."""
    attempts: int = 0
    last_error: str | None = Field(default=None, max_length=500)
    settled_at: datetime | None = None


class InboxItem(SQLModel, table=True):
    """A message in a person's in-app inbox (收件箱)."""

    __tablename__ = "inbox_item"
    __table_args__ = (
        Index("ix_inbox_item_person", "person_id", "id"),
        Index(
            "ix_inbox_item_unread",
            "person_id",
            sqlite_where=text("read_at is null"),
            postgresql_where=text("read_at is null"),
        ),
    )

    id: int | None = big_id()
    outbox_id: int = Field(sa_type=BIG, unique=True)
    person_id: int = ref("person")
    issue_id: int | None = Field(default=None, sa_type=BIG)
    message: str = Field(max_length=32)
    urgent: bool = False
    subject: str = Field(max_length=200)
    body: str
    at: datetime
    read_at: datetime | None = None
