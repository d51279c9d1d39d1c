"""Ledgers on the page: upload, correct, confirm, watch, take out; in both languages."""

import io
import re
import time
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from tests.flows.ledger.ledgers import ALL, many, workbook
from tests.unit.ledger.workbooks import WORKBOOKS
from tests.web.conftest import Visitor, outline
from tests.world import CONFIG, World
from web.readings import Reading, Readings
from workflow.evidence.checks import XLSX
from workflow.ledger import actions
from workflow.ledger.tools import open_tools

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def upload(visitor: Visitor, data: bytes, status: int = 303) -> str:
    """Send a file; the address of what was read."""
    response = visitor.post("/ledger", status, files={"file": ("台账.xlsx", data, XLSX)})
    return str(response.headers.get("location", "")).partition("?")[0]


def finish(world: World) -> None:
    """What the worker does."""
    tools = open_tools(world.office, CONFIG)
    while actions.go_on(world.database, tools, now=world.now, most=5):
        pass


def test_an_empty_page_says_what_to_do(visitor: Visitor) -> None:
    visitor.enter("gj.dispatcher")
    assert "还没有导入过台账" in visitor.page("/ledger").text
    assert "/ledger" in visitor.page("/report").links
    visitor.enter("qs.handler")
    page = visitor.page("/ledger")
    assert "还没有您能看到的台账" in page.text
    assert "/ledger" not in page.forms
    assert "/ledger" not in visitor.page("/report").links


def test_from_the_file_to_running_issues_and_out_again(visitor: Visitor, world: World) -> None:
    visitor.enter("gj.dispatcher")
    address = upload(visitor, workbook())

    page = visitor.page(address)
    assert "确认后如何办理" in page.text
    assert "没有“某某公司”这个单位" in page.text
    assert "有 1 个单位没有对上" in page.text
    assert visitor.page("/issues").issues == []
    visitor.post(f"{address}/confirm", **page.forms[f"{address}/confirm"])
    assert "正在登记" in visitor.page(address).text
    finish(world)

    page = visitor.page(address)
    assert f"共 {len(ALL)} 行，全部新登记" in page.text
    assert len(visitor.page("/issues").issues) == len(ALL)
    filled = visitor.get(f"{address}/filled")
    assert filled.headers["content-disposition"].startswith("attachment")
    assert load_workbook(io.BytesIO(filled.content))["台账"]["D3"].value == "料堆未苫盖"
    assert visitor.get(f"{address}/original").content[:2] == b"PK"
    listed = load_workbook(io.BytesIO(visitor.get("/ledger/issues.xlsx?q=散煤").content))
    assert [row[2].value for row in listed["台账"].iter_rows(min_row=3)] == ["散煤复燃"]
    assert visitor.page("/ledger").links.count(address) == 1


def test_an_issue_from_a_ledger_opens(visitor: Visitor, world: World) -> None:
    visitor.enter("gj.dispatcher")
    address = upload(visitor, workbook())
    visitor.post(f"{address}/confirm", claimed="archive")
    finish(world)
    for number in visitor.page("/issues").issues:
        page = visitor.page(f"/issues/{number}")
        assert "台账导入" in page.text
        assert re.search(r"台账.xlsx 台账!D\d", page.text)
    visitor.enter("hk.handler")
    asked = next(
        n
        for n in visitor.page("/").issues
        if "已完成（申请验收）" in visitor.page(f"/issues/{n}").text
    )
    visitor.act(asked, "claim_done", result="早已清理。")
    assert world.case(asked).state == "checking"


def test_columns_are_corrected(visitor: Visitor) -> None:
    visitor.enter("gj.dispatcher")
    address = upload(visitor, workbook())
    form = visitor.page(address).forms[f"{address}/columns"]
    chosen = dict.fromkeys(form, "") | {"t0-F": "description", "t0-A": "number"}

    visitor.post(f"{address}/columns", **chosen)

    page = visitor.page(address)
    assert "苫盖" in page.text
    assert "料堆未苫盖" not in page.text


def test_unknown_units_are_chosen(visitor: Visitor) -> None:
    visitor.enter("gj.dispatcher")
    address = upload(visitor, workbook())
    visitor.post(f"{address}/units", **{"name-0": "某某公司", "own-0": "青山镇", "unit-0": ""})
    assert "没有对上的单位" not in visitor.page(address).text

    other = upload(visitor, many(3))
    refused = visitor.post(f"{other}/units", 422, **{"name-0": "某", "own-0": "天上"})
    assert "没有名为“天上”的单位" in outline(refused).text


def test_what_was_read_is_discarded(visitor: Visitor) -> None:
    visitor.enter("gj.dispatcher")
    address = upload(visitor, workbook())
    visitor.post(f"{address}/discard")
    visitor.get(address, 404)
    assert "已放弃，没有登记任何问题" in visitor.page("/ledger?done=discarded").text


def test_the_same_file_again_leads_to_the_same_import(visitor: Visitor, world: World) -> None:
    visitor.enter("gj.dispatcher")
    data = workbook()
    address = upload(visitor, data)
    visitor.post(f"{address}/confirm", claimed="check")
    finish(world)
    assert upload(visitor, data) == address


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("台账.xlsx", b"not a workbook", "不是 Excel 工作簿"),
        ("台账.csv", b"1,2,3", "CSV"),
        ("台账.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧版 Excel"),
        ("现场.jpg", b"\xff\xd8\xff\xe0", "图片"),
        ("台账.docx", WORKBOOKS["county"](), "后缀不符"),
        ("台账.xlsx", b"", "空文件"),
    ],
)
def test_a_wrong_file_gets_a_sentence(visitor: Visitor, name: str, data: bytes, said: str) -> None:
    visitor.enter("gj.dispatcher")
    page = outline(visitor.post("/ledger", 422, files={"file": (name, data, XLSX)}))
    assert said in page.text
    assert "照片" not in page.text
    assert page.text.count(said) == 1


def test_a_ledger_without_rows_cannot_be_confirmed(visitor: Visitor) -> None:
    visitor.enter("gj.dispatcher")
    address = upload(visitor, workbook([]))

    page = visitor.page(address)
    assert "没有读到可以登记的行" in page.text
    assert "台账!A3 表头下面没有内容" in page.text
    refused = visitor.post(f"{address}/confirm", 422)
    assert "没有可以登记的行" in outline(refused).text


def test_a_long_ledger_is_read_beside_the_request(visitor: Visitor) -> None:
    visitor.enter("gj.dispatcher")
    response = visitor.post("/ledger", files={"file": ("台账.xlsx", many(800), XLSX)})
    address = str(response.headers["location"])
    assert address.startswith("/ledger/reading/")
    until = time.monotonic() + 60
    while "正在读取台账" in (html := visitor.get(address).text):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert "确认后如何办理" in html
    assert "已读取。请核对" in html


def test_a_reading_is_shown_to_whom_it_belongs(visitor: Visitor, world: World) -> None:
    visitor.enter("gj.dispatcher")
    folder = Readings(visitor.client.app.state.runtime.settings.data_dir)  # type: ignore[attr-defined]
    who = world.actor("gj.dispatcher").person_id
    assert who is not None
    far = Reading("c" * 24, who, "台账.xlsx", None, world.now, "rows", 500, 1000, subject="ledger")
    folder.write(far)
    address = f"/ledger/reading/{far.id}"
    html = visitor.get(address).text
    assert "500 行，共 1000 行" in html
    assert '<progress max="100" value="35"' in html
    assert address in visitor.page("/ledger").links
    assert address not in visitor.page("/plans").links
    folder.write(replace(far, stage="failed", message="文件已损坏"))
    page = visitor.page(address)
    assert "文件已损坏" in page.text
    assert "/ledger" in page.forms
    visitor.enter("hb.acceptor")
    visitor.get(address, 404)


def test_who_may_not_is_told(visitor: Visitor) -> None:
    visitor.enter("qs.handler")
    response = visitor.post("/ledger", 403, files={"file": ("台账.xlsx", workbook(), XLSX)})
    assert "您不能导入台账" in outline(response).text


@pytest.mark.parametrize("path", ["1", "0", "x", "9" * 30])
def test_a_foreign_ledger_is_not_found(visitor: Visitor, path: str) -> None:
    visitor.enter("gj.dispatcher")
    upload(visitor, workbook())
    visitor.enter("qs.handler")
    for more in ("", "/original", "/filled"):
        visitor.get(f"/ledger/{path}{more}", 404)
    visitor.post(f"/ledger/{path}/confirm", 404)


def test_english_pages_say_nothing_of_ours_in_chinese(visitor: Visitor) -> None:
    visitor.enter("gj.dispatcher")
    address = upload(visitor, workbook())
    for path in ("/ledger", address):
        html = visitor.get(f"{path}?lang=en").text
        ours = re.findall(r"<(?:h2|button|label|option value=.\w*.)[^>]*>([^<]+)<", html)
        theirs = re.compile("^[A-Z]+ |^某某公司|市|镇")
        left = [text for text in ours if CHINESE.search(text) and not theirs.search(text)]
        assert left == []
