"""A newcomer walks one problem round the whole loop, and changes a limit as the README says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.browsing import follow
from tests.web.walk.city import City
from tests.web.walk.person import Person, day, person, photo

pytestmark = pytest.mark.browser

INSPECTOR, DISPATCHER = "gongjian.inspector", "gongjian.dispatcher"
ISSUER, TOWN = "市环委会攻坚办", "青山镇"
SUPERVISION, ACCEPTANCE = "市政府办公室工业商贸科", "市发展改革委"


@pytest.fixture(scope="module")
def hurried(town: City, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> str:
    """README, steps 2 and 3: report a problem of a snapshot, assign it; the number is returned."""
    shots = tmp_path_factory.mktemp("hurried")
    with person(browser, town.address, shots) as someone:
        someone.enter(INSPECTOR)
        number = someone.report(
            title="早市占道，油烟直排",
            description="路口早市三个摊位占道，油烟直排，附近居民开不了窗。",
            category="waste",
            source="snapshot",
            place="青山镇老街路口",
            place_unit=TOWN,
        )
        someone.enter(DISPATCHER)
        someone.open(f"/issues/{number}")
        someone.act("交办", due=day(3))
        someone.sees_next(f"{TOWN}经办人：签收", clock="签收时限", rung=f"提醒 → {TOWN}经办人")
        ladder = someone.clock("签收时限").locator(".line > li")
        expect(ladder).to_have_count(4)
        expect(ladder.locator("[data-until]")).to_have_text(re.compile(r"^[12]\d 秒$"))
        expect(someone.clock("签收时限")).to_contain_text("90秒")
        someone.shot("ninety-seconds")
    return number


@pytest.fixture
def newcomer(town: City, browser: Browser, shots: Path) -> Iterator[Person]:
    """Somebody who sees the city for the first time."""
    with person(browser, town.address, shots) as someone:
        yield someone


def test_the_first_page_says_where_to_begin(town: City, newcomer: Person) -> None:
    newcomer.open("/")
    expect(newcomer.page.locator("h1")).to_have_text("选一个岗位进入")
    expect(newcomer.main).to_contain_text("走一遍：上营村生活污水绕过处理站直排小河")
    newcomer.shot("first-page")
    newcomer.page.get_by_role("button", name=f"{TOWN}经办人：签收").click()
    newcomer.sees_next(f"{TOWN}经办人：签收", clock="签收时限", rung=f"提醒 → {TOWN}经办人")
    for line in ("账号：", "数据：", "停止：按 Ctrl+C", "重来：停止后运行 make demo-reset"):
        assert line in town.said()


def test_a_problem_is_walked_round_the_loop(
    town: City, newcomer: Person, hurried: str, shots: Path
) -> None:
    someone = newcomer
    someone.enter(INSPECTOR)
    someone.report(
        title="沿河散煤堆放点未清理",
        description="东沟桥下游约两吨散煤露天堆放，无苫盖，雨水冲刷入河。",
        evidence=photo("现场.jpg"),
        category="coal",
        source="patrol",
        place="青山镇东沟桥",
        place_unit=TOWN,
        task="19.",
    )
    expect(someone.page.locator(".shots img")).to_have_js_property("complete", True)
    triage = {"clock": "研判交办时限", "rung": f"提醒 → {ISSUER}交办员"}
    someone.sees_next(f"{ISSUER}交办员：受理", **triage)

    someone.take_next_post()
    someone.act("受理")
    someone.sees_next(f"{ISSUER}交办员：交办", **triage)
    form = someone.form("交办")
    expect(form.locator("[name=responsible]")).to_have_value(TOWN)
    expect(form.locator("[name=acceptance]")).to_have_value(ACCEPTANCE)
    someone.act("交办", due=day(30), requirement="清运到位，查明来源")
    by_town = {"rung": f"提醒 → {TOWN}经办人"}
    someone.sees_next(f"{TOWN}经办人：签收", clock="签收时限", **by_town)
    number = someone.number

    someone.enter("qingshan.handler")
    follow(someone.page.get_by_role("link", name="沿河散煤堆放点未清理"))
    someone.act("签收", note="今日到场")
    someone.sees_next(f"{TOWN}经办人：认定属实", clock="核查时限", **by_town)
    someone.act("核查", note="到场查看，询问看护人", evidence=photo("核查.jpg", (140, 120, 90)))
    someone.act("认定属实", finding="散煤二吨，来源为邻镇散户")
    someone.sees_next(f"{TOWN}经办人：报送整改方案", clock="方案编制时限", **by_town)
    someone.act("报送整改方案", plan="三日内清运，恢复河岸，设置警示牌。")
    someone.sees_next(
        f"{SUPERVISION}督导员：审定方案", clock="方案审定时限", rung=f"提醒 → {SUPERVISION}督导员"
    )

    someone.take_next_post()
    someone.act("审定方案", reason="同意")
    someone.sees_next(f"{TOWN}经办人：申请验收", clock="整改时限", **by_town)
    someone.take_next_post()
    someone.act(
        "申请验收", result="散煤清运完毕，河岸恢复", evidence=photo("整改后.jpg", (70, 150, 70))
    )
    someone.sees_next(
        f"{ACCEPTANCE}验收员：验收通过", clock="验收时限", rung=f"提醒 → {ACCEPTANCE}验收员"
    )

    someone.take_next_post()
    someone.act("验收通过", opinion="现场核实，同意通过", visited_on=day(0))
    someone.sees_next(
        f"{ACCEPTANCE}验收员：公示", clock="公示时限", rung=f"提醒 → {ACCEPTANCE}验收员"
    )
    expect(someone.form("公示").locator("[name=period]")).to_have_value("30秒")
    someone.act("公示", text="散煤堆放点已清理，现予公示。", phone="0371-60000000", period="3s")
    expect(someone.clock("公示期")).to_contain_text("3秒")
    expect(someone.bar).to_contain_text(f"下一步：{ISSUER}督导员：等公示期届满")
    someone.waits_for(someone.bar, f"下一步：{ISSUER}督导员：销号", seconds=20)
    someone.sees_next(f"{ISSUER}督导员：销号", clock="销号时限", rung=f"提醒 → {ISSUER}督导员")
    someone.take_next_post()
    someone.act("销号", reason="公示期满无异议", filing_number="青环销〔1〕号")
    expect(someone.bar).to_contain_text(f"下一步：{SUPERVISION}督导员：回头看")
    expect(someone.clock("巩固期")).to_contain_text("还有")
    someone.take_next_post()
    someone.act("回头看", finding="未见反弹", evidence=photo("回头看.jpg", (60, 110, 160)))
    someone.sees_next(
        f"{SUPERVISION}督导员：归档", clock="归档时限", rung=f"提醒 → {SUPERVISION}督导员"
    )
    someone.act("归档")

    expect(someone.main).to_contain_text("已归档")
    expect(someone.page.locator(".steps .on")).to_have_count(7)
    expect(someone.bar).not_to_contain_text("下一步：")
    expect(someone.page.locator("details.act > summary")).to_have_text(["认定反弹"])
    assert len(set(someone.posts)) >= 5
    someone.shot("archived")
    shown = town.bihuan("issue", "show", number, "--as", "gongjian.supervisor")
    assert "已归档" in shown.stdout, shown.stderr


def test_a_changed_limit_acts(town: City, newcomer: Person, hurried: str) -> None:
    someone = newcomer
    someone.enter("qingshan.handler")
    someone.open(f"/issues/{hurried}")
    taken = someone.clock("签收时限").locator(".line > li.late")
    someone.waits_for(taken.first, f"提醒 → {TOWN}经办人", seconds=60)
    expect(someone.main.locator("h1 + p")).to_contain_text("蓝灯提醒")
    someone.shot("reminded")
    follow(someone.page.get_by_role("link", name="收件箱"))
    item = someone.page.locator(".rows > li", has_text="早市占道，油烟直排")
    expect(item.filter(has_text="提醒：")).to_have_count(1)
