"""Dates, yes and no, units: each way of writing with what it means."""

from datetime import date, datetime
from typing import Any

import pytest

from workflow.ledger.formulas import Unknown, result
from workflow.ledger.sheet import letters, spot
from workflow.ledger.values import is_done, number, percent, shown, units, when
from workflow.ledger.words import LedgerWords
from workflow.plans.readers.corners import column_of
from workflow.plans.words import Words

DATES = {
    "2024年10月底前": "2024-10-31",
    "２０２４年１２月３１日": "2024-12-31",
    "2024.12.31": "2024-12-31",
    "2024-12-31 00:00:00": "2024-12-31",
    "20241231": "2024-12-31",
    "24.12.31": "2024-12-31",
    "2024.12": "2024-12-31",
    "12月底前": "2024-12-31",
    "三季度末": "2024-09-30",
    "二〇二四年十二月底": "2024-12-31",
    "2024年12月底前完成，长期坚持": "2024-12-31",
    "2023年底前完成80%，2024年底前全部完成": "2024-12-31",
    "2024年\n12月31日": "2024-12-31",
}
KINDS = {
    "立行立改": "immediate",
    "即知即改，长期坚持": "immediate",
    "长期坚持": "standing",
    "每月25日前": "recurring",
    "收到交办单后15个工作日内": "relative",
    "2024年2月30日": "unread",
    "尽快": "unread",
    "": "none",
}


@pytest.mark.parametrize("text", DATES)
def test_a_date_in_words(text: str) -> None:
    assert str(when(text, year=2024).due) == DATES[text]


@pytest.mark.parametrize("text", KINDS)
def test_what_is_no_date_keeps_its_kind(text: str) -> None:
    found = when(text, year=2024)
    assert (found.due, found.kind, found.text) == (None, KINDS[text], text)


def test_a_date_without_year_is_not_guessed() -> None:
    found = when("12月底前", year=None)
    assert found.due is None
    assert found.remarks


@pytest.mark.parametrize(
    ("value", "is_1904", "day"),
    [
        (45657, False, date(2024, 12, 31)),
        (45657.75, False, date(2024, 12, 31)),
        (44195, True, date(2024, 12, 31)),
        (datetime(2024, 12, 31, 8), False, date(2024, 12, 31)),
        (date(2024, 12, 31), False, date(2024, 12, 31)),
        (date(1900, 1, 1), False, None),
        (12, False, None),
        (1e300, False, None),
        (float("nan"), False, None),
        (True, False, None),
    ],
)
def test_a_date_as_a_number(value: Any, is_1904: bool, day: date | None) -> None:
    assert when(value, year=None, is_1904=is_1904).due == day


@pytest.mark.parametrize(
    ("text", "done"),
    [("是", True), ("√", True), ("已完成", True), ("已销号", True), ("已完成，长期坚持", True), ("Y", True),
     ("否", False), ("×", False), ("未完成", False), ("正在整改", False), ("阶段性办结", False), ("整改中", False),
     ("已完成方案编制，正在施工", None), ("", None), ("见附件", None), ("已召开会议", None)],
)  # fmt: skip
def test_whether_it_is_done(text: str, done: bool | None, words: LedgerWords) -> None:
    assert is_done(text, words) is done


@pytest.mark.parametrize(
    ("value", "done"),
    [
        (1, True),
        (100, True),
        ("100%", True),
        ("１００％", True),
        (0.6, False),
        ("60%", False),
        ("", None),
        ("略", None),
    ],
)
def test_a_degree_of_completion(value: Any, done: bool | None) -> None:
    assert percent(value) is done


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("市生态环境局、水利局", ("市生态环境局", "市水利局")),
        ("市水利局/市财政局", ("市水利局", "市财政局")),
        ("市水利局\n市财政局", ("市水利局", "市财政局")),
        ("市水利局 市财政局", ("市水利局", "市财政局")),
        ("市水利局,市财政局；市住建局", ("市水利局", "市财政局", "市住建局")),
        ("青山镇 李某某", ("青山镇",)),
        ("市城管局（张三）", ("市城管局",)),
    ],
)
def test_several_units_in_a_cell(text: str, names: tuple[str, ...], plan_words: Words) -> None:
    assert units(text, "responsible", plan_words).by_role == {"responsible": names}


@pytest.mark.parametrize("value", [12, 12.0, "１２", " 12 ", "12"])
def test_a_number(value: Any) -> None:
    assert number(value) == "12"


def test_a_text_keeps_its_lines_and_loses_what_no_database_keeps() -> None:
    assert shown(" 一\x00二 \r\n\u3000三\ud800 ") == "一二\n三"


@pytest.mark.parametrize("formula", ["=A1+", "=SUM(A1:A2)", "=1/0", "=A1:A2", "=", "=(1", "=DATE(1,2)", "=DATE(9e9,1,1)",
                                     "=999999999999*999999999999*9", "=-\"a\""])  # fmt: skip
def test_a_formula_that_is_not_understood(formula: str) -> None:
    with pytest.raises(Unknown):
        result(formula, (0, 0), lambda _: 1)


def test_addresses() -> None:
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert [column_of(text) for text in ("A", "Z", "AA", "ZZ", "AAA")] == [0, 25, 26, 701, 702]
    assert spot("$B$12") == (11, 1)
    assert spot("12") is None
