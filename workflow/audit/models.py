"""The record: one chain of events an issue, and the signed checkpoints over all chains."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from workflow.db import BIG, big_id


class Event(SQLModel, table=True):
    """Something that happened to an issue; never changed, never deleted."""

    __table_args__ = (UniqueConstraint("issue_id", "seq"),)

    id: int | None = big_id()
    issue_id: int = Field(sa_type=BIG, foreign_key="issue.id")
    seq: int
    at: datetime = Field(index=True)
    by_id: int | None = Field(default=None, sa_type=BIG)
    """The person's id; none when the clock or the installation acted."""
    by_unit_id: int | None = Field(default=None, sa_type=BIG)
    door: str = Field(max_length=16)
    action: str = Field(max_length=32)
    kind: str = Field(max_length=32)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    prev: str = Field(max_length=64)
    hash: str = Field(max_length=64)
    mac: str = Field(max_length=64)


class Checkpoint(SQLModel, table=True):
    """A signed list of the chain heads that changed since the checkpoint before."""

    id: int | None = big_id()
    no: int = Field(unique=True)
    at: datetime
    heads: dict[str, Any] = Field(sa_type=JSON)
    """Issue number → [seq, hash]."""
    prev: str = Field(max_length=64)
    hash: str = Field(max_length=64)
    signature: str = Field(max_length=128)
    last_event_id: int = Field(sa_type=BIG)
