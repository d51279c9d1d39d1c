"""What a page, a command or the API is shown of plans: frozen, no rows, no session.

Units and people are ids where the installation knows them; names are as printed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line of the list of plans."""

    id: int
    code: str
    revision: int
    state: str
    version: int
    title: str
    number: str | None
    issuer: str | None
    issued_on: date | None
    issuer_unit_id: int
    staged_at: datetime
    activated_at: datetime | None
    tasks: int
    milestones: int
    accepted: int
    """Milestones that are done; ``late`` are open after their day."""
    late: int
    doubts: int
    """Notes that nobody has dealt with."""


@dataclass(frozen=True, slots=True)
class Head:
    """A plan without what stands in it."""

    id: int
    code: str
    revision: int
    state: str
    version: int
    title: str
    number: str | None
    issuer: str | None
    issued_on: date | None
    organiser: str | None
    supervisor: str | None
    issuer_unit_id: int
    organiser_unit_id: int | None
    supervising_unit_id: int | None
    revises_id: int | None
    sha256: str
    file_name: str
    staged_at: datetime
    staged_by_id: int | None
    activated_at: datetime | None
    activated_by_id: int | None


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of the document; `place` as ``Place.as_json`` (line, page, table, row, column)."""

    text: str
    place: Mapping[str, Any]

    @property
    def line(self) -> int:
        return int(self.place["line"])


@dataclass(frozen=True, slots=True)
class SectionView:
    """A part of the document that holds no task."""

    purpose: str
    label: str
    title: str
    content: str
    line: int


@dataclass(frozen=True, slots=True)
class ActionView:
    """A heading that holds tasks."""

    id: int
    no: int
    label: str
    title: str
    line: int


@dataclass(frozen=True, slots=True)
class UnitName:
    """A name of the plan and what is meant by it; `proposed` are the nearest known units."""

    id: int
    name: str
    unit_id: int | None
    decision: str
    is_general: bool
    tasks: int
    proposed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """A unit's part in a task."""

    role: str
    plan_unit_id: int
    name: str
    unit_id: int | None
    printed: str
    once_for_all: bool


@dataclass(frozen=True, slots=True)
class MilestoneView:
    """A day by which something is due; the second half is there once it runs as an issue."""

    id: int
    task_id: int
    kind: str
    due: date | None
    content: str
    printed: str
    certain: bool
    every: str | None
    limit_text: str | None
    anchor: str | None
    begins: date | None
    state: str
    number: str | None = None
    """Of its issue, whose page has its actions; None where the reader may not see that."""
    issue_state: str | None = None
    loop_version: str | None = None
    is_open: bool = False
    lamp: str = "none"
    due_on: date | None = None
    """The day in force, after extensions."""
    original_due_on: date | None = None
    responsible_unit_id: int | None = None
    counts_as: str | None = None

    @property
    def is_done(self) -> bool:
        """Accepted; what was dropped is not."""
        return self.counts_as not in (None, "withdrawn")

    @property
    def asks(self) -> bool:
        """Whether a person has still to say if it was done before the plan was imported."""
        return self.issue_state == "asked"


@dataclass(frozen=True, slots=True)
class Observation:
    """What a target was found to be."""

    id: int
    value: str
    observed_on: date
    source: str
    note: str
    by_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TargetView:
    """A figure or a state to reach, with what was observed, newest first."""

    id: int
    task_id: int | None
    kind: str
    name: str
    comparator: str
    value: str
    unit: str
    due: date | None
    soft: tuple[str, ...]
    baseline: str | None
    scope: str | None
    sentence: str
    state: str
    observations: tuple[Observation, ...] = ()
    verdict: str = "none"
    """``met``, ``missed`` (its day is over), ``short`` (not yet), ``none`` (nothing to compare)."""


@dataclass(frozen=True, slots=True)
class NoteView:
    """A doubt of the reader; `text()` is the Chinese sentence, `message` with `params` the msgid."""

    id: int
    task_id: int | None
    code: str
    message: str
    params: Mapping[str, Any]
    sentence: str
    line: int | None
    resolved: bool
    resolved_by_id: int | None
    resolved_at: datetime | None
    resolution: str

    def text(self) -> str:
        """The message with its values, in Chinese."""
        return self.message.format_map(self.params) if self.params else self.message


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with everything that was read of it."""

    id: int
    action_id: int | None
    code: str
    no: int
    label: str
    title: str
    content: str
    place: Mapping[str, Any]
    state: str
    confirmed_at: datetime | None
    confirmed_by_id: int | None
    duties: tuple[Duty, ...]
    milestones: tuple[MilestoneView, ...]
    targets: tuple[TargetView, ...]
    notes: tuple[NoteView, ...]

    @property
    def doubts(self) -> int:
        """Notes that nobody has dealt with; a misread task needs no answer."""
        return 0 if self.state == "struck" else sum(not note.resolved for note in self.notes)

    def units(self, role: str) -> tuple[Duty, ...]:
        """The units of one role in the order of print."""
        return tuple(duty for duty in self.duties if duty.role == role)


@dataclass(frozen=True, slots=True)
class RecordView:
    """What somebody did with the plan."""

    seq: int
    at: datetime
    by_id: int | None
    by_login: str
    door: str
    action: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problems:
    """Problems linked to a task, as far as the reader may see them."""

    total: int = 0
    open: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class ActionProgress:
    """An action with its tasks; `id` None holds the tasks without one."""

    id: int | None
    label: str
    title: str
    tasks: tuple[TaskView, ...]
    milestones: int
    accepted: int
    late: int
    asked: int


@dataclass(frozen=True, slots=True)
class UnitShare:
    """What one unit has of a plan."""

    unit_id: int | None
    name: str
    lead: int
    cooperating: int
    responsible: int
    milestones: int
    accepted: int
    late: int


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A running plan."""

    head: Head
    may_edit: bool
    actions: tuple[ActionProgress, ...]
    targets: tuple[TargetView, ...]
    """Of the plan as a whole; those of tasks are with their task."""
    next_dates: tuple[MilestoneView, ...]
    """Open ones with a day, nearest first; late ones lead."""
    units: tuple[UnitShare, ...]
    problems: Mapping[str, Problems]
    """By the task's code; tasks without problems are missing."""
    sentences: Mapping[int, str]
    """Line of the document → its text, for the rows of this page."""
    records: tuple[RecordView, ...]
    draft_id: int | None
    """A revision that waits for its review."""
    above: tuple[Any, ...] = ()
    """The plans that this one cites (``above.PlanAbove``)."""
    demands: Mapping[int, Any] = field(default_factory=dict)
    """Target → what a plan above asks of the same figure (``above.Demand``)."""

    def task_of(self, milestone: MilestoneView) -> TaskView:
        """The task to which a milestone belongs."""
        return next(
            task for action in self.actions for task in action.tasks if task.id == milestone.task_id
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between a plan and its revision.

    `what` is task, milestone, target or unit; `how` added, removed or changed: in `new` and `old`.
    """

    how: str
    what: str
    task: str
    """Title of the task in question, empty for the plan itself."""
    field: str = ""
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class TaskTitle:
    """A task of a running plan, to be named beside an issue."""

    plan_id: int
    task_id: int
    code: str
    no: int
    title: str
