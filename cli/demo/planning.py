"""The plan of the demo city: printed as an office would print it, read and imported like any other.

Its years move with the start, so that it is always the plan of these years.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from cli.demo.cast import Cast
from cli.demo.city import OFFICES, PLACES, City, MilestoneEntry, PlanEntry, TargetEntry, TaskEntry
from cli.demo.letters import DOOR
from cli.demo.moments import Start
from workflow.db import Tx
from workflow.errors import N_, ConfigError, WorkflowError
from workflow.evidence.storage import Storage
from workflow.issues import actions as issues
from workflow.issues.office import Office
from workflow.plans import actions, activation, queries, staging
from workflow.plans.reading import Prepared, prepare
from workflow.plans.vocabulary import load_words
from workflow.units import queries as units
from workflow.units.rules import Actor

PRINTED_FOR = 2025
"""The last year of the plan as the file has it."""
IMPORTED = timedelta(minutes=30)
"""So long before the start it came into force."""
DISPATCHER = "gongjian.dispatcher"
_GENERAL = {PLACES: "各乡镇人民政府、街道办事处", OFFICES: "各市直单位"}
_SIGNS = {">=": "不低于", "<=": "不高于", "=": "达到", ">": "高于", "<": "低于"}
_NUMERALS = "零一二三四五六七八九十"


@dataclass
class Importing:
    """The plan of the demo, filed at the beginning of the stories and in force at the end."""

    found: Prepared
    codes: dict[str, str] = field(default_factory=dict)
    """Number of a task as stories write it → its code."""
    plan_id: int = 0

    def file(self, tx: Tx, office: Office, cast: Cast, at: datetime) -> None:
        """File the document, so that problems can name its tasks."""
        by = cast.named(DISPATCHER, at)
        staged = staging.stage(tx, office, found=self.found, by=by, now=at, door=DOOR)
        self.plan_id = staged.id
        review = queries.review(tx, units.directory(tx), by, plan_id=staged.id)
        self.codes = {str(task.no): task.code for task in review.tasks}

    def put_into_force(self, tx: Tx, office: Office, cast: Cast, at: datetime) -> None:
        """Look at everything, import it, and answer for what was done before; one is left to ask.

        Raises ConfigError with the engine's reason for a plan that does not hold.
        """
        by = cast.named(DISPATCHER, at)
        directory = units.directory(tx)
        common: dict[str, Any] = {"plan_id": self.plan_id, "version": None, "by": by}
        common |= {"now": at, "door": DOOR}
        try:
            review = queries.review(tx, directory, by, plan_id=self.plan_id)
            for task_id in (None, *(task.id for task in review.tasks if task.doubts)):
                actions.confirm(tx, office, task_id=task_id, **common)
            actions.confirm_clear(tx, office, **common)
            activation.activate(tx, office, **common)
            self._answer(tx, office, by, at)
        except WorkflowError as error:
            raise ConfigError(
                N_("演示计划导入不成：{problem}"),
                file="plan.yaml",
                params={"problem": error.why_text() or error.text()},
            ) from error

    def _answer(self, tx: Tx, office: Office, by: Actor, at: datetime) -> None:
        today = office.timing.day(at)
        page = queries.progress(tx, units.directory(tx), by, plan_id=self.plan_id, today=today)
        asked = [m for a in page.actions for t in a.tasks for m in t.milestones if m.asks and m.due]
        asked.sort(key=lambda milestone: milestone.due or today)
        for milestone in asked[:-1]:
            assert milestone.number is not None
            done = {"done_on": milestone.due, "note": "已按期完成，台账齐全。"}
            issues.act(
                tx, office, number=milestone.number, action="done_before", data=done,
                version=None, by=by, now=at, door=DOOR,
            )  # fmt: skip


def read_plan(city: City, storage: Storage, config_dir: Path, start: Start) -> Importing:
    """The city's plan as a document that was read."""
    text = document(city.plan, years=start.today.year - PRINTED_FOR)
    words = load_words(config_dir / "plans" / "words.yaml")
    return Importing(prepare(storage, text.encode(), "行动计划.txt", words))


def document(plan: PlanEntry, *, years: int = 0) -> str:
    """The plan as an office prints it, all years later by so many."""
    text = "\n".join(_lines(plan))
    return re.sub(r"20\d\d", lambda match: str(int(match[0]) + years), text)


def _lines(plan: PlanEntry) -> Iterator[str]:
    day = plan.issued_on
    yield f"{plan.issuer}关于印发{plan.title}的通知"
    yield plan.number
    yield f"{day.year}年{day.month}月{day.day}日"
    yield ""
    yield plan.title
    yield ""
    yield "一、主要目标"
    yield "。".join(_figure(target) for target in plan.targets) + "。"
    yield "二、重点任务"
    numbers = count(1)
    for action in plan.actions:
        yield f"（{_numeral(action.no)}）{action.title}行动"
        for task in action.tasks:
            yield from _task(next(numbers), task)
    yield f"主办：{plan.organiser}"
    yield f"督办：{plan.supervisor}"


def _task(no: int, task: TaskEntry) -> Iterator[str]:
    said = [task.title, *(_term(each) for each in task.milestones), *map(_figure, task.targets)]
    yield f"{no}.{'。'.join(said)}。"
    for label, names in (
        ("牵头单位", task.lead),
        ("配合单位", task.cooperating),
        ("责任单位", task.responsible),
    ):
        if names:
            yield f"{label}：{'、'.join(_GENERAL.get(name, name) for name in names)}"


def _term(milestone: MilestoneEntry) -> str:
    due = milestone.due
    when = milestone.when or (f"{due.year}年{due.month}月{due.day}日前" if due else "")
    return f"{when}，{milestone.text}"


def _figure(target: TargetEntry) -> str:
    until = f"到{target.due.year}年，" if target.due else ""
    return f"{until}{target.name}{_SIGNS[target.comparator]}{target.value}{target.unit}"


def _numeral(n: int) -> str:
    if n <= 10:
        return _NUMERALS[n]
    return ("" if n < 20 else _NUMERALS[n // 10]) + "十" + (_NUMERALS[n % 10] if n % 10 else "")
