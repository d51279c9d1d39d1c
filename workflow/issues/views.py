"""What a page, a command or the API is shown of issues: frozen, no rows, no session.

Units and people are ids, states and actions are names of the issue's loop; the door puts the words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflow.deadlines.shown import ClockView


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One line of a list."""

    id: int
    number: str
    title: str
    loop: str
    loop_version: str
    state: str
    is_open: bool
    lamp: str
    level: int
    due_on: date | None
    move_due_at: datetime | None
    category: str
    place: str
    responsible_unit_id: int | None
    owner_unit_id: int | None
    owner_post: str | None
    parent_id: int | None
    part_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None does not narrow. `q` is free text."""

    states: tuple[str, ...] = ()
    """Names of states; those of different loops may carry one label."""
    loop: str | None = None
    unit: int | None = None
    lamp: str | None = None
    category: str | None = None
    task: str | None = None
    is_open: bool | None = None
    overdue: bool = False
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a list, newest first, and where the next ones begin."""

    rows: tuple[IssueRow, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Relative:
    """An issue that belongs to the one shown. `number` is None where no more may be seen of it."""

    relation: str
    """parent, root, part, sister, recurs_of, recurrence, merged_into or merged."""
    number: str | None
    title: str
    loop_version: str
    state: str
    is_open: bool
    due_on: date | None
    responsible_unit_id: int | None


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where an issue came from, without who reported it."""

    id: int
    kind: str
    own_number: str | None
    received_at: datetime
    has_contact: bool
    replied_at: datetime | None


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request beside the state."""

    id: int
    number: str
    title: str
    kind: str
    state: str
    asked_by_id: int | None
    asked_at: datetime
    reason: str
    data: Mapping[str, Any]
    decider_unit_id: int
    decider_post: str
    due_at: datetime | None
    decided_by_id: int | None
    decided_at: datetime | None
    decision_reason: str | None


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper that a rung drafted, and what became of it."""

    id: int
    issue_id: int
    number: str
    issue_title: str
    kind: str
    state: str
    title: str
    body: str
    addressee_unit_id: int | None
    to_posts: Sequence[Sequence[Any]]
    copy_posts: Sequence[Sequence[Any]]
    signer_unit_id: int
    signer_post: str
    answer_by: str | None
    created_at: datetime
    settled_at: datetime | None
    settled_by_id: int | None
    reason: str | None
    answered_at: datetime | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A file that was added with an event."""

    id: int
    event_seq: int
    name: str
    caption: str | None
    mime: str
    size: int
    sha256: str
    copy_sha256: str | None
    added_by_id: int | None
    added_at: datetime


@dataclass(frozen=True, slots=True)
class IssueView:
    """One issue with everything that its page shows."""

    id: int
    number: str
    version: int
    loop: str
    loop_version: str
    state: str
    title: str
    description: str
    category: str
    source: str
    place: str
    place_unit_id: int | None
    lat: float | None
    lon: float | None
    speed: str
    task: str | None
    owner_unit_id: int | None
    owner_post: str | None
    move_due_at: datetime | None
    due_on: date | None
    original_due_on: date | None
    lamp: str
    level: int
    counts_as: str | None
    is_open: bool
    responsible_unit_id: int | None
    units: Mapping[str, Sequence[int]]
    facts: Mapping[str, Any]
    created_at: datetime
    created_by_id: int | None
    parent_id: int | None
    relatives: tuple[Relative, ...]
    sources: tuple[SourceView, ...]
    requests: tuple[RequestView, ...]
    papers: tuple[PaperView, ...]
    clocks: tuple[ClockView, ...]
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True, slots=True)
class WorkList:
    """What waits for one person: moves by urgency, requests to decide, papers to sign."""

    moves: tuple[IssueRow, ...]
    after: str | None
    requests: tuple[RequestView, ...]
    papers: tuple[PaperView, ...]
    states: Mapping[tuple[str, str], int]
    """(loop, state) → number of issues whose move it is."""

    @property
    def total(self) -> int:
        """Everything that waits."""
        return sum(self.states.values()) + len(self.requests) + len(self.papers)


@dataclass(frozen=True, slots=True)
class UnitLoad:
    """The load of one responsible unit."""

    unit_id: int
    open: int
    overdue: int
    lamps: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts over everything in a scope; problems are roots, parts are only in the units' load."""

    total: int
    open: int
    overdue: int
    due_this_week: int
    states: Mapping[tuple[str, str], int]
    """(loop, state) → problems, open and ended."""
    outcomes: Mapping[str, int]
    lamps: Mapping[str, int]
    """Open problems by lamp."""
    categories: Mapping[str, tuple[int, int, int]]
    """Category → all, open, overdue."""
    sources: Mapping[str, tuple[int, int, int]]
    """Source by which a problem was found → all, open, overdue."""
    units: tuple[UnitLoad, ...]
    received: Mapping[str, int] = field(default_factory=dict)
    """Source → how many reports came in, those of merged problems included."""


@dataclass(frozen=True, slots=True)
class NextRung:
    """The rung that comes next among the issues of a scope."""

    number: str
    title: str
    clock: str
    at: datetime
    level: int
    lamp: str | None
    message: str | None
    paper: str | None
    to: str
    owner: str
    owner_unit_id: int | None
