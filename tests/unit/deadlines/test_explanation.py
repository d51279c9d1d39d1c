import json

import pytest

from tests.unit.deadlines.moments import CALENDAR, ZONE, at, counted, pause
from workflow.deadlines.due import explain, with_pauses
from workflow.deadlines.limits import parse_limit
from workflow.deadlines.steps import SENTENCES, Step

CASES: dict[str, tuple[str, str, dict[str, object], str]] = {
    "make-up Sunday and National Day": (
        "2024-09-27T16:30",
        "3wd",
        {},
        (
            "自2024年9月27日（周五）起算，当日不计；9月28日（周六）不计；"
            "第1个工作日：9月29日（周日，调休上班）；第2个工作日：9月30日（周一）；"
            "10月1日—7日（国庆节放假）不计；第3个工作日：10月8日（周二）；"
            "到期日：2024年10月8日（周二），至当日24:00止。"
        ),
    ),
    "weeks of a long limit are one step": (
        "2024-10-18",
        "30wd",
        {},
        (
            "自2024年10月18日（周五）起算，当日不计；10月19日—20日（周末）不计；"
            "第1—30个工作日：10月21日—11月29日（其间周末10天不计）；"
            "到期日：2024年11月29日（周五），至当日24:00止。"
        ),
    ),
    "two make-up days in a row": (
        "2018-09-28",
        "2wd",
        {},
        (
            "自2018年9月28日（周五）起算，当日不计；第1—2个工作日：9月29日—30日（均为调休上班）；"
            "到期日：2018年9月30日（周日），至当日24:00止。"
        ),
    ),
    "across the year into one without a notice": (
        "2026-12-30",
        "2wd",
        {},
        (
            "自2026年12月30日（周三）起算，当日不计；第1—2个工作日：12月31日—2027年1月1日；"
            "2027年的放假安排尚未录入日历，暂按周六、周日休息计算，录入后重新计算；"
            "到期日：2027年1月1日（周五），至当日24:00止。"
        ),
    ),
    "natural days rolled on": (
        "2024-09-24",
        "7nd",
        {"roll": "next_working"},
        (
            "自2024年9月24日（周二）起算，当日不计；自然日（含节假日）数7日：9月25日—10月1日；"
            "10月1日（周二）是国庆节，顺延至其后第一个工作日；"
            "到期日：2024年10月8日（周二），至当日24:00止。"
        ),
    ),
    "a month without that day": (
        "2025-01-31",
        "1mo",
        {},
        (
            "自2025年1月31日（周五）起算，当日不计；计1个月：至2月28日（周五）（当月没有对应日，取月末）；"
            "到期日：2025年2月28日（周五），至当日24:00止。"
        ),
    ),
    "the first day counted": (
        "2024-09-09",
        "2wd",
        {"starts": "same_day"},
        (
            "自2024年9月9日（周一）起算，当日计入；第1—2个工作日：9月9日—10日；"
            "到期日：2024年9月10日（周二），至当日24:00止。"
        ),
    ),
    "hours": (
        "2024-09-27T16:30",
        "4h",
        {},
        (
            "自2024年9月27日（周五）16:30起算；计4小时：至9月27日（周五）20:30；"
            "到期时间：2024年9月27日（周五）20:30。"
        ),
    ),
    "seconds": (
        "2024-09-27T16:30:05",
        "90s",
        {},
        (
            "自2024年9月27日（周五）16:30:05起算；计90秒：至9月27日（周五）16:31:35；"
            "到期时间：2024年9月27日（周五）16:31:35。"
        ),
    ),
    "a fixed date": (
        "2024-09-27",
        "2025-12-31",
        {},
        "规定日期：2025年12月31日（周三），含当日；到期日：2025年12月31日（周三），至当日24:00止。",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_explanation_in_chinese(name: str):
    start, limit, rules, sentence = CASES[name]
    assert explain(counted(start, limit, **rules)) == sentence


def test_the_explanation_in_english():
    assert explain(counted("2024-09-27", "3wd"), "en") == (
        "from Fri 27 Sep 2024, that day not counted; Sat 28 Sep not counted (weekend); "
        "working day 1: Sun 29 Sep (weekend worked in exchange); working day 2: Mon 30 Sep; "
        "1–7 Oct not counted (National Day); working day 3: Tue 8 Oct; "
        "due on Tue 8 Oct 2024, until 24:00."
    )


def test_a_year_takes_few_enough_steps_to_read():
    assert len(counted("2024-09-27", "250wd").steps) <= 40


def test_steps_survive_storage_as_json():
    found = counted("2024-09-24", "7nd", roll="next_working")
    stored = json.loads(json.dumps([step.as_json() for step in found.steps], ensure_ascii=False))
    again = [Step.from_json(data) for data in stored]
    assert [step.zh for step in again] == [step.zh for step in found.steps]
    assert [step.en for step in again] == [step.en for step in found.steps]


def test_every_sentence_is_told_in_both_languages():
    held = [pause("2024-09-10T09:00", "2024-09-12T10:00"), pause("2030-01-01", None)]
    told: dict[str, Step] = {}
    for limit in ("1mo", "20h", "12月底前", "2024-12-31", "5nd", "5wd"):
        found = with_pauses(
            at("2024-09-09T18:00"),
            parse_limit(limit),
            held,
            CALENDAR,
            zone=ZONE,
            roll="next_working",
        )
        assert found is not None
        told |= {step.code: step for step in found.steps}
    told |= {step.code: step for step in counted("2026-12-31", "9wd").steps}
    assert told.keys() == SENTENCES.keys()
    for step in told.values():
        assert step.text("zh") == step.zh
        assert any("一" <= char <= "鿿" for char in step.zh)
        # What a person typed, such as the reason of a pause, stays as it is.
        assert step.en.replace("等待环评批复", "").isascii() or "–" in step.en
