"""The small city of the tests, with issues to walk and others that only lie there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from benchmarks.servers import Server
from tests.world import REPORT, START, World, build, entered
from workflow.db import Database
from workflow.evidence import actions as evidence
from workflow.evidence.actions import Upload
from workflow.issues import actions
from workflow.units.rules import Actor

PHOTO = "5" * 64
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Step:
    """One action of a walk: what, by whom, with which form."""

    action: str
    by: str
    data: Mapping[str, Any] = field(default_factory=dict)


def walk(today: date) -> tuple[Step, ...]:
    """From the dispatcher's desk to the publicity of what was rectified, with one rejection."""
    due = (today + timedelta(days=60)).isoformat()
    plan = "一、物料入棚，两侧苫盖；二、车辆冲洗后出场；三、路面每日洒水两次。责任人：厂长。"
    finding = "经现场核查，厂区东侧约三百平方米物料未苫盖，出入口无冲洗设施，情况属实。"
    result = "物料已全部入棚，冲洗设施已安装并使用，路面硬化已完成。"
    submit = Step("submit", "qs.handler", {"result": result, "evidence": [PHOTO]})
    return (
        Step("take_up", "gj.dispatcher"),
        Step(
            "assign",
            "gj.dispatcher",
            {"responsible": "青山镇", "acceptance": "市生态环境局", "due": due},
        ),
        Step("accept", "qs.handler"),
        Step("find_founded", "qs.handler", {"finding": finding}),
        Step("plan", "qs.handler", {"plan": plan}),
        Step("approve_plan", "db.supervisor"),
        Step("progress", "qs.handler", {"note": "料棚主体已完成。", "percent": 60}),
        submit,
        Step("reject", "hb.acceptor", {"reason": "出入口冲洗设施未接电，不能使用。"}),
        submit,
        Step("verify", "hb.acceptor", {"opinion": "现场核查，整改到位。"}),
        Step("publish", "hb.acceptor", {"text": "整改情况公示。", "phone": "0379-65432100"}),
    )


@contextmanager
def city(server: Server, name: str) -> Iterator[World]:
    """Open a database that holds the city."""
    with entered(server.url(name), pool_size=20) as world:
        yield world


def found(server: Server, name: str) -> None:
    """Make a database with the city, a stored photograph and nothing else."""
    server.make(name)
    database = Database(server.url(name))
    try:
        world = build(database)
        photo = Upload(PHOTO, 250_000, "image/jpeg", None, None, None, None)
        with world.database.transaction() as tx:
            evidence.record(tx, [photo], now=START)
    finally:
        database.close()


def file(world: World, by: Actor, at: datetime) -> str:
    """File one issue as an inspector does."""
    with world.database.transaction() as tx:
        done = actions.report(tx, world.office, data=REPORT, by=by, now=at, door="web")
    return done.number


def act(world: World, number: str, step: Step, by: Actor, at: datetime) -> None:
    """Take one step of a walk."""
    with world.database.transaction() as tx:
        actions.act(
            tx,
            world.office,
            number=number,
            action=step.action,
            data=step.data,
            version=None,
            by=by,
            now=at,
            door="web",
        )
