"""A milestone begins to run: it is an issue of the loop ``milestone``, made by the activation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from workflow.db import Tx
from workflow.deadlines.rhythm import next_day
from workflow.issues import create
from workflow.issues.effect import House
from workflow.issues.office import Office
from workflow.issues.record import Said
from workflow.plans.facts import is_past, responsible
from workflow.plans.readiness import acceptance
from workflow.plans.views import Head
from workflow.units.directory import Directory
from workflow.units.rules import Actor

LOOP = "milestone"
SOURCE = "plan"
OTHER = "other"
_BEGIN = "not_done"
"""The action with which a clock starts; born overdue, a person takes it."""
_LONGEST_TITLE = 120
_MOST_HELPERS = 60


@dataclass(frozen=True, slots=True)
class Began:
    """A milestone that runs; `asked` waits for somebody to say if it was done before."""

    issue_id: int
    number: str
    asked: bool


def begin(
    tx: Tx,
    office: Office,
    house: House,
    *,
    plan: Head,
    task: Any,
    milestone: Any,
    units: Mapping[str, tuple[int, ...]],
    by: Actor,
    now: datetime,
    door: str,
) -> Began | None:
    """Let a milestone run; None for one whose days are unclear, which stays a note."""
    today = house.timing.day(now)
    due = due_day(milestone.due, milestone.every, today)
    if due is None:
        return None
    asked = is_past(due, today)
    made = create.create(
        tx,
        office,
        house,
        create.NewIssue(
            loop=office.loops[LOOP],
            title=title_of(task.title, milestone.content),
            description=milestone.content,
            category=OTHER if OTHER in office.categories else min(office.categories),
            source=SOURCE if SOURCE in office.sources else min(office.sources),
            units=stand_of(house.directory, plan, units),
            task=task.code,
            due_on=due,
            milestone_id=milestone.id,
            opening=None if asked else _BEGIN,
            facts={"plan": plan.code, "every": milestone.every} if milestone.every else {
                "plan": plan.code
            },
            said={"task": task.code},
        ),
        said=Said("activate", "activate", by, door, plan.issuer_unit_id),
        now=now,
    )  # fmt: skip
    return Began(made.id, made.number, asked)


def due_day(due: date | None, every: str | None, today: date) -> date | None:
    """The first day by which a milestone is due: as printed, or the next of its rhythm."""
    return due if due is not None else next_day(every, today) if every else None


def title_of(task: str, content: str) -> str:
    """What the issue of a milestone is called: the task, and what is to be done of it."""
    first = content.split("\n", 1)[0].strip()
    text = f"{task}：{first}" if first and first != task else task
    return text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 1] + "…"


def stand_of(
    directory: Directory, plan: Head, units: Mapping[str, tuple[int, ...]]
) -> dict[str, list[int]]:
    """How units stand to a milestone's issue: one carries it, the others of its task help."""
    who = responsible(units)
    if who is None:
        raise AssertionError("a task without a unit is an obstacle")
    judge = acceptance(directory, plan, units, who)
    if judge is None:
        raise AssertionError("a milestone that nobody may judge is an obstacle")
    helpers = dict.fromkeys(
        unit
        for role in ("lead", "cooperating", "responsible")
        for unit in units.get(role, ())
        if unit != who
    )
    issuer = plan.issuer_unit_id
    over = units.get("supervising") or (plan.supervising_unit_id or issuer,)
    return {
        "reporting": [issuer],
        "issuer": [issuer],
        "supervising": list(over)[:1],
        "closing": [issuer],
        "responsible": [who],
        "lead": [who],
        "cooperating": list(helpers)[:_MOST_HELPERS],
        "acceptance": [judge],
    }
