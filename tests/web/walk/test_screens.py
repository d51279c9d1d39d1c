"""Every page, at a desk and on a phone, in both languages: seen whole, legible, by keyboard.

With BIHUAN_TEST_SHOTS=folder the pictures are left there.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.browsing import follow
from tests.web.walk.city import CONFIG, City
from tests.web.walk.looks import OURS, PALE, STUMBLES
from tests.web.walk.person import DESK, PHONE, Person, day, person

pytestmark = pytest.mark.browser

DEMO = "".join(path.read_text("utf-8") for path in sorted((CONFIG / "demo").rglob("*.yaml")))
NAMES = sorted(re.findall(r"\b(?:name|title): ([^,}\n]+)", DEMO), key=len, reverse=True)


def looked_at(someone: Person, name: str) -> None:
    """The page has nothing to stumble over, in the light and in the dark; a picture is kept."""
    where = f"{name}-{'en' if someone.english else 'zh'}-{someone.page.viewport_size['width']}"  # type: ignore[index]
    someone.shot(where)
    assert someone.page.evaluate(STUMBLES) == [], where
    for scheme in ("light", "dark"):
        someone.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert someone.page.evaluate(PALE) == [], f"{where} {scheme}"
    someone.page.emulate_media(color_scheme="light")
    if someone.english:
        assert chinese(someone.page.evaluate(OURS)) == [], where


def chinese(texts: list[str]) -> list[str]:
    """Those that say something in Chinese besides names and titles, which are the city's."""
    found = []
    for text in texts:
        ours = text
        for name in NAMES:
            ours = ours.replace(name, "")
        if re.search("[\u4e00-\u9fff]", ours):
            found.append(text)
    return found


@pytest.mark.parametrize(
    ("english", "size"),
    [
        pytest.param(False, DESK, id="zh-desk"),
        pytest.param(False, PHONE, id="zh-phone"),
        pytest.param(True, PHONE, id="en-phone"),
        pytest.param(True, DESK, id="en-desk", marks=pytest.mark.long),
    ],
)
def test_every_page_fits_and_is_legible(
    town: City, browser: Browser, shots: Path, english: bool, size: tuple[int, int]
) -> None:
    with person(browser, town.address, shots, english=english, size=size) as someone:
        someone.open("/login")
        looked_at(someone, "login")
        someone.enter("gongjian.dispatcher")
        looked_at(someone, "work")
        for name, path in (
            ("report", "/report"),
            ("search", "/issues?q=煤"),
            ("nothing", "/issues?q=没有这样的词"),
            ("overview", "/overview"),
            ("inbox", "/inbox"),
            ("plans", "/plans"),
        ):
            someone.open(path)
            if name == "inbox":
                someone.main.locator("summary").first.click()
            looked_at(someone, name)
        _issue(someone)
        someone.open("/issues/WT-1999-00001")
        looked_at(someone, "error")
        someone.enter("duban.leader")
        follow(someone.main.locator("a[href^='/papers/']").first)
        someone.main.locator("details.act > summary").first.click()
        looked_at(someone, "paper")


def _issue(someone: Person) -> None:
    """One with parts and a long record, everything unfolded; one with a form to fill."""
    someone.open("/issues?q=煤气发生炉")
    follow(someone.main.get_by_role("link", name="三个镇的煤气发生炉改用清洁能源"))
    someone.page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    looked_at(someone, "issue-unfolded")
    someone.open("/")
    waiting = "Awaiting assignment" if someone.english else "待交办"
    follow(someone.main.locator(".rows > li", has_text=waiting).first.get_by_role("link"))
    form = someone.form("Assign" if someone.english else "交办")
    form.evaluate("form => { form.noValidate = true; }")
    someone.fill(form, responsible="Nowhere", due=day(9))
    someone.send(form)
    looked_at(someone, "issue-refused")


def test_a_move_needs_no_mouse(town: City, browser: Browser, shots: Path) -> None:
    with person(browser, town.address, shots) as someone:
        someone.enter("xingwu.handler")
        keyboard = someone.page.keyboard
        keyboard.press("Tab")
        skip = someone.page.locator(":focus")
        expect(skip).to_have_text("跳到正文")
        expect(skip).to_be_in_viewport()
        keyboard.press("Enter")
        _tab_to(someone, "a.title")
        keyboard.press("Enter")
        expect(someone.page.locator("#actions")).to_be_visible()
        _tab_to(someone, "details.act:not([open]) > summary")
        keyboard.press("Enter")
        expect(someone.page.locator("details.act[open] > summary:focus")).to_have_count(1)
        _tab_to(someone, "details.act[open] textarea")
        keyboard.type("键盘填写")
        expect(someone.page.locator("textarea:focus")).to_have_value("键盘填写")
        _tab_to(someone, "details.act[open] button")


def _tab_to(someone: Person, target: str) -> None:
    """Press Tab until something that matches has the focus, which is always to be seen."""
    for _ in range(60):
        someone.page.keyboard.press("Tab")
        focus = someone.page.locator(":focus")
        style = focus.evaluate("e => getComputedStyle(e).outlineStyle")
        assert style != "none", focus.evaluate("e => e.outerHTML")
        if focus.evaluate("(e, target) => e.matches(target)", target):
            return
    raise AssertionError(f"no way to {target} by keyboard")
