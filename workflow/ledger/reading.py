"""A workbook → problems with their units and dates, and what could not be read. Pure.

Stages: sheets (``cells``) → heads and blocks (``heads``) → columns (``mapping``) → rows (``rows``).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workflow.errors import N_
from workflow.ledger import forms, mapping
from workflow.ledger.heads import Head, columns_of, heads_at
from workflow.ledger.mapping import Given
from workflow.ledger.progress import Progress, nothing
from workflow.ledger.rows import Context, LedgerRow, Problem, TableReader
from workflow.ledger.sheet import Book, Sheet
from workflow.ledger.values import Remark, shown
from workflow.ledger.words import LedgerWords, heading
from workflow.plans.words import Words

_YEAR = re.compile(r"20\d\d(?=年|[^\d]|$)")
NOTHING = Given()


@dataclass
class Reading:
    """What a workbook says."""

    tables: list[dict[str, Any]] = field(default_factory=list)
    rows: list[LedgerRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)

    def mapping(self, given: Given = NOTHING) -> dict[str, Any]:
        """The columns of each table, and what was given beside them."""
        return {
            "tables": self.tables,
            "headings": dict(given.headings),
            "units": dict(given.units),
        }

    def as_json(self, given: Given = NOTHING) -> dict[str, Any]:
        """As ``bihuan ledger import --dry-run --json`` prints it."""
        return {
            "mapping": self.mapping(given),
            "rows": [row.as_json() for row in self.rows],
            "problems": [problem.as_json() for problem in self.problems],
        }


def read(
    book: Book,
    words: LedgerWords,
    plan_words: Words,
    given: Given = NOTHING,
    told: Progress = nothing,
) -> Reading:
    """Everything that the sheets of a workbook say; `told` hears of rows looked at, and of all."""
    found = Reading()
    rows = sum(len(sheet.values) for sheet in book.sheets)
    before = 0
    for name in book.hidden:
        remark = Remark(N_("工作表“{name}”是隐藏的，未读。"), {"name": name})
        found.skipped.append(Problem(f"{name}!A1", remark))
    for sheet in book.sheets:
        _sheet(sheet, book, words, plan_words, given, found, _behind(told, before, rows))
        before += len(sheet.values)
    if not found.rows and not found.problems:
        found.problems.append(_nothing_read(book, found))
    return found


def _nothing_read(book: Book, found: Reading) -> Problem:
    if found.tables:
        table = found.tables[0]
        sentence = N_("表头下面没有内容，没有读到问题。请检查是否选错了文件。")
        return Problem(f"{table['sheet']}!A{table['head'][-1] + 1}", Remark(sentence))
    first = book.sheets[0].name if book.sheets else ""
    return Problem(f"{first}!A1", Remark(N_("工作簿里没有读到内容。请检查是否选错了文件。")))


def _behind(told: Progress, before: int, rows: int) -> Progress:
    """Tells of the rows of one sheet among those of all."""
    return lambda done, _of: told(before + done, rows)


def _sheet(
    sheet: Sheet,
    book: Book,
    words: LedgerWords,
    plan_words: Words,
    given: Given,
    found: Reading,
    told: Progress,
) -> None:
    heads = _heads(sheet, words, given)
    context = Context(words, plan_words, _year(sheet, heads), book.is_1904, told)
    if not heads:
        _without_head(sheet, context, found)
        return
    known: list[Head] = []
    for n, head in enumerate(heads):
        until = next(
            (h.top for h in heads[n + 1 :] if h.top > head.bottom and _overlap(h, head)),
            len(sheet.values),
        )
        if not any(_same(head, other) for other in known):
            known.append(head)
            found.tables.append(mapping.of_head(sheet, head))
        at = sheet.address(head.top, head.left)
        if not {"description", "title"} & set(head.fields.values()):
            found.problems.append(Problem(at, _why_not(head)))
            continue
        read = TableReader(sheet, head, context).read(until)
        found.rows += read.rows
        found.problems += read.problems
        found.skipped += read.skipped


def _why_not(head: Head) -> Remark:
    if head.is_count:
        return Remark(N_("这是统计表，不是问题台账，未读。"))
    return Remark(N_("没有找到写问题内容的一列，这张表未读。请指定哪一列是问题内容。"))


def _heads(sheet: Sheet, words: LedgerWords, given: Given) -> list[Head]:
    pointed: dict[int, list[Head]] = {}
    for table in given.tables:
        if table.sheet == sheet.name and (head := mapping.from_table(sheet, table)) is not None:
            pointed.setdefault(head.top, []).append(head)
    found: list[Head] = []
    row = 0
    while row < len(sheet.values):
        here = pointed.get(row, [])
        others = [_corrected(head, words, given) for head in heads_at(sheet, row, words)]
        here = here + [head for head in others if not any(_overlap(head, own) for own in here)]
        found += sorted(here, key=lambda head: head.left)
        row = max([head.bottom for head in here], default=row) + 1
    return found


def _corrected(head: Head, words: LedgerWords, given: Given) -> Head:
    """The head with what the office has confirmed of these headings before."""
    if not given.headings:
        return head
    fields: dict[int, str] = {}
    left: dict[int, str] = {}
    for column, label in head.labels.items():
        name = given.headings.get(heading(label), given.headings.get(heading(_leaf(label))))
        if name is None:
            left[column] = label
        elif name:
            fields[column] = name
    taken = set(fields.values())
    fields |= {c: name for c, name in columns_of(left, words).items() if name not in taken}
    return replace(head, fields=dict(sorted(fields.items())))


def _leaf(label: str) -> str:
    return label.rpartition("／")[2]


def _overlap(one: Head, other: Head) -> bool:
    return one.left <= other.right and other.left <= one.right


def _same(one: Head, other: Head) -> bool:
    """A head that is repeated on each printed page."""
    return one.left == other.left and one.labels == other.labels and one.fields == other.fields


def _year(sheet: Sheet, heads: Sequence[Head]) -> int | None:
    """The year of dates without one: from the title, else from the name of the sheet."""
    for text in (*_titles(sheet, heads), sheet.name):
        if found := _YEAR.findall(text):
            return int(found[-1])
    return None


def _titles(sheet: Sheet, heads: Sequence[Head]) -> Iterator[str]:
    last = heads[0].top if heads else min(5, len(sheet.values))
    for row in range(min(last, 20)):
        for column in range(min(len(sheet.values[row]), 20)):
            if text := shown(sheet.values[row][column]):
                yield text[:200]


def _without_head(sheet: Sheet, context: Context, found: Reading) -> None:
    read = forms.read(sheet, context)
    found.rows += read.rows
    found.problems += read.problems
    if read.rows or read.problems:
        return
    for row, values in enumerate(sheet.values):
        for column, value in enumerate(values):
            if shown(value):
                remark = Remark(
                    N_("没有找到表头，这张工作表未读。请指定表头在哪一行、各列是什么。")
                )
                found.problems.append(Problem(sheet.address(row, column), remark))
                return
