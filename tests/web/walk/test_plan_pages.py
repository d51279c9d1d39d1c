"""A plan in a browser: read, gone over, imported, answered, followed; at a desk and on a phone."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.web.browsing import follow
from tests.web.walk.city import City
from tests.web.walk.looks import OURS
from tests.web.walk.person import DESK, PHONE, Person, day, person
from tests.web.walk.test_screens import DEMO, looked_at

pytestmark = pytest.mark.browser

PLAN = """{title}
桐政办〔2026〕{number}号
各乡镇人民政府，市直有关单位：
现将《{title}》印发给你们，请认真贯彻执行。
桐泽市人民政府办公室
2026年8月3日

{title}

一、主要目标
到2027年，全市城市生活污水集中收集率达到85%以上，细颗粒物年均浓度控制在38微克/立方米以下。

二、重点任务
（一）碧水提升行动
1.推进入河排污口整治。2026年9月底前完成排查溯源，{year}年6月底前完成80%、年底前全部完成整治。（市水利局牵头，市生态环境局、城管局配合，青山镇、石磴镇负责落实）
2.补齐污水管网短板。{year}年底前新建改造污水管网35公里，力争收集率达到85%。（市城管局、财政局按职责分工负责，市水务集团参与）
（二）蓝天巩固行动
3.管住扬尘。每月25日前报送监测情况，{year}年10月底前裸露地面基本得到治理。（市城管局牵头，各乡镇、街道负责落实）
4.淘汰老旧车辆。{year}年底前淘汰国三及以下柴油货车300辆。
三、保障措施
各单位要加强组织领导。
主办：市生态环境局　督办：市政府办公室工业商贸科
"""
TITLES = {
    (False, DESK): "桐泽市水气环境攻坚方案",
    (False, PHONE): "桐泽市水气环境巩固方案",
    (True, DESK): "桐泽市水气环境提升方案",
    (True, PHONE): "桐泽市水气环境冲刺方案",
}


def document(title: str, **changes: str) -> list[FilePayload]:
    """The plan as a file chooser hands it over."""
    number = str(50 + sorted(TITLES.values()).index(title))
    text = PLAN.format(title=title, number=number, year=int(day(0)[:4]) + 1)
    for before, after in changes.items():
        text = text.replace(before, after)
    return [{"name": f"{title}.txt", "mimeType": "text/plain", "buffer": text.encode()}]


def seen(someone: Person, name: str) -> None:
    """Nothing to stumble over; in English what is Chinese stands in the document or the city."""
    looked_at(replace(someone, english=False), f"{name}-en" if someone.english else name)
    if someone.english:
        own = DEMO + PLAN + "".join(TITLES.values())
        words = {
            word
            for text in someone.page.evaluate(OURS)
            for word in re.findall("[\u4e00-\u9fff]{2,}?(?=行动|[^\u4e00-\u9fff]|$)", text)
        }
        assert sorted(word for word in words if word not in own) == [], name


def say(someone: Person, zh: str, en: str) -> str:
    return en if someone.english else zh


def press(someone: Person, zh: str, en: str) -> None:
    """Press a button and see the page that follows."""
    follow(someone.main.get_by_role("button", name=say(someone, zh, en), exact=True).first)


@pytest.mark.parametrize(
    ("english", "size"),
    [
        pytest.param(False, DESK, id="zh-desk"),
        pytest.param(True, PHONE, id="en-phone", marks=pytest.mark.long),
        pytest.param(False, PHONE, id="zh-phone", marks=pytest.mark.long),
        pytest.param(True, DESK, id="en-desk", marks=pytest.mark.long),
    ],
)
def test_a_plan_is_read_gone_over_and_followed(
    town: City, browser: Browser, shots: Path, english: bool, size: tuple[int, int]
) -> None:
    title = TITLES[english, size]
    with person(browser, town.address, shots, english=english, size=size) as someone:
        someone.page.on("dialog", lambda dialog: dialog.accept())
        someone.enter("gongjian.dispatcher")
        follow(someone.page.get_by_role("link", name=say(someone, "计划", "Plans"), exact=True))
        seen(someone, "plans")
        follow(someone.main.get_by_role("link", name="桐泽市生态环境质量稳定向好"))
        seen(someone, "plan-of-the-city")
        someone.open("/plans")
        _refused(someone)
        someone.main.locator("#read input[type=file]").set_input_files(document(title))
        press(someone, "读入", "Read")
        expect(someone.page.locator("h1")).to_have_text(title)
        seen(someone, "plan-review")
        _points_at_the_text(someone)
        _corrected(someone)
        _settled(someone)
        seen(someone, "plan-settled")
        press(someone, "导入", "Import")
        expect(someone.page.get_by_role("status")).to_contain_text(
            say(someone, "已导入", "Imported")
        )
        _followed(someone)


def _refused(someone: Person) -> None:
    """A file that cannot be read: the sentence stands beside the field."""
    scan: list[FilePayload] = [
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 nothing"}
    ]
    someone.main.locator("#read input[type=file]").set_input_files(scan)
    press(someone, "读入", "Read")
    expect(someone.page.locator("#file-fault")).to_contain_text(
        say(someone, "文件已损坏或不完整", "damaged or incomplete")
    )
    seen(someone, "plans-refused")


def _points_at_the_text(someone: Person) -> None:
    """A click on a fact lights up the line from which it comes."""
    first = someone.main.locator("article.task").first
    first.locator("a.where").first.click()
    line = someone.page.locator(".reader :target")
    expect(line).to_be_in_viewport()
    assert line.evaluate("e => getComputedStyle(e).boxShadow") != "none"


def _corrected(someone: Person) -> None:
    """A day that is none is refused beside its field; then the task without units gets a lead."""
    task = someone.main.locator("article.task", has_text="淘汰老旧车辆")
    task.locator("details.act > summary").click()
    task.locator("[name=r-lead]").fill("市公安局")
    due = task.locator("[name$='-due']").first
    said = due.input_value()
    due.fill("")
    save = say(someone, "保存并确认", "Save and confirm")
    follow(task.get_by_role("button", name=save))
    expect(task.locator("[name$='-due']").first).to_have_attribute("aria-invalid", "true")
    expect(task.locator("[name=r-lead]")).to_have_value("市公安局")
    seen(someone, "plan-correct")
    task.locator("[name$='-due']").first.fill(said)
    follow(task.get_by_role("button", name=save))
    expect(task).to_contain_text("市公安局")


def _settled(someone: Person) -> None:
    """Names of units are decided, doubts are confirmed one after the other."""
    someone.page.locator("#rest").select_option("name_only")
    press(someone, "保存单位", "Save units")
    notes = someone.main.locator("#notes .doubts .open button")
    while notes.count():
        follow(notes.first)
    doubt = someone.main.locator("article.task .doubts .open").first
    said = doubt.inner_text().splitlines()[0]
    task = someone.main.locator("article.task", has_text=said).first
    follow(doubt.get_by_role("button", name=say(someone, "已核对", "Checked"), exact=True))
    expect(someone.page.get_by_role("status").first).to_contain_text(
        say(someone, "可以随时重新存疑", "doubt it again at any time")
    )
    task.locator("details", has_text=said).first.locator("summary").first.click()
    follow(task.get_by_role("button", name=say(someone, "重新存疑", "Doubt again")).first)
    expect(task.locator(".doubts .open").first).to_be_visible()
    name = say(someone, "核对无误，确认", "All correct: confirm")
    while someone.main.get_by_role("button", name=name, exact=True).count():
        press(someone, "核对无误，确认", "All correct: confirm")
    clear = someone.main.locator("form[action$='/confirm-clear'] button")
    if clear.count():
        follow(clear)


def _first_task(someone: Person) -> str:
    task = someone.main.locator("details.task").first.get_attribute("id")
    return str(task).removeprefix("t")


def _followed(someone: Person) -> None:
    """The plan's page: answered whether it is done, a figure observed."""
    seen(someone, "plan")
    plan = someone.page.url.partition("?")[0]
    someone.page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    seen(someone, "plan-unfolded")
    asked = someone.main.locator("#asked form")
    asked.locator("select").first.select_option("done_before")
    asked.locator("[name^=done_on]").first.fill("2026-09-25")
    asked.locator("[name^=note]").first.fill("已完成排查溯源")
    someone.send(asked)
    expect(someone.page.get_by_role("status").first).to_contain_text(
        say(someone, "已答复", "Answered")
    )
    expect(someone.main.locator("#asked")).to_have_count(0)
    someone.page.goto(f"{plan}#t{_first_task(someone)}")
    expect(someone.main.locator("details.task[open]")).to_be_in_viewport()
    figure = someone.main.locator("#figures .rows > li").first
    figure.locator("details.act > summary").click()
    form = figure.locator("form[action$='/observe']")
    someone.fill(form, value="79.2", observed_on=day(-1), source="市城管局月报")
    someone.send(form)
    expect(someone.main.locator("#figures .rows > li").first).to_contain_text("79.2")
    seen(someone, "plan-observed")
