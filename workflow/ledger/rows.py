"""The rows of a table → what each says about a problem; what is no problem is told apart. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from workflow.errors import N_
from workflow.ledger.heads import Head
from workflow.ledger.progress import Progress
from workflow.ledger.sheet import Sheet, Spot
from workflow.ledger.values import (
    LONGEST_TEXT,
    Remark,
    When,
    is_done,
    number,
    percent,
    shown,
    units,
    when,
)
from workflow.ledger.words import LIST_FIELDS, LedgerWords
from workflow.plans.words import Words

_ITEMS = re.compile(
    r"(?:^|\n|[。；;])\s*(?:[（(]?\d{1,2}[）).、．](?!\d)|[①-⑳]|[一二三四五六七八九十]、)"
)
_SECTION = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十]{1,3}[）)]?[、.．]?|第[一二三四五六七八九十]+[类部])"
)
_OFTEN = 500
"""Rows between two words about how far it is."""
_TEXTS = ("measures", "target", "progress", "remark", "found_on")


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read, and the cell."""

    cell: str
    remark: Remark

    def as_json(self) -> dict[str, str]:
        """Plain values."""
        return {"cell": self.cell, "problem": self.remark.text()}


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One problem of a ledger."""

    sheet: str
    row: int
    """From 1, as in the file."""
    cell: str
    number: str
    description: str
    title: str = ""
    own_number: str = ""
    source: str = ""
    category: str = ""
    place: str = ""
    district: str = ""
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    due: date | None = None
    due_text: str = ""
    due_kind: str = "none"
    done: bool | None = None
    is_closed: bool = False
    """The ledger says that it was verified or struck off, not only that the unit has done it."""
    more: Mapping[str, str] = field(default_factory=dict)
    """Measures, aim, progress, remarks as written."""
    notes: tuple[Remark, ...] = ()
    last: int = 0
    """The last row of the file that belongs to it."""

    def as_json(self) -> dict[str, Any]:
        """Plain values, as `bihuan ledger import --dry-run --json` prints them."""
        return {
            "cell": self.cell,
            "number": self.number,
            "description": self.description,
            "source": self.source,
            "category": self.category,
            "responsible": list(self.units.get("responsible", ())),
            "lead": list(self.units.get("lead", ())),
            "due": self.due.isoformat() if self.due else None,
            "due_text": self.due_text,
            "done": self.done,
            "notes": [note.text() for note in self.notes],
        }


@dataclass
class TableRows:
    """What a table gave."""

    rows: list[LedgerRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)
    """Sums, remarks and headings: read, but no problems."""


@dataclass(frozen=True)
class Context:
    """What reading a table needs besides the table."""

    words: LedgerWords
    plan_words: Words
    year: int | None
    is_1904: bool
    told: Progress


class TableReader:
    """Reads the rows below a head, one after the other."""

    def __init__(self, sheet: Sheet, head: Head, context: Context) -> None:
        self.sheet, self.head, self.context = sheet, head, context
        self.found = TableRows()
        self.columns: dict[str, list[int]] = {}
        for column, name in head.fields.items():
            self.columns.setdefault(name, []).append(column)
        self.says = self.columns.get("description") or self.columns.get("title", [])
        self.section = ""
        self.before: Spot | None = None

    def read(self, until: int) -> TableRows:
        """The rows from below the head to `until`, that one left out."""
        for row in range(self.head.bottom + 1, until):
            if row % _OFTEN == 0:
                self.context.told(row, until)
            if cells := self._filled(row):
                self._row(row, cells)
        return self.found

    def _filled(self, row: int) -> list[Spot]:
        """The cells of the block that begin in this row and hold something, each once."""
        values = self.sheet.values[row]
        right = min(self.head.right, len(values) - 1)
        broken = self.sheet.broken
        return [
            (row, column)
            for column in range(self.head.left, right + 1)
            if (values[column] not in ("", None) and str(values[column]).strip())
            or (row, column) in broken
        ]

    def _row(self, row: int, cells: Sequence[Spot]) -> None:
        first = shown(self.sheet.value(*cells[0]))
        told = self._told(row)
        words = self.context.words
        if words.total.match(first) and (told in ("", first) or cells[0][1] not in self.says):
            self._skip(cells[0], N_("合计行，未作为问题读取。"))
        elif words.note.match(first) and (
            told in ("", first) or len(cells) == 1 or words.note.match(told)
        ):
            self._skip(cells[0], N_("说明、签字一类的行，未作为问题读取。"))
        elif len(cells) == 1 and self._is_section(cells[0], first):
            self.section = first
            self._skip(cells[0], N_("小标题行，未作为问题读取。"))
        elif self._goes_on(row, told):
            self._continue(row)
        else:
            self._begin(row, told, cells)

    def _told(self, row: int) -> str:
        """What the row says the problem is; of a merged cell also in the rows below its first."""
        for column in (*self.columns.get("description", ()), *self.columns.get("title", ())):
            if text := shown(self.sheet.value(row, column)):
                return text
        return ""

    def _is_section(self, cell: Spot, text: str) -> bool:
        wide = self.sheet.wide.get(cell, cell[1]) - cell[1] + 1
        short = len(text) <= 40
        if wide > 1 and wide * 2 > len(self.head.labels):
            return short or len(text) <= 100
        return short and cell[1] not in self.says and _SECTION.match(text) is not None

    def _goes_on(self, row: int, told: str) -> bool:
        """Whether the row belongs to the one above: its problem is merged down, or not repeated."""
        if not self.found.rows or self.before is None or not self.says:
            return False
        places = [self.sheet.first(row, column) for column in self.says]
        if told:
            return any(place[0] < row for place in places) and self.before in places
        if any(place in self.sheet.broken for place in places):
            return False
        return not any(self._own(row, name) for name in ("number", "own_number"))

    def _own(self, row: int, name: str) -> bool:
        """Whether a field has a value of its own in this row."""
        return any(
            self.sheet.first(row, column)[0] == row and shown(self.sheet.value(row, column))
            for column in self.columns.get(name, ())
        )

    def _continue(self, row: int) -> None:
        above = self.found.rows[-1]
        new = self._made(row, above.description, above.cell)
        merged = {
            role: tuple(dict.fromkeys((*above.units.get(role, ()), *new.units.get(role, ()))))
            for role in LIST_FIELDS
            if above.units.get(role) or new.units.get(role)
        }
        notes = tuple(dict.fromkeys((*above.notes, *new.notes)))
        due, due_text, kind = above.due, above.due_text, above.due_kind
        if new.due is not None and (due is None or new.due > due):
            due, due_text, kind = new.due, new.due_text, new.due_kind
            if above.due is not None:
                notes = (*notes, Remark(N_("一件问题的几行时限不同，取最晚的。")))
        done = above.done
        if self._own(row, "done") or self._own(row, "closed"):
            done = above.done if new.done == above.done else False
        more = {
            name: "\n".join(dict.fromkeys(filter(None, (above.more.get(name), new.more.get(name)))))
            for name in {**above.more, **new.more}
        }
        self.found.rows[-1] = replace(
            above,
            units=merged,
            people=tuple(dict.fromkeys((*above.people, *new.people))),
            due=due,
            due_text=due_text,
            due_kind=kind,
            done=done,
            is_closed=above.is_closed and done is True,
            more=more,
            notes=notes,
            last=row + 1,
        )

    def _begin(self, row: int, told: str, cells: Sequence[Spot]) -> None:
        at = self.sheet.first(row, self.says[0]) if self.says else cells[0]
        cell = self.sheet.address(*at)
        broken = next((p for p in cells if p in self.sheet.broken and p[1] in self.says), None)
        if not told:
            if broken is not None:
                formula = {"formula": self.sheet.broken[broken][:40]}
                sentence = N_(
                    "公式“{formula}”没有计算结果，这一行未读。请在表格软件中打开、保存后再试。"
                )
                self.found.problems.append(Problem(cell, Remark(sentence, formula)))
            else:
                sentence = N_("这一行没有写问题内容，未读。请补上，或删去这一行。")
                self.found.problems.append(Problem(cell, Remark(sentence)))
            return
        if not any(char.isalnum() for char in told):
            sentence = N_("问题内容“{text}”不成文字，这一行未读。")
            self.found.problems.append(Problem(cell, Remark(sentence, {"text": told[:20]})))
            return
        self.before = at
        self.found.rows.append(self._made(row, told, cell))

    def _made(self, row: int, told: str, cell: str) -> LedgerRow:
        notes: list[Remark] = list(self._unread(row))
        by_role, people = self._units(row, notes)
        due = self._due(row)
        notes += due.remarks
        done, is_closed, said = self._done(row, due)
        notes += said
        if len(told) > LONGEST_TEXT:
            sentence = N_("问题内容有{size}字，只保留前{most}字，全文见原文件。")
            notes.append(Remark(sentence, {"size": len(told), "most": LONGEST_TEXT}))
        if len(_ITEMS.findall(told)) > 1:
            sentence = N_("一格里写了{count}条，按一件读取，可在办理时拆分。")
            notes.append(Remark(sentence, {"count": len(_ITEMS.findall(told))}))
        title = self._text(row, "title")
        return LedgerRow(
            sheet=self.sheet.name,
            row=row + 1,
            cell=cell,
            number=self._number(row),
            description=told[:LONGEST_TEXT],
            title=title if title != told else "",
            own_number=self._text(row, "own_number")[:64],
            source=self._text(row, "source")[:200],
            category=(self._text(row, "category") or self.section)[:200],
            place=self._text(row, "place")[:200],
            district=self._text(row, "district")[:100],
            units=by_role,
            people=people,
            due=due.due,
            due_text=due.text,
            due_kind=due.kind,
            done=done,
            is_closed=is_closed,
            more={name: text for name in _TEXTS if (text := self._text(row, name))},
            notes=tuple(dict.fromkeys(notes)),
            last=row + 1,
        )

    def _unread(self, row: int) -> list[Remark]:
        """Cells of known columns that hold an error or a formula without its result."""
        broken = self.sheet.broken
        if not broken:
            return []
        sentence = N_("{cell}的公式“{formula}”没有计算结果，按空白读取。")
        return [
            Remark(sentence, {"cell": self.sheet.address(*place), "formula": broken[place][:40]})
            for column in self.head.fields
            if (place := self.sheet.first(row, column)) in broken
        ]

    def _value(self, row: int, name: str) -> Any:
        for column in self.columns.get(name, ()):
            value = self.sheet.value(row, column)
            if value not in ("", None):
                return value
        return ""

    def _text(self, row: int, name: str) -> str:
        return shown(self._value(row, name))

    def _number(self, row: int) -> str:
        return number(self._value(row, "number")) or number(self._value(row, "own_number"))

    def _units(
        self, row: int, notes: list[Remark]
    ) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        people: list[str] = []
        for role in LIST_FIELDS:
            for column in self.columns.get(role, ()):
                text = shown(self.sheet.value(row, column))
                if not text or not any(char.isalnum() for char in text):
                    continue
                read = units(text, role, self.context.plan_words)
                for name, listed in read.by_role.items():
                    found.setdefault(name, []).extend(listed)
                people += read.people
                notes += read.remarks
        if text := self._text(row, "person"):
            people.append(text[:100])
        clean = {role: tuple(dict.fromkeys(names)) for role, names in found.items()}
        return clean, tuple(dict.fromkeys(people))

    def _due(self, row: int) -> When:
        context = self.context
        found = when(self._value(row, "due"), year=context.year, is_1904=context.is_1904)
        if found.kind == "none" and (speed := self._text(row, "speed")):
            of_speed = when(speed, year=None)
            if of_speed.kind in ("immediate", "standing"):
                return of_speed
            if speed.startswith("立即"):
                return When(None, speed, "immediate")
        return found

    def _done(self, row: int, due: When) -> tuple[bool | None, bool, list[Remark]]:
        words = self.context.words
        text = self._text(row, "done")
        said = is_done(self._value(row, "done"), words)
        struck = is_done(self._value(row, "closed"), words)
        on = self._value(row, "closed_on")
        ended = True if on not in ("", None) and is_ended(on, self.context) else None
        progress = is_done(self._text(row, "progress")[:60], words)
        of_due = is_done(due.text, words) if due.kind in ("none", "unread") and due.text else None
        voices = (
            said,
            struck or None,
            ended,
            percent(self._value(row, "percent")),
            of_due,
            progress,
        )
        done = next((voice for voice in voices if voice is not None), None)
        if done is None and struck is False:
            done = False
        closing = any(word in text for word in words.closed) and said is True
        is_closed = bool(done) and (struck is True or ended is True or closing)
        notes: list[Remark] = []
        if said is False and (struck or ended):
            notes.append(Remark(N_("“是否完成”与“销号”两栏不一致，按未完成读取。")))
        return done, is_closed, notes

    def _skip(self, cell: Spot, sentence: str) -> None:
        self.found.skipped.append(Problem(self.sheet.address(*cell), Remark(sentence)))


def is_ended(value: Any, context: Context) -> bool:
    """Whether a cell of the day of closing holds a day, or says that it is done."""
    found = when(value, year=context.year, is_1904=context.is_1904)
    return found.due is not None or is_done(value, context.words) is True
