"""Ways to bring an issue to where a test begins."""

from typing import Any

from tests.world import World


def assigned(world: World, **data: Any) -> str:
    """An issue that waits for 青山镇 to accept it."""
    number = world.report(**data)
    world.act(number, "take_up", "gj.dispatcher")
    world.act(
        number,
        "assign",
        "gj.dispatcher",
        responsible="青山镇",
        acceptance="市生态环境局",
        due=world.day(40),
    )
    return number


def rectifying(world: World, **data: Any) -> str:
    """An issue that 青山镇 is rectifying under an approved plan."""
    number = assigned(world, **data)
    world.act(number, "accept", "qs.handler")
    world.act(number, "find_founded", "qs.handler", finding="现场核查属实。")
    world.act(number, "plan", "qs.handler", plan="建设全封闭料棚。")
    world.act(number, "approve_plan", "db.supervisor")
    return number


def submitted(world: World, number: str, by: str = "qs.handler") -> None:
    """The responsible unit claims that it is done, with a photo."""
    world.act(number, "submit", by, result="料棚已建成。", evidence=[world.photo()])


def closed(world: World, **data: Any) -> str:
    """An issue that has been publicised and closed."""
    number = rectifying(world, **data)
    submitted(world, number)
    world.act(number, "verify", "hb.acceptor", opinion="符合要求。")
    world.act(number, "publish", "hb.acceptor", text="整改情况公示", phone="0371-60000000")
    world.after(days=9)
    world.end_periods()
    world.act(number, "close", "gj.supervisor")
    return number
