"""An imported ledger as it stands in the database: the import, its rows, what an office confirmed.

Until an import is confirmed its rows are read by nothing but its own page: no clock, no notice, no
list knows them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from workflow.db import BIG, big_id, ref


class LedgerImport(SQLModel, table=True):
    """One workbook on its way in."""

    __tablename__ = "ledger_import"
    __table_args__ = (
        CheckConstraint(
            "state in ('staging','staged','activating','active','discarded')", name="state"
        ),
        Index(
            "uq_ledger_import_content",
            "unit_id",
            "sha256",
            unique=True,
            sqlite_where=text("state != 'discarded'"),
            postgresql_where=text("state != 'discarded'"),
        ),
        Index("ix_ledger_import_state", "state"),
    )

    id: int | None = big_id()
    unit_id: int = ref("unit")
    """Whose ledger it is."""
    state: str = Field(default="staging", max_length=10)
    sha256: str = Field(max_length=64, foreign_key="blob.sha256")
    file_name: str = Field(max_length=200)
    mapping: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    options: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What was decided with the confirmation: how rows that are said to be done go on."""
    problems: list[Any] = Field(default_factory=list, sa_type=JSON)
    """``[cell, msgid, params]`` of what was not read."""
    skipped: list[Any] = Field(default_factory=list, sa_type=JSON)
    rows: int = 0
    made: int = 0
    """Rows that have become issues so far."""
    staged_at: datetime
    staged_by_id: int | None = ref("person", nullable=True)
    confirmed_at: datetime | None = None
    confirmed_by_id: int | None = ref("person", nullable=True)
    finished_at: datetime | None = None


class LedgerRowRecord(SQLModel, table=True):
    """One row of it."""

    __tablename__ = "ledger_row"
    __table_args__ = (
        CheckConstraint("state in ('staged','active','double')", name="state"),
        UniqueConstraint("import_id", "seq"),
        Index("ix_ledger_row_identity", "identity", "nth"),
        Index(
            "ix_ledger_row_issue",
            "issue_id",
            sqlite_where=text("issue_id is not null"),
            postgresql_where=text("issue_id is not null"),
        ),
    )

    id: int | None = big_id()
    import_id: int = ref("ledger_import")
    seq: int
    state: str = Field(default="staged", max_length=6)
    """``double``: the same row of this office has become an issue before, ``issue_id``."""
    cell: str = Field(max_length=200)
    identity: str = Field(max_length=64)
    """Hash of what makes the problem the same in another issue of the ledger."""
    nth: int = 0
    """Which of several rows alike in one file."""
    content: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    issue_id: int | None = Field(default=None, sa_type=BIG, foreign_key="issue.id")


class LedgerMapping(SQLModel, table=True):
    """What an office has confirmed of headings and names, for its next ledger."""

    __tablename__ = "ledger_mapping"

    unit_id: int = Field(sa_type=BIG, foreign_key="unit.id", primary_key=True)
    mapping: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    saved_at: datetime
    saved_by_id: int | None = ref("person", nullable=True)
