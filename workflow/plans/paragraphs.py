"""Lines → paragraphs: page breaks, hard line ends and page furniture are undone. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from workflow.plans.characters import clean, fold, joined
from workflow.plans.lines import Line, Place
from workflow.plans.numbering import mark_of, unlisted
from workflow.plans.words import Words

_FURNITURE = re.compile(
    r"[—\-·.\u3000 ]{0,6}(?:第?\d{1,4}页?(?:[（，/\u3000 ]{0,2}共?\d{1,4}页?）?)?)[—\-·.\u3000 ]{0,6}"
    r"|[—\-·.=＿_*\u3000 ]+"
)
_ALONE = re.compile(
    r"附件|附表|附录|抄送|抄报|主送|主办：|督办：|承办：|专栏|注：|说明：|备注：|——|"
    r"（此件|联系人|\d{4}年\d{1,2}月\d{1,2}日(?:印发)?$"
)
_NAMED = re.compile(
    r"^([\s\u3000]*(?:任务|行动|工程|专项|举措|措施|专题)(?:[一二三四五六七八九十]{1,3}|\d{1,2}))[ \t\xa0]+(?=\S)"
)
"""任务一 整治…: the one gap behind the number of a heading says that it is one."""
_ANGLED = re.compile(r"[<＜〈]([^<>＜＞〈〉《》]{2,300}[：:][^<>＜＞〈〉《》]{2,300})[>＞〉]")
"""<牵头单位：…>: a clause in angles."""
_COUNTIES = re.compile("〈([市县区旗州、]{1,8})〉")
"""各县〈市、区〉 inside other brackets."""
_SOME_LABEL = re.compile("[\u4e00-\u9fff]{2,8}：")
"""具体举措：…: whatever it says, it is no rest of the label above."""
_WEB = re.compile("字体|字号|打印|关闭|浏览|点击|分享|阅读")
"""Buttons of a page, whose brackets are of no text."""
_ENDED = frozenset("。！？")
_OPEN = frozenset("，、（《“‘·—/和及与的在对")
_CLOSED = frozenset("）》”’；：…")
_RUNNING = re.compile("[，。；]")
LONGEST_CLAUSE = 400
"""A bracket that is open for longer has lost its other half."""
LONGEST_HEADING = 45
SHORT = 20
"""Fewer characters without a full stop make a heading, not a sentence broken off."""


@dataclass(frozen=True)
class Paragraph:
    """Cleaned text with the place of its first line; gaps are still marked."""

    text: str
    place: Place
    level: int | None = None

    @cached_property
    def folded(self) -> str:
        """The text in one form for each sign, position by position."""
        return fold(self.text)


@dataclass(slots=True)
class _Growing:
    """A paragraph to which lines are still added."""

    parts: list[str]
    first: Line
    last: Line
    is_label: bool
    is_marked: bool
    length: int = 0
    running: bool = False
    has_stop: bool = False
    depth: int = 0
    tail: str = ""
    opened: int = 0

    @property
    def is_inside_bracket(self) -> bool:
        """Whether a bracket was opened lately and not yet closed."""
        return self.depth > 0 and self.length - self.opened < LONGEST_CLAUSE

    def add(self, text: str, line: Line) -> None:
        folded = fold(text)
        self.parts.append(text)
        self.last = line
        if self.depth == 0:
            self.opened = self.length + max(folded.rfind("（"), 0)
        self.length += len(text)
        self.running = self.running or bool(_RUNNING.search(folded))
        self.has_stop = self.has_stop or "。" in folded
        if len(set(_WEB.findall(folded))) < 2:
            self.depth = max(0, self.depth + folded.count("（") - folded.count("）"))
        self.tail = folded[-12:]


def paragraphs(lines: Sequence[Line], words: Words) -> list[Paragraph]:
    """The paragraphs of lines that stand in no table."""
    wrap = _wrap(lines)
    found: list[Paragraph] = []
    growing: _Growing | None = None
    for line in lines:
        line_text = _COUNTIES.sub(r"（\1）", _ANGLED.sub(r"（\1）", line.text))
        text = unlisted(clean(_NAMED.sub("\\1\u3000", line_text)).replace("**", ""))
        folded = fold(text)
        if not text or _FURNITURE.fullmatch(folded):
            continue
        if wrap:
            line = _measured(line, wrap)
        if growing is not None and _continues(growing, line, folded, words):
            growing.add(text, line)
            continue
        if growing is not None:
            found.append(_finished(growing))
        label = words.label.match(folded)
        is_label = label is not None and label["colon"] != "\u3000"
        growing = _Growing([], line, line, is_label, mark_of(folded) is not None)
        growing.add(text, line)
    if growing is not None:
        found.append(_finished(growing))
    return found


def _finished(growing: _Growing) -> Paragraph:
    return Paragraph("".join(growing.parts), growing.first.place, growing.first.level)


def _continues(above: _Growing, line: Line, folded: str, words: Words) -> bool:
    """Whether a line goes on with the paragraph above it."""
    if line.level is not None or above.first.level is not None:
        # Headings of one style, the second without a number, are one that was broken in two.
        same = line.level == above.last.level and line.opens is None
        return same and mark_of(folded) is None
    if above.is_inside_bracket and mark_of(folded) is None:
        return True
    if _stands_alone(folded, words):
        return False
    last = above.tail[-1]
    if above.is_label:
        return _label_goes_on(above, line, folded, words)
    if line.opens is False and above.last.full:
        return True
    if last in _ENDED or line.opens is False:
        return False
    if last in _OPEN:
        return above.running or last in "，、" or line.opens is None
    if last in _CLOSED:
        return False
    if above.is_marked:
        # （一）优化结构，促进升级 is whole; 1.强化治理。扩大范围，提升 goes on.
        return above.has_stop or above.length > LONGEST_HEADING
    return above.running and above.length >= SHORT


def _stands_alone(folded: str, words: Words) -> bool:
    label = words.label.match(folded)
    if label is not None and label["colon"] not in ("", "\u3000"):
        return True
    return mark_of(folded) is not None or _ALONE.match(folded) is not None


def _label_goes_on(above: _Growing, line: Line, folded: str, words: Words) -> bool:
    if above.tail[-1] in "：、，（/" or folded[0] in "、，；":
        return True
    if _SOME_LABEL.match(folded):
        return False
    if line.opens is False and above.last.full:
        return True
    return (
        line.opens is None and not words.ending.search(above.tail) and above.tail[-1] not in "。；"
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _wrap(lines: Sequence[Line]) -> int | None:
    """The width at which a plain text was broken into lines, None where lines are paragraphs."""
    if any(line.opens is not None or line.full is not None for line in lines):
        return None
    widths = [width for line in lines if (width := _width(line.text.strip()[:400])) > 30]
    if len(widths) < 10:
        return None
    widest = sorted(widths)[-max(1, len(widths) // 50)]
    near = sum(1 for width in widths if widest - 5 <= width <= widest + 4)
    return widest if near * 2 >= len(widths) and widest <= 160 else None


def _measured(line: Line, wrap: int) -> Line:
    """A line of hard-broken text: does it begin a paragraph, does it reach the margin?"""
    text = line.text.rstrip()
    indented = text[:1] == "\u3000" or text[:2].isspace() or text[:1] == "\t"
    return replace(line, opens=indented, full=_width(text) >= wrap - 5)


def without_furniture(lines: Sequence[Line]) -> tuple[list[Line], int]:
    """Lines without heads and feet that stand on most pages, and how many went."""
    pages = {line.place.page for line in lines if line.place.page is not None}
    if len(pages) < 3:
        return list(lines), 0
    seen = Counter(
        key for key in {(line.place.page, _shape(line.text)) for line in lines} if key[1]
    )
    often = Counter(shape for _, shape in seen)
    repeated = {shape for shape, count in often.items() if count * 2 > len(pages) and count >= 3}
    kept = [line for line in lines if _shape(line.text) not in repeated or line.place.table]
    return kept, len(lines) - len(kept)


def _shape(text: str) -> str:
    """A short line with its digits made equal; labels of units repeat by nature and are none."""
    shape = re.sub(r"\d+", "0", joined(clean(text)))
    return shape if len(shape) <= 40 and "：" not in fold(shape) else ""
