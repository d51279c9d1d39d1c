"""Bad input on the page: a sentence beside the field, in the form's language; nothing changes.

The browser's own checks are switched off first, as in a browser that has none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.web.browsing import follow
from tests.web.walk.city import City
from tests.web.walk.person import Person, day, person, photo

pytestmark = pytest.mark.browser

NO_PHOTO = [{"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": "只是文字".encode()}]
TOO_LONG = "长" * 1001
QUARRY = "润坡石料厂越界开采约八亩"
"""An issue of the city that 栗坡镇 is at work on."""


@dataclass(frozen=True)
class Words:
    """What the pages of one language call things."""

    english: bool
    assign: str
    split: str
    progress: str
    past: str
    unknown: str
    required: str
    too_long: str
    own_work: str
    no_photo: str
    percent: str
    part_too_late: str
    moved_on: str
    meanwhile: str
    stranded: str
    wrong_post: str
    why_not: str


CHINESE = Words(
    english=False,
    assign="交办",
    split="拆分",
    progress="填报进展",
    past="{day}已经过去，请填写今天（{today}）或以后的日期。",
    unknown="没有名为“青山乡”的单位。是否指：青山镇",
    required="此项必填。",
    too_long="超出长度，请控制在1000字以内。",
    own_work="是责任单位本身或其下级，不能验收自己的整改。请另选验收单位。",
    no_photo="“现场.jpg”不是照片，只是文件名像照片。请上传 JPG、PNG 或 WebP 照片。",
    percent="不得大于100。",
    part_too_late="第1件的时限不得晚于",
    moved_on="刚刚有了新的办理记录，请刷新页面查看后再办。",
    meanwhile="您打开页面之后又发生了",
    stranded="您刚才填写的内容（未提交，可复制）",
    wrong_post="您不能“填报进展”。",
    why_not="此项须由",
)
ENGLISH = Words(
    english=True,
    assign="Assign",
    split="Split",
    progress="Report progress",
    past="{day} is past; give today ({today}) or a later date.",
    unknown="There is no unit “青山乡”. Did you mean 青山镇",
    required="This is required.",
    too_long="Too long; at most 1000 characters.",
    own_work="is the responsible unit or below it and cannot verify its own work. Choose another.",
    no_photo="“现场.jpg” is no photo, only its name looks like one. Upload a JPG, PNG or WebP",
    percent="It must not be more than 100.",
    part_too_late="Part 1 is due by",
    moved_on="has just moved on. Look at what happened, then decide.",
    meanwhile="What happened after you opened the page",
    stranded="What you had typed (not submitted, you can copy it)",
    wrong_post="You cannot “Report progress”.",
    why_not="This is done by",
)


@pytest.fixture(
    params=[
        pytest.param(CHINESE, id="zh"),
        pytest.param(ENGLISH, id="en", marks=pytest.mark.long),
    ],
    scope="module",
)
def words(request: pytest.FixtureRequest) -> Words:
    """The language of the pages."""
    found: Words = request.param
    return found


@pytest.fixture
def someone(town: City, browser: Browser, shots: Path, words: Words) -> Iterator[Person]:
    """Somebody who mistypes."""
    with person(browser, town.address, shots, english=words.english) as found:
        yield found


@pytest.fixture(scope="module")
def triaged(town: City, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An issue that waits to be assigned; nothing of what follows may change it."""
    with person(browser, town.address, tmp_path_factory.mktemp("shots")) as found:
        found.enter("gongjian.inspector")
        number = found.report(
            title="砂石厂物料露天堆放",
            description="厂区物料露天堆放，未苫盖。",
            category="dust",
            source="patrol",
            place_unit="青山镇",
        )
        found.take_next_post()
        found.act("受理")
    return number


def send(someone: Person, form: Locator) -> None:
    """Send a form that this browser does not check."""
    form.evaluate("form => { form.noValidate = true; }")
    someone.send(form)


def says(someone: Person, name: str, sentence: str) -> None:
    """The sentence stands beside the field, and the field points to it."""
    entry = someone.page.locator(f"[name={name}][aria-invalid=true]")
    expect(entry).to_be_visible()
    fault = someone.page.locator(f"#{entry.get_attribute('aria-describedby')}")
    expect(fault).to_contain_text(sentence)
    box = entry.locator("xpath=ancestor::div[@class='field']")
    expect(box.locator(".fault")).to_have_count(1)


def version(someone: Person) -> str | None:
    return someone.main.locator("[data-version]").get_attribute("data-version")


def test_a_form_of_an_action_says_what_is_wrong_beside_the_field(
    someone: Person, triaged: str, words: Words
) -> None:
    someone.enter("gongjian.dispatcher")
    someone.open(f"/issues/{triaged}")
    before = version(someone)
    form = someone.form(words.assign)
    someone.fill(form, responsible="青山乡", due=day(-1), requirement=TOO_LONG)
    send(someone, form)
    says(someone, "requirement", words.too_long)
    expect(form.locator("[name=requirement]")).to_have_value(TOO_LONG)

    someone.fill(form, requirement="按期整改")
    send(someone, form)
    says(someone, "responsible", words.unknown)
    someone.shot("unknown-unit")
    change = someone.bar.get_by_role("link", name="Change post" if words.english else "换岗")
    expect(change).to_have_attribute("href", f"/login?next=/issues/{triaged}")

    someone.fill(form, responsible="青山镇")
    send(someone, form)
    says(someone, "due", words.past.format(day=day(-1), today=day(0)))
    expect(form.locator("[name=due]")).to_have_value(day(-1))

    someone.fill(form, due="")
    send(someone, form)
    says(someone, "due", words.required)

    someone.fill(form, due=day(9), acceptance="上营村")
    send(someone, form)
    says(someone, "acceptance", words.own_work)
    expect(form.locator("[name=requirement]")).to_have_value("按期整改")

    assert version(someone) == before
    expect(someone.main.locator(".line").last.locator("> li")).to_have_count(2)


def test_the_report_says_what_is_wrong_beside_the_field(someone: Person, words: Words) -> None:
    someone.enter("gongjian.inspector")
    someone.open("/report")
    form = someone.page.locator("form[action='/report']")
    filled = {"title": "河道堆放渣土", "description": "约三车。", "category": "river"}
    someone.fill(form, **filled, place_unit="青山乡", due=day(-3), evidence=NO_PHOTO)
    send(someone, form)
    says(someone, "evidence", words.no_photo)
    someone.shot("no-photo")

    someone.fill(form, title="", evidence=photo("现场.jpg"))
    send(someone, form)
    says(someone, "title", words.required)
    expect(form).to_contain_text("现场.jpg")

    someone.fill(form, title="河道堆放渣土")
    send(someone, form)
    says(someone, "due", words.past.partition("{today}")[0].format(day=day(-3)).strip("（( "))
    expect(form.locator("[name=place_unit]")).to_have_value("青山乡")
    for name, value in filled.items():
        expect(form.locator(f"[name={name}]")).to_have_value(value)
    someone.open("/issues?q=河道堆放渣土")
    expect(someone.main.locator(".rows > li")).to_have_count(0)


def test_a_part_may_not_be_due_after_its_parent_allows(someone: Person, words: Words) -> None:
    someone.enter("lipo.handler")
    follow(someone.page.get_by_role("link", name=QUARRY))
    before = version(someone)
    form = someone.form(words.split)
    line = f"青山镇｜清理便道｜{day(40)}"
    someone.fill(form, parts=line)
    send(someone, form)
    says(someone, "parts", words.part_too_late)
    expect(form.locator("[name=parts]")).to_have_value(line)
    form = someone.form(words.progress)
    someone.fill(form, note="覆土五亩", percent="140")
    send(someone, form)
    says(someone, "percent", words.percent)
    assert version(someone) == before


def test_of_two_windows_the_second_keeps_what_was_typed(someone: Person, words: Words) -> None:
    someone.enter("lipo.handler")
    follow(someone.page.get_by_role("link", name=QUARRY))
    other = Person(someone.page.context.new_page(), someone.address, someone.shots, words.english)
    other.open(someone.page.url.removeprefix(someone.address))

    typed = "typed in the first window" if words.english else "第一个窗口里写的"
    form = someone.form(words.progress)
    someone.fill(form, note=typed, percent="55")
    other.act(words.progress, note="第二个窗口先报", percent="50")
    after = version(other)
    someone.send(form)
    expect(someone.page.locator("#error")).to_contain_text(words.moved_on)
    news = someone.main.locator(".alert", has_text=words.meanwhile)
    expect(news).to_contain_text(words.progress)
    expect(form.locator("[name=note]")).to_have_value(typed)
    record = someone.main.locator(".line").last
    expect(record).not_to_contain_text(typed)
    someone.shot("stale")
    assert version(someone) == after
    someone.send(form)
    expect(record).to_contain_text(typed)


def test_the_wrong_post_is_told_whose_it_is(someone: Person, words: Words) -> None:
    someone.enter("lipo.handler")
    follow(someone.page.get_by_role("link", name=QUARRY))
    before = version(someone)
    form = someone.form(words.progress)
    someone.fill(form, note="换岗以前写的")
    other = Person(someone.page.context.new_page(), someone.address, someone.shots, words.english)
    other.enter("gongjian.inspector")

    someone.send(form)
    error = someone.page.locator("#error")
    expect(error).to_contain_text(words.wrong_post)
    expect(error).to_contain_text(re.compile(re.escape(words.why_not) + ".*栗坡镇"))
    kept = someone.main.locator(".card", has_text=words.stranded)
    expect(kept).to_contain_text("换岗以前写的")
    assert version(someone) == before
    someone.shot("wrong-post")
