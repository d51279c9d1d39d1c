"""A plan for the pages' tests, and the steps that bring it from the file to its review."""

from sqlalchemy import text

from tests.web.conftest import Visitor

PLAN = """云泽市水环境治理攻坚方案（2024—2025年）
云政办〔2024〕8号
云泽市人民政府办公室
2024年9月1日

一、主要目标
到2025年，全市城市污水集中收集率达到85%以上。
二、重点任务
（一）水污染治理行动
1.推进河道整治。2024年8月底前完成排查，2024年12月底前完成整治30公里。（市水利局牵头，市生态环境局配合，青山镇人民政府负责落实）
2.推进管网建设。2025年6月底前新建管网12公里。（市生态环境局牵头，市水利局配合）
（二）空气治理行动
3.强化扬尘管控。每月25日前报送进展情况，2025年底前基本消除裸露地面。（市生态环境局牵头，河口镇人民政府、石岭镇人民政府负责落实）
"""


def read(visitor: Visitor, content: str = PLAN, name: str = "方案.txt") -> str:
    """Hand in a document as the dispatcher; the address of its review is returned."""
    visitor.enter("gj.dispatcher")
    response = visitor.post("/plans", files={"file": (name, content.encode())})
    return str(response.headers["location"]).partition("?")[0]


def go_over(visitor: Visitor, review: str) -> None:
    """Decide what is undecided, and confirm everything."""
    plan = review.removesuffix("/review")
    send(visitor, plan, "units", rest="name_only")
    send(visitor, plan, "confirm")
    send(visitor, plan, "confirm-clear")
    with visitor.world.database.reading() as tx:
        doubtful = tx.scalars(text("select id from plan_task where confirmed_at is null")).all()
    for task in doubtful:
        send(visitor, plan, "confirm", task=str(task))


def send(visitor: Visitor, plan: str, step: str, **data: str) -> str:
    """Send a form of the review at the version that is current; where it leads is returned."""
    which = text("select version from plan where id = :id")
    with visitor.world.database.reading() as tx:
        version = tx.scalar(which, {"id": int(plan.rpartition("/")[2])})
    response = visitor.post(f"{plan}/{step}", version=str(version), **data)
    return str(response.headers["location"])
