"""An issue (问题), its units, where it came from, and the requests beside its state."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from workflow.db import BIG, big_id, ref


class Issue(SQLModel, table=True):
    """One problem on its way round the loop; a part (分办件) is an issue with a parent."""

    __table_args__ = (
        Index("ix_issue_owner", "owner_unit_id", "owner_post", "move_due_at"),
        Index("ix_issue_root", "root_id"),
        Index("ix_issue_parent", "parent_id"),
        Index("ix_issue_state", "is_open", "state", "lamp"),
        Index("ix_issue_recent", "id", "state"),
        Index(
            "ix_issue_due", "due_on", sqlite_where=text("is_open"), postgresql_where=text("is_open")
        ),
        Index("ix_issue_task", "task"),
        Index(
            "uq_issue_milestone",
            "milestone_id",
            unique=True,
            sqlite_where=text("milestone_id is not null"),
            postgresql_where=text("milestone_id is not null"),
        ),
        Index(
            "ix_issue_recurs_of",
            "recurs_of_id",
            sqlite_where=text("recurs_of_id is not null"),
            postgresql_where=text("recurs_of_id is not null"),
        ),
        Index(
            "ix_issue_merged_into",
            "merged_into_id",
            sqlite_where=text("merged_into_id is not null"),
            postgresql_where=text("merged_into_id is not null"),
        ),
    )

    id: int | None = big_id()
    number: str = Field(max_length=32, unique=True)
    loop: str = Field(max_length=32)
    loop_version: str = Field(max_length=64, foreign_key="loop_version.hash")
    state: str = Field(max_length=32)
    version: int = 1
    """Number of events; also the sequence number of the last one."""
    head: str = Field(max_length=64)
    """Hash of the last event."""
    title: str = Field(max_length=120)
    description: str
    category: str = Field(max_length=32)
    source: str = Field(max_length=32)
    """Kind of the first source; all sources are rows of ``source``."""
    place: str = Field(default="", max_length=200)
    place_unit_id: int | None = ref("unit", nullable=True)
    lat: float | None = None
    lon: float | None = None
    speed: str = Field(default="limited", max_length=16)
    task: str | None = Field(default=None, max_length=32)
    """Code of the plan's task that it endangers, or that this milestone belongs to."""
    parent_id: int | None = ref("issue", nullable=True)
    root_id: int | None = ref("issue", nullable=True)
    recurs_of_id: int | None = ref("issue", nullable=True)
    merged_into_id: int | None = ref("issue", nullable=True)
    part_count: int = 0
    owner_unit_id: int | None = ref("unit", nullable=True)
    owner_post: str | None = Field(default=None, max_length=32)
    move_due_at: datetime | None = None
    """When the clock that the owner is held to runs out."""
    due_on: date | None = None
    original_due_on: date | None = None
    lamp: str = Field(default="none", max_length=16)
    level: int = 0
    """Highest rung level reached."""
    counts_as: str | None = Field(default=None, max_length=16)
    is_open: bool = True
    responsible_unit_id: int | None = ref("unit", nullable=True, index=True)
    units: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Relation → unit ids in order; the same facts as ``issue_unit``, at hand for a decision."""
    fixers: list[Any] = Field(default_factory=list, sa_type=JSON)
    """People who ever acted for the responsible side; none of them may verify."""
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What the loop remembers: verdict, plan, returns, publicity, look-backs …"""
    created_at: datetime
    created_by_id: int | None = ref("person", nullable=True)
    updated_at: datetime
    milestone_id: int | None = Field(default=None, sa_type=BIG)
    """The milestone of a plan that runs as this issue; such a one is no problem and in no list of
    problems.  No foreign key: SQLite would have to copy the table to add one."""


class IssueUnit(SQLModel, table=True):
    """A unit stands in a relation to an issue; this is what scope is made of."""

    __tablename__ = "issue_unit"
    __table_args__ = (Index("ix_issue_unit_unit", "unit_id", "issue_id"),)

    issue_id: int = Field(sa_type=BIG, foreign_key="issue.id", primary_key=True)
    unit_id: int = Field(sa_type=BIG, foreign_key="unit.id", primary_key=True)
    relation: str = Field(max_length=16, primary_key=True)


class Source(SQLModel, table=True):
    """Where an issue came from; an issue may have several, each wants its own reply."""

    __table_args__ = (Index("ix_source_issue", "issue_id"),)

    id: int | None = big_id()
    issue_id: int = ref("issue")
    kind: str = Field(max_length=32)
    own_number: str | None = Field(default=None, max_length=64)
    received_at: datetime
    has_contact: bool = False
    replied_at: datetime | None = None


class Reporter(SQLModel, table=True):
    """Who reported, in a table of its own that can be erased; never in the event chain."""

    source_id: int = Field(sa_type=BIG, foreign_key="source.id", primary_key=True)
    name: str | None = Field(default=None, max_length=64)
    contact: str | None = Field(default=None, max_length=64)


class Request(SQLModel, table=True):
    """Something asked beside the state: an extension, a suspension, an objection."""

    __table_args__ = (
        CheckConstraint("kind in ('extension','suspension','objection')", name="kind"),
        CheckConstraint("state in ('open','granted','refused','withdrawn')", name="state"),
        Index("ix_request_issue", "issue_id"),
        Index(
            "uq_request_open",
            "issue_id",
            "kind",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_request_decider", "decider_unit_id", "decider_post", "state"),
    )

    id: int | None = big_id()
    issue_id: int = ref("issue")
    kind: str = Field(max_length=16)
    state: str = Field(default="open", max_length=16)
    asked_by_id: int | None = ref("person", nullable=True)
    asked_at: datetime
    reason: str
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    decider_unit_id: int = ref("unit")
    decider_post: str = Field(max_length=32)
    due_at: datetime | None = None
    decided_by_id: int | None = ref("person", nullable=True)
    decided_at: datetime | None = None
    decision_reason: str | None = None


class Search(SQLModel, table=True):
    """Search text of an issue and its bigrams, apart so that sweeps never rewrite them."""

    __tablename__ = "issue_search"

    issue_id: int = Field(sa_type=BIG, foreign_key="issue.id", primary_key=True)
    content: str
    grams: str


class LookAccess(SQLModel, table=True):
    """Somebody looked at a reporter's identity."""

    __tablename__ = "reporter_access"

    id: int | None = big_id()
    source_id: int = Field(sa_type=BIG)
    person_id: int = ref("person")
    at: datetime
