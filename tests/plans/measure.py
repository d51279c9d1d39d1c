"""How well a plan was read: precision and recall per kind of fact against a file of facts.

A file of facts is written by hand from what the document says, never from the program's output.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from workflow.plans.characters import fold, joined
from workflow.plans.found import Plan, Target

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("lead", "cooperating", "responsible")
Facts = Mapping[str, Any]


@dataclass
class Score:
    """Facts of one kind: expected, found, and those that are both."""

    expected: int = 0
    found: int = 0
    right: int = 0
    missing: list[Any] = field(default_factory=list)
    wrong: list[Any] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 1.0

    def add(self, expected: Iterable[Any], found: Iterable[Any]) -> None:
        """Counts what was expected against what was found, each as often as it occurs."""
        wanted, got = list(expected), list(found)
        self.expected += len(wanted)
        self.found += len(got)
        for fact in wanted:
            match = next((other for other in got if other == fact), None)
            if match is None:
                self.missing.append(fact)
            else:
                got.remove(match)
                self.right += 1
        self.wrong += got


@dataclass(frozen=True)
class Named:
    """A target; equal to another if the figures are equal and one name contains the other."""

    where: Any
    name: str
    rest: tuple[Any, ...]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Named) or (self.where, self.rest) != (other.where, other.rest):
            return False
        return self.name in other.name or other.name in self.name

    __hash__ = None  # type: ignore[assignment]


def plain(text: str | None) -> str:
    """Without gaps and quotation marks, one form for each sign."""
    shown = fold(joined(text or ""))
    return "".join(char for char in shown if char not in "“”\"‘’' ")


def load(path: Path) -> Facts:
    """The facts of a file."""
    facts: Facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    return facts


def measure(plan: Plan, facts: Facts) -> dict[str, Score]:
    """The score of each kind of fact that the file speaks of."""
    scores: dict[str, Score] = {}

    def add(kind: str, expected: Iterable[Any], found: Iterable[Any]) -> None:
        scores.setdefault(kind, Score()).add(expected, found)

    document = facts.get("document", {})
    head = plan.head.as_json()
    add("document", [(k, plain(str(v))) for k, v in document.items()],
        [(k, plain(str(head[k]))) for k in document])  # fmt: skip
    if "actions" in facts:
        add("actions", map(plain, facts["actions"]), [plain(a.title) for a in plan.actions])
    goals = facts.get("goals")
    if goals is not None:
        add("figures", _figures("goal", goals), _numeric("goal", plan.targets))
        add("states", _states("goal", goals), _qualitative("goal", plan.targets))
    add(
        "titles",
        [plain(task["title"]) for task in facts["tasks"]],
        [plain(t.title) for t in plan.tasks],
    )
    by_title = {plain(task.title): task for task in plan.tasks}
    for expected in facts["tasks"]:
        title = plain(expected["title"])
        task = by_title.get(title)
        for role in ROLES:
            found = task.units(role) if task else ()
            add(role, [(title, plain(u)) for u in expected.get(role, [])],
                [(title, plain(u)) for u in found])  # fmt: skip
        dues = {m.due for m in task.milestones} if task else set()
        add(
            "dues",
            [(title, due) for due in expected.get("dues", [])],
            [(title, due) for due in sorted(dues)],
        )
        if "undated" in expected:
            kinds = {u.kind for u in task.undated} if task else set()
            add(
                "undated",
                [(title, kind) for kind in expected["undated"]],
                [(title, kind) for kind in sorted(kinds)],
            )
        targets = task.targets if task else ()
        if "figures" in expected or "figures" in facts.get("read", ["figures"]):
            add("figures", _figures(title, expected), _numeric(title, targets))
        if "states" in facts.get("read", ["states"]):
            add("states", _states(title, expected), _qualitative(title, targets))
    return scores


def _figures(where: str, facts: Facts) -> Iterator[Named]:
    for name, sign, value, unit, due in facts.get("figures", []):
        yield Named(where, plain(name), (sign, str(value), unit, due))


def _numeric(where: str, targets: Iterable[Target]) -> Iterator[Named]:
    for t in targets:
        if t.kind != "state":
            yield Named(where, plain(t.name), (t.comparator, t.value, t.unit, t.due))


def _states(where: str, facts: Facts) -> Iterator[Named]:
    for name, value, due in facts.get("states", []):
        yield Named(where, plain(name), (_core(value), due))


def _qualitative(where: str, targets: Iterable[Target]) -> Iterator[Named]:
    for t in targets:
        if t.kind == "state":
            yield Named(where, plain(t.name), (_core(t.value), t.due))


def _core(value: str) -> str:
    """The first signs of a state: how long its object is quoted does not matter."""
    return plain(value)[:7]


def table(scores: Mapping[str, Score]) -> str:
    """Precision and recall as lines of text."""
    rows = [
        f"{kind:12} expected {s.expected:4} found {s.found:4} right {s.right:4} "
        f"precision {s.precision:.3f} recall {s.recall:.3f}"
        for kind, s in scores.items()
    ]
    return "\n".join(rows)
