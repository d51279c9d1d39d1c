"""A plan of the small city, and a dispatcher's hand for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.world import CONFIG, World
from workflow.evidence.storage import Storage
from workflow.plans import actions, activation, facts, queries, staging
from workflow.plans.activation import Activated
from workflow.plans.changes import Facts
from workflow.plans.reading import prepare
from workflow.plans.reviewing import Review
from workflow.plans.staging import Staged
from workflow.plans.views import PlanPage, TaskView
from workflow.plans.vocabulary import load_words
from workflow.units import queries as units

WORDS = load_words(CONFIG / "plans" / "words.yaml")
DISPATCHER = "gj.dispatcher"

PLAN = """云泽市人民政府办公室关于印发云泽市河湖治理行动计划的通知
云政办〔2024〕9号
2024年9月2日

云泽市河湖治理行动计划（2024—2025年）

一、主要目标
到2025年，全市地表水达到或好于Ⅲ类水体比例达到80%以上。

二、重点任务
（一）河道治理行动
1.整治入河排污口。2024年12月底前，完成入河排污口排查。2025年年底前，全部入河排污口整治到位，整治率达到95%以上。
牵头单位：市水利局
配合单位：市生态环境局
责任单位：青山镇人民政府、河口镇人民政府
2.清理河道垃圾。每月25日前，完成一轮河道垃圾清理。
牵头单位：河口镇人民政府
配合单位：市水利局
（二）水质提升行动
3.建设监测站点。2024年6月底前，建成3个水质自动监测站。
牵头单位：市生态环境局
配合单位：市水利局、市水文中心
4.编制专项方案。在本计划印发后30个工作日内，制定黑臭水体治理专项方案。
牵头单位：市生态环境局
责任单位：各镇人民政府
"""


@dataclass
class Desk:
    """What the dispatcher of the issuing office does with plans."""

    world: World
    storage: Storage

    def stage(self, text: str = PLAN, *, by: str = DISPATCHER, **more: Any) -> Staged:
        """File a document."""
        found = prepare(self.storage, text.encode(), "plan.txt", WORDS)
        with self.world.database.transaction() as tx:
            return staging.stage(
                tx,
                self.world.office,
                found=found,
                by=self.world.actor(by),
                now=self.world.now,
                door="test",
                **more,
            )

    def act(self, name: str, plan_id: int, /, *, by: str = DISPATCHER, **more: Any) -> Any:
        """Take a reviewer's action at the version that is current."""
        action = getattr(activation if name == "activate" else actions, name)
        with self.world.database.transaction() as tx:
            return action(
                tx,
                self.world.office,
                plan_id=plan_id,
                version=more.pop("version", None),
                by=self.world.actor(by),
                now=self.world.now,
                door="test",
                **more,
            )

    def confirm_all(self, plan_id: int) -> None:
        """Look at everything, and make of unknown names new units."""
        review = self.review(plan_id)
        for unit in review.units:
            if unit.decision == "open":
                self.act("decide_unit", plan_id, plan_unit_id=unit.id, decision="create")
        self.act("confirm", plan_id, task_id=None)
        for task in review.tasks:
            self.act("confirm", plan_id, task_id=task.id)

    def run(self, text: str = PLAN, **more: Any) -> tuple[int, Activated]:
        """A plan in force; its id and what began."""
        staged = self.stage(text, **more)
        self.confirm_all(staged.id)
        return staged.id, self.act("activate", staged.id)

    def review(self, plan_id: int, by: str = DISPATCHER) -> Review:
        """The draft as somebody sees it."""
        with self.world.database.reading() as tx:
            directory = units.directory(tx)
            return queries.review(tx, directory, self.world.actor(by), plan_id=plan_id)

    def page(self, plan_id: int, by: str = DISPATCHER) -> PlanPage:
        """The plan in force as somebody sees it."""
        with self.world.database.reading() as tx:
            return queries.progress(
                tx,
                units.directory(tx),
                self.world.actor(by),
                plan_id=plan_id,
                today=self.world.today(),
            )

    def tasks(self, plan_id: int, by: str = DISPATCHER) -> Mapping[int, TaskView]:
        """The tasks of a plan in force by their printed number."""
        page = self.page(plan_id, by)
        return {task.no: task for action in page.actions for task in action.tasks}

    def changes(self, plan_id: int) -> list[tuple[str, str, str, str, str]]:
        """What a revision changes, without the tasks' titles."""
        with self.world.database.reading() as tx:
            found = queries.changes(
                tx, units.directory(tx), self.world.actor(DISPATCHER), plan_id=plan_id
            )
        return [(each.how, each.what, each.field, each.old, each.new) for each in found]

    def comparable(self, plan_id: int) -> tuple[Facts, ...]:
        """A plan as the comparison sees it."""
        with self.world.database.reading() as tx:
            return facts.comparable("", facts.read(tx, plan_id))


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    """The dispatcher's desk."""
    return Desk(world, Storage(tmp_path / "evidence"))
