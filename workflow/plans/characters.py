"""The characters of a document: cleaned, folded into one form, paired and counted. Pure.

Everything here takes time proportional to the text, whatever the text is.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

DEEPEST = 12
"""Brackets nested deeper than this are left unpaired: no plan has them."""

MOST_BRACKETS = 50
"""A text with more of them (and more than one in ten signs) is no writing: none is paired."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ue000-\uf8ff\ufeff\ufff9-\uffff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_LOOK_ALIKES = {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00))
}
_SPACES = re.compile(r"[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000\n]+")
_WORDS_APART = re.compile(r"[A-Za-z0-9.,;%)\"'!?] [A-Za-z0-9(\"']")
_POINT = re.compile(r"[\u4e00-\u9fff]\d{1,4}\.$")
GAP = "\u3000"
"""What is left of a wide gap inside a line: it may part a heading from its text, or two names."""

_FOLDED = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF10, 0xFF1A)},
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF21, 0xFF3B)},
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF41, 0xFF5B)},
        **dict.fromkeys(",﹐", "，"),
        **dict.fromkeys(";﹔", "；"),
        **dict.fromkeys(":﹕∶", "："),
        **dict.fromkeys("!", "！"),
        **dict.fromkeys("?", "？"),
        **dict.fromkeys("｡", "。"),
        **dict.fromkeys("([{〔【［〖﹝｛", "（"),
        **dict.fromkeys(")]}〕】］〗﹞｝", "）"),
        **dict.fromkeys("％﹪", "%"),
        **dict.fromkeys("．", "."),
        **dict.fromkeys("－–―─~～﹣−", "—"),
        **dict.fromkeys("○", "〇"),
        **dict.fromkeys("／", "/"),
        **dict.fromkeys("•・", "·"),
        "＋": "+",
        "㎡": "㎡",
    }
)
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "○": 0,
}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_CIRCLED = {
    **{chr(0x2460 + n): n + 1 for n in range(20)},
    **{chr(0x2776 + n): n + 1 for n in range(10)},
}


def clean(text: str) -> str:
    """`text` without what cannot be seen and without the spaces that typesetting left.

    A space between Latin words stays one space; a wide gap inside a Chinese line becomes GAP.
    """
    # The look-alikes that some PDF fonts hand out for common characters.
    text = text.translate(_LOOK_ALIKES)
    text = _INVISIBLE.sub("", text).strip(" \t\xa0\u3000\n")
    return _SPACES.sub(_space, text)


def _space(found: re.Match[str]) -> str:
    text, start, end = found.string, found.start(), found.end()
    if text[end : end + 1].isdecimal() and _POINT.search(text, max(0, start - 6), start):
        return ""  # 达到85. 7%
    if _WORDS_APART.fullmatch(text[start - 1] + " " + text[end : end + 1]):
        return " "
    wide = end - start > 1 or found[0] in "\t\u3000"
    return GAP if wide and "\n" not in found[0] else ""


def joined(text: str) -> str:
    """Cleaned text without its gaps."""
    return text.replace(GAP, "")


def fold(text: str) -> str:
    """One form for each sign, length unchanged: full-width digits, half-width punctuation, brackets.

    All pairs of brackets become （）, only 《》 and quotation marks stay.
    """
    return text.translate(_FOLDED)


def brackets(folded: str) -> list[tuple[int, int]]:
    """The outermost pairs of （） as (open, behind the close); what has no partner is left out."""
    found: list[tuple[int, int]] = []
    waiting: list[int] = []
    if folded.count("（") > MOST_BRACKETS + len(folded) // 10:
        return found
    for match in _BRACKET.finditer(folded):
        if match[0] == "（":
            waiting.append(match.start())
            if len(waiting) > DEEPEST:
                waiting.clear()
        elif waiting:
            start = waiting.pop()
            while found and found[-1][0] > start:
                found.pop()
            found.append((start, match.end()))
    return found


_BRACKET = re.compile("[（）]")
_TITLE = re.compile("《[^《》]{0,120}(?:《[^《》]{0,80}》[^《》]{0,80})?》")


def titles(folded: str) -> list[tuple[int, int]]:
    """Where titles of other papers stand: 《…》, with one title inside if need be."""
    return [match.span() for match in _TITLE.finditer(folded)]


def blank(text: str, spans: list[tuple[int, int]], sign: str = "＿") -> str:
    """`text` of the same length with `spans` made unreadable."""
    parts: list[str] = []
    at = 0
    for start, end in sorted(spans):
        start = max(start, at)
        if end > start:
            parts += [text[at:start], sign * (end - start)]
            at = end
    return "".join(parts) + text[at:]


def pieces(folded: str, signs: str) -> Iterator[tuple[int, int]]:
    """The spans between `signs` that stand outside brackets."""
    inside = brackets(folded)
    at, n = 0, 0
    for match in _splitter(signs).finditer(folded):
        while n < len(inside) and inside[n][1] <= match.start():
            n += 1
        if n < len(inside) and inside[n][0] < match.start():
            continue
        yield at, match.start()
        at = match.end()
    yield at, len(folded)


@lru_cache(maxsize=32)
def _splitter(signs: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(signs)}]")


def sentences(folded: str) -> list[tuple[int, int]]:
    """The sentences, each with its full stop; one inside brackets is part of the outer one."""
    spans = [(start, min(end + 1, len(folded))) for start, end in pieces(folded, "。！？")]
    return [(start, end) for start, end in spans if folded[start:end].strip("。！？")]


def number(text: str) -> int | None:
    """The value of a whole number in digits, Chinese numerals or a circle; None if it is none.

    Chinese numerals are read to 9999, and digit by digit (二〇二五) as years are written.
    """
    if text.isascii():
        return int(text) if text.isdigit() and len(text) < 10 else None
    if text in _CIRCLED:
        return _CIRCLED[text]
    if not text or len(text) > 9:
        return None
    if all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total = current = 0
    for char in text:
        if char in _DIGITS:
            current = _DIGITS[char]
        elif char in _SCALES:
            total += (current or 1) * _SCALES[char]
            current = 0
        else:
            return None
    return total + current
