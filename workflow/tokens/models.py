"""A program's token, and what it was answered within the last day."""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from workflow.db import big_id, ref


class ApiToken(SQLModel, table=True):
    """A program may act as a person until a moment; the token itself is kept as a hash only."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: int | None = big_id()
    token_hash: str = Field(max_length=64)
    person_id: int = ref("person", index=True)
    label: str = Field(default="", max_length=100)
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class KeptReply(SQLModel, table=True):
    """The answer to a person's request with an ``Idempotency-Key``.

    The row is inserted before the request's effect and filled after it, in the same transaction:
    whoever can read it reads the answer, and a second request with the key waits for the first.
    """

    __tablename__ = "kept_reply"
    __table_args__ = (UniqueConstraint("person_id", "key"), Index("ix_kept_reply_at", "at"))

    id: int | None = big_id()
    person_id: int = ref("person")
    key: str = Field(max_length=255)
    fingerprint: str = Field(max_length=64)
    """SHA-256 of what was asked: method, address and content."""
    at: datetime
    status: int | None = None
    body: str | None = Field(default=None, sa_type=Text)
    location: str | None = Field(default=None, max_length=255)
