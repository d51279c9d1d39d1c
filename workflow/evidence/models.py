"""Evidence (佐证材料): files under their content hash, and where they are used."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from workflow.db import BIG, big_id, ref


class Blob(SQLModel, table=True):
    """A sealed original and its copy without metadata; one row a content."""

    sha256: str = Field(primary_key=True, max_length=64)
    size: int = Field(sa_type=BIG)
    mime: str = Field(max_length=128)
    copy_sha256: str | None = Field(default=None, max_length=64)
    """The copy that pages and papers show; none when the original is no picture."""
    taken_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None
    stored_at: datetime


class Evidence(SQLModel, table=True):
    """A file that somebody added to an issue with one of its events."""

    __table_args__ = (Index("ix_evidence_issue", "issue_id"), Index("ix_evidence_blob", "sha256"))

    id: int | None = big_id()
    issue_id: int = Field(sa_type=BIG, foreign_key="issue.id")
    event_seq: int
    sha256: str = Field(max_length=64, foreign_key="blob.sha256")
    name: str = Field(max_length=200)
    caption: str | None = Field(default=None, max_length=200)
    added_by_id: int | None = ref("person", nullable=True)
    added_at: datetime
