"""Somebody in front of a browser who walks through the demo city, post after post."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Locator, Page, expect

from tests.web.browsing import follow

DESK, PHONE = (1280, 800), (375, 812)
PATIENCE = 20_000
"""Milliseconds until something must have shown; a guard for a busy machine."""


@dataclass
class Person:
    """One browser window; `posts` are the people as whom it has been used."""

    page: Page
    address: str
    shots: Path
    english: bool = False
    posts: list[str] = field(default_factory=list)

    # -- who ---------------------------------------------------------------------------------

    def enter(self, login: str) -> None:
        """Take a post in the row of the log-in page, with one click."""
        self.page.goto(f"{self.address}/login")
        door = self.page.locator("button.door", has=self.page.get_by_text(login, exact=True))
        if not door.is_visible():
            self.page.locator("details.card > summary").click()
        follow(door)
        expect(self.page.locator("h1")).to_have_text("My work" if self.english else "我的待办")
        self.posts.append(login)

    def take_next_post(self) -> None:
        """Click the bar's button, which takes the post whose move is next."""
        here = self.page.url.partition("?")[0]
        button = "Take this post" if self.english else "换到这个岗位"
        follow(self.bar.get_by_role("button", name=button))
        assert self.page.url == here
        self.posts.append(self.bar.locator("b").first.inner_text())

    # -- where -------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        """Open a page of the city."""
        self.page.goto(f"{self.address}{path}")

    @property
    def number(self) -> str:
        """Of the issue that is looked at."""
        return self.page.locator("main .num").first.inner_text()

    @property
    def bar(self) -> Locator:
        """The demo's bar on top."""
        return self.page.locator(".bar")

    @property
    def main(self) -> Locator:
        """The page itself."""
        return self.page.locator("main")

    # -- what --------------------------------------------------------------------------------

    def form(self, label: str) -> Locator:
        """The form of an action, opened."""
        summary = self.page.get_by_text(label, exact=True)
        box = self.page.locator("details.act", has=self.page.locator("summary").and_(summary))
        if not box.evaluate("box => box.open"):
            box.locator("summary").click()
        return box.locator("form")

    def fill(self, form: Locator, **values: str | Sequence[FilePayload]) -> None:
        """Type into the fields of a form."""
        for name, value in values.items():
            named = self.page.locator(f"[name={name}]:not([type=hidden])")
            entry = form.locator(named)
            entry.wait_for(state="attached")
            if not entry.is_visible():
                form.locator("details", has=named).locator("summary").click()
            if not isinstance(value, str):
                entry.set_input_files(value)
            elif entry.evaluate("e => e.tagName") == "SELECT":
                self._choose(entry, value)
            else:
                entry.fill(value)

    def _choose(self, entry: Locator, value: str) -> None:
        """Choose by what is sent, or by how the text begins: "19." of a list of tasks."""
        if entry.locator(f"option[value='{value}']").count():
            entry.select_option(value)
        else:
            text = entry.locator("option").filter(has_text=re.compile(f"^{re.escape(value)}"))
            entry.select_option(label=text.first.inner_text())

    def send(self, form: Locator) -> None:
        """Press the form's button."""
        follow(form.get_by_role("button").last)

    def act(self, label: str, **values: str | Sequence[FilePayload]) -> None:
        """Take an action as the page offers it; it is done and on record."""
        form = self.form(label)
        self.fill(form, **values)
        self.send(form)
        done = self.page.get_by_role("status")
        expect(done).to_contain_text("Done" if self.english else "已办理")

    def report(self, **values: str | Sequence[FilePayload]) -> str:
        """File a problem from the menu; return its number."""
        follow(self.page.get_by_role("link", name="登记", exact=True))
        form = self.page.locator("form[action='/report']")
        self.fill(form, **values)
        self.send(form)
        expect(self.page.get_by_role("status")).to_contain_text("已办理：登记，记入第 1 条记录")
        return self.number

    # -- what is to come ---------------------------------------------------------------------

    def clock(self, name: str) -> Locator:
        """A running clock of the issue, with its ladder."""
        title = self.page.locator("summary > b").and_(self.page.get_by_text(name, exact=True))
        return self.page.locator("details[open]", has=title)

    def sees_next(self, move: str, *, clock: str, rung: str) -> None:
        """The page says whose move it is, the clock that runs and its next rung, counting down."""
        label = "Next move: " if self.english else "下一步："
        expect(self.bar).to_contain_text(f"{label}{move}")
        coming = self.clock(clock).locator(".line > li", has=self.page.locator("[data-until]"))
        expect(coming).to_contain_text(rung)
        expect(coming.locator("[data-until]")).to_have_text(re.compile(r"\d+ \S+|现在|now"))
        self.sees_strip()

    def sees_strip(self) -> None:
        """The strip says which rung comes next in the city, and in how long."""
        shape = r"下一级：[A-Z]{2}-\d{4}-\d{5}(-\d\d)? .+ → .+ · (\d+ (天|小时|分|秒)|现在)"
        if self.english:
            shape = r"Next rung: [A-Z]{2}-\d{4}-\d{5}(-\d\d)? .+ → .+ · (\d+ [a-z]+|now)"
        expect(self.bar.locator(".tick")).to_have_text(re.compile(shape))

    def waits_for(self, locator: Locator, text: str | re.Pattern[str], *, seconds: float) -> None:
        """Look at a page, again and again, until it says something that the clock will do."""
        ends = seconds * 1000
        while ends > 0:
            if locator.filter(has_text=text).count():
                return
            self.page.wait_for_timeout(500)
            ends -= 500
            self.page.reload()
        expect(locator).to_contain_text(text)

    def shot(self, name: str) -> None:
        """Keep a picture of the whole page."""
        self.page.screenshot(path=self.shots / f"{name}.png", full_page=True)


@contextmanager
def person(
    browser: Browser,
    address: str,
    shots: Path,
    *,
    english: bool = False,
    size: tuple[int, int] = DESK,
    dark: bool = False,
) -> Iterator[Person]:
    """Open a window; errors of scripts and breaches of the content policy fail the test."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A refused form is answered with its status, which the console repeats.
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            complaints.append(message.text)

    context = browser.new_context(
        locale="en-GB" if english else "zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": size[0], "height": size[1]},
        reduced_motion="reduce",
        color_scheme="dark" if dark else "light",
    )
    context.set_default_timeout(PATIENCE)
    context.on("console", heard)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    shots.mkdir(parents=True, exist_ok=True)
    try:
        yield Person(context.new_page(), address, shots, english)
    finally:
        context.close()
    assert not complaints


def day(ahead: int) -> str:
    """A civil day as the city counts them."""
    return (datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=ahead)).isoformat()


def photo(name: str, colour: tuple[int, int, int] = (96, 128, 84)) -> list[FilePayload]:
    """A photograph as a file chooser hands it over; colours differ, so that hashes do."""
    out = BytesIO()
    Image.linear_gradient("L").resize((640, 480)).convert("RGB").point(
        [min(255, v * c // 128) for c in colour for v in range(256)]
    ).save(out, "JPEG")
    return [{"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}]
