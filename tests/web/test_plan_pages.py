"""Plans as people meet them: a document is read, gone over, imported, and followed."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.web.conftest import Outline, Visitor
from tests.web.plan_desk import PLAN, go_over, read, send
from tests.world import World

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "plans" / "samples"


def tasks_of(page: Outline) -> set[str]:
    return {found[1] for found in (re.fullmatch(r"t(\d+)", each) for each in page.ids) if found}


@pytest.fixture
def running(visitor: Visitor) -> str:
    """The address of a plan that runs."""
    review = read(visitor)
    go_over(visitor, review)
    plan = review.removesuffix("/review")
    assert send(visitor, plan, "activate") == f"{plan}?done=imported"
    return plan


def test_nothing_yet(visitor: Visitor) -> None:
    visitor.enter("gj.dispatcher")
    page = visitor.page("/plans")
    assert "还没有运行中的计划" in page.text
    assert "file" in page.forms["/plans"]
    visitor.enter("qs.handler")
    page = visitor.page("/plans")
    assert "还没有您能看到的计划" in page.text
    assert "/plans" not in page.forms


def test_the_document_stands_beside_what_was_read(visitor: Visitor) -> None:
    page = visitor.page(read(visitor))
    assert "云泽市水环境治理攻坚方案（2024—2025年）" in page.text
    assert "2 个行动、3 项任务" in page.text
    for line in filter(None, PLAN.splitlines()):
        assert line.strip() in page.text
    shown = {link[1:] for link in page.links if link.startswith(("#d", "#l", "#t"))}
    assert shown
    assert shown <= page.ids


def test_a_task_is_corrected_fact_by_fact(visitor: Visitor, world: World) -> None:
    review = read(visitor)
    plan = review.removesuffix("/review")
    task = min(tasks_of(visitor.page(review)), key=int)
    form = visitor.page(review).forms[f"{plan}/task"]
    with world.database.reading() as tx:
        milestone = tx.scalar(text("select min(id) from plan_milestone"))
    typed = {
        "version": form["version"],
        "task": task,
        "title": "推进河道综合整治",
        "r-lead": "市水利局\n市生态环境局",
        f"m{milestone}-due": "2024-10-31",
        "nm-due": "2025-03-31",
        "nm-content": "完成验收",
    }
    visitor.post(f"{plan}/task", **typed)
    page = visitor.page(review)
    for shown in ("推进河道综合整治", "市水利局、市生态环境局", "2024年10月31日", "2025年3月31日"):
        assert shown in page.text
    response = visitor.post(f"{plan}/task", 409, **(typed | {"title": "另一个"}))
    assert "另一个" in response.text


def test_a_fault_stands_beside_its_field(visitor: Visitor, world: World) -> None:
    review = read(visitor)
    plan = review.removesuffix("/review")
    task = min(tasks_of(visitor.page(review)), key=int)
    version = visitor.page(review).forms[f"{plan}/task"]["version"]
    response = visitor.post(
        f"{plan}/task", 422, version=version, task=task, **{"nm-due": "明天", "nm-content": "甲"}
    )
    assert f'id="t{task}-nm-due-fault"' in response.text
    assert "完成" in response.text
    response = visitor.post(f"{plan}/task", 422, version=version, task=task, title="")
    assert f'id="t{task}-title-fault"' in response.text


def test_no_file_and_no_right(visitor: Visitor) -> None:
    visitor.enter("gj.dispatcher")
    assert "请先选择计划文件" in visitor.post("/plans", 422).text
    visitor.enter("qs.handler")
    visitor.post("/plans", 403, files={"file": ("方案.txt", PLAN.encode())})


def test_the_same_file_leads_to_the_same_draft(visitor: Visitor) -> None:
    assert read(visitor) == read(visitor)


def test_a_draft_is_not_found_by_others(visitor: Visitor) -> None:
    review = read(visitor)
    visitor.enter("qs.handler")
    visitor.page(review, 404)
    visitor.page(review.removesuffix("/review"), 404)
    visitor.page("/plans/999/review", 404)
    visitor.page("/plans/abc", 404)
    visitor.post(f"{review.removesuffix('/review')}/discard", 404, version="1")


def test_a_draft_is_thrown_away(visitor: Visitor) -> None:
    review = read(visitor)
    plan = review.removesuffix("/review")
    version = visitor.page(review).forms[f"{plan}/discard"]["version"]
    visitor.post(f"{plan}/discard", version=version)
    assert "草稿已作废" in visitor.page("/plans?done=discarded").text
    assert "待核对的草稿" not in visitor.page("/plans").text


def test_a_draft_in_doubt_is_not_imported(visitor: Visitor) -> None:
    review = read(visitor)
    plan = review.removesuffix("/review")
    version = visitor.page(review).forms[f"{plan}/activate"]["version"]
    visitor.post(f"{plan}/activate", 409, version=version)


def test_a_running_plan(visitor: Visitor, running: str) -> None:
    page = visitor.page(running)
    for shown in (
        "按行动看进度",
        "水污染治理行动",
        "推进河道整治",
        "到2025年，全市城市污水集中收集率达到85%以上",
        "导入时已过期",
        "各单位的任务",
    ):
        assert shown in page.text
    assert "云泽市水环境治理攻坚方案" in visitor.page("/plans").text
    asked = [link for link in page.links if re.fullmatch(r"/issues/JD-\d+-\d+#actions", link)]
    assert asked
    milestone = visitor.page(asked[0].partition("#")[0])
    assert "推进河道整治" in milestone.text
    assert any(link.startswith(f"{running}#t") for link in milestone.links)


def test_born_overdue_is_answered_in_one_list(visitor: Visitor, world: World) -> None:
    review = read(visitor, PLAN.replace("2024年12月底前完成整治", "2024年7月底前完成整治"))
    go_over(visitor, review)
    plan = review.removesuffix("/review")
    send(visitor, plan, "activate")
    form = visitor.page(plan).forms[f"{plan}/asked"]
    first, second = (name.removeprefix("answer") for name in form if name.startswith("answer"))
    assert "请至少答复一个" in visitor.post(f"{plan}/asked", 422).text
    wrong = {
        f"answer{first}": "done_before",
        f"done_on{first}": "2030-01-01",
        f"note{first}": "已完成",
        f"answer{second}": "not_done",
        f"done_on{second}": "2024-07-01",
    }
    again = visitor.post(f"{plan}/asked", 422, **wrong).text
    assert f'id="done_on{first}-fault"' in again
    assert f'id="done_on{second}-fault"' in again
    assert 'value="2030-01-01"' in again
    untold = visitor.post(f"{plan}/asked", 422, **{f"note{first}": "已完成"}).text
    assert f'id="answer{first}-fault"' in untold
    right = {**wrong, f"done_on{first}": "2024-07-20", f"done_on{second}": ""}
    visitor.post(f"{plan}/asked", **right)
    assert "导入时已过期" not in visitor.page(plan).text
    with world.database.reading() as tx:
        asked = text("select milestone_id, state from issue where milestone_id is not null")
        states = {str(row.milestone_id): row.state for row in tx.execute(asked)}
    assert (states[first], states[second]) == ("accepted", "running")
    visitor.enter("qs.handler")
    assert f"{plan}/asked" not in visitor.page(plan).forms
    visitor.post(f"{plan}/asked", 422, **right)


def test_a_figure_is_observed(visitor: Visitor, running: str) -> None:
    form = visitor.page(running).forms[f"{running}/observe"]
    data = {"target": form["target"], "value": "81.5", "observed_on": "2024-09-20"}
    response = visitor.post(f"{running}/observe", 422, **data)
    assert f'id="g{form["target"]}-source-fault"' in response.text
    assert 'value="81.5"' in response.text
    visitor.post(f"{running}/observe", **data, source="市住建局月报")
    page = visitor.page(running)
    assert "81.5" in page.text
    assert "市住建局月报" in page.text
    visitor.post(
        f"{running}/withdraw", observation=page.forms[f"{running}/withdraw"]["observation"]
    )
    assert "市住建局月报" not in visitor.page(running).text


def test_the_document_can_be_had_back(visitor: Visitor, running: str) -> None:
    response = visitor.get(f"{running}/source")
    assert response.content == PLAN.encode()
    assert "attachment" in response.headers["content-disposition"]


def test_a_problem_is_filed_with_its_task(visitor: Visitor, running: str, world: World) -> None:
    page = visitor.page(running)
    address = next(link for link in page.links if link.startswith("/report?task="))
    form = visitor.page(address)
    assert "推进河道整治" in form.text
    code = address.rpartition("=")[2]
    number = world.report(task=code)
    issue = visitor.page(f"/issues/{number}")
    assert "推进河道整治" in issue.text
    assert any(link.startswith(f"{running}#t") for link in issue.links)
    assert "关联的问题 1 件" in visitor.page(running).text


def test_a_revision_shows_what_has_changed(visitor: Visitor, running: str) -> None:
    revised = PLAN.replace("2025年6月底前新建管网12公里", "2025年9月底前新建管网15公里")
    response = visitor.post(
        "/plans",
        files={"file": ("修订.txt", revised.encode())},
        revises=running.rpartition("/")[2],
    )
    review = str(response.headers["location"]).partition("?")[0]
    page = visitor.page(review)
    assert "与运行中的计划相比" in page.text
    assert "推进管网建设" in page.text
    assert "2025-09-30" in page.text or "2025年9月30日" in page.text
    assert "有一份修订稿待核对" in visitor.page(running).text


def test_english_pages_say_nothing_of_ours_in_chinese(visitor: Visitor, running: str) -> None:
    """What is left in Chinese stands in the document or is the city's own."""
    own = (ROOT / "tests" / "world.yaml").read_text("utf-8") + PLAN
    for path in ("/plans", running):
        html = visitor.get(f"{path}?lang=en").text
        html = re.sub(r"<(blockquote|datalist)[\s\S]*?</\1>", "", html)
        texts = re.findall(r">([^<>]*[\u4e00-\u9fff][^<>]*)<", html)
        words = {word for each in texts for word in re.findall("[\u4e00-\u9fff]{2,}", each)}
        ours = sorted(word for word in words - {"中文"} if word not in own)
        assert ours == []
    visitor.get("/plans?lang=zh")


def test_pages_cost_a_constant_number_of_statements(
    visitor: Visitor, world: World, statements: list[str]
) -> None:
    counted = []
    for many in (1, 6):
        tasks = "\n".join(
            f"{n}.推进第{n}号河道整治。2025年6月底前完成{n}公里。（市水利局牵头，青山镇人民政府负责落实）"
            for n in range(1, many * 3)
        )
        head = f"云泽市河道整治方案{many}\n云政办〔2024〕{many}号\n2024年9月1日\n一、任务\n"
        review = read(visitor, head + tasks)
        plan = review.removesuffix("/review")
        visitor.get(review)
        del statements[:]
        visitor.get(review)
        found = [len([s for s in statements if s != "BEGIN"])]
        go_over(visitor, review)
        send(visitor, plan, "activate")
        for path in (plan, "/plans", "/report"):
            visitor.get(path)
            del statements[:]
            visitor.get(path)
            found.append(len([s for s in statements if s != "BEGIN"]))
        counted.append(found)
    assert counted[0] == counted[1]
    assert max(counted[1]) <= 20, counted


def test_each_doubt_is_settled_and_doubted_again(visitor: Visitor, world: World) -> None:
    review = read(visitor, PLAN.replace("（市生态环境局牵头，市水利局配合）", ""))
    plan = review.removesuffix("/review")
    with world.database.reading() as tx:
        note, task = tx.execute(
            text("select id, task_id from plan_note where code = 'no_units'")
        ).first() or (0, 0)
    before = visitor.page(review)
    assert "已处理 0 处" in before.text
    assert "现在还不能导入" in before.text
    sent = {"note": str(note), "of": str(task)}
    assert send(visitor, plan, "resolve", **sent) == f"{review}?done=resolved&at={task}#t{task}"
    page = visitor.page(review)
    assert "已处理 1 处" in page.text
    assert re.search(r"✓ \S+ [^✓]{4,24} 已核对", page.text)
    assert page.forms[f"{plan}/reopen"]["note"] == str(note)
    assert send(visitor, plan, "reopen", **sent).startswith(f"{review}?done=reopened&at={task}")
    assert "已处理 0 处" in visitor.page(review).text
    version = visitor.page(review).forms[f"{plan}/resolve"]["version"]
    visitor.post(f"{plan}/reopen", 404, version=version, **sent)
    go_over(visitor, review)
    # What is struck out as misread needs neither answer nor unit.
    send(visitor, plan, "task", task=str(task), state="struck")
    page = visitor.page(review)
    assert "都已处理" in page.text
    assert "已全部核对，可以导入" in page.text


def test_a_standing_duty_is_given_a_rhythm_and_runs(visitor: Visitor, world: World) -> None:
    standing = "4.加强巡河护河。长期坚持日常巡查。（市水利局牵头，青山镇人民政府负责落实）\n"
    review = read(visitor, PLAN + standing)
    plan = review.removesuffix("/review")
    with world.database.reading() as tx:
        milestone, task = tx.execute(
            text("select id, task_id from plan_milestone where kind = 'standing'")
        ).one()
    key = f"m{milestone}-every"
    assert visitor.page(review).forms[f"{plan}/task"]
    form = {"version": visitor.page(review).forms[f"{plan}/task"]["version"], "task": str(task)}
    wrong = visitor.post(f"{plan}/task", 422, **form, **{key: "month:99"}).text
    assert f'id="t{task}-{key}-fault"' in wrong
    visitor.post(f"{plan}/task", **form, **{key: "quarter"})
    assert "每季度" in visitor.page(review).text
    go_over(visitor, review)
    send(visitor, plan, "activate")
    with world.database.reading() as tx:
        asked = text("select state, due_on from issue where milestone_id = :id")
        row = tx.execute(asked, {"id": milestone}).one()
    assert (row.state, str(row.due_on)) == ("running", "2024-09-30")
