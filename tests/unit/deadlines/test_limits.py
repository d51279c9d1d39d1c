from datetime import date, datetime

import pytest

from workflow.deadlines.limits import Limit, Offset, add_months, parse_limit, parse_offset
from workflow.errors import Invalid


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("90s", Limit("seconds", 90)),
        ("30min", Limit("minutes", 30)),
        ("30分钟", Limit("minutes", 30)),
        ("4h", Limit("hours", 4)),
        ("4小时", Limit("hours", 4)),
        ("4个小时内", Limit("hours", 4)),
        ("3wd", Limit("working_days", 3)),
        (" 3 WD ", Limit("working_days", 3)),
        ("3个工作日", Limit("working_days", 3)),
        ("３个工作日内", Limit("working_days", 3)),
        ("三个工作日", Limit("working_days", 3)),
        ("十五个工作日", Limit("working_days", 15)),
        ("一百二十个工作日", Limit("working_days", 120)),
        ("7nd", Limit("natural_days", 7)),
        ("7日", Limit("natural_days", 7)),
        ("7天内", Limit("natural_days", 7)),
        ("7个自然日", Limit("natural_days", 7)),
        ("两周", Limit("natural_days", 14)),
        ("2mo", Limit("months", 2)),
        ("2个月", Limit("months", 2)),
        ("1年", Limit("months", 12)),
        ("2025-12-31", Limit("date", on=date(2025, 12, 31))),
        ("2025/6/1", Limit("date", on=date(2025, 6, 1))),
        ("2025年12月底前", Limit("date", on=date(2025, 12, 31))),
        ("2024年2月底前", Limit("date", on=date(2024, 2, 29))),
        ("2025年底前", Limit("date", on=date(2025, 12, 31))),
        ("2025年年底前", Limit("date", on=date(2025, 12, 31))),
        ("2025年6月5日前", Limit("date", on=date(2025, 6, 5))),
        ("12月31日前", Limit("yearly_date", month=12, day=31)),
        ("2月29日前", Limit("yearly_date", month=2, day=29)),
        ("6月底前", Limit("yearly_date", month=6)),
        ("年底前", Limit("yearly_date", month=12)),
        ("due", Limit("due")),
        (date(2025, 12, 31), Limit("date", on=date(2025, 12, 31))),
    ],
)
def test_forms_of_a_limit(text: object, limit: Limit):
    assert parse_limit(text) == limit
    assert parse_limit(str(limit)) == limit


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "3x",
        "wd",
        "-3wd",
        "+3wd",
        "3.5h",
        "3wd 4h",
        "2月",
        "2025年",
        "底前",
        "28日前",
        "长期坚持",
        "百个工作日",
        "x" * 1000,
        None,
        True,
        3.5,
        ["3wd"],
        datetime(2025, 12, 31),
    ],
)
def test_other_texts_are_refused_with_the_forms_that_exist(text: object):
    with pytest.raises(Invalid) as caught:
        parse_limit(text, field="accept")
    told = caught.value.text()
    assert caught.value.field == "accept"
    for form in ("4h", "3wd", "7nd", "2mo", "2025-12-31", "due", "3个工作日", "12月31日前"):
        assert form in told
    assert len(told) < 300


@pytest.mark.parametrize("text", ["0wd", "0h", "9999wd", "121mo", "999999nd", "0日"])
def test_a_span_out_of_range_is_refused_with_the_range(text: str):
    with pytest.raises(Invalid, match="1 到"):
        parse_limit(text)


@pytest.mark.parametrize(
    "text", ["2025-02-29", "2025-13-01", "2025年2月30日前", "13月底前", "0000年底前", "6月31日前"]
)
def test_a_day_that_does_not_exist_is_refused(text: str):
    with pytest.raises(Invalid, match="没有"):
        parse_limit(text)


@pytest.mark.parametrize(
    ("text", "offset", "brief"),
    [
        ("-15wd", Offset("working_days", -15), "-15wd"),
        ("-1h", Offset("hours", -1), "-1h"),
        ("−1h", Offset("hours", -1), "-1h"),
        ("-5min", Offset("minutes", -5), "-5min"),
        ("+1m", Offset("minutes", 1), "+1min"),
        ("-90s", Offset("seconds", -90), "-90s"),
        ("超期30秒", Offset("seconds", 30), "+30s"),
        ("0", Offset("natural_days", 0), "0"),
        (0, Offset("natural_days", 0), "0"),
        ("到期当日", Offset("natural_days", 0), "0"),
        ("+1wd", Offset("working_days", 1), "+1wd"),
        ("+7nd", Offset("natural_days", 7), "+7nd"),
        ("+1mo", Offset("months", 1), "+1mo"),
        ("到期前3个工作日", Offset("working_days", -3), "-3wd"),
        ("提前15日", Offset("natural_days", -15), "-15nd"),
        ("超期7日", Offset("natural_days", 7), "+7nd"),
    ],
)
def test_forms_of_an_offset(text: object, offset: Offset, brief: str):
    assert parse_offset(text) == offset
    assert str(offset) == brief
    assert parse_offset(brief) == offset


@pytest.mark.parametrize(
    "text", ["3wd", "+0wd", "", "+-1h", "1", None, 1, True, "+due", "超期", "+3"]
)
def test_an_offset_without_a_side_is_refused(text: object):
    with pytest.raises(Invalid):
        parse_offset(text)


def test_labels_are_for_people():
    assert parse_limit("3wd").label() == "3个工作日"
    assert parse_limit("3wd").label("en") == "3 working days"
    assert parse_limit("1h").label("en") == "1 hour"
    assert parse_limit("2025-12-31").label() == "2025年12月31日前"
    assert parse_offset("-15wd").label() == "到期前15个工作日"
    assert parse_offset("+7nd").label() == "超期7日"
    assert parse_offset("0").label() == "到期当日"


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-11-30", 3, "2025-02-28"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-12-15", 1, "2025-01-15"),
        ("2024-01-15", -1, "2023-12-15"),
    ],
)
def test_a_month_without_that_day_ends_on_its_last(start: str, n: int, end: str):
    assert add_months(date.fromisoformat(start), n) == date.fromisoformat(end)
