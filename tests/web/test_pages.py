"""Pages as people meet them: entering, working, looking, in both languages."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import text

from tests.web.conftest import SAME, Visitor, outline
from tests.world import World
from workflow.escalation.actions import tick
from workflow.evidence.actions import record, seal
from workflow.evidence.storage import Storage

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def jpeg(colour: tuple[int, int, int] = (90, 120, 80)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return out.getvalue()


def to_assigned(world: World) -> str:
    number = world.report()
    world.act(number, "take_up", "gj.dispatcher")
    world.act(
        number,
        "assign",
        "gj.dispatcher",
        responsible="青山镇",
        acceptance="环保局",
        due=world.day(20),
    )
    return number


def test_whoever_is_not_logged_in_is_sent_to_the_door_and_back(visitor: Visitor) -> None:
    response = visitor.client.get("/issues?q=散煤", headers=SAME, follow_redirects=False)
    assert response.status_code == 303
    door = response.headers["location"]
    assert door.startswith("/login?next=%2Fissues%3Fq%3D")
    page = visitor.page(door)
    assert "选一个岗位进入" in page.text
    assert page.forms["/login/as"]["next"].startswith("/issues?q=")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_opens(visitor: Visitor, world: World, lang: str) -> None:
    number = to_assigned(world)
    visitor.enter("gj.dispatcher")
    for path in ("/", "/report", "/issues", "/overview", "/inbox", f"/issues/{number}", "/login"):
        page = visitor.page(f"{path}?lang={lang}")
        assert page.text
    assert ("跳到正文" if lang == "zh" else "Skip to the content") in visitor.page("/").text


def test_english_pages_say_nothing_of_ours_in_chinese(visitor: Visitor, world: World) -> None:
    visitor.enter("gj.dispatcher")
    own = ("市环委会攻坚办", "交办员甲", "中文")
    for path in ("/", "/issues", "/inbox", "/overview"):
        shown = visitor.page(f"{path}?lang=en").text
        for name in own:
            shown = shown.replace(name, "")
        assert not CHINESE.search(shown), shown


def test_the_language_is_the_address_then_the_choice_then_the_browser(visitor: Visitor) -> None:
    def lang(path: str, accept: str) -> str:
        response = visitor.client.get(path, headers=SAME | {"accept-language": accept})
        return re.search(r'<html lang="([^"]+)"', response.text)[1]  # type: ignore[index]

    assert lang("/login", "de, en;q=0.8, zh;q=0.3") == "en"
    assert lang("/login", "zh-CN") == "zh-CN"
    assert lang("/login?lang=en", "zh-CN") == "en"
    assert lang("/login", "zh-CN") == "en"
    assert lang("/login?lang=xx", "zh-CN") == "en"


def test_the_row_of_posts_says_what_waits_and_one_click_enters(
    visitor: Visitor, world: World
) -> None:
    to_assigned(world)
    page = visitor.page("/login")
    assert "青山镇人民政府 经办人 青山经办 qs.handler 1 件待办" in page.text
    visitor.enter("qs.handler")
    page = visitor.page("/")
    assert "轮到我办 1" in page.text
    assert "砂石厂物料露天堆放" in page.text


def test_the_demo_bar_names_the_next_move_and_changes_the_post(
    visitor: Visitor, world: World
) -> None:
    number = to_assigned(world)
    visitor.enter("gj.dispatcher")
    page = visitor.page(f"/issues/{number}")
    assert "下一步：青山镇人民政府经办人：签收" in page.text
    change = page.forms["/login/as"]
    response = visitor.post("/login/as", **change)
    assert response.headers["location"] == f"/issues/{number}"
    page = visitor.page(f"/issues/{number}")
    assert f"/issues/{number}/actions/accept" in page.forms


def test_a_problem_is_reported_with_a_photograph(visitor: Visitor, world: World) -> None:
    visitor.enter("hb.inspector")
    ticket = visitor.page("/report").forms["/report"]["ticket"]
    fields = {
        "ticket": ticket,
        "title": "沿河散煤堆放",
        "description": "约两吨，无苫盖。",
        "category": "coal",
        "source": "patrol",
        "place_unit": "青山镇",
        "reporter_contact": "13800000000",
    }
    response = visitor.post("/report", files={"evidence": ("现场.jpg", jpeg())}, **fields)
    number = response.headers["location"].split("?")[0].rpartition("/")[2]
    again = visitor.post("/report", files={"evidence": ("现场.jpg", jpeg())}, **fields)
    assert again.headers["location"] == response.headers["location"]

    page = visitor.page(response.headers["location"])
    assert "已办理：登记，记入第 1 条记录" in page.text
    assert "13800000000" not in page.text
    assert "沿河散煤堆放" in visitor.page("/issues?q=散煤").text
    link = next(link for link in page.links if link.startswith("/evidence/"))
    photo = visitor.client.get(link, headers=SAME)
    assert photo.headers["content-type"] == "image/jpeg"
    assert "filename*=UTF-8''%E7%8E%B0%E5%9C%BA.jpg" in photo.headers["content-disposition"]
    Image.open(io.BytesIO(photo.content)).verify()

    visitor.enter("hk.handler")
    assert visitor.client.get(link, headers=SAME).status_code == 404
    assert visitor.client.get(f"/issues/{number}", headers=SAME).status_code == 404


def test_the_whole_loop_is_walked_through_pages(visitor: Visitor, world: World) -> None:
    visitor.enter("hb.inspector")
    response = visitor.post(
        "/report", title="散煤复燃", description="农户散煤复燃", category="coal", source="patrol"
    )
    number = response.headers["location"].split("?")[0].rpartition("/")[2]
    due = world.day(30)
    photo = {"evidence": ("整改后.jpg", jpeg((20, 160, 60)))}
    visitor.enter("gj.dispatcher").act(number, "take_up")
    visitor.act(number, "assign", responsible="青山镇", acceptance="环保局", due=due)
    visitor.enter("qs.handler").act(number, "accept")
    visitor.act(number, "find_founded", finding="情况属实")
    visitor.act(number, "plan", plan="三日内清运")
    visitor.enter("db.supervisor").act(number, "approve_plan")
    visitor.enter("qs.handler").act(number, "progress", note="已清运一半", percent="50")
    visitor.act(number, "submit", result="已全部清运", files=photo)
    visitor.enter("hb.acceptor").act(number, "verify", opinion="同意", visited_on=world.day(0))
    visitor.act(number, "publish", text="已整改，请监督", phone="0371-60000000")
    world.after(days=8)
    world.end_periods()
    visitor.enter("gj.supervisor").act(number, "close")
    world.after(days=100)
    world.end_periods()
    visitor.enter("db.supervisor").act(number, "look_back", finding="未反弹")
    visitor.act(number, "archive")
    page = visitor.page(f"/issues/{number}")
    assert "已归档" in page.text
    assert page.text.count("（已完成）") == 7
    assert world.chain_is_whole(number)
    for said in ("三日内清运", "已清运一半", "已全部清运", "0371-60000000", "未反弹"):
        assert said in page.text


def test_what_is_not_offered_says_why(visitor: Visitor, world: World) -> None:
    number = to_assigned(world)
    visitor.enter("qs.deputy")
    page = visitor.page(f"/issues/{number}")
    assert "目前没有您可以办理的事项" in page.text
    assert "签收 此项须由青山镇人民政府经办人" in page.text


def test_papers_and_requests_wait_on_the_list_and_are_settled(
    visitor: Visitor, world: World
) -> None:
    number = to_assigned(world)
    visitor.enter("qs.handler").act(number, "accept")
    visitor.act(number, "find_founded", finding="属实")
    until = world.day(40)
    visitor.act(number, "request_extension", reason="汛期无法施工", until=until)
    visitor.enter("gj.dispatcher")
    assert "延期申请：砂石厂物料露天堆放" in visitor.page("/").text
    visitor.act(number, "refuse_extension", reason="可先行清理")
    assert "待审批" not in visitor.page("/").text
    assert "可先行清理" in visitor.page(f"/issues/{number}").text


def test_the_inbox_counts_and_forgets_what_was_read(visitor: Visitor, world: World) -> None:
    with world.database.transaction() as tx:
        person = world.actor("qs.handler").person_id
        for key in (1, 2):
            tx.execute(
                text(
                    "INSERT INTO inbox_item (outbox_id, person_id, message, urgent, subject, body,"
                    " at) VALUES (:k, :p, 'reminder', 0, '提醒<b>', '正文', :at)"
                ),
                {"k": key, "p": person, "at": world.now.replace(tzinfo=None)},
            )
    visitor.enter("qs.handler")
    page = visitor.page("/inbox")
    assert "收件箱 2" in page.text
    assert "提醒<b>" in page.text
    visitor.post("/inbox/read", item="1")
    assert "收件箱 1" in visitor.page("/").text
    visitor.post("/inbox/read", up_to="99")
    assert "标为已读" not in visitor.page("/inbox").text


def test_who_reported_is_shown_to_the_dispatcher_once_and_on_record(
    visitor: Visitor, world: World
) -> None:
    number = world.report(
        by="gj.dispatcher", source="hotline", reporter_name="来电人", reporter_contact="139"
    )
    path = f"/issues/{number}/reporter"
    visitor.enter("hb.inspector")
    visitor.enter("gj.dispatcher")
    page = visitor.page(f"/issues/{number}")
    assert "来电人" not in page.text
    shown = outline(visitor.post(path, 200, **page.forms[path]))
    assert "来电人 139" in shown.text
    with world.database.reading() as tx:
        assert tx.execute(text("SELECT count(*) FROM reporter_access")).scalar() == 1
    visitor.enter("city.leader")
    assert path not in visitor.page(f"/issues/{number}").forms
    visitor.post(path, 403, source="1")


def test_documents_are_handed_out_to_keep(visitor: Visitor, world: World, client: object) -> None:
    settings = client.app.state.runtime.settings  # type: ignore[attr-defined]
    sealed = seal(
        Storage(settings.data_dir / "evidence"),
        b"%PDF-1.7 x\n%%EOF\n",
        "方案.pdf",
        zone=settings.zone,
    )
    with world.database.transaction() as tx:
        record(tx, [sealed], now=world.now)
    number = world.report(evidence=[sealed.sha256])
    visitor.enter("hb.inspector")
    page = visitor.page(f"/issues/{number}")
    link = next(link for link in page.links if link.startswith("/evidence/"))
    response = visitor.client.get(link, headers=SAME)
    assert response.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in response.headers["content-security-policy"]


def test_the_overview_and_the_filters_agree(visitor: Visitor, world: World) -> None:
    for category in ("mine", "mine", "dust"):
        world.report(category=category)
    visitor.enter("city.leader")
    page = visitor.page("/overview")
    assert "问题总数 3" in page.text
    assert "矿山生态破坏 2 2 0" in page.text
    assert len(visitor.page("/issues?category=mine").issues) == 2
    state = next(link for link in page.links if link.startswith("/issues?state="))
    assert len(visitor.page(state).issues) == 3
    assert "没有符合条件的问题" in visitor.page("/issues?q=没有").text
    assert "是否指：" in visitor.page("/issues?unit=青山乡").text


def test_lists_turn_pages(visitor: Visitor, world: World) -> None:
    for _ in range(21):
        world.report()
    visitor.enter("hb.inspector")
    page = visitor.page("/issues?category=dust")
    following = next(link for link in page.links if "after=" in link)
    assert "category=dust" in following
    assert len(page.issues) == 20
    assert len(visitor.page(f"/issues{following}").issues) == 1


def test_refusals_speak_the_language_of_the_page(visitor: Visitor, world: World) -> None:
    number = to_assigned(world)
    visitor.enter("qs.deputy")
    page = visitor.page(f"/issues/{number}?lang=en")
    assert "Accept This is done by 青山镇人民政府 · Handler" in page.text
    response = visitor.post(f"/issues/{number}/actions/close", 409, version="3")
    assert (
        "The issue is in the state “Awaiting acceptance”, which has no such action" in response.text
    )


def to_draft(world: World) -> tuple[str, int]:
    """An issue so late that a letter waits for its signature."""
    number = to_assigned(world)
    world.act(number, "accept", "qs.handler")
    world.act(number, "find_founded", "qs.handler", finding="属实")
    world.after(days=40)
    tick(world.database, world.office, world.now)
    with world.database.reading() as tx:
        paper = tx.execute(text("SELECT id FROM paper WHERE state = 'draft' ORDER BY id")).scalar()
    assert paper is not None
    return number, int(paper)


def test_a_paper_is_signed_received_and_answered(visitor: Visitor, world: World) -> None:
    number, paper = to_draft(world)
    path = f"/papers/{paper}"
    visitor.enter("qs.principal")
    visitor.get(path, 404)
    visitor.enter("gj.deputy")
    assert "待签发" in visitor.page("/").text
    page = visitor.page(path)
    assert set(page.forms) >= {f"{path}/sign", f"{path}/withhold"}
    visitor.post(f"{path}/sign")
    assert "已签发" in visitor.page(path).text
    again = outline(visitor.post(f"{path}/sign", 409))
    assert "已经处理过" in again.text

    visitor.enter("qs.principal")
    assert f"{path}/sign" not in visitor.page(path).forms
    assert "请填写回复内容" in visitor.post(f"{path}/answer", 422, answer=" ").text
    visitor.post(f"{path}/answer", answer="已责成专人办理，三日内完成。")
    page = visitor.page(path)
    assert "已责成专人办理" in page.text
    assert f"{path}/answer" not in page.forms
    record = visitor.page(f"/issues/{number}").text
    assert "文书签发" in record
    assert "文书答复" in record


def test_a_paper_is_withheld_with_a_reason_only(visitor: Visitor, world: World) -> None:
    _, paper = to_draft(world)
    path = f"/papers/{paper}"
    visitor.enter("gj.deputy")
    shown = outline(visitor.post(f"{path}/withhold", 422, reason=""))
    assert "请写明不予签发的理由" in shown.text
    assert "reason-fault" in shown.ids
    visitor.enter("gj.dispatcher").post(f"{path}/withhold", 403, reason="不归我签")
    visitor.enter("gj.deputy").post(f"{path}/withhold", reason="已当面督促")
    assert "已当面督促" in visitor.page(path).text


def test_a_withheld_paper_is_passed_upward_with_a_reason(visitor: Visitor, world: World) -> None:
    _, paper = to_draft(world)
    path = f"/papers/{paper}"
    visitor.enter("gj.deputy").post(f"{path}/withhold", reason="已当面督促")
    visitor.enter("gj.dispatcher")
    assert f"{path}/skip" in visitor.page(path).forms
    assert "越级须写明理由" in visitor.post(f"{path}/skip", 422, reason="").text
    next_paper = visitor.post(f"{path}/skip", 303, reason="群众再次反映").headers["location"]
    assert next_paper not in ("", path)
    visitor.enter("qs.handler").post(f"{path}/skip", 404, reason="不归我管")


def test_a_problem_is_split_line_by_line(visitor: Visitor, world: World) -> None:
    number = to_assigned(world)
    visitor.enter("qs.handler").act(number, "accept")
    visitor.enter("gj.dispatcher")
    wrong = outline(
        visitor.act(
            number, "split", 422, parts="青山城｜清运｜2024-10-08\n河口镇｜覆盖｜2024-10-08"
        )
    )
    assert "没有名为“青山城”的单位" in wrong.text
    form = wrong.forms[f"/issues/{number}/actions/split"]
    due = world.day(10)
    lines = f"河口镇｜东段清运｜{due}\n石岭镇|西段清运|{due}\n"
    visitor.post(f"/issues/{number}/actions/split", **(form | {"parts": lines, "reason": "跨两镇"}))
    page = visitor.page(f"/issues/{number}")
    assert [each.rpartition("-")[2] for each in page.issues] == ["01", "02"]
    assert "东段清运" in page.text
    visitor.enter("hk.handler")
    part = visitor.page(f"/issues/{page.issues[0]}")
    assert "同批分办件 石岭镇人民政府" in part.text
    assert page.issues[1] not in part.text


def test_the_other_language_keeps_the_place(visitor: Visitor, world: World) -> None:
    number = to_assigned(world)
    visitor.enter("qs.handler")
    page = visitor.page("/issues?q=砂石&open=yes")
    other = next(link for link in page.links if "lang=en" in link)
    assert len(visitor.page(other).issues) == 1
    again = outline(visitor.post(f"/issues/{number}/actions/accept", 409, version="1"))
    other = next(link for link in again.links if "lang=zh" in link or "lang=en" in link)
    assert other.startswith(f"/issues/{number}?lang=")
    visitor.page(other)
