"""The pages in a real browser: by clicks, on a phone, without script, in both languages.

With BIHUAN_TEST_SHOTS=folder every page that is looked at leaves a picture there.
"""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from config.settings import Settings
from tests.web.browsing import follow
from tests.web.conftest import WorldRuntime
from tests.web.test_pages import jpeg, to_assigned
from tests.world import World
from web.app import create_app
from workflow.escalation.actions import tick

pytestmark = pytest.mark.browser

DESK, PHONE = (1280, 900), (375, 812)
SHOTS = os.environ.get("BIHUAN_TEST_SHOTS")

# What a person with a screen reader or a keyboard would stumble over.
STUMBLES = """() => {
  const found = [];
  for (const field of document.querySelectorAll('input:not([type=hidden]),select,textarea'))
    if (!field.labels.length) found.push('no label: ' + field.name);
  for (const button of document.querySelectorAll('button,a'))
    if (!button.textContent.trim() && !button.querySelector('img[alt]'))
      found.push('no text: ' + button.outerHTML);
  for (const image of document.querySelectorAll('img'))
    if (!image.alt) found.push('no alt: ' + image.src);
  if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
  if (document.documentElement.scrollWidth > innerWidth)
    found.push('wider than the screen: ' + document.documentElement.scrollWidth);
  return found;
}"""


@pytest.fixture
def address(world: World, settings: Settings) -> Iterator[str]:
    """The application behind a real server, on a port that the system chose."""
    app = create_app(WorldRuntime(world, settings))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser's console says; a breach of the content policy is said there."""
    found: list[str] = []
    yield found
    assert not found


def open_context(
    browser: Browser, complaints: list[str], size: tuple[int, int] = DESK, lang: str = "zh-CN"
) -> BrowserContext:
    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale=lang,
        reduced_motion="reduce",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(15_000)
    context.on("console", heard)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    return context


def enter(page: Page, address: str, login: str) -> None:
    page.goto(f"{address}/login")
    idle = page.locator("details", has_text=login)
    if idle.count() and not idle.first.evaluate("e => e.open"):
        idle.first.locator("summary").click()
    page.locator("button.door", has=page.get_by_text(login, exact=True)).click()
    page.wait_for_url(f"{address}/")


def shot(page: Page, name: str) -> None:
    assert page.evaluate(STUMBLES) == []
    if SHOTS:
        path = Path(SHOTS) / f"{name}.png"
        page.screenshot(path=path, full_page=True)


def change_post(page: Page, then: str) -> None:
    """Follow the bar: it names the next move, one click takes that post."""
    expect(page.locator(".bar")).to_contain_text(then)
    follow(page.get_by_role("button", name="换到这个岗位"))


def act(page: Page, label: str, **fields: str | list[dict[str, object]]) -> None:
    """Open an action's form, fill it and send it."""
    form = page.locator("details.act", has=page.locator("summary", has_text=label)).first
    if not form.evaluate("e => e.open"):
        form.locator("summary").click()
    for name, value in fields.items():
        field = form.locator(f"[name={name}]")
        if isinstance(value, str):
            field.fill(value)
        else:
            field.set_input_files(value)  # type: ignore[arg-type]
    follow(form.get_by_role("button", name=label))
    expect(page.get_by_role("status")).to_contain_text("已办理")


def photo(name: str) -> list[dict[str, object]]:
    return [{"name": name, "mimeType": "image/jpeg", "buffer": jpeg()}]


def test_a_problem_is_walked_round_the_loop_by_clicks(
    browser: Browser, world: World, address: str, complaints: list[str]
) -> None:
    context = open_context(browser, complaints)
    page = context.new_page()
    enter(page, address, "hb.inspector")
    follow(page.get_by_role("link", name="登记"))
    page.get_by_label("标题").fill("沿河散煤堆放")
    page.get_by_label("问题描述").fill("东沟桥下约两吨散煤，无苫盖。")
    page.get_by_label("照片或附件").set_input_files(photo("现场.jpg"))  # type: ignore[arg-type]
    expect(page.locator(".preview img")).to_have_count(1)
    page.get_by_label("问题类别").select_option("coal")
    page.get_by_label("所在乡镇、街道或村").fill("青山镇")
    shot(page, "report-filled")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已办理：登记")

    change_post(page, "市环委会攻坚办交办员：受理")
    act(page, "受理")
    act(page, "交办", due=world.day(30))
    change_post(page, "青山镇人民政府经办人：签收")
    act(page, "签收")
    act(page, "认定属实", finding="情况属实")
    act(page, "报送整改方案", plan="三日内清运")
    change_post(page, "市政府督办科督导员：审定方案")
    act(page, "审定方案")
    change_post(page, "青山镇人民政府经办人：申请验收")
    act(page, "申请验收", result="已全部清运", evidence=photo("整改后.jpg"))
    change_post(page, "市生态环境局验收员：验收通过")
    act(page, "验收通过", opinion="现场核实，同意")
    act(page, "公示", text="已整改，请监督", phone="0371-60000000")
    shot(page, "issue-publicity")
    issue = page.url
    world.after(days=8)
    world.end_periods()
    enter(page, address, "hb.acceptor")
    page.goto(issue)
    change_post(page, "市环委会攻坚办督导员：销号")
    act(page, "销号")
    world.after(days=100)
    world.end_periods()
    enter(page, address, "hb.acceptor")
    page.goto(issue)
    change_post(page, "市政府督办科督导员：回头看")
    act(page, "回头看", finding="未反弹")
    act(page, "归档")
    expect(page.locator("main")).to_contain_text("已归档")
    expect(page.locator(".shots img").first).to_have_js_property("complete", True)
    shot(page, "issue-archived")
    context.close()


@pytest.mark.parametrize("lang", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_pages_fit_the_screen_and_name_their_fields(
    browser: Browser,
    world: World,
    address: str,
    complaints: list[str],
    size: tuple[int, int],
    lang: str,
) -> None:
    number = to_assigned(world)
    world.act(number, "accept", "qs.handler")
    world.act(number, "find_founded", "qs.handler", finding="属实")
    world.act(number, "request_extension", "qs.handler", reason="汛期", until=world.day(60))
    world.after(days=40)
    tick(world.database, world.office, world.now)
    context = open_context(browser, complaints, size, lang)
    page = context.new_page()
    name = f"{lang[:2]}-{size[0]}"
    page.goto(f"{address}/login")
    shot(page, f"login-{name}")
    enter(page, address, "gj.dispatcher")
    for path in ("/", "/report", "/issues", "/overview", "/inbox", f"/issues/{number}"):
        page.goto(f"{address}{path}")
        shot(page, f"{path.strip('/').replace('/', '-') or 'work'}-{name}")
    page.goto(f"{address}/issues?q=没有这样的词")
    shot(page, f"empty-{name}")
    enter(page, address, "gj.deputy")
    follow(page.locator("a[href^='/papers/']").first)
    shot(page, f"paper-{name}")
    context.close()


def test_everything_works_without_script(
    browser: Browser, world: World, address: str, complaints: list[str]
) -> None:
    number = to_assigned(world)
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{address}/login")
    page.locator("button.door", has_text="qs.handler").click()
    follow(page.get_by_role("link", name="砂石厂物料露天堆放"))
    follow(page.locator("details.act", has_text="签收").get_by_role("button", name="签收"))
    assert page.get_by_role("status").inner_text().startswith("已办理：签收")
    assert world.case(number).state == "investigating"
    context.close()


def test_the_strip_counts_down_and_a_double_click_sends_once(
    browser: Browser, world: World, address: str, complaints: list[str]
) -> None:
    number = to_assigned(world)
    context = open_context(browser, complaints)
    page = context.new_page()
    enter(page, address, "qs.handler")
    strip = page.locator(".bar [data-until]")
    before = strip.inner_text()
    page.evaluate(
        "() => { const e = document.querySelector('.bar [data-until]');"
        " e.dataset.until = new Date(Date.parse(document.documentElement.dataset.now)"
        " + 61000).toISOString(); }"
    )
    expect(strip).to_contain_text("秒")
    assert strip.inner_text() != before
    page.goto(f"{address}/issues/{number}")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.get_by_role("button", name="签收").dblclick()
    expect(page.get_by_role("status")).to_contain_text("签收")
    assert sent.count("POST") == 1
    assert world.case(number).version == 4
    context.close()


def test_a_page_that_is_looked_at_learns_what_others_did(
    browser: Browser, world: World, address: str, complaints: list[str]
) -> None:
    number = to_assigned(world)
    context = open_context(browser, complaints)
    page = context.new_page()
    enter(page, address, "gj.dispatcher")
    page.goto(f"{address}/issues/{number}")
    world.act(number, "accept", "qs.handler")
    page.evaluate(
        "() => { document.querySelector('[data-until]').dataset.until"
        " = new Date(Date.parse(document.documentElement.dataset.now) - 1).toISOString(); }"
    )
    expect(page.locator("main")).to_contain_text("核查中", timeout=8_000)
    context.close()
