"""Messages that must leave, and the in-app inbox where they always arrive."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from workflow.db import BIG, big_id, ref


class Outbox(SQLModel, table=True):
    """One message to one recipient over one channel; its key makes it unique for ever."""

    __table_args__ = (
        CheckConstraint("state in ('waiting','leased','sent','merged','dead')", name="state"),
        Index(
            "ix_outbox_open",
            "not_before",
            sqlite_where=text("state in ('waiting','leased')"),
            postgresql_where=text("state in ('waiting','leased')"),
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
    __table_args__ = (Index("ix_inbox_item_person", "person_id", "id"),)

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
