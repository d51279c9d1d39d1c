"""A plan as it stands in the database: what was read, what a person made of it, what became of it.

Rows of a draft are corrected in place; a running plan is changed by a revision, which is a draft of
its own (``revises_id``) and takes the place of the plan as a whole.  A milestone that runs is an
issue (``issue.milestone_id``); an observation belongs to a target.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from workflow.db import BIG, big_id, ref


class Plan(SQLModel, table=True):
    """One document: an action plan (行动计划) from its first reading on."""

    __table_args__ = (
        CheckConstraint("state in ('draft','running','replaced','discarded')", name="state"),
        UniqueConstraint("code", "revision"),
        Index(
            "uq_plan_content",
            "issuer_unit_id",
            "sha256",
            unique=True,
            sqlite_where=text("state in ('draft','running')"),
            postgresql_where=text("state in ('draft','running')"),
        ),
        Index("ix_plan_state", "state"),
    )

    id: int | None = big_id()
    code: str = Field(max_length=16)
    """Given when it is read; the revisions of a plan share it."""
    revision: int = 1
    state: str = Field(default="draft", max_length=9)
    version: int = 1
    """Number of records; raised by every write."""
    title: str = Field(max_length=200)
    number: str | None = Field(default=None, max_length=64)
    issuer: str | None = Field(default=None, max_length=100)
    """As printed; whose plan it is in this installation is ``issuer_unit_id``."""
    issued_on: date | None = None
    organiser: str | None = Field(default=None, max_length=100)
    supervisor: str | None = Field(default=None, max_length=100)
    issuer_unit_id: int = ref("unit")
    organiser_unit_id: int | None = ref("unit", nullable=True)
    supervising_unit_id: int | None = ref("unit", nullable=True)
    revises_id: int | None = ref("plan", nullable=True)
    sha256: str = Field(max_length=64, foreign_key="blob.sha256")
    file_name: str = Field(max_length=200)
    staged_at: datetime
    staged_by_id: int | None = ref("person", nullable=True)
    activated_at: datetime | None = None
    activated_by_id: int | None = ref("person", nullable=True)


class PlanText(SQLModel, table=True):
    """The lines of the document, to be shown beside what was read."""

    __tablename__ = "plan_text"

    plan_id: int = Field(sa_type=BIG, foreign_key="plan.id", primary_key=True)
    lines: list[Any] = Field(sa_type=JSON)
    """``[text, place]`` each, the place as ``Place.as_json``."""


class PlanSection(SQLModel, table=True):
    """A part of the document that holds no task: goals, safeguards, preamble."""

    __tablename__ = "plan_section"

    plan_id: int = Field(sa_type=BIG, foreign_key="plan.id", primary_key=True)
    rank: int = Field(primary_key=True)
    purpose: str = Field(max_length=16)
    label: str
    title: str
    content: str
    line: int


class PlanAction(SQLModel, table=True):
    """A heading that holds tasks (行动)."""

    __tablename__ = "plan_action"
    __table_args__ = (Index("ix_plan_action_plan", "plan_id"),)

    id: int | None = big_id()
    plan_id: int = ref("plan")
    rank: int
    no: int
    label: str
    title: str
    line: int


class PlanUnit(SQLModel, table=True):
    """A name of a unit as the plan writes it, and the unit that is meant."""

    __tablename__ = "plan_unit"
    __table_args__ = (
        CheckConstraint(
            "decision in ('open','matched','chosen','create','created','name_only')",
            name="decision",
        ),
        UniqueConstraint("plan_id", "name"),
        Index("ix_plan_unit_unit", "unit_id"),
    )

    id: int | None = big_id()
    plan_id: int = ref("plan")
    name: str = Field(max_length=100)
    unit_id: int | None = ref("unit", nullable=True)
    decision: str = Field(default="open", max_length=9)
    """``matched`` by name or alias, ``chosen`` by a person, ``create`` at activation,
    ``name_only`` for 各相关单位 and bodies outside; ``open`` must be decided."""
    is_general: bool = False
    """The name stands for many: 各县区政府, 相关单位."""


class PlanTask(SQLModel, table=True):
    """One task (任务) with the text that it was read from."""

    __tablename__ = "plan_task"
    __table_args__ = (
        CheckConstraint("state in ('active','struck')", name="state"),
        UniqueConstraint("plan_id", "code"),
        Index("ix_plan_task_code", "code"),
    )

    id: int | None = big_id()
    plan_id: int = ref("plan")
    action_id: int | None = ref("plan_action", nullable=True)
    rank: int
    code: str = Field(max_length=32)
    """What ``issue.task`` holds; a revision keeps it for the same task."""
    no: int
    label: str
    title: str
    content: str
    place: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: str = Field(default="active", max_length=6)
    confirmed_at: datetime | None = None
    confirmed_by_id: int | None = ref("person", nullable=True)


class PlanDuty(SQLModel, table=True):
    """A unit's part in a task, in the order of print."""

    __tablename__ = "plan_duty"
    __table_args__ = (
        CheckConstraint(
            "role in ('lead','cooperating','responsible','supervising','acceptance')", name="role"
        ),
        Index("ix_plan_duty_unit", "plan_unit_id"),
    )

    task_id: int = Field(sa_type=BIG, foreign_key="plan_task.id", primary_key=True)
    role: str = Field(max_length=16, primary_key=True)
    plan_unit_id: int = Field(sa_type=BIG, foreign_key="plan_unit.id", primary_key=True)
    rank: int
    printed: str
    """The verb or the label as written: 牵头, 按职责分工负责."""
    once_for_all: bool = False


class PlanMilestone(SQLModel, table=True):
    """A day by which something of a task is due (节点), or a term that names no day."""

    __tablename__ = "plan_milestone"
    __table_args__ = (
        CheckConstraint("state in ('active','struck')", name="state"),
        CheckConstraint(
            "kind in ('date','recurring','relative','immediate','standing','season','start')",
            name="kind",
        ),
        Index("ix_plan_milestone_task", "task_id"),
    )

    id: int | None = big_id()
    task_id: int = ref("plan_task")
    rank: int
    kind: str = Field(default="date", max_length=16)
    due: date | None = None
    """Of a relative term the day that was counted; of a recurring one none."""
    content: str
    printed: str
    certain: bool = True
    every: str | None = Field(default=None, max_length=32)
    limit_text: str | None = Field(default=None, max_length=32)
    anchor: str | None = Field(default=None, max_length=64)
    begins: date | None = None
    state: str = Field(default="active", max_length=6)


class PlanTarget(SQLModel, table=True):
    """A figure or a state to reach (指标), of a task or of the plan as a whole."""

    __tablename__ = "plan_target"
    __table_args__ = (
        CheckConstraint("state in ('active','struck')", name="state"),
        Index("ix_plan_target_plan", "plan_id"),
        Index("ix_plan_target_task", "task_id"),
    )

    id: int | None = big_id()
    plan_id: int = ref("plan")
    task_id: int | None = ref("plan_task", nullable=True)
    rank: int
    kind: str = Field(max_length=16)
    name: str
    comparator: str = Field(max_length=32)
    value: str
    """The printed digits, or the words of a state."""
    unit: str
    due: date | None = None
    soft: list[str] = Field(default_factory=list, sa_type=JSON)
    baseline: str | None = None
    scope: str | None = None
    sentence: str
    state: str = Field(default="active", max_length=6)


class PlanObservation(SQLModel, table=True):
    """What a target was found to be on a day; never changed, at most said to be wrong."""

    __tablename__ = "plan_observation"
    __table_args__ = (Index("ix_plan_observation_target", "target_id", "observed_on"),)

    id: int | None = big_id()
    target_id: int = ref("plan_target")
    value: str = Field(max_length=64)
    observed_on: date
    source: str = Field(max_length=200)
    note: str = ""
    by_id: int | None = ref("person", nullable=True)
    at: datetime
    withdrawn_at: datetime | None = None


class PlanNote(SQLModel, table=True):
    """A doubt of the reader, with its sentence, until a person has dealt with it."""

    __tablename__ = "plan_note"
    __table_args__ = (Index("ix_plan_note_plan", "plan_id"),)

    id: int | None = big_id()
    plan_id: int = ref("plan")
    task_id: int | None = ref("plan_task", nullable=True)
    rank: int
    code: str = Field(max_length=32)
    message: str
    """A msgid with places for ``params``."""
    params: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    sentence: str = ""
    line: int | None = None
    resolved: bool = False
    resolved_by_id: int | None = ref("person", nullable=True)
    resolved_at: datetime | None = None
    resolution: str = ""


class PlanRecord(SQLModel, table=True):
    """What was done with a plan: one row a write, with old and new values."""

    __tablename__ = "plan_record"
    __table_args__ = (UniqueConstraint("plan_id", "seq"),)

    id: int | None = big_id()
    plan_id: int = ref("plan")
    seq: int
    at: datetime
    by_id: int | None = ref("person", nullable=True)
    by_login: str = Field(max_length=64)
    door: str = Field(max_length=16)
    action: str = Field(max_length=32)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
