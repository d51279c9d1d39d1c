"""The document of a plan as a page shows it: blocks that tasks point at, lines that facts point at.

Everything works by addresses within the page (``#d12`` a task's block, ``#l40`` a line), so that
the sentence behind a fact is lit up without a script.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby

from workflow.plans.reviewing import Review
from workflow.plans.views import TaskView, TextLine

_SIGNS = 14
"""So many signs of a sentence find its line; what is quoted may go on over the next."""
_BETWEEN_CELLS = " ｜ "


@dataclass(slots=True)
class Paragraph:
    """A line, or the cells of one row of a table."""

    line: int
    text: str
    page: int | None = None
    """The page that begins here."""


@dataclass(slots=True)
class Block:
    """What stands from one task, heading or section to the next."""

    task_id: int | None
    title: str
    paragraphs: list[Paragraph] = field(default_factory=list)


def blocks(review: Review) -> tuple[Block, ...]:
    """The whole document in its order; nothing is left out."""
    starts: dict[int, Block] = {}
    for section in review.sections:
        starts.setdefault(section.line, Block(None, ""))
    for action in review.actions:
        starts.setdefault(action.line, Block(None, ""))
    for task in sorted(review.tasks, key=_line, reverse=True):
        starts[_line(task)] = Block(task.id, task.title)
    found = [Block(None, "")]
    for paragraph, lines in _paragraphs(review.lines):
        found += [starts.pop(line) for line in lines if line in starts]
        found[-1].paragraphs.append(paragraph)
    return tuple(block for block in found if block.paragraphs)


def _line(task: TaskView) -> int:
    return int(task.place["line"])


def _paragraphs(lines: Sequence[TextLine]) -> Iterable[tuple[Paragraph, list[int]]]:
    """Each paragraph with the lines that it holds."""
    page: object = None
    last = 0
    for _, group in groupby(enumerate(lines), key=_row):
        cells = [line for _, line in group if line.text.strip()]
        if not cells:
            continue
        begins = cells[0].place.get("page")
        # Cells of a table may share the number of a line; an address must be there once.
        last = max(last + 1, cells[0].line)
        text = _BETWEEN_CELLS.join(cell.text.strip() for cell in cells)
        turned = begins if begins != page and begins else None
        yield Paragraph(last, text, turned), [cell.line for cell in cells]
        page = begins


def _row(numbered: tuple[int, TextLine]) -> tuple[object, ...]:
    n, line = numbered
    if "table" not in line.place:
        return (n,)
    return ("table", line.place.get("sheet"), line.place["table"], line.place["row"])


class Addresses:
    """Where in the page the words of a fact stand."""

    def __init__(self, found: Sequence[Block]) -> None:
        self._blocks = {b.task_id: _Text(b.paragraphs) for b in found if b.task_id is not None}
        self._whole = _Text([paragraph for block in found for paragraph in block.paragraphs])

    def of(self, sentence: str, *, task_id: int | None = None, line: int | None = None) -> str:
        """The address of a sentence: its line, else its task's block, else nothing."""
        block = self._blocks.get(task_id) if task_id is not None else None
        for text in (block, self._whole):
            if text is not None and (found := text.holding(sentence)) is not None:
                return f"#l{found}"
        if line in self._whole.known:
            return f"#l{line}"
        return f"#d{task_id}" if block is not None else ""


class _Text:
    """Paragraphs as one text without gaps, since lines break inside sentences."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        parts = ["".join(paragraph.text.split()) for paragraph in paragraphs]
        self.lines = [paragraph.line for paragraph in paragraphs]
        self.known = frozenset(self.lines)
        self._ends = list(accumulate(map(len, parts)))
        self._whole = "".join(parts)

    def holding(self, sentence: str) -> int | None:
        """The line in which a sentence begins."""
        wanted = "".join(sentence.split())[:_SIGNS]
        at = self._whole.find(wanted) if wanted else -1
        return self.lines[bisect_right(self._ends, at)] if at >= 0 else None
