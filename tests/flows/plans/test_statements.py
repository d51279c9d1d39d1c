"""Reads of plans cost the same number of statements however much stands in the plan."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event

from tests.flows.plans.conftest import DISPATCHER, PLAN, Desk
from workflow.db import Tx
from workflow.plans import queries
from workflow.units import queries as units

MORE = "\n".join(
    f"{n}.补充任务{n}。202{n % 3 + 5}年{n % 12 + 1}月底前，完成第{n}项工作，"
    f"完成率达到{50 + n}%以上。"
    f"\n牵头单位：市水利局\n配合单位：市生态环境局\n责任单位：青山镇人民政府"
    for n in range(5, 40)
)


@contextmanager
def counted(tx: Tx) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(tx.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(tx.engine, "before_cursor_execute", note)


def _cost(desk: Desk, read: Callable[[Tx], object]) -> int:
    with desk.world.database.reading() as tx:
        units.directory(tx)
        with counted(tx) as sent:
            read(tx)
    return len(sent)


def test_a_large_plan_costs_as_many_statements_as_a_small_one(desk: Desk) -> None:
    world = desk.world
    small, large = desk.stage().id, desk.stage(PLAN + MORE).id
    assert len(desk.review(large).tasks) == 39
    actor, today = world.actor(DISPATCHER), world.today()

    def review(plan_id: int) -> int:
        return _cost(
            desk,
            lambda tx: queries.review(tx, units.directory(tx), actor, plan_id=plan_id),
        )

    def progress(plan_id: int) -> int:
        return _cost(
            desk,
            lambda tx: queries.progress(
                tx, units.directory(tx), actor, plan_id=plan_id, today=today
            ),
        )

    def listed() -> int:
        return _cost(desk, lambda tx: queries.page(tx, units.directory(tx), actor, today=today))

    assert review(small) == review(large) <= 16
    one = listed()
    for plan_id in (small, large):
        desk.confirm_all(plan_id)
        desk.act("activate", plan_id)
    assert progress(small) == progress(large) <= 16
    assert one == listed() <= 3
