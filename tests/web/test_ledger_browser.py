"""A ledger brought in by clicks, on a desk and on a phone."""

import threading
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.flows.ledger.ledgers import ALL, many, workbook
from tests.web import test_browser
from tests.web.browsing import follow
from tests.web.test_browser import DESK, PHONE, enter, open_context, shot
from tests.web.test_ledger import finish
from tests.world import World

pytestmark = pytest.mark.browser

address, complaints = test_browser.address, test_browser.complaints


@pytest.mark.parametrize(
    "size", [pytest.param(DESK, marks=pytest.mark.long), PHONE], ids=["desk", "phone"]
)
def test_a_ledger_is_brought_in_by_clicks(
    address: str,
    browser: Browser,
    complaints: list[str],
    world: World,
    tmp_path: Path,
    size: tuple[int, int],
) -> None:
    file = tmp_path / "2024年整改台账.xlsx"
    file.write_bytes(workbook())
    context = open_context(browser, complaints, size)
    page = context.new_page()
    enter(page, address, "gj.dispatcher")
    page.goto(f"{address}/issues")
    follow(page.get_by_role("link", name="导入台账"))
    shot(page, f"ledger-{size[0]}")
    page.get_by_label("台账文件").set_input_files(file)
    follow(page.get_by_role("button", name="读取"))

    expect(page.get_by_role("heading", name="确认后如何办理")).to_be_visible()
    shot(page, f"ledger-read-{size[0]}")
    page.get_by_label("某某公司").select_option(label="新建这个单位")
    follow(page.get_by_role("button", name="保存单位"))
    expect(page.get_by_role("status")).to_contain_text("单位已保存")
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_role("heading", name="正在登记")).to_be_visible()
    worker = threading.Thread(target=finish, args=(world,))
    worker.start()
    worker.join()
    expect(page.get_by_role("heading", name="导入完成")).to_be_visible()
    expect(page.get_by_text(f"共 {len(ALL)} 行，全部新登记")).to_be_visible()
    shot(page, f"ledger-done-{size[0]}")
    with page.expect_download() as loading:
        page.get_by_role("link", name="按原模板导出").click()
    assert loading.value.suggested_filename == file.name
    context.close()


@pytest.mark.long
def test_a_long_ledger_moves_a_bar_and_survives_a_reload(
    address: str, browser: Browser, complaints: list[str], world: World, tmp_path: Path
) -> None:
    file = tmp_path / "全市台账.xlsx"
    file.write_bytes(many(6000))
    context = open_context(browser, complaints, PHONE)
    page = context.new_page()
    enter(page, address, "gj.dispatcher")
    page.goto(f"{address}/ledger")
    page.get_by_label("台账文件").set_input_files(file)
    follow(page.get_by_role("button", name="读取"))
    expect(page.get_by_role("progressbar", name="读取进度")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="确认后如何办理")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("已读取。请核对")).to_be_visible()
    page.get_by_role("button", name="确认导入").click()
    bar = page.get_by_role("progressbar", name="登记进度")
    expect(bar).to_be_visible()
    worker = threading.Thread(target=finish, args=(world,))
    worker.start()
    expect(bar).not_to_have_attribute("value", "0", timeout=30_000)
    page.reload()
    expect(page.get_by_role("heading", name="导入完成")).to_be_visible(timeout=120_000)
    worker.join()
    context.close()
