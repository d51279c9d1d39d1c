"""Readers and parser on noise and on mutated documents: a plan or a sentence, never a crash."""

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plans.measure import ROOT
from tests.plans.papers import ledger_plan, pdf_plan, table_plan
from workflow.errors import Invalid
from workflow.plans.characters import blank, brackets, clean, fold, pieces, sentences
from workflow.plans.found import Plan
from workflow.plans.lines import Line, Place
from workflow.plans.parse import parse
from workflow.plans.readers.reading import read_lines
from workflow.plans.terms import find_terms
from workflow.plans.vocabulary import load_words

WORDS = load_words(ROOT / "config" / "plans" / "words.yaml")
KEPT = ROOT.parent / "shared" / "plans"
SAMPLES = ROOT / "tests" / "plans" / "samples"
MAKERS: dict[str, Callable[[Path], Path]] = {
    "docx": table_plan,
    "xlsx": ledger_plan,
    "pdf": pdf_plan,
}
SCRAPS = (
    "一、", "（一）", "1.", "（1）", "①", "牵头单位：", "责任单位：", "完成时限：", "（",
    "）", "〔", "〕", "【", "】", "《", "》", "“", "”", "，", "、", "；", "。", "：", "\n",
    " ", "\u3000", "市水利局", "财政局", "各县（市、区）政府", "等", "牵头", "配合",
    "负责落实", "按职责分工负责", "以下均需", "不再列出", "列第一位的为牵头单位", "2025年",
    "底前", "9月", "十四五", "期间", "较2020年", "分别达到", "80%", "、70%",
    "39微克/立方米", "个百分点", "力争", "基本消除", "达标率", "附件", "|", "\t", "序号",
    "重点任务", "二〇二五年", "印发后30个工作日内", "每月25日前", "长期坚持",
    "甲政办〔2024〕1号", "关于印发", "的通知", "方案", "推进", "水环境", "和", "及",
)  # fmt: skip
prose = st.lists(st.sampled_from(SCRAPS) | st.text(max_size=3), max_size=120).map("".join)


def judge(data: bytes, name: str = "") -> Plan | None:
    """The plan, or None where it is refused with a sentence."""
    try:
        plan = parse(read_lines(data, name), WORDS)
    except Invalid as refused:
        sentence = refused.text()
    else:
        return checked(plan)
    assert sentence.endswith("。")
    return None


def checked(plan: Plan) -> Plan:
    """The plan, if people and programs can be shown all of it."""
    json.dumps(plan.as_json(), ensure_ascii=False)
    for note in (*plan.notes, *(note for task in plan.tasks for note in task.notes)):
        assert note.text()
    return plan


@lru_cache(maxsize=8)
def document(kind: str) -> bytes:
    """A whole document of one format."""
    if kind in MAKERS:
        with TemporaryDirectory() as folder:
            return MAKERS[kind](Path(folder) / f"a.{kind}").read_bytes()
    if kind == "html":
        return (SAMPLES / "website.html").read_bytes()
    path = next(KEPT.glob(f"{kind}*.txt"), None) if KEPT.is_dir() else None
    if path is None:
        pytest.skip("the real plans are not kept beside the repository (shared/plans)")
    return path.read_bytes()


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """`data` with pieces cut out, doubled, moved or overwritten."""
    out = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(out) - 1)))
        length = draw(st.integers(1, 400))
        piece = bytes(out[at : at + length])
        match draw(st.integers(0, 3)):
            case 0:
                del out[at : at + length]
            case 1:
                out[at:at] = piece
            case 2:
                out[at : at + length] = draw(st.binary(max_size=20))
            case _:
                del out[at : at + length]
                to = draw(st.integers(0, len(out)))
                out[to:to] = piece
    return bytes(out)


@given(prose)
@settings(max_examples=150)
def test_scraps_of_plans(text: str) -> None:
    judge(text.encode("utf-8", errors="ignore"))


@given(st.binary(max_size=3000))
@settings(max_examples=60)
def test_noise(data: bytes) -> None:
    judge(data)


@pytest.mark.parametrize(
    "head", [b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", b"\xff\xfe", b"\xd0\xcf\x11\xe0"]
)
@given(st.binary(max_size=1500))
@settings(max_examples=25)
def test_noise_behind_a_true_beginning(head: bytes, data: bytes) -> None:
    judge(head + data)


@pytest.mark.parametrize("kind", ["000_", "003_", "html", "docx", "xlsx", "pdf"])
@given(data=st.data())
@settings(max_examples=20)
def test_mutated_documents(kind: str, data: st.DataObject) -> None:
    judge(data.draw(damaged(document(kind))), "a.html" if kind == "html" else "")


@pytest.mark.parametrize("kind", ["000_", "003_"])
@given(data=st.data())
@settings(max_examples=12)
def test_real_plans_cut_off_anywhere_keep_the_tasks_before(kind: str, data: st.DataObject) -> None:
    """What stands before the cut, but for the last task, is read as in the whole."""
    text = document(kind).decode()
    whole = parse(read_lines(text.encode()), WORDS)
    cut = text[: data.draw(st.integers(len(text) // 2, len(text)))]
    part = judge(cut.encode())
    assert part is not None
    titles = [task.title for task in part.tasks]
    assert titles[:-1] == [task.title for task in whole.tasks][: len(titles) - 1]
    for task, same in zip(part.tasks[:-1], whole.tasks, strict=False):
        assert task.duties == same.duties
        assert task.milestones == same.milestones


@given(prose)
@settings(max_examples=60)
def test_whatever_a_fact_quotes_stands_in_the_text(text: str) -> None:
    """Nothing is invented: numbers, units of measure and days come from the text."""
    plan = judge(text.encode("utf-8", errors="ignore"))
    if plan is None:
        return
    folded = fold(clean(text.replace("\n", "")))
    for task in plan.tasks:
        for target in task.targets:
            if target.kind == "number" and target.unit == "%" and "百分之" not in folded:
                assert target.value in folded.replace("\u3000", "")
        for milestone in task.milestones:
            assert fold(milestone.printed)[:2].strip() in folded


@given(st.text(alphabet="（）()〔〕，。、；《》a市 \u3000", max_size=200))
def test_spans_lie_in_the_text_and_apart(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    for spans in (brackets(folded), list(pieces(folded, "，、")), sentences(folded)):
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(edges)
        assert all(0 <= edge <= len(folded) for edge in edges)
    assert len(blank(folded, brackets(folded))) == len(folded)


@given(prose)
@settings(max_examples=60)
def test_terms_lie_apart_and_name_real_days(text: str) -> None:
    folded = fold(text)
    terms = find_terms(folded)
    assert [term.start for term in terms] == sorted(term.start for term in terms)
    for term in terms:
        assert 0 <= term.start <= term.end <= len(folded)
        assert term.due is None or term.kind == "date"


@given(st.lists(st.tuples(st.text(max_size=12), st.integers(1, 4), st.integers(1, 4)), max_size=24))
@settings(max_examples=40)
def test_tables_with_cells_that_overlap(cells: list[tuple[str, int, int]]) -> None:
    heads = ("序号", "重点任务", "责任单位", "完成时限")
    lines = [Line(head, Place(n, None, 1, 1, n)) for n, head in enumerate(heads, 1)]
    for n, (text, rows, columns) in enumerate(cells):
        place = Place(9 + n, None, 1, 2 + n // 4, 1 + n % 4, rows, columns)
        lines.append(Line(text, place))
    plan = parse(lines, WORDS)
    assert len(plan.tasks) <= len(cells)
