"""One hard story: three townships, a return, an extension refused, a rejection that climbs to an
admonition, an objection, closing, and a relapse at the look-back.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.web.browsing import follow
from tests.web.walk.city import City
from tests.web.walk.person import Person, day, person, photo

pytestmark = pytest.mark.browser

TITLE = "三个镇的燃煤烤烟房未改造"
ISSUER, LEAD, ACCEPTANCE = "市环委会攻坚办", "市生态环境局", "市发展改革委"
SUPERVISION, HIGHER = "市政府办公室工业商贸科", "桐泽市人民政府"
ABOUT_A_PART = "界沟沿岸十一座烤烟房改造"


@pytest.fixture
def someone(town: City, browser: Browser, shots: Path) -> Iterator[Person]:
    """Whoever sits at the desks of this story, one after the other."""
    with person(browser, town.address, shots) as found:
        yield found


def part(someone: Person, root: str, index: int) -> None:
    """Open a part of the issue."""
    someone.open(f"/issues/{root}-{index:02d}")


def next_is(someone: Person, move: str) -> None:
    expect(someone.bar).to_contain_text(f"下一步：{move}")


def test_the_hard_story(town: City, someone: Person) -> None:
    root = _split_among_three(someone)
    _one_is_returned(someone)
    _one_may_not_have_longer(someone, root)
    _one_is_rejected_and_climbs(someone, root)
    _the_others_settle(someone, root)
    _the_public_objects(someone, root)
    _closed_and_back_again(someone, root)

    # Messages of one minute arrive as one letter, urgent ones at once.
    for login, subject in (
        ("lipo.principal", "督办函"),
        ("lipo.principal", "约谈通知书"),
        ("lipo.handler", f"退回整改：{ABOUT_A_PART}"),
        ("lipo.handler", f"催办：{ABOUT_A_PART}"),
        ("duban.leader", "约谈通知书"),
    ):
        letter = town.letter(login, subject)
        assert letter["from"].addresses[0].addr_spec == "bihuan@example.gov.cn"


def _split_among_three(someone: Person) -> str:
    """The lead takes it up, finds it founded, and hands a part to each of three townships."""
    someone.enter("gongjian.inspector")
    root = someone.report(
        title=TITLE,
        description="青山、杏坞、鹭湾三镇共二十六座烤烟房仍以散煤为燃料，无除尘设施。",
        evidence=photo("烤烟房.jpg"),
        category="coal",
        source="campaign",
        place="青山镇、杏坞镇、鹭湾镇",
    )
    someone.take_next_post()
    someone.act("受理")
    someone.act("交办", responsible=LEAD, due=day(60), speed="at_once", requirement="三镇同步改造")
    someone.take_next_post()
    someone.act("签收")
    someone.act("认定属实（立行立改）", finding="三镇二十六座，均属实")
    lines = (
        f"青山镇｜青山镇八座烤烟房改造｜{day(30)}",
        f"杏坞镇｜杏坞镇七座烤烟房改造｜{day(35)}",
        f"鹭湾镇｜{ABOUT_A_PART}｜{day(40)}",
    )
    someone.act("拆分", parts="\n".join(lines), reason="按所在镇分办")
    expect(someone.main.locator(".line").last).to_contain_text("青山镇、杏坞镇、鹭湾镇")
    tree = someone.main.locator(".card", has_text="分办与关联").locator("li")
    expect(tree).to_have_count(3)
    next_is(someone, f"{LEAD}经办人：等分办件办结")
    someone.page.get_by_text(re.compile("为什么其他 .* 项现在不能办")).click()
    refusal = someone.main.locator(".cannot li", has_text="申请验收")
    expect(refusal).to_contain_text("须待全部分办件办结，且至少一件整改到位。")
    someone.shot("split")
    return root


def _one_is_returned(someone: Person) -> None:
    """鹭湾镇 says that it is not theirs; the lead hands it to 栗坡镇."""
    someone.enter("luwan.handler")
    follow(someone.page.get_by_role("link", name=ABOUT_A_PART))
    someone.act("退回", reason="十一座均在栗坡镇界内，请改派", evidence=photo("界桩.jpg"))
    next_is(someone, f"{LEAD}经办人：改派")
    someone.take_next_post()
    someone.act("改派", responsible="栗坡镇", reason="核对地籍，属栗坡镇")
    someone.sees_next("栗坡镇经办人：签收", clock="签收时限", rung="提醒 → 栗坡镇经办人")


def _one_may_not_have_longer(someone: Person, root: str) -> None:
    """杏坞镇 asks for an extension and is refused, with the reason."""
    part(someone, root, 2)
    someone.take_next_post()
    someone.act("签收")
    someone.act("申请延期", reason="设备采购周期长", until=day(39))
    asked = someone.main.locator("#requests li")
    expect(asked).to_contain_text("设备采购周期长")
    someone.enter("shengtai.handler")
    follow(someone.page.get_by_role("link", name=re.compile("延期申请：杏坞镇七座烤烟房改造")))
    someone.act("不同意延期", reason="设备已招标，可按期到货")
    expect(asked).to_contain_text("设备已招标，可按期到货")
    expect(someone.main.locator("h1 + p")).to_contain_text("还有")


def _one_is_rejected_and_climbs(someone: Person, root: str) -> None:
    """栗坡镇 is rejected, does nothing, and climbs: urged, supervised, admonished."""
    part(someone, root, 3)
    someone.take_next_post()
    someone.act("签收")
    someone.act("申请验收", result="已改造九座", evidence=photo("改造后.jpg", (70, 150, 70)))
    someone.take_next_post()
    someone.act("退回整改", reason="还有两座未改，请改完再报", resubmit="6秒")
    someone.sees_next("栗坡镇经办人：申请验收", clock="重新报结时限", rung="催办 → 栗坡镇经办人")

    someone.enter("shengtai.deputy")
    letter = someone.page.get_by_role("link", name=re.compile(f"{ABOUT_A_PART}.*督办函"))
    _appears(someone, letter)
    follow(letter)
    someone.shot("supervision-letter")
    someone.page.get_by_role("button", name="签发", exact=True).click()
    expect(someone.main).to_contain_text("已签发")

    someone.enter("duban.leader")
    admonition = someone.page.get_by_role("link", name=re.compile(f"{ABOUT_A_PART}.*约谈通知书"))
    _appears(someone, admonition)
    someone.shot("leader")
    follow(admonition)
    expect(someone.page.locator(".paper")).to_contain_text("约谈")
    someone.shot("admonition")
    someone.page.get_by_role("button", name="签发", exact=True).click()
    expect(someone.main).to_contain_text("已签发")
    _withhold_another(someone)

    for login, subject in (("lipo.handler", "催办："), ("lipo.principal", "送达：")):
        someone.enter(login)
        follow(someone.page.get_by_role("link", name="收件箱"))
        items = someone.page.locator(".rows > li summary", has_text=ABOUT_A_PART)
        expect(items.filter(has_text=subject).first).to_be_visible()
    someone.shot("inbox-of-the-principal")
    part(someone, root, 3)
    expect(someone.main.locator("h1 + p")).to_contain_text("红灯通报约谈")
    someone.take_next_post()
    someone.act(
        "申请验收", result="十一座全部改造完毕", evidence=photo("全部改完.jpg", (50, 160, 90))
    )
    someone.take_next_post()
    someone.act("验收通过", opinion="到场逐座核查，同意")
    expect(someone.main).to_contain_text("已办结")


def _withhold_another(someone: Person) -> None:
    """Another draft of the city waits for the same signer, who withholds it with a reason."""
    someone.open("/")
    follow(someone.page.get_by_role("link", name=re.compile("养殖场粪污.*约谈通知书")))
    form = someone.form("不予签发")
    someone.fill(form, reason="责任人今日已到办说明，暂不约谈")
    someone.send(form)
    expect(someone.main).to_contain_text("责任人今日已到办说明，暂不约谈")
    expect(someone.main).to_contain_text("不予签发")


def _the_others_settle(someone: Person, root: str) -> None:
    for index in (1, 2):
        part(someone, root, index)
        someone.take_next_post()
        if index == 1:
            someone.act("签收")
        someone.act(
            "申请验收", result="全部改造完毕", evidence=photo(f"{index}.jpg", (60, 140, 60 + index))
        )
        someone.take_next_post()
        someone.act("验收通过", opinion="同意")
    someone.open(f"/issues/{root}")
    next_is(someone, f"{LEAD}经办人：申请验收")


def _the_public_objects(someone: Person, root: str) -> None:
    """Submitted, verified and put before the public; an objection holds the closing back."""
    someone.take_next_post()
    someone.act("申请验收", result="三镇二十六座全部改造", evidence=photo("总.jpg", (90, 160, 60)))
    someone.take_next_post()
    someone.act("验收通过", opinion="同意")
    someone.act("公示", text="三镇烤烟房改造完成，现予公示。", phone="0371-60000000", period="2s")
    someone.waits_for(someone.bar, f"下一步：{ISSUER}督导员：销号", seconds=20)

    someone.enter("gongjian.dispatcher")
    someone.open(f"/issues/{root}")
    someone.act("提出异议", reason="群众反映杏坞镇一座夜间仍烧散煤")
    next_is(someone, f"{ACCEPTANCE}验收员：办理公示异议")
    someone.enter("gongjian.supervisor")
    someone.open(f"/issues/{root}")
    someone.page.get_by_text(re.compile("为什么其他 .* 项现在不能办")).click()
    refusal = someone.main.locator(".cannot li", has_text="销号")
    expect(refusal).to_contain_text("公示异议尚未裁定，须由验收单位先行裁定。")
    someone.shot("objection")
    someone.enter("fagai.acceptor")
    follow(someone.page.get_by_role("link", name=re.compile(f"异议.*{TITLE}")))
    someone.act("异议不成立", reason="夜间复查，该座已断电拆炉，照片拍于改造之前")
    expect(someone.main.locator("#requests li")).to_contain_text("夜间复查")
    expect(someone.main.locator("#requests .side")).to_have_text("不成立")


def _closed_and_back_again(someone: Person, root: str) -> None:
    """Closed; the look-back finds it again, and a new issue is supervised one level higher."""
    someone.take_next_post()
    someone.act("销号", reason="公示期满，异议不成立")
    someone.take_next_post()
    someone.act(
        "认定反弹", finding="杏坞镇四座烤烟房又烧散煤", evidence=photo("反弹.jpg", (160, 70, 60))
    )
    expect(someone.main.locator("h1 + p")).to_contain_text("已反弹")
    someone.shot("relapsed")
    again = someone.main.locator(".card", has_text="分办与关联").locator("li", has_text="反弹件")
    expect(again).to_contain_text("待研判")
    follow(again.get_by_role("link"))
    assert someone.number != root
    next_is(someone, f"{ISSUER}交办员：受理")
    facts = someone.main.locator(".card", has_text="问题情况")
    expect(facts).to_contain_text("杏坞镇四座烤烟房又烧散煤")
    expect(facts.locator("dt", has_text="督导单位").locator("+ dd")).to_have_text(HIGHER)
    expect(someone.main.locator(".card", has_text="分办与关联")).to_contain_text(root)
    someone.shot("back-again")


def _appears(someone: Person, link: Locator) -> None:
    """Wait on the work list for what the clock will put there."""
    for _ in range(60):
        if link.count():
            return
        someone.page.wait_for_timeout(500)
        someone.page.reload()
    expect(link).to_be_visible()
