"""Lines, paragraphs, numbering and the tree of headings."""

import pytest

from workflow.plans.characters import brackets, clean, fold, number, pieces
from workflow.plans.lines import Line, Place
from workflow.plans.numbering import mark_of, unlisted
from workflow.plans.outline import outline, title_of
from workflow.plans.paragraphs import Paragraph, paragraphs
from workflow.plans.words import Words


def lines(*texts: str) -> list[Line]:
    return [Line(text, Place(n)) for n, text in enumerate(texts, 1)]


def joined(words: Words, *texts: str) -> list[str]:
    return [paragraph.text for paragraph in paragraphs(lines(*texts), words)]


MARKS = {
    "一、总体要求": ("cn", 1),
    "（一）城市行动": ("cn_in_brackets", 1),
    "(十二)城市行动": ("cn_in_brackets", 12),
    "1.推进": ("digit", 1),
    "１．推进": ("digit", 1),
    "25、推进": ("digit", 25),
    "（3）推进": ("digit_in_brackets", 3),
    "3）推进": ("digit_half_bracket", 3),
    "③推进": ("circled", 3),
    "第二章 任务": ("chapter章", 2),
    "第三条任务": ("chapter条", 3),
    "1.2 加强": ("dotted2", 2),
    "任务四：强化": ("named任务", 4),
    "行动十 强化": ("named行动", 10),
    "第二，加强监管": ("ordinal", 2),
    "1．2024年底前完成": ("digit", 1),
    "3、2025年建成": ("digit", 3),
}
NO_MARKS = [
    "2025年完成", "1.2%以下", "1.5万吨", "（2023年）", "三、四季度", "一、二类水体", "五年来",
    "10、20个", "PM2.5",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKS)
def test_marks(text: str) -> None:
    mark = mark_of(fold(text))
    assert mark is not None
    assert (mark.form, mark.value) == MARKS[text]


@pytest.mark.parametrize("text", NO_MARKS)
def test_no_marks(text: str) -> None:
    assert mark_of(fold(text)) is None


@pytest.mark.parametrize(
    "text", ["- 1.推进", "* 1.推进", "● 1.推进", "• 1.推进", "## 1.推进", "**1.推进"]
)
def test_signs_of_lists_are_dropped(text: str) -> None:
    assert unlisted(text) == "1.推进"


@pytest.mark.parametrize("text", ["——坚持", "-5℃以下"])
def test_other_dashes_stay(text: str) -> None:
    assert unlisted(text) == text


def test_typesetting_leaves_no_trace() -> None:
    assert clean(" 到 2025 年\u200b，涉 VOCs 企业 the city ") == "到2025年，涉VOCs企业the city"
    assert clean("⽣态环境") == "生态环境"


def test_folding_keeps_every_place() -> None:
    text = "到２０２５年,(甲)〔2023〕；①"
    assert len(fold(text)) == len(text)


def test_brackets_pair_and_lone_ones_are_left() -> None:
    assert brackets("（a（b）c）x）（") == [(0, 7)]
    assert [("（a，b），c"[s:e]) for s, e in pieces("（a，b），c", "，")] == ["（a，b）", "c"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("二十一", 21), ("十", 10), ("二〇二五", 2025), ("一百零三", 103), ("12", 12)],
)
def test_numerals(text: str, value: int) -> None:
    assert number(text) == value


def test_a_page_break_inside_a_sentence_is_undone(words: Words) -> None:
    assert joined(
        words, "1. 强化治理。逐步扩大范围，提升", "", "— 3 —", "", "取暖比例，巩固成效。"
    ) == ["1.强化治理。逐步扩大范围，提升取暖比例，巩固成效。"]


def test_a_page_break_inside_a_bracket_is_undone(words: Words) -> None:
    assert joined(words, "推进整治。（市水利局牵头，市财政局、", "市住建局配合）") == [
        "推进整治。（市水利局牵头，市财政局、市住建局配合）"
    ]


def test_headings_without_a_full_stop_do_not_swallow_the_text(words: Words) -> None:
    assert len(joined(words, "（一）加强组织领导", "在市委统一领导下成立专班。")) == 2


def test_labels_stand_alone_and_go_on(words: Words) -> None:
    assert joined(
        words, "牵头单位：市水利局", "责任单位：各县区政府、", "各开发区管委会", "2.下一项。正文"
    ) == [
        "牵头单位：市水利局",
        "责任单位：各县区政府、各开发区管委会",
        "2.下一项。正文",
    ]


def test_hard_line_ends_are_undone_where_lines_are_full(words: Words) -> None:
    sentence = "为深入打好净土保卫战保障农产品质量和人居环境安全根据上级部署结合本市实际制定本方案"
    text = [f"    {sentence[:39]}", *[sentence] * 11, "结束。", "    一、主要目标"]
    found = joined(words, *text)
    assert len(found) == 2
    assert found[1] == "一、主要目标"


def test_an_endless_open_bracket_does_not_swallow_the_document(words: Words) -> None:
    text = [f"{n}.推进第{n}项工作任务落实到位。" for n in range(1, 60)]
    assert len(joined(words, "前言（没有右括号", *text)) == 60


@pytest.mark.parametrize(
    "forms",
    [
        ("一、", "（一）", "1."),
        ("一、", "1.", "（1）"),
        ("第一章", "一、", "（一）"),
        ("（一）", "1.", "①"),
        ("1.", "1.1", "（1）"),
        ("任务一：", "（一）", "1."),
    ],
)
def test_any_nesting(forms: tuple[str, str, str], words: Words) -> None:
    high, middle, low = forms
    texts = [
        f"{high}甲甲",
        f"{middle}乙乙",
        f"{low}丙丙丙。正文。",
        f"{low.replace('1', '2')}丁丁丁。正文。",
    ]
    root = outline([Paragraph(clean(t), Place(n)) for n, t in enumerate(texts, 1)], words)
    (top,) = root.children
    (below,) = top.children
    assert [node.title for node in below.children] == ["丙丙丙", "丁丁丁"]


def test_items_that_run_on_in_one_paragraph_are_cut_where_the_count_goes_on(words: Words) -> None:
    text = "1.推进甲项工作。正文。（市水利局牵头）2.推进乙项工作。正文。3.推进丙项工作。正文。"
    root = outline([Paragraph(text, Place(1))], words)
    assert [node.title for node in root.children] == [
        "推进甲项工作",
        "推进乙项工作",
        "推进丙项工作",
    ]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("推进整治。正文", "推进整治"),
        ("推进整治：深入开展专项行动，确保见效", "推进整治"),
        ("加快推进“公转铁”“公转水”。正文", "加快推进“公转铁”“公转水”"),
        ("推进整治", "推进整治"),
        ("推进整治工作　　深入开展专项行动，确保取得实效", "推进整治工作"),
    ],
)
def test_titles(text: str, title: str) -> None:
    end, taken = title_of(clean(text))
    assert clean(text)[:end] == title
    assert not taken


def test_a_title_that_is_only_the_beginning_of_a_sentence_says_so() -> None:
    text = "加强临汾等工业集聚区监管" + "，完善污水管网并确保辖区内污水全部进行处理" * 4
    assert title_of(text) == (12, True)
