"""One issue as a decision sees it: frozen facts, no session, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from workflow.deadlines.running import ClockRow
from workflow.loops.loop import Loop
from workflow.loops.semantics import ClockState


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """An undecided request beside the state (extension, suspension, objection)."""

    id: int
    kind: str
    asked_by_id: int | None
    data: Mapping[str, Any]
    decider_unit_id: int
    decider_post: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Where the issue came from; ``has_contact`` demands a reply of its own."""

    id: int
    kind: str
    own_number: str | None
    has_contact: bool
    replied: bool


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part (分办件) as its parent's decisions need it."""

    id: int
    number: str
    responsible_unit_id: int | None
    state: str
    counts_as: str | None
    is_open: bool
    due_on: date | None = None


class Case(NamedTuple):
    """An issue with everything that a decision about it can depend on."""

    id: int
    number: str
    loop: Loop
    state: str
    version: int
    head: str
    title: str
    description: str
    category: str
    source: str
    place: str
    place_unit_id: int | None
    speed: str
    task: str | None
    parent_id: int | None
    root_id: int | None
    recurs_of_id: int | None
    merged_into_id: int | None
    part_count: int
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
    units: Mapping[str, list[int]]
    fixers: tuple[int, ...]
    facts: Mapping[str, Any]
    created_at: datetime
    created_by_id: int | None
    clocks: tuple[ClockRow, ...] = ()
    requests: tuple[OpenRequest, ...] = ()
    sources: tuple[SourceRow, ...] = ()
    parts: tuple[PartRow, ...] = ()
    latest_part_bound: date | None = None
    """For a part: no due date of it may lie after this day."""
    directory_version: int = 0

    def clock_states(self) -> dict[str, ClockState]:
        """Name → state of the clocks that run for the issue itself."""
        return {clock.kind: clock.state for clock in self.clocks if clock.subject == "issue"}

    def clock(self, kind: str) -> ClockRow | None:
        """Return the issue's own clock of that name, if it is not done."""
        return next((c for c in self.clocks if c.subject == "issue" and c.kind == kind), None)

    def request(self, kind: str) -> OpenRequest | None:
        """Return the open request of that kind."""
        return next((r for r in self.requests if r.kind == kind), None)

    def times(self, fact: str) -> int:
        """Return how often something happened that the facts count, such as returns."""
        return int(self.facts.get(fact, 0))
