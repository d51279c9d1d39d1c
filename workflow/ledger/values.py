"""What stands in a cell → a date, a yes or no, a list of units, a text. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from workflow.errors import N_
from workflow.ledger.words import LIST_FIELDS, LedgerWords, plain
from workflow.plans.characters import clean, fold
from workflow.plans.duties import read_clause
from workflow.plans.terms import Term, find_terms
from workflow.plans.units import is_catch_all
from workflow.plans.words import Words

LONGEST_TEXT = 5000
LONGEST_LIST = 600
LONGEST_SHORT = 30
"""Texts shorter than this come again and again in a ledger."""
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)

_SERIAL = (32874, 73415)
"""Serial days from 1990 to 2100."""
_COMPACT = re.compile(r"(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_SHORT_YEAR = re.compile(r"(\d\d)[./-](\d{1,2})[./-](\d{1,2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]|_x000[DdAa]_")
_EDGES = re.compile(r"[ \t\u3000\xa0]+(?=\n|$)|(?<=\n)[ \t\u3000\xa0]+")
_PERSON = re.compile(r"[\u4e00-\u9fff]{2,4}")
_IN_BRACKETS = re.compile(r"（(?P<what>[^（）]{1,20})）$")
_APART = re.compile(r"(?<=[\u4e00-\u9fff）)])[ \t\u3000\xa0]+(?=[\u4e00-\u9fff（(])")
_FINISHED = re.compile(
    "已(?:经)?(?:全部|全面|按期|按时|提前)?"
    "(?:完成|办结|销号|整改|验收|解决|落实|关闭|结案|拆除|清理|取缔)"
    "|全部完成|整改完成|完成整改|整改到位|已到位|办结|销号"
)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)%?")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a person should look at: a msgid with places for `params`."""

    sentence: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    def text(self) -> str:
        """The Chinese sentence, places filled."""
        return self.sentence.format_map(self.params) if self.params else self.sentence


@dataclass(frozen=True, slots=True)
class When:
    """Until when. `due` is the last day in time; `kind` tells why there is none."""

    due: date | None
    text: str
    kind: str = "date"
    """date, immediate, standing, recurring, relative, season, none or unread."""
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a cell by the way in which they stand, in the order of print."""

    by_role: Mapping[str, tuple[str, ...]]
    people: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()


def shown(value: Any) -> str:
    """A cell as a person sees it: whole numbers without a point, dates as 2024-12-31."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value) if isinstance(value, int | date | time | timedelta) else str(value)[:100]


def tidy(text: str) -> str:
    """A text that a database keeps: no control characters, no spaces at the ends of lines."""
    return _tidy(text) if len(text) < LONGEST_SHORT else _tidied(text)


def _tidied(text: str) -> str:
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _EDGES.sub("", text).strip()


_tidy = lru_cache(maxsize=16_384)(_tidied)


def number(value: Any) -> str:
    """The number of a row in plain digits: １２ and 12.0 are 12."""
    return unicodedata.normalize("NFKC", shown(value))[:64]


def when(value: Any, *, year: int | None, is_1904: bool = False) -> When:
    """The due date in a cell; `year` is that of dates without one."""
    if isinstance(value, datetime):
        return _bounded(value.date(), value.date().isoformat())
    if isinstance(value, date):
        return _bounded(value, value.isoformat())
    text = shown(value)
    if not text:
        return When(None, "", "none")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_number(value, text, is_1904)
    return _of_text(text[:LONGEST_LIST], year)


def _bounded(day: date, text: str) -> When:
    if EARLIEST <= day <= LATEST:
        return When(day, text)
    remark = Remark(N_("“{text}”不像是时限，请核对年份。"), {"text": text})
    return When(None, text, "unread", (remark,))


def _of_number(value: float, text: str, is_1904: bool) -> When:
    if _SERIAL[0] <= value + 1462 * is_1904 <= _SERIAL[1]:
        base = date(1904, 1, 1) if is_1904 else date(1899, 12, 30)
        day = base + timedelta(days=int(value))
        return When(day, day.isoformat())
    return _of_text(text, None)


@lru_cache(maxsize=4096)
def _of_text(text: str, year: int | None) -> When:
    folded = fold(clean(text.replace("\n", "，")))
    compact = _COMPACT.fullmatch(folded)
    short = _SHORT_YEAR.fullmatch(folded)
    if parts := compact or short:
        y, m, d = (int(part) for part in parts.groups())
        try:
            return _bounded(date(y if compact else 2000 + y, m, d), text)
        except ValueError:
            return When(None, text, "unread", (_no_such_day(text),))
    terms = find_terms(folded, year=year, timed=True)
    dates = [term for term in terms if term.due is not None]
    if dates:
        last = dates[-1]
        assert last.due is not None
        remarks = list(_doubts(text, last, len({term.due for term in dates})))
        return When(last.due, text, "date", tuple(remarks))
    if any(term.doubt == "no_such_day" for term in terms):
        return When(None, text, "unread", (_no_such_day(text),))
    if any(term.doubt == "no_year" for term in terms):
        remark = Remark(N_("“{text}”没有写年份，请补上。"), {"text": text})
        return When(None, text, "unread", (remark,))
    for kind in ("immediate", "standing", "recurring", "relative", "season"):
        if any(term.kind == kind for term in terms):
            return When(None, text, kind, _without_day(kind, text))
    remark = Remark(N_("时限“{text}”没有读懂，请核对。"), {"text": text[:60]})
    return When(None, text, "unread", (remark,))


def _no_such_day(text: str) -> Remark:
    return Remark(N_("“{text}”没有这一天，请核对。"), {"text": text[:60]})


def _without_day(kind: str, text: str) -> tuple[Remark, ...]:
    if kind in ("immediate", "standing"):
        return ()
    return (Remark(N_("时限“{text}”不是一个日期，须由人定一个日期。"), {"text": text[:60]}),)


def _doubts(text: str, term: Term, days: int) -> list[Remark]:
    found: list[Remark] = []
    if days > 1:
        found.append(Remark(N_("“{text}”有几个日期，取最后一个。"), {"text": text[:60]}))
    if term.doubt == "year_taken":
        assert term.due is not None
        params: dict[str, object] = {"text": text[:60], "year": term.due.year}
        found.append(Remark(N_("“{text}”没有写年份，按{year}年读。"), params))
    if term.doubt == "before":
        params = {"text": text[:60], "day": str(term.due)}
        found.append(Remark(N_("“{text}”读作{day}，请核对。"), params))
    if term.doubt == "year_only":
        found.append(Remark(N_("“{text}”只写了年份，读作年底。"), {"text": text[:60]}))
    return found


def is_done(value: Any, words: LedgerWords) -> bool | None:
    """Whether a cell says that the thing is done; None where it says neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, datetime | date):
        return True
    return _done(shown(value), words) if value not in (None, "") else None


@lru_cache(maxsize=4096)
def _done(text: str, words: LedgerWords) -> bool | None:
    form = plain(text)
    if not form and text.strip() in words.done:
        return True
    if form in {plain(word) for word in words.open} or text.strip() in words.open:
        return False
    if form in {plain(word) for word in words.done} or text.strip() in words.done:
        return True
    head = form[:14]
    if re.match("未|没有|尚未|正在|暂未|待|部分|阶段性|推进|持续|进行|否|基本完成", head):
        return False
    if _FINISHED.match(head):
        unfinished = re.search("未完成|尚未|正在|部分|未销号|未验收|待验收", form[:40])
        return None if unfinished else True
    return None


def percent(value: Any) -> bool | None:
    """Whether a degree of completion says done: 100% and 1 do."""
    if isinstance(value, bool) or value in (None, ""):
        return None
    if isinstance(value, int | float):
        return value in (1, 100)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    found = _PERCENT.fullmatch(text)
    return None if found is None else float(found[1]) == 100 or text == "1"


@lru_cache(maxsize=4096)
def units(text: str, field_: str, words: Words) -> Units:
    """The units of a cell below a heading of the field `field_`."""
    shown_text = text[:LONGEST_LIST]
    folded = fold(clean(_APART.sub("、", re.sub(r"[\n/|｜\t]+", "、", shown_text))))
    by_role: dict[str, list[str]] = {}
    people: list[str] = []
    remarks: list[Remark] = []
    clause = read_clause(folded, words)
    for duty in clause.duties:
        role = field_ if duty.role == "responsible" or duty.role not in LIST_FIELDS else duty.role
        for name in duty.units:
            name = _without_person(name, people)
            if name in clause.odd and _PERSON.fullmatch(name) and len(duty.units) > 1:
                people.append(name)
            elif name:
                by_role.setdefault(role, []).append(name[:100])
                if name in clause.odd:
                    sentence = N_("“{name}”不像单位名称，请核对。")
                    remarks.append(Remark(sentence, {"name": name[:40]}))
                elif is_catch_all(name):
                    sentence = N_("“{name}”是泛指，须由人列出具体单位。")
                    remarks.append(Remark(sentence, {"name": name[:40]}))
    people += clause.officials
    if len(text) > LONGEST_LIST or clause.unread:
        remarks.append(Remark(N_("单位一栏没有全部读懂，请核对。")))
    found = {role: tuple(dict.fromkeys(names)) for role, names in by_role.items()}
    return Units(found, tuple(dict.fromkeys(people)), tuple(remarks))


def _without_person(name: str, people: list[str]) -> str:
    """市城管局（张三） is 市城管局; 县（市、区）政府 stays."""
    found = _IN_BRACKETS.search(name)
    if found is None or not found.start():
        return name
    people.append(found["what"])
    return name[: found.start()]
