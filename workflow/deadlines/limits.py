"""Limits (how long a clock runs) and offsets (when, relative to the due time, a rung is due).

Pure. Both are written briefly in configuration (``3wd``, ``-15wd``) or in Chinese (``3个工作日``).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from workflow.errors import N_, Invalid

LimitKind = Literal[
    "seconds",
    "minutes",
    "hours",
    "working_days",
    "natural_days",
    "months",
    "date",
    "yearly_date",
    "due",
]
SpanKind = Literal["seconds", "minutes", "hours", "working_days", "natural_days", "months"]
Language = Literal["zh", "en"]

CODES: dict[str, SpanKind] = {
    "s": "seconds",
    "min": "minutes",
    "h": "hours",
    "wd": "working_days",
    "nd": "natural_days",
    "mo": "months",
}
# Beside -1h and +30s nobody takes m for a month.
OFFSET_CODES = {**CODES, "m": CODES["min"]}
SECONDS: dict[LimitKind, int] = {"seconds": 1, "minutes": 60, "hours": 3600}
"""The kinds that end at a moment and run day and night."""
# Ten years each: more is a slip of the pen.
MOST: dict[SpanKind, int] = {
    "seconds": 315_360_000,
    "minutes": 5_256_000,
    "hours": 87_600,
    "working_days": 2_500,
    "natural_days": 3_660,
    "months": 120,
}
ZH: dict[SpanKind, str] = {
    "seconds": "秒",
    "minutes": "分钟",
    "hours": "小时",
    "working_days": "个工作日",
    "natural_days": "日",
    "months": "个月",
}
EN: dict[SpanKind, str] = {
    "seconds": "second",
    "minutes": "minute",
    "hours": "hour",
    "working_days": "working day",
    "natural_days": "day",
    "months": "month",
}
# Chinese unit -> (kind, how many of the kind one of it is).
WORDS: dict[str, tuple[SpanKind, int]] = {
    "秒": ("seconds", 1),
    "分钟": ("minutes", 1),
    "小时": ("hours", 1),
    "工作日": ("working_days", 1),
    "自然日": ("natural_days", 1),
    "日": ("natural_days", 1),
    "天": ("natural_days", 1),
    "周": ("natural_days", 7),
    "月": ("months", 1),
    "年": ("months", 12),
}
NUMBER = r"(?P<number>\d{1,7}|[一二两三四五六七八九十百]{1,5})"
UNIT = r"(?P<unit>工作日|自然日|日|天|小时|分钟|秒|周)"
SPAN = re.compile(
    rf"{NUMBER}(?:(?P<code>s|min|h|wd|nd|mo)|个?{UNIT}|个(?P<months>月)|(?P<years>年))"
    r"(?:之内|以内|内)?"
)
BEFORE = r"(?:之前|以前|前)?"
DATE = re.compile(
    rf"(?:(?P<year>\d{{4}})年)?(?:(?P<month>\d{{1,2}})月(?:(?P<day>\d{{1,2}})日|(?P<end>月?底))){BEFORE}"
)
YEAR_END = re.compile(rf"(?:(?P<year>\d{{4}})年年?|年)底{BEFORE}")
ISO_DATE = re.compile(rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){BEFORE}")
OFFSET = re.compile(r"(?P<sign>[+-])(?P<number>\d{1,7})(?P<code>s|m|min|h|wd|nd|mo)")
ZH_OFFSET = re.compile(r"(?P<side>到期前|提前|到期后|超期|逾期)(?P<span>.+)")
LIMIT_FORMS = N_(
    "看不懂期限“{text}”。可以写：30min（分钟）、4h（小时）、3wd（工作日）、7nd（自然日）、2mo（月）、"
    "2025-12-31（日期）、due（按问题自身的期限）；也可以写“4小时”“3个工作日”“7日”“2个月”"
    "“2025年12月底前”“12月31日前”。"
)
OFFSET_FORMS = N_(
    "看不懂时点“{text}”。到期之前写负号，之后写正号，到期当日写 0：-15wd（到期前15个工作日）、"
    "-1h（到期前1小时）、0、+1wd（超期1个工作日）、+7nd（超期7日）；也可以写“到期前3个工作日”、"
    "“超期7日”、“到期当日”。"
)


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a clock runs.

    A span has a `kind` of SpanKind and a `count` of at least 1. ``date`` has `on`. ``yearly_date``
    is a date without a year, `month` and `day` (0 = the last of the month), and means the first
    such day from the start. ``due`` stands for the issue's own due date, which the caller puts in
    its place.
    """

    kind: LimitKind
    count: int = 0
    on: date | None = None
    month: int = 0
    day: int = 0

    def __str__(self) -> str:
        """The brief form; `parse_limit` reads it back."""
        if self.on is not None:
            return self.on.isoformat()
        if self.kind == "yearly_date":
            return self.label()
        return "due" if self.kind == "due" else f"{self.count}{_code(self.kind)}"

    def label(self, language: Language = "zh") -> str:
        """For people: 3个工作日, 2025年12月31日前."""
        if self.on is not None:
            day = self.on
            return (
                f"{day.year}年{day.month}月{day.day}日前"
                if language == "zh"
                else f"by {day.isoformat()}"
            )
        if self.kind == "yearly_date":
            if language == "zh":
                return f"{self.month}月{f'{self.day}日' if self.day else '底'}前"
            return f"by day {self.day or 'last'} of month {self.month}"
        if self.kind == "due":
            return "按问题自身的期限" if language == "zh" else "the issue's own due date"
        return _counted(self.kind, self.count, language)


@dataclass(frozen=True, slots=True)
class Offset:
    """A moment relative to the due time; `count` is negative before it, positive after, 0 at it."""

    kind: SpanKind
    count: int

    def __str__(self) -> str:
        return f"{self.count:+d}{_code(self.kind)}" if self.count else "0"

    def label(self, language: Language = "zh") -> str:
        """For people: 到期前15个工作日, 到期当日, 超期7日."""
        span = _counted(self.kind, abs(self.count), language)
        if language == "zh":
            return f"{'到期前' if self.count < 0 else '超期'}{span}" if self.count else "到期当日"
        return f"{span} {'before' if self.count < 0 else 'after'} due" if self.count else "when due"


def parse_limit(value: object, *, field: str = "limit") -> Limit:
    """Read a limit in the brief or the Chinese form; a date object is a fixed date.

    Raises Invalid, under `field`, with a sentence that says which forms exist.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return Limit("date", on=value)
    text = _normal(value)
    if text == "due":
        return Limit("due")
    span = _span(text, field)
    if span is not None:
        return Limit(span[0], span[1])
    found = DATE.fullmatch(text) or YEAR_END.fullmatch(text) or ISO_DATE.fullmatch(text)
    if found:
        return _date_limit(found, field)
    raise Invalid.at(field, LIMIT_FORMS, text=_shown(value))


def parse_offset(value: object, *, field: str = "at") -> Offset:
    """Read a rung's moment: ``-15wd``, ``-1h``, ``0``, ``+7nd``, 到期前3个工作日, 超期7日.

    Raises Invalid, under `field`, with a sentence that says which forms exist.
    """
    text = _normal(value)
    if text in ("0", "到期", "到期当日", "到期时", "当日"):
        return Offset("natural_days", 0)
    found = OFFSET.fullmatch(text)
    if found:
        kind = OFFSET_CODES[found["code"]]
        sign = -1 if found["sign"] == "-" else 1
        return Offset(kind, sign * _bounded(kind, int(found["number"]), field))
    found = ZH_OFFSET.fullmatch(text)
    span = _span(found["span"], field) if found else None
    if found is None or span is None:
        raise Invalid.at(field, OFFSET_FORMS, text=_shown(value))
    return Offset(span[0], span[1] if found["side"] in ("到期后", "超期", "逾期") else -span[1])


def add_months(day: date, n: int) -> date:
    """The same day `n` months later, or the last of that month where it has no such day."""
    months = day.year * 12 + day.month - 1 + n
    return day_of_month(months // 12, months % 12 + 1, day.day)


def day_of_month(year: int, month: int, day: int) -> date:
    """That day, or the last of the month if `day` is 0 or the month is shorter."""
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day, last) if day else last)


def next_yearly(limit: Limit, start: date) -> date:
    """The first day on or after `start` that a ``yearly_date`` limit names."""
    day = day_of_month(start.year, limit.month, limit.day)
    return day if day >= start else day_of_month(start.year + 1, limit.month, limit.day)


def _span(text: str, field: str) -> tuple[SpanKind, int] | None:
    found = SPAN.fullmatch(text)
    number = _number(found["number"]) if found else None
    # 2025年 is a year, not a span of that many.
    if found is None or number is None or (found["years"] and number > 10):
        return None
    if found["code"]:
        kind, times = CODES[found["code"]], 1
    else:
        kind, times = WORDS[found["unit"] or found["months"] or found["years"]]
    return kind, _bounded(kind, number * times, field)


def _bounded(kind: SpanKind, count: int, field: str) -> int:
    if not 1 <= count <= MOST[kind]:
        raise Invalid.at(
            field,
            N_("{count}{unit}超出范围。请写 1 到 {most} 之间的数。"),
            count=count,
            unit=ZH[kind],
            most=MOST[kind],
        )
    return count


def _date_limit(found: re.Match[str], field: str) -> Limit:
    parts = found.groupdict()
    year = int(parts["year"]) if parts["year"] else None
    month, day = int(parts.get("month") or 12), int(parts.get("day") or 0)
    names_day = parts.get("day") is not None
    # A leap year stands in where none is named: 2月29日 exists in some years.
    some_year = 2000 if year is None else year
    known = 1 <= month <= 12 and 1900 <= some_year <= 2199
    last = day_of_month(some_year, month, 0).day if known else 0
    if not known or (names_day and not 1 <= day <= last):
        raise Invalid.at(field, N_("没有“{text}”这一天。请核对日期。"), text=found.string[:40])
    if year is None:
        return Limit("yearly_date", month=month, day=day)
    return Limit("date", on=date(year, month, day or last))


def _number(text: str) -> int | None:
    """12, 十二, 三十, 两, 一百二十 …; None for what is not a numeral."""
    if text.isdigit():
        return int(text)
    digits = {char: n for n, char in enumerate("一二三四五六七八九", 1)} | {"两": 2}
    found = re.fullmatch(
        r"(?:([一二两三四五六七八九])百)?(?:([一二三四五六七八九]?)(十))?([一二两三四五六七八九]?)",
        text,
    )
    if not found:
        return None
    hundreds, tens, ten, ones = found.groups()
    total = digits.get(hundreds or "", 0) * 100 + digits.get(ones or "", 0)
    return total + (digits.get(tens or "", 1) * 10 if ten else 0)


def _normal(value: object) -> str:
    """Full-width characters made plain, spaces dropped, lower case; empty for what is not text."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > 100:
        return ""
    plain = unicodedata.normalize("NFKC", value).replace("−", "-")
    return "".join(plain.split()).lower()


def _shown(value: object) -> str:
    return str(value)[:40] if isinstance(value, (str, int, float)) else type(value).__name__


def _code(kind: LimitKind) -> str:
    return next(code for code, known in CODES.items() if known == kind)


def _counted(kind: LimitKind, count: int, language: Language) -> str:
    span = CODES[_code(kind)]
    if language == "zh":
        return f"{count}{ZH[span]}"
    return f"{count} {EN[span]}{'' if count == 1 else 's'}"
