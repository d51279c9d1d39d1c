"""What was read from a plan: facts with the sentence they come from, and doubts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflow.plans.duties import Duty
from workflow.plans.lines import Place


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should check. `message` is a msgid with places for `params`."""

    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    sentence: str = ""
    place: Place | None = None

    def text(self) -> str:
        """The Chinese message with the sentence beside it."""
        shown = self.message.format_map(self.params) if self.params else self.message
        return f"{shown}原文：“{self.sentence}”" if self.sentence else shown


@dataclass(frozen=True, slots=True)
class Milestone:
    """A day by which something is due. `certain` is false where a person should confirm the day."""

    due: date
    text: str
    printed: str
    certain: bool = True

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "due": self.due.isoformat(),
            "text": self.text,
            "printed": self.printed,
            "certain": self.certain,
        }


@dataclass(frozen=True, slots=True)
class Undated:
    """A term that is no day: `kind` recurring, relative, immediate, standing, season, start.

    `every` as in `month:25`; `limit` as in `30wd`, counted from `anchor` (印发).
    """

    kind: str
    text: str
    printed: str
    every: str | None = None
    limit: str | None = None
    anchor: str | None = None
    begins: date | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values, only those that are known."""
        known = {
            "every": self.every,
            "limit": self.limit,
            "anchor": self.anchor,
            "begins": self.begins.isoformat() if self.begins else None,
        }
        found = {"kind": self.kind, "text": self.text, "printed": self.printed}
        return found | {name: value for name, value in known.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Target:
    """A figure or a state to reach.

    `kind`: number, rank, grade, state, or threshold (a size that only says what is meant, as in
    年运量150万吨以上的企业). `comparator` is >=, <=, >, <, = or, where none fits, the printed word.
    `value` holds the printed digits, or the words of a state. `baseline` is what a change is
    measured against, `scope` the area, `soft` the words that weaken or sharpen.
    """

    name: str
    comparator: str
    value: str
    unit: str
    due: date | None
    kind: str
    sentence: str
    soft: tuple[str, ...] = ()
    baseline: str | None = None
    scope: str | None = None
    doubts: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "comparator": self.comparator,
            "value": self.value,
            "unit": self.unit,
            "due": self.due.isoformat() if self.due else None,
            "kind": self.kind,
            "soft": list(self.soft),
            "baseline": self.baseline,
            "scope": self.scope,
            "sentence": self.sentence,
        }


@dataclass(frozen=True, slots=True)
class Action:
    """A heading that holds tasks."""

    no: int
    label: str
    title: str
    place: Place

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"no": self.no, "label": self.label, "title": self.title}


@dataclass(frozen=True, slots=True)
class Task:
    """One task: who, until when, how much. `text` is its text without the clauses of duty."""

    no: int
    label: str
    action: int | None
    title: str
    text: str
    place: Place
    duties: tuple[Duty, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    undated: tuple[Undated, ...] = ()
    targets: tuple[Target, ...] = ()
    notes: tuple[Note, ...] = ()

    def units(self, role: str) -> tuple[str, ...]:
        """The units that stand to the task in a role, in the order of print, each once."""
        named = (name for duty in self.duties if duty.role == role for name in duty.units)
        return tuple(dict.fromkeys(named))

    def as_json(self) -> dict[str, Any]:
        """The task as `plan parse --json` prints it."""
        return {
            "no": self.no,
            "label": self.label,
            "action": self.action,
            "title": self.title,
            "text": self.text,
            "lead": list(self.units("lead")),
            "cooperating": list(self.units("cooperating")),
            "responsible": list(self.units("responsible")),
            "supervising": list(self.units("supervising")),
            "acceptance": list(self.units("acceptance")),
            "milestones": [milestone.as_json() for milestone in self.milestones],
            "undated": [term.as_json() for term in self.undated],
            "targets": [target.as_json() for target in self.targets],
            "notes": [note.text() for note in self.notes],
            "place": self.place.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the plan that holds no task: goals, safeguards, preamble; nothing is dropped."""

    purpose: str
    label: str
    title: str
    text: str
    place: Place
    milestones: tuple[Milestone, ...] = ()
    undated: tuple[Undated, ...] = ()
    targets: tuple[Target, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "purpose": self.purpose,
            "label": self.label,
            "title": self.title,
            "text": self.text,
            "milestones": [milestone.as_json() for milestone in self.milestones],
            "undated": [term.as_json() for term in self.undated],
            "place": self.place.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Head:
    """What a document says of itself; None where it does not."""

    title: str | None = None
    number: str | None = None
    issuer: str | None = None
    issued_on: date | None = None
    organiser: str | None = None
    supervisor: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "title": self.title,
            "number": self.number,
            "issuer": self.issuer,
            "issued_on": self.issued_on.isoformat() if self.issued_on else None,
            "organiser": self.organiser,
            "supervisor": self.supervisor,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that was read from one document."""

    head: Head
    actions: tuple[Action, ...] = ()
    tasks: tuple[Task, ...] = ()
    sections: tuple[Section, ...] = ()
    targets: tuple[Target, ...] = ()
    notes: tuple[Note, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The mapping that `plan parse --json` prints."""
        return {
            "document": self.head.as_json(),
            "actions": [action.as_json() for action in self.actions],
            "tasks": [task.as_json() for task in self.tasks],
            "targets": [target.as_json() for target in self.targets],
            "sections": [section.as_json() for section in self.sections],
            "notes": [note.text() for note in self.notes],
        }
