"""The marks in front of headings: 一、（一）1. （1） ① 第一章 1.1 任务一： and their like. Pure."""

import re
from dataclasses import dataclass

from workflow.plans.characters import fold, number

_CN = "[一二三四五六七八九十百〇零]{1,5}"
_NOT_A_NUMERAL = r"(?!\d|[一二三四五六七八九十]{1,3}[类级季月号])"
NO_DIGIT = r"(?!\d(?!\d{3}年|\d?月))"
"""Behind the point of a number: no decimal, but 1.2024年底前… and 8.9月底前…"""
_FORMS = {
    "chapter": rf"第(?P<chapter>{_CN}|\d{{1,3}})(?P<kind>编|章|节|条|部分)[、：.\u3000 ]?(?=\S)",
    "ordinal": rf"第(?P<ordinal>{_CN})[，、：]",
    "cn": rf"(?P<cn>{_CN})[、.]{_NOT_A_NUMERAL}",
    "cn_in_brackets": rf"（(?P<cn_in_brackets>{_CN})）[、.]?",
    "cn_half_bracket": rf"(?P<cn_half_bracket>{_CN})）",
    "dotted": r"(?P<dotted>\d{1,2}(?:\.\d{1,2}){1,3})(?:[.、\u3000 ]|(?=[\u4e00-\u9fff]))",
    "digit": rf"(?P<digit>\d{{1,3}})[.、]{NO_DIGIT}",
    "digit_gap": r"(?P<digit_gap>\d{1,3})[\u3000 ](?=[\u4e00-\u9fff“《]\S)",
    "digit_in_brackets": r"（(?P<digit_in_brackets>\d{1,3})）[、.]?",
    "digit_half_bracket": r"(?P<digit_half_bracket>\d{1,3})）",
    "circled": r"(?P<circled>[①-⑳❶-❿])[、.]?",
    "named": rf"(?P<what>任务|行动|工程|专项|举措|措施|专题)(?P<named>{_CN}|\d{{1,3}})(?:[：、.\u3000 ]|$)",
}
_MARK = re.compile("|".join(_FORMS.values()))
_BULLETS = re.compile(
    r"(?:[-*](?:[\u3000 ]|(?=[\u4e00-\u9fff（“]|\d{1,3}[.、）]))|\*\*|[•·●■◆▪➢▶◇○〇□☆★※>§]{1,2}|#{1,6}|—(?!—))"
    r"[\u3000 ]?(?=[^\s—\-])"
)
_PLAIN = re.compile("[（第任行工专举措①-⑳❶-❿一二三四五六七八九十百〇零0-9]")
_QUANTITY = re.compile(
    r"\d{1,2}\.\d{1,2}(?:[万亿]|[个%条家座台辆天米亩吨项元]|平方|公[里顷]|微克|毫克|千|月|日)"
)


_MONTH = re.compile(r"(\d{1,3})\.(?=(?:1[0-2]|[1-9])月(?:底|末|初|份|上|中|下|前|\d))")


@dataclass(frozen=True, slots=True)
class Mark:
    """The number of a heading: its form, its value, and where the text behind it begins."""

    form: str
    value: int
    printed: str
    end: int


def unlisted(text: str) -> str:
    """`text` without the sign of a list (“- ”, “●”) or of Markdown in front of it."""
    match = _BULLETS.match(fold(text))
    return text[match.end() :].lstrip("\u3000 *") if match else text


def mark_of(folded: str) -> Mark | None:
    """The number that `folded` begins with, or None."""
    if not folded or not _PLAIN.match(folded):
        return None
    match = _MARK.match(folded)
    if match is None:
        return None
    form = next(name for name in _FORMS if match[name] is not None)
    printed = match[form]
    if form == "dotted":
        month = _MONTH.match(folded)
        if month is not None:
            return Mark("digit", int(month[1]), month[0], month.end())
        if _QUANTITY.match(folded):
            return None
        parts = printed.split(".")
        return Mark(f"dotted{len(parts)}", int(parts[-1]), match[0].strip(), match.end())
    value = number(printed)
    if value is None:
        return None
    if form in ("chapter", "named"):
        form += match["kind"] or match["what"]
    return Mark(form, value, match[0].strip("\u3000 "), match.end())
