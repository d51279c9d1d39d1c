"""Every form of date, period and rhythm that plans write (domain reference, 8.2)."""

from datetime import date

import pytest

from workflow.plans.characters import fold
from workflow.plans.terms import find_terms

DATES = {
    "2025年年底前，完成": ["2025-12-31"],
    "2023年底前": ["2023-12-31"],
    "2025年末": ["2025-12-31"],
    "2025年9月底前": ["2025-09-30"],
    "2024年2月底前": ["2024-02-29"],
    "2023年12月底前完成": ["2023-12-31"],
    "2024年12月31日前": ["2024-12-31"],
    "二〇二五年十月底前": ["2025-10-31"],
    "二○二五年十二月三十一日前": ["2025-12-31"],
    "２０２５年９月底前": ["2025-09-30"],
    "到2025年，实现": ["2025-12-31"],
    "2025年火电行业比例达到80%": ["2025-12-31"],
    "确保2025年实现达标": ["2025-12-31"],
    "力争2025年年底全市达标": ["2025-12-31"],
    "“十四五”期间新增": ["2025-12-31"],
    "“十五五”末": ["2030-12-31"],
    "2024年三季度末前": ["2024-09-30"],
    "2024年第二季度": ["2024-06-30"],
    "2025年上半年": ["2025-06-30"],
    "2024年3月上旬": ["2024-03-10"],
    "2024年3月下旬前": ["2024-03-31"],
    "2024年内": ["2024-12-31"],
    "2024年6月底前完成甲；9月底前完成乙": ["2024-06-30", "2024-09-30"],
    "2024、2025年底前分别达到": ["2024-12-31", "2025-12-31"],
    "2023年、2024年和2025年，分别": ["2023-12-31", "2024-12-31", "2025-12-31"],
    "2024年4月、10月底前各完成一次": ["2024-04-30", "2024-10-31"],
    "2024年10月至2025年3月，": ["2025-03-31"],
    "2024年5—9月，": ["2024-09-30"],
    "2024年汛期前（5月底前）": [],
    "2024年12月；2025年6月": ["2024-12-31", "2025-06-30"],
    "2024.12": ["2024-12-31"],
    "2024-11-30": ["2024-11-30"],
    "覆盖率2027年达到90%": ["2027-12-31"],
    "1.2025年完成排查": ["2025-12-31"],
    "2025年禁渔期结束前（8月16日），": ["2025-08-16"],
    "2025年完成甲，7月15日至8月31日集中执法": ["2025-12-31", "2025-08-31"],
    "2025年完成甲；上半年落地3个试点": ["2025-12-31", "2025-06-30"],
    "2025年完成甲；其中上半年不少于400辆": ["2025-12-31", "2025-06-30"],
    "2025年完成甲；上半年、下半年各推出5个": ["2025-12-31", "2025-06-30", "2025-12-31"],
    "2025年完成甲；上半年工作总结": ["2025-12-31"],
    "平均办理时间压缩至45天以内": [],
    "2000年前建成的小区": [],
    "不高于2017年征收标准": [],
    # before a period, not within it
    "2025年前": ["2024-12-31"],
    "2024年10月前": ["2024-09-30"],
    # years that are no dates
    "较2020年下降": [],
    "比2015年分别下降": [],
    "在2022年基础上": [],
    "《综合标准体系（2023年）》": [],
    "（2019年本）": [],
    "2023年以来": [],
    "2022年度考核": [],
    "根据2024年重点工作安排": [],
    "截至2023年底，全市已建成": [],
    "全面完成“十四五”目标": [],
    "洛政办〔2023〕42号": [],
    "党的二十大": [],
}


@pytest.mark.parametrize("text", DATES)
def test_dates(text: str) -> None:
    found = [term.due for term in find_terms(fold(text)) if term.kind == "date" and term.due]
    assert found == [date.fromisoformat(day) for day in DATES[text]]


OTHERS = {
    "每月25日前报送": [("recurring", "month:25")],
    "每季度调度一次": [("recurring", "quarter")],
    "每年9月底前更新": [("recurring", "year")],
    "每年3月15日前": [("recurring", "year:3-15")],
    "逐年实现进位": [("recurring", "year")],
    "按月通报": [("recurring", "month")],
    "每半年开展一次": [("recurring", "half year")],
    "每两个月通报一次": [("recurring", "two months")],
    "每隔2个月调度一次": [("recurring", "two months")],
    "每三个月评估一次": [("recurring", "quarter")],
    "每六个月公布一次": [("recurring", "half year")],
    "立行立改，并长期坚持": [("immediate", None), ("standing", None)],
    "印发后30个工作日内": [("relative", "30wd")],
    "收到反馈意见之日起6个月内": [("relative", "6mo")],
    "两年内": [("relative", "24mo")],
    "接到举报24小时内": [("relative", "24h")],
    "自2024年1月1日起": [("start", None)],
    "采暖季前完成": [("season", None)],
    "春节前": [("season", None)],
}


@pytest.mark.parametrize("text", OTHERS)
def test_what_has_no_day(text: str) -> None:
    found = [(term.kind, term.every or term.limit) for term in find_terms(fold(text))]
    assert found == OTHERS[text]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12月底", "2024-12-31"),
        ("年底前", "2024-12-31"),
        ("三季度末前", "2024-09-30"),
        ("10月15日前", "2024-10-15"),
        ("今年年底前", "2024-12-31"),
    ],
)
def test_a_plan_for_one_year_lends_its_year(text: str, day: str) -> None:
    (term,) = find_terms(fold(text), year=2024, timed=True)
    assert (term.due, term.doubt) == (date.fromisoformat(day), "year_taken")


def test_without_any_year_nothing_is_invented() -> None:
    (term,) = find_terms("9月底前完成")
    assert (term.kind, term.due, term.doubt) == ("date", None, "no_year")


def test_a_day_that_does_not_exist() -> None:
    (term,) = find_terms("2024年2月30日前")
    assert (term.due, term.doubt) == (None, "no_such_day")


def test_season_with_a_date_beside_it_is_that_date() -> None:
    (term,) = find_terms(fold("汛期前(5月底前)"), year=2024)
    assert term.due == date(2024, 5, 31)


@pytest.mark.parametrize("text", ["长期", "持续推进", "全年", "长期坚持"])
def test_values_of_a_column(text: str) -> None:
    assert [term.kind for term in find_terms(text, timed=True)] == ["standing"]


def test_where_the_date_stands() -> None:
    text = "完成甲，2025年9月底前完成乙"
    (term,) = find_terms(text)
    assert text[term.start : term.end] == term.printed == "2025年9月底前"
