"""What a kind of action is given, and what it wants to happen: data, never a call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from workflow.deadlines.desk import Timing
from workflow.issues.case import Case
from workflow.loops.loop import Loop, Transition
from workflow.units.directory import Directory
from workflow.units.rules import Actor, Role

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def nothing() -> Mapping[str, Any]:
    """Return the one empty mapping that all effects share."""
    return _NOTHING


@dataclass(frozen=True, slots=True)
class House:
    """What the installation knows now: who is who, calendar, categories, loops of parts."""

    directory: Directory
    timing: Timing
    categories: frozenset[str]
    part_loops: Mapping[str, Loop]


@dataclass(slots=True)
class Step:
    """One attempt at one transition: the case, the filled form, who, when, and the house."""

    case: Case
    transition: Transition
    values: Mapping[str, Any]
    by: Actor
    now: datetime
    house: House
    role: Role | None = None
    """The role in which ``by`` acts; none for the clock."""
    for_unit: int | None = None
    """The unit for which ``by`` acts."""

    @property
    def directory(self) -> Directory:
        """Who is who."""
        return self.house.directory

    @property
    def categories(self) -> frozenset[str]:
        """Codes of the categories that the office uses."""
        return self.house.categories

    @property
    def today(self) -> date:
        """The civil date of ``now`` where the office is."""
        return self.house.timing.day(self.now)

    @property
    def part_loop(self) -> Loop | None:
        """The loop that parts of this issue run on."""
        return self.house.part_loops.get(self.case.loop.part_loop or "")

    def option(self, name: str) -> str | None:
        """Return a fixed word of the definition, such as ``verdict: founded``."""
        return self.transition.options.get(name)

    def noted(self, **more: Any) -> dict[str, Any]:
        """Return what a fact should remember of this step: when, who, and ``more``."""
        return {"at": self.now.isoformat(), "by": self.by.login, **more}


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to open beside the state."""

    kind: str
    reason: str
    data: Mapping[str, Any] = field(default_factory=nothing)


@dataclass(frozen=True, slots=True)
class Settle:
    """An open request to close with an outcome: granted, refused or withdrawn."""

    kind: str
    outcome: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class NewPart:
    """A part to create under this issue."""

    title: str
    description: str
    due_on: date | None
    units: Mapping[str, list[int]]


class Effect(NamedTuple):
    """Everything that one action changes besides state and clocks."""

    facts: Mapping[str, Any] = _NOTHING
    units: Mapping[str, list[int]] = _NOTHING
    columns: Mapping[str, Any] = _NOTHING
    due_on: date | None = None
    """A first due date, or a new one set by the dispatcher."""
    extend_to: date | None = None
    """Moves the running due date: a new round of its rungs."""
    ask: Ask | None = None
    settles: Sequence[Settle] = ()
    parts: Sequence[NewPart] = ()
    relapses: bool = False
    raises: bool = False
    """A milestone that is missed becomes a problem of its own."""
    merges_into: str | None = None
    replies_to: int | None = None
    """The source that this answers."""
    replies_to_all: bool = False
    """The form's reply goes to every source that waits for one."""
    evidence: Sequence[str] = ()
    limits: Mapping[str, str] = _NOTHING
    """Lengths for clocks whose limit is a field of this form."""
    said: Mapping[str, Any] = _NOTHING
    """What the event records; the form's own values unless the kind says otherwise."""
