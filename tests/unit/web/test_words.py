"""Dates, time left, rings, forms and catalogues: what needs no page to be seen."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from config.language import catalogue, preferred, read_po
from web import forms, saying, times
from web.ring import ring
from workflow.audit.timeline import EventView
from workflow.deadlines.calendar import Calendar
from workflow.deadlines.calendars import load_calendar
from workflow.errors import Conflict, Invalid
from workflow.loops.registry import load_all

CONFIG = Path(__file__).parents[3] / "config"
LOOPS = load_all(CONFIG / "loops")
CALENDAR = load_calendar(CONFIG / "calendars")


@pytest.mark.parametrize(
    ("due", "zh", "en", "urgency"),
    [
        (date(2024, 9, 27), "今天到期", "due today", "soon"),
        (date(2024, 9, 30), "还有 2 个工作日", "2 working days left", "soon"),
        (date(2024, 10, 7), "还有 2 个工作日", "2 working days left", "soon"),
        (date(2024, 10, 8), "还有 3 个工作日", "3 working days left", "soon"),
        (date(2024, 10, 31), "还有 21 个工作日", "21 working days left", "ok"),
        (date(2024, 9, 26), "已超期 1 天", "1 day overdue", "late"),
        (date(2024, 9, 1), "已超期 26 天", "26 days overdue", "late"),
    ],
)
def test_days_left_are_working_days_and_days_late_are_days(
    due: date, zh: str, en: str, urgency: str
) -> None:
    today = date(2024, 9, 27)
    assert times.days_left(due, today, CALENDAR, "zh") == times.Left(zh, urgency)  # type: ignore[arg-type]
    assert times.days_left(due, today, CALENDAR, "en").text == en


def test_a_due_day_behind_a_holiday_without_working_days() -> None:
    left = times.days_left(date(2024, 9, 29), date(2024, 9, 28), Calendar(), "zh")
    assert left == times.Left("到期前已无工作日", "soon")


@pytest.mark.parametrize(
    ("span", "zh", "en", "urgency"),
    [
        (timedelta(days=2, hours=3), "还有 2 天", "2 days left", "ok"),
        (timedelta(hours=1), "还有 1 小时", "1 hour left", "soon"),
        (timedelta(seconds=30), "还有 30 秒", "30 seconds left", "soon"),
        (timedelta(minutes=-5), "已超时 5 分钟", "5 minutes late", "late"),
    ],
)
def test_time_left(span: timedelta, zh: str, en: str, urgency: str) -> None:
    now = datetime(2024, 9, 27, tzinfo=UTC)
    assert times.time_left(now + span, now, "zh") == times.Left(zh, urgency)  # type: ignore[arg-type]
    assert times.time_left(now + span, now, "en").text == en


@pytest.mark.parametrize(
    ("state", "behind"),
    [
        ("reported", ["report"]),
        ("return_ruling", ["report", "assign"]),
        ("rectifying", ["report", "assign"]),
        ("verifying", ["report", "assign", "submit"]),
        ("publicity", ["report", "assign", "submit", "verify", "publish"]),
        ("looked_back", ["report", "assign", "submit", "verify", "publish", "close", "look_back"]),
        ("unfounded", ["report", "assign"]),
        ("dismissed", ["report"]),
    ],
)
def test_a_milestone_is_behind_a_state_that_cannot_be_reached_without_it(
    state: str, behind: list[str]
) -> None:
    found = ring(LOOPS["rectification"])
    passed = dict(zip(found.milestones, found.passed[state], strict=True))
    assert [kind for kind, is_behind in passed.items() if is_behind] == behind


BEGINS = dict.fromkeys(("part", "milestone"), ("report", "submit"))
"""Of the loops whose issues are nobody's to assign."""


@pytest.mark.parametrize("name", sorted(LOOPS))
def test_every_loop_has_a_ring(name: str) -> None:
    found = ring(LOOPS[name])
    assert found.milestones[:2] == BEGINS.get(name, ("report", "assign"))
    assert set(found.passed) == set(LOOPS[name].states)


def test_lists_and_parts_are_read_as_people_write_them() -> None:
    assert forms.listed("市水利局、 市住建局，市农委;市商务局") == [
        "市水利局",
        "市住建局",
        "市农委",
        "市商务局",
    ]
    assert forms.parts("青山镇｜清运｜2026-12-20\n\n河口镇|覆盖") == [
        {"responsible": "青山镇", "title": "清运", "due": "2026-12-20"},
        {"responsible": "河口镇", "title": "覆盖"},
    ]


def test_an_error_is_told_once_beside_its_field() -> None:
    shown = forms.told(Invalid.at("due", "{day}已经过去。", day="2020-01-01"), 422, str)
    assert shown.fields == {"due": "2020-01-01已经过去。"}
    assert shown.sentence.startswith("填写的内容有误")
    assert shown.stray(["due"]) == ()
    assert shown.stray(["reason"]) == ("2020-01-01已经过去。",)
    assert forms.told(Conflict("刚刚有了新的办理记录"), 409, str).fields == {}


def test_a_po_file_is_read_as_it_is_written() -> None:
    text = (
        '# c\nmsgid ""\nmsgstr "Language: en\\n"\n\nmsgid "甲"\nmsgstr "a \\"b\\""\n\nmsgid "乙"\n'
    )
    text += 'msgstr ""\n\nmsgid ""\n"丙"\n"丁"\nmsgstr "cd"\n'
    assert read_po(text) == {"甲": 'a "b"', "丙丁": "cd"}
    with pytest.raises(ValueError, match="line 1"):
        read_po("nonsense")
    with pytest.raises(ValueError, match="line 2"):
        read_po('msgid "a"\nmsgstr a\n')


def test_languages() -> None:
    assert preferred("zh-CN,zh;q=0.9,en;q=0.8") == "zh"
    assert preferred("en-GB;q=0.4, zh;q=0.3") == "en"
    assert preferred("de") is None
    assert preferred("en;q=0, zh;q=x") is None
    assert catalogue("en").gettext("登录") == "Log in"
    assert catalogue("xx").gettext("登录") == "登录"
    assert catalogue("en").gettext("没有这一句") == "没有这一句"


class _Plain:
    lang = "zh"

    def day(self, day: object) -> str:
        return str(day)[5:10]

    moment = day

    def label(self, subject: str, key: str | None) -> str:
        return f"{subject}.{key}" if key else ""

    def clock(self, version: str, kind: str) -> str:
        return f"clock.{kind}"

    def state(self, version: str, state: str) -> str:
        return f"state.{state}"

    def recorded_desk(self, text: str) -> str:
        return text.partition("@")[0]


def told(kind: str, **data: object) -> tuple[tuple[str, str], ...]:
    event = EventView(
        2, datetime(2024, 9, 27, tzinfo=UTC), None, None, "web", kind, kind, data, "0" * 64
    )
    return saying.of_event(_Plain(), "v", event)


def test_events_are_told_without_what_only_the_record_needs() -> None:
    way = {"from": "fixing", "to": "checking"}
    assert told("submit", result="已清运", evidence=["0" * 64], **way) == (
        ("整改情况", "已清运"),
        ("环节", "state.fixing → state.checking"),
    )
    assert told("report", title="x", units={"issuer": ["甲"]}, loop_version="v") == ()
    assert told(
        "rung",
        clock="rectify",
        round=1,
        rungs=[{"rung": 1, "level": 2, "lamp": "yellow", "message": "warning"}],
        to=["handler@qs"],
    ) == (("clock.rectify", "messages.warning lamps.yellow → handler"),)
    assert told(
        "rung", clock="rectify", rungs=[{"lamp": "red"}], paper="bulletin", sign="leader@x"
    ) == (("clock.rectify", "lamps.red papers.bulletin（待leader签发）"),)
    assert told("paper_signed", paper="bulletin", text="f" * 64, answer_by="2024-10-08") == (
        ("文书", "papers.bulletin"),
        ("答复期限", "10-08"),
    )
    assert told("recalculated", clocks={"rectify": {"from": "2024-10-08", "to": "2024-10-09"}}) == (
        ("重算结果", "clock.rectify 10-08 → 10-09"),
    )
    parts = MappingProxyType({"responsible": "青山镇", "title": "清运", "due": "2024-10-08"})
    assert told("split", parts=[parts]) == (("分办件", "青山镇 · 清运 · 10-08"),)
