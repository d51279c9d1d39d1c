"""What a document says of itself, in every way in which offices type it."""

from datetime import date

import pytest

from tests.unit.plans.test_outline import lines
from workflow.plans.found import Head
from workflow.plans.head import number_form, read_head
from workflow.plans.paragraphs import paragraphs
from workflow.plans.words import Words


def head(words: Words, *texts: str) -> Head:
    return read_head(paragraphs(lines(*texts, "一、总体要求", "正文。"), words))


@pytest.mark.parametrize("pair", ["〔〕", "[]", "()", "（）", "【】", "［］", "﹝﹞"])
def test_numbers_in_brackets_of_every_sort(pair: str, words: Words) -> None:
    found = head(words, "甲市人民政府文件", f"甲政办 {pair[0]}2024{pair[1]} 第08号")
    assert found.number == "甲政办〔2024〕8号"


def test_the_number_of_another_paper_is_not_taken(words: Words) -> None:
    found = head(
        words, "甲市治理方案", "根据《乙省治理方案》（乙政办〔2023〕39号）要求，制定本方案。"
    )
    assert found.number is None


@pytest.mark.parametrize(
    "text", ["2024年4月19日", "二〇二四年四月十九日", "2024 年 4 月 19 日", "（2024年4月19日）"]
)
def test_the_day_of_issue(text: str, words: Words) -> None:
    assert head(words, "甲市治理方案", text).issued_on == date(2024, 4, 19)


def test_a_labelled_day_beats_a_printed_one(words: Words) -> None:
    found = head(words, "成文日期：2024-04-19", "发布日期：2024-05-01", "甲市治理方案")
    assert found.issued_on == date(2024, 4, 19)


def test_the_plan_and_not_its_covering_notice(words: Words) -> None:
    found = head(
        words,
        "甲市人民政府办公室关于印发", "甲市水环境治理", "三年行动方案（2024—2026年）的通知",
        "甲政办〔2024〕8号", "各县（市、区）人民政府：", "2024年4月19日",
    )  # fmt: skip
    assert found.title == "甲市水环境治理三年行动方案（2024—2026年）"
    assert found.issuer == "甲市人民政府办公室"


def test_a_notice_that_begins_below_its_organ(words: Words) -> None:
    found = head(
        words,
        "甲市人民政府办公室",
        "印发《关于深入打好攻坚战的实施方案》的通知",
        "甲政办〔2022〕15号",
    )
    assert found.issuer == "甲市人民政府办公室"
    assert found.title == "关于深入打好攻坚战的实施方案"


def test_a_division_of_the_tasks_of_another_paper(words: Words) -> None:
    found = head(
        words,
        "甲市人民政府办公室关于印发甲市“十四五”应急规划责任分解的通知",
        "现将《甲市“十四五”应急规划》责任分解印发给你们，请认真落实。",
    )
    assert found.title == "甲市“十四五”应急规划责任分解"


def test_titles_broken_into_lines(words: Words) -> None:
    assert head(words, "甲市水环境治理", "三年行动方案", "（2024—2026年）").title == (
        "甲市水环境治理三年行动方案（2024—2026年）"
    )


def test_who_organises_and_who_supervises(words: Words) -> None:
    texts = [
        "甲市治理方案",
        "一、任务",
        "1.甲。（市水利局负责）",
        "主办：市生态环境局",
        "督办：市政府办公室工业科",
    ]
    found = read_head(paragraphs(lines(*texts), words))
    assert (found.organiser, found.supervisor) == ("市生态环境局", "市政府办公室工业科")


def test_who_organises_and_who_supervises_in_one_line(words: Words) -> None:
    texts = [
        "甲市治理方案",
        "一、任务",
        "1.甲。（市水利局负责）",
        "主办：市生态环境局　督办：市政府督查室",
    ]
    found = read_head(paragraphs(lines(*texts), words))
    assert (found.organiser, found.supervisor) == ("市生态环境局", "市政府督查室")


def test_nothing_is_invented(words: Words) -> None:
    assert read_head(paragraphs(lines("1.推进整治。", "（市水利局负责）"), words)) == Head()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("甲政办[2024]008号", "甲政办〔2024〕8号"),
        ("甲政办〔2024〕第1号", "甲政办〔2024〕1号"),
        ("无文号", "无文号"),
    ],
)
def test_the_proper_form_of_a_number(text: str, form: str) -> None:
    assert number_form(text) == form
