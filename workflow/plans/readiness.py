"""What still keeps a draft from being put into force, in words a person can act on."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import bindparam, exists, func, select

from workflow.db import Tx
from workflow.errors import N_
from workflow.plans.facts import Content, responsible
from workflow.plans.reviewing import Obstacle
from workflow.plans.store import NOTE, TASK
from workflow.plans.store import UNIT as NAMES
from workflow.plans.views import Head
from workflow.units.directory import Directory

_MOST_NAMED = 5
MISREAD = exists().where(TASK.c.id == NOTE.c.task_id, TASK.c.state == "struck")
"""A doubt about a task that was struck out needs no answer."""
_DOUBTS = select(func.count()).where(
    NOTE.c.plan_id == bindparam("plan_id"), ~NOTE.c.resolved, ~MISREAD
)
_OPEN_NAMES = (
    select(NAMES.c.name)
    .where(NAMES.c.plan_id == bindparam("plan_id"), NAMES.c.decision == "open")
    .order_by(NAMES.c.id)
)
_TO_CREATE = select(NAMES.c.id).where(
    NAMES.c.plan_id == bindparam("plan_id"), NAMES.c.decision == "create"
)


def obstacles(tx: Tx, directory: Directory, plan: Head, content: Content) -> tuple[Obstacle, ...]:
    """Every reason, the first ones first to be dealt with; three statements."""
    mine = {"plan_id": plan.id}
    doubts = int(tx.execute(_DOUBTS, mine).scalar_one())
    names = list(tx.execute(_OPEN_NAMES, mine).scalars())
    created = frozenset(tx.execute(_TO_CREATE, mine).scalars())
    return tuple(_all(directory, plan, content, doubts, names, created))


def _all(
    directory: Directory,
    plan: Head,
    content: Content,
    doubts: int,
    names: list[str],
    created: frozenset[int],
) -> Iterator[Obstacle]:
    if not content.active:
        yield Obstacle(N_("没有任务可以导入。"), {})
    if doubts:
        yield Obstacle(N_("还有{count}处疑问未处理。"), {"count": doubts}, "doubts")
    left = sum(task.confirmed_at is None for task in content.active)
    if left:
        yield Obstacle(N_("还有{count}项任务未核对。"), {"count": left}, "tasks")
    if names:
        yield Obstacle(
            N_("还有{count}个单位名称未对应：{names}。"),
            {"count": len(names), "names": "、".join(names[:_MOST_NAMED])},
            "units",
        )
    for task in content.active:
        if content.due_milestones(task.id):
            yield from _of_task(directory, plan, content, task, created)


def _of_task(
    directory: Directory, plan: Head, content: Content, task: Any, created: frozenset[int]
) -> Iterator[Obstacle]:
    for milestone in content.due_milestones(task.id):
        if milestone.due is not None and not 1900 <= milestone.due.year < 2200:
            yield Obstacle(
                N_("任务“{title}”的时限{day}有误，请更正。"),
                {"title": task.title, "day": milestone.due.isoformat()},
                str(task.id),
            )
    stand = content.units_of.get(task.id, {})
    who = responsible(stand)
    coming = any(
        duty.role in ("lead", "responsible") and duty.plan_unit_id in created
        for duty in content.duties.get(task.id, ())
    )
    if who is None and not coming:
        yield Obstacle(
            N_("任务“{title}”有时限，但牵头、责任单位都没有落到具体单位。"),
            {"title": task.title},
            str(task.id),
        )
    elif who is not None and acceptance(directory, plan, stand, who) is None:
        yield Obstacle(
            N_("任务“{title}”的责任单位{unit}没有可以验收的单位，请写明验收单位。"),
            {"title": task.title, "unit": directory.unit(who).name},
            str(task.id),
        )


def acceptance(
    directory: Directory, plan: Head, stand: Mapping[str, tuple[int, ...]], who: int
) -> int | None:
    """Who judges a milestone: the named unit, the plan's organiser, its issuer or who is above.

    Never the responsible unit or one below it.
    """
    wanted = (
        *stand.get("acceptance", ()),
        *((plan.organiser_unit_id,) if plan.organiser_unit_id else ()),
        plan.issuer_unit_id,
        *directory.ancestors(plan.issuer_unit_id),
    )
    return next((unit for unit in wanted if not directory.is_within(unit, who)), None)
