"""The numbers that Word shows in front of paragraphs without writing them into the text."""

from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SCALES = ("", "十", "百", "千")
_DIGITS = "零一二三四五六七八九"
DEEPEST_LEVEL = 9


@dataclass(frozen=True, slots=True)
class Level:
    """How one level counts: 一、 is `%1、` in Chinese numerals."""

    start: int
    form: str
    text: str


@dataclass
class Numbering:
    """The lists of a document and how far each has counted."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, list[int | None]] = field(default_factory=dict)

    def next(self, number_id: str, depth: int) -> str:
        """The number of the next paragraph of a list at a depth, empty for a bullet."""
        kept = self.lists.get(number_id)
        levels = self.levels.get(kept or "", {})
        level = levels.get(depth)
        if kept is None or level is None or not 0 <= depth < DEEPEST_LEVEL:
            return ""
        counts = self._counts.setdefault(kept, [None] * DEEPEST_LEVEL)
        now = counts[depth]
        counts[depth] = level.start if now is None else now + 1
        counts[depth + 1 :] = [None] * (DEEPEST_LEVEL - depth - 1)
        if level.form in ("bullet", "none"):
            return ""
        shown = level.text
        for n in range(depth + 1):
            of = levels.get(n, level)
            count = counts[n]
            shown = shown.replace(
                f"%{n + 1}", written(of.start if count is None else count, of.form)
            )
        return shown


def read_numbering(tree: ET.Element | None) -> Numbering:
    """The lists of `word/numbering.xml`."""
    found = Numbering()
    if tree is None:
        return found
    for abstract in tree.iter(f"{W}abstractNum"):
        key = abstract.get(f"{W}abstractNumId", "")
        found.levels[key] = {
            depth: _level(level)
            for level in abstract.iter(f"{W}lvl")
            if (depth := _whole(level.get(f"{W}ilvl"))) is not None
        }
    for number in tree.iter(f"{W}num"):
        kept = number.find(f"{W}abstractNumId")
        if kept is not None:
            own = number.get(f"{W}numId", "")
            found.lists[own] = kept.get(f"{W}val", "")
    return found


def _level(level: ET.Element) -> Level:
    def value(tag: str) -> str | None:
        child = level.find(f"{W}{tag}")
        return None if child is None else child.get(f"{W}val")

    return Level(
        _whole(value("start")) or 1, value("numFmt") or "decimal", (value("lvlText") or "")[:40]
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None


def written(count: int, form: str) -> str:
    """A count as a list form writes it; an unknown form in digits."""
    if form.startswith(
        (
            "chineseCounting",
            "ideographTraditional",
            "japaneseCounting",
            "taiwaneseCounting",
            "chineseLegal",
        )
    ):
        return chinese(count)
    if form == "decimalEnclosedCircleChinese" or form == "decimalEnclosedCircle":
        return chr(0x2460 + count - 1) if 1 <= count <= 20 else str(count)
    if form in ("upperLetter", "lowerLetter") and 1 <= count <= 26:
        return chr((65 if form == "upperLetter" else 97) + count - 1)
    if form in ("upperRoman", "lowerRoman"):
        shown = _roman(count)
        return shown if form == "upperRoman" else shown.lower()
    return str(count)


def chinese(count: int) -> str:
    """1 to 9999 in Chinese numerals, 十二 rather than 一十二."""
    if not 0 < count < 10_000:
        return str(count)
    shown = ""
    digits = [int(digit) for digit in str(count)]
    for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        if digit:
            shown += _DIGITS[digit] + _SCALES[place]
        elif shown and not shown.endswith("零"):
            shown += "零"
    shown = shown.rstrip("零")
    return shown[1:] if shown.startswith("一十") else shown


def _roman(count: int) -> str:
    pairs = (
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    )
    shown = ""
    for value, sign in pairs:
        while count >= value and len(shown) < 20:
            shown += sign
            count -= value
    return shown
