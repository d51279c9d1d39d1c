"""The reader of ledgers on what nobody has thought of: it reads or refuses, soon, and never breaks.

What goes out says the same when it comes in again.
"""

import io
import random
import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.unit.ledger.workbooks import WORKBOOKS, saved, sheet_of
from workflow.errors import Invalid
from workflow.ledger import fresh, template
from workflow.ledger.cells import read_book
from workflow.ledger.content import identities, kept, row_of
from workflow.ledger.mapping import Given
from workflow.ledger.mapping import given as mapping_of
from workflow.ledger.reading import Reading, read
from workflow.ledger.sheet import Book, Sheet
from workflow.ledger.template import Line
from workflow.ledger.values import shown, units, when
from workflow.ledger.vocabulary import load_ledger_words
from workflow.plans.vocabulary import load_words

CONFIG = Path(__file__).parents[2] / "config"
WORDS = load_ledger_words(CONFIG / "ledger" / "words.yaml")
PLAN_WORDS = load_words(CONFIG / "plans" / "words.yaml")
HEADS = [word for words in WORDS.columns.values() for word in words[:3]]
SIGNS = ["、", "；", "/", "\n", "=A1", "０", "√", " ", "\u3000", "\x00", "\ud800", "长" * 50]
PHRASES = [
    "合计",
    "注：",
    "一、",
    "（二）",
    "2024年",
    "12月底前",
    "立行立改",
    "市水利局",
    "牵头",
    "是",
]
PIECES = st.sampled_from([*HEADS, *SIGNS, *PHRASES])
TEXTS = st.lists(PIECES | st.text(max_size=8), max_size=6).map("".join)
VALUES = TEXTS | st.sampled_from(HEADS) | st.integers() | st.floats() | st.booleans() | st.dates()
SPANS = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 3), st.integers(0, 3))


def go(book: Book, given_: Given = Given()) -> Reading:  # noqa: B008
    return read(book, WORDS, PLAN_WORDS, given_)


@settings(max_examples=60)
@given(
    rows=st.lists(st.lists(VALUES, max_size=9), max_size=12),
    spans=st.lists(SPANS, max_size=4),
    broken=st.dictionaries(st.tuples(st.integers(0, 9), st.integers(0, 9)), TEXTS, max_size=3),
)
def test_any_cells_are_read_or_named(
    rows: list[list[Any]], spans: list[Any], broken: dict[tuple[int, int], str]
) -> None:
    merged = [((r, c), (r + down, c + right)) for r, c, down, right in spans]
    found = go(Book((Sheet("表", rows, merged, broken),)))

    assert [row_of(kept(row)) for row in found.rows] == found.rows
    assert len(set(identities(found.rows))) == len(found.rows)
    found.as_json()
    again = go(Book((Sheet("表", rows, merged, broken),)), mapping_of(found.mapping()))
    assert len(again.rows) == len(found.rows)


@settings(max_examples=60)
@given(VALUES)
def test_any_value_is_shown_and_dated(value: Any) -> None:
    text = shown(value)
    assert "\x00" not in text
    found = when(value, year=2024)
    assert found.due is None or date(1990, 1, 1) <= found.due <= date(2100, 12, 31)
    units(text, "responsible", PLAN_WORDS)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_damaged_workbook_is_read_or_refused(name: str) -> None:
    data = WORKBOOKS[name]()
    chance = random.Random(name)
    for _ in range(25):
        spoilt = _spoilt(data, chance)
        with suppress(Invalid):
            go(read_book(spoilt)).as_json()


def _spoilt(data: bytes, chance: random.Random) -> bytes:
    """Bytes changed, cut off, or the parts inside the container changed."""
    if chance.random() < 0.3:
        at = chance.randrange(len(data))
        return (
            data[:at] + chance.randbytes(chance.randrange(20)) + data[at + chance.randrange(20) :]
        )
    if chance.random() < 0.2:
        return data[: chance.randrange(len(data))]
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for info in old.infolist():
            content = bytearray(old.read(info))
            if content and chance.random() < 0.5:
                for _ in range(chance.randrange(1, 6)):
                    at = chance.randrange(len(content))
                    content[at : at + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
            if chance.random() < 0.95:
                new.writestr(info.filename, bytes(content))
    return file.getvalue()


HOSTILE = {
    "one cell far away": lambda sheet: sheet.cell(1_048_576, 16_384, "x"),
    "one heading many times": lambda sheet: [sheet.append(["序号", "问题"]) for _ in range(800)],
    "formulas that lead on": lambda sheet: [
        sheet.append([f"=A{n}+1", "=" + "(" * 60 + "1" + ")" * 60]) for n in range(1, 800)
    ],
    "a cell of a megabyte": lambda sheet: [
        sheet.append(["序号", "问题描述", "责任单位", "整改时限"]),
        sheet.append([1, "、" * 32_000, "市水利局、" * 6000, "2024年12月底前、" * 2000]),
    ],
    "merged everywhere": lambda sheet: [
        sheet.append(["序号", "问题描述"]),
        *(sheet.merge_cells(f"A{n}:I{n + 1}") for n in range(2, 400, 2)),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_ends_soon(name: str) -> None:
    book = Workbook()
    HOSTILE[name](sheet_of(book))
    with suppress(Invalid):
        go(read_book(saved(book))).as_json()


PLAIN = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp")),
    min_size=1,
    max_size=30,
).filter(lambda text: any(char.isalnum() for char in text))
DESCRIBED = st.builds(
    lambda sign, text: sign + text, st.sampled_from(["", "=", "+", "-", "@"]), PLAIN
)


@settings(max_examples=12)
@given(
    texts=st.lists(DESCRIBED, min_size=1, max_size=5),
    changed=st.dictionaries(st.integers(0, 4), DESCRIBED, max_size=3),
)
def test_out_and_in_again_is_the_same(texts: list[str], changed: dict[int, str]) -> None:
    book = Workbook()
    sheet = sheet_of(book)
    sheet.append(["序号", "具体问题", "责任单位", "整改时限"])
    for n, text in enumerate(texts, 1):
        sheet.append([n, None, "市水利局", "2024年12月底前"])
        sheet.cell(n + 1, 2).value = text
        sheet.cell(n + 1, 2).data_type = "s"
    data = saved(book)
    before = go(read_book(data))

    lines = [
        Line(row, {"description": changed[n]} if n in changed else {})
        for n, row in enumerate(before.rows)
    ]
    after = go(read_book(template.fill(data, before.mapping(), lines)))

    wanted = [shown(changed.get(n, row.description)) for n, row in enumerate(before.rows)]
    assert [row.description for row in after.rows] == wanted
    assert [row.units for row in after.rows] == [row.units for row in before.rows]
    assert [row.due for row in after.rows] == [row.due for row in before.rows]


@settings(max_examples=12)
@given(st.lists(DESCRIBED, min_size=1, max_size=5))
def test_a_new_workbook_says_what_was_put_in(texts: list[str]) -> None:
    rows = [(str(n), "", text, *[""] * (len(fresh.HEADS) - 3)) for n, text in enumerate(texts, 1)]
    found = go(read_book(fresh.workbook("台账", rows)))
    assert [row.description for row in found.rows] == [shown(text) for text in texts]
