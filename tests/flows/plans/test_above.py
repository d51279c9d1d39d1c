"""A plan under a plan: the one above is cited in the words of the one below."""

import pytest

from tests.flows.plans.conftest import PLAN, Desk
from workflow.plans.above import is_weaker

BELOW = (
    PLAN.replace("云泽市河湖治理行动计划（2024—2025年）", "青山镇河湖治理实施方案")
    .replace("云泽市河湖治理行动计划", "青山镇河湖治理实施方案")
    .replace("云政办〔2024〕9号", "青政〔2024〕3号")
    .replace(
        "一、主要目标",
        "按照云泽市河湖治理行动计划（云政办〔2024〕\n9号）要求，制定本方案。\n一、主要目标",
    )
    .replace("比例达到80%以上", "比例达到75%以上")
    .replace("整治率达到95%以上", "整治率达到98%以上")
)


def test_figures_are_held_against_the_plan_above(desk: Desk) -> None:
    upper, _ = desk.run()
    lower, _ = desk.run(BELOW)
    page = desk.page(lower)
    assert [each.id for each in page.above] == [upper]
    asked = {
        target.name: page.demands[target.id]
        for target in (
            *page.targets,
            *(t for a in page.actions for task in a.tasks for t in task.targets),
        )
        if target.id in page.demands
    }
    found = {(demand.value, demand.is_weaker) for demand in asked.values()}
    assert {("80", True), ("95", False)} <= found
    assert (desk.page(upper).above, desk.page(upper).demands) == ((), {})


@pytest.mark.parametrize(
    ("comparator", "own", "above", "weaker"),
    [
        (">=", "85", "80", False),
        (">=", "75", "80", True),
        ("<=", "39", "40", False),
        ("<=", "41", "40", True),
        ("=", "1", "2", False),
        (">=", "全部", "80", False),
    ],
)
def test_what_is_weaker(comparator: str, own: str, above: str, weaker: bool) -> None:
    assert is_weaker(comparator, own, above) is weaker
