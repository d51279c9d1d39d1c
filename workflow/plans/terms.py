"""When something is due: every way in which plans write a date, a period or a rhythm. Pure.

A due day is the last day on which the thing is still in time: 9月底前 is September 30, 到2025年 is
the last day of 2025. What cannot be a day (长期坚持, 每月25日前, 印发后30日内) keeps its kind.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from workflow.plans.characters import blank, number, titles
from workflow.plans.rhythms import DAY, MONTH, each, rhythms, within, without_day
from workflow.plans.term import Term as Term

_YEAR = r"(?P<year>20\d\d|二[〇零][〇零一二三四五六七八九]{2})"
_IN_YEAR = (
    rf"(?P<months>(?:\d{{1,2}}月?(?:—|至|到|、|和|及)){{0,5}}){MONTH}月份?(?:{DAY}[日号])?(?P<part>上旬|中旬|下旬|初|中(?=[，前、。；])|底|末)?"
    r"|第?(?P<quarter>[1-4一二三四])季度(?P<quarter_part>末|底)?"
    r"|(?P<half>上半年|下半年|前三季度)(?:末|底)?"
)
_DATE = re.compile(
    rf"{_YEAR}年度?(?:{_IN_YEAR}|年?(?P<end>底|末|终)|年?(?P<mid>中(?=[，前、。；])|内|初))?"
    r"(?P<before>之前|以前|前(?!三季|期|列|后))?"
)
_NO_YEAR = re.compile(
    rf"(?<![\d年.每十])(?:{_IN_YEAR}|(?:(?P<this>今|本|当|明)年)?年?(?<=年)(?P<end>底|末|内))"
    r"(?P<before>之前|以前|前(?!三季|期|列|后))?"
)
_ISO = re.compile(
    r"(?<![\d.\-/])(?P<year>20\d\d)[.\-/](?P<month>1[0-2]|0?[1-9])"
    r"(?:[.\-/](?P<day>3[01]|[12]\d|0?[1-9]))?(?![\d.\-/%万亿])(?P<part>底|末)?(?P<before>之前|以前|前)?"
)
_FIVE = re.compile(r"[“\"]?(?P<five>十[三四五六])五[”\"]?(?P<part>期间|时期|期末|末|收官)")
_FIVE_ENDS = {"十三": 2020, "十四": 2025, "十五": 2030, "十六": 2035}
_BASE_BEFORE = re.compile(
    "(?:较|比|与|同|以|相比于?|相较于?|对比|按照?|根据|[高低多少大小]于|等于|优于|好于)$"
)
_BASE_BEHIND = re.compile(
    "以来|本|主?汛期|采暖|供暖|取暖|春耕|夏收|秋收|雨季|春节|国庆|元旦|入冬|封冻|枯水|的?基础|基准|的?同期|的?水平|底数|为基|均值|平均|的?实际|的?现状|版|修订|第|的|度|》|—|至|到|相比"
)
_START_BEFORE = re.compile("(?:自|从)$")
_START_BEHIND = re.compile("起|开始|之后|后|以后")
_LEADS = re.compile(
    "(?:其中|年和|年及|到|至|于|在|力争|争取|确保|保证|计划|预计|截止|截至|原则上|并|，|。|；|：|、|（|！|“|\u3000|—|\\d[.、])$"
)
_NO_DEADLINE = re.compile(
    "重点|工作|度|中央|国家|省级|考核|大气|水污染|年度|任务|行动|方案|计划|秋冬|夏季|冬季|预算"
)
_ALREADY = re.compile("已|累计|共有|共完成")


def find_terms(folded: str, *, year: int | None = None, timed: bool = False) -> list[Term]:
    """Every term of a text in order.

    `year` is that of a plan for one year, for dates without one. `timed` is set for the value of a
    label or column of deadlines, where a bare month or 长期 is a term as well.
    """
    text = blank(folded, titles(folded))
    found = [*_dates(text, timed), *rhythms(text), *within(text), *without_day(text, timed)]
    found = _apart(sorted(found, key=lambda term: (term.start, -term.end)))
    if timed or _may_lack_year(text):
        taken = [(term.start, term.end) for term in found]
        rest = blank(text, taken)
        found += _apart(list(_without_year(rest, timed)))
        found.sort(key=lambda term: term.start)
    found = _with_years(found, year)
    kept = [term for term in found if not _explained(term, found)]
    return [replace(t, begins=None) if t.kind == "season" else t for t in kept]


def _may_lack_year(text: str) -> bool:
    return (
        "月" in text
        or "季度" in text
        or "年底" in text
        or "年末" in text
        or "年内" in text
        or "半年" in text
    )


def _apart(terms: list[Term]) -> list[Term]:
    kept: list[Term] = []
    for term in terms:
        if not kept or term.start >= kept[-1].end:
            kept.append(term)
    return kept


def _dates(text: str, timed: bool) -> Iterator[Term]:
    for match in each(_DATE, text):
        yield from _dated(match, timed)
    for match in each(_ISO, text):
        yield _day_of(match, int(match["year"]))
    for match in each(_FIVE, text):
        ends = date(_FIVE_ENDS[match["five"]], 12, 31)
        yield Term(match.start(), match.end(), match[0], "date", ends)


def _dated(match: re.Match[str], timed: bool) -> Iterator[Term]:
    text, start, end = match.string, match.start(), match.end()
    before, behind = text[max(0, start - 4) : start], text[end : end + 4]
    year = number(match["year"])
    assert year is not None
    exact = any(match[name] for name in ("before", "part", "end", "quarter", "half"))
    if _START_BEFORE.search(before) or (not match["before"] and _START_BEHIND.match(behind)):
        if not _BASE_BEFORE.search(before):
            yield Term(start, end, match[0], "start", begins=_first_day(match, year))
        return
    if _BASE_BEFORE.search(before) or (before.endswith("在") and behind.startswith("基础")):
        return
    if _SINCE_LONG.match(text, end) or (
        before[-1:] in "—至" and behind.startswith(("每年", "各年"))
    ):
        return  # 2024—2026年每年招聘80名 has a rhythm, no day
    event = None if exact else _EVENT.match(text, end)
    if event is not None:
        opens = date(year, 1, 1)
        yield Term(start, event.end(), text[start : event.end()], "season", begins=opens)
        return
    if before.endswith(("截至", "截止")) and _ALREADY.search(text[end : end + 30]):
        return
    if not exact and not timed and not _is_due(match, before, behind):
        return
    if not exact and _GOES_ON.match(text, end):
        return
    yield from _listed(match)
    term = _day_of(match, year)
    if match["months"]:
        found = list(_months(match, term, match["months"], match.start("months"), year))
        if found:
            yield replace(found[0], start=start)
            yield from found[1:]
            term = replace(term, start=match.start("month"))
    yield term


_SINCE_LONG = re.compile(
    "(?:已经?)?(?:建成|投产|投用|形成|注册|登记|批准|审批|出生|生产|排查|发现|存在|开工|立项|颁布|发布)[^，。；]{0,8}的"
)
"""2000年底前建成的小区: which ones are meant, not when."""
_EVENT = re.compile("[^，。；（年月日]{2,8}(?:结束|开始|来临|到来|启动)之?前")
"""2025年禁渔期结束前: when something happens; only the year is known."""
_GOES_ON = re.compile(r"(?:—|至|到|、|和|及)(?:20\d\d|\d{1,2}月)")


def _first_day(match: re.Match[str], year: int) -> date | None:
    last = _day_of(match, year).due
    if last is None or match["day"]:
        return last
    return last.replace(month=last.month if match["month"] else 1, day=1)


def _is_due(match: re.Match[str], before: str, behind: str) -> bool:
    """Whether a year or month without 前 or 底 is a date by which something is to be done."""
    if _BASE_BEHIND.match(behind):
        return False
    if before.endswith("（") and behind[:1] in ("）", "版", "本", "修"):
        return False
    at_start = match.start() == 0 or _LEADS.search(before) is not None
    at_start = at_start or _REACHED_IN.match(behind) is not None
    ends = behind[:1] in ("", "，", "。", "；", "）") and bool(match["month"])
    return (at_start or ends) and not _NO_DEADLINE.match(behind)


_REACHED_IN = re.compile("达到?|实现|建成|完成|力争|降至|提高到|提升到|不[低高少]于")
"""覆盖率2027年达到90%: a year right in front of what is reached in it."""
_ALSO = re.compile(r"(?:20\d\d年?[、和及]){1,5}$")
_ALSO_MONTHS = re.compile(r"(?:\d{1,2}月?[、和及]){1,5}$")


def _listed(match: re.Match[str]) -> Iterator[Term]:
    """2024、2025年底前: the years in front share what stands behind the last."""
    also = _ALSO.search(match.string[max(0, match.start() - 36) : match.start()])
    if also is None:
        return
    start = match.start() - len(also[0])
    for year in re.finditer(r"20\d\d", also[0]):
        term = _day_of(match, int(year[0]))
        yield replace(
            term, start=start + year.start(), end=start + year.end(), printed=also[0] + match[0]
        )


def _day_of(match: re.Match[str], year: int) -> Term:
    """The last day of what is printed."""
    names = match.groupdict()
    due, doubt = _last_day(names, year)
    return Term(match.start(), match.end(), match[0], "date", due, doubt)


def _last_day(names: dict[str, str | None], year: int) -> tuple[date | None, str | None]:
    before = names.get("before") is not None
    if names.get("month"):
        return _in_month(names, year, before)
    if quarter := names.get("quarter"):
        nth = number(quarter) or 1
        if before and not names.get("quarter_part"):
            return _end_of(year, nth * 3 - 3), "before"
        return _end_of(year, nth * 3), None
    if half := names.get("half"):
        return _end_of(year, {"上半年": 6, "下半年": 12}.get(half, 9)), None
    if names.get("end"):
        return date(year, 12, 31), None
    if mid := names.get("mid"):
        return {"中": date(year, 6, 30), "初": date(year, 3, 31)}.get(mid, date(year, 12, 31)), (
            None if mid == "内" else "before"
        )
    if before:
        return date(year - 1, 12, 31), "before"
    return date(year, 12, 31), "year_only"


def _in_month(
    names: dict[str, str | None], year: int, before: bool
) -> tuple[date | None, str | None]:
    month = number(names["month"] or "") or 1
    last = monthrange(year, month)[1]
    if names.get("day"):
        day = number(names["day"] or "") or 0
        return (date(year, month, day), None) if 1 <= day <= last else (None, "no_such_day")
    part = names.get("part")
    days = {"上旬": 10, "中旬": 20, "初": 10, "中": 15}
    if part in days:
        return date(year, month, days[part]), "before" if part in "初中" else None
    if before and part is None:
        return _end_of(year, month - 1), "before"
    return date(year, month, last), None


def _end_of(year: int, month: int) -> date:
    """The last day of a month; month 0 is the December before."""
    if month == 0:
        return date(year - 1, 12, 31)
    return date(year, month, monthrange(year, month)[1])


_NOT_DONE_IN = re.compile(
    "工作|经济|以来|情况|任务|计划|总结|数据|指标|的|同期|召开|开始|启动|动工|开工|起|生产|第|累计已|已|和|及|与|、|至|到|各|末|底|每|一次|考核|进度|G"
)
_CLAUSE_START = frozenset("，。；：（“、中于在\u3000")


def _done_within(match: re.Match[str], text: str) -> bool:
    """上半年落地3个试点: a half year at the head of a clause, and what is done in it."""
    before = text[match.start() - 1 : match.start()]
    behind = text[match.end() : match.end() + 6]
    if behind.startswith("、下半年") or (
        behind[:1] == "各" and text[: match.start()].endswith("上半年、")
    ):
        return True  # 上半年、下半年各推出5个
    at_start = not before or before in _CLAUSE_START
    return at_start and bool(behind) and not _NOT_DONE_IN.match(behind)


_FROM_DAY = re.compile(r"\d{1,2}月\d{1,2}[日号]?(?:至|—|到|-)$")
"""7月15日至8月31日: the last day is the one by which it is over."""


def _without_year(text: str, timed: bool) -> Iterator[Term]:
    for match in each(_NO_YEAR, text):
        part = match["part"] or match["quarter_part"] or match["end"]
        sure = match["before"] or (part and part not in ("初", "中"))
        behind = text[match.end() : match.end() + 4]
        spoken = match["half"] or match["quarter"]
        half = spoken and (behind[:1] == "，" or _done_within(match, text))
        period = match["day"] and _FROM_DAY.search(text[max(0, match.start() - 12) : match.start()])
        explains = (
            text[max(0, match.start() - 2) : match.start()] in ("前（", "＿（")
            and behind[:1] == "）"
        )
        if sure or timed or half or period or explains or behind.startswith("完成"):
            if not match["before"] and _START_BEHIND.match(behind):
                continue
            due, doubt = _last_day(match.groupdict(), _LEAP)
            later = 1 if match["this"] == "明" else 0
            term = Term(match.start(), match.end(), match[0], "date", due, doubt, years=later)
            yield from _listed_months(match, term)
            yield term


def last_before(text: str, terms: Sequence[Term], at: int) -> Term | None:
    """The date that holds at a place of its sentence, None where none goes before.

    A date that stands by itself (到2025年，…；…) holds to the end, one inside a clause to the ；.
    """
    before = [term for term in terms if term.start < at and term.due is not None]
    if not before:
        return None
    last = before[-1]
    alone = text[last.end : last.end + 1] in ("，", "：") or last.kind != "date"
    alone = alone or (last.doubt == "year_only" and text[last.start - 1 : last.start] in ("", "。"))
    return last if alone or "；" not in text[last.end : at] else None


_LEAP = 2000


def _listed_months(match: re.Match[str], term: Term) -> Iterator[Term]:
    """6月、9月底前: the months in front share what stands behind the last."""
    also = _ALSO_MONTHS.search(match.string[max(0, match.start() - 24) : match.start()])
    if also is None or not match["month"]:
        return
    yield from _months(match, term, also[0], match.start() - len(also[0]), _LEAP)


def _months(match: re.Match[str], term: Term, months: str, start: int, year: int) -> Iterator[Term]:
    """4月、10月底前: each month in front with what stands behind the last; 5—9月 is one period."""
    for month in re.finditer(r"(\d+)月?[、和及]", months):
        if 1 <= int(month[1]) <= 12:
            due, doubt = _last_day(match.groupdict() | {"month": month[1]}, year)
            at = start + month.start()
            yield replace(term, start=at, end=at + 1, due=due, doubt=doubt)


def _with_years(found: list[Term], year: int | None) -> list[Term]:
    """Dates without a year take that of the date before them, else that of a one-year plan."""
    last = year
    done: list[Term] = []
    for term in found:
        if term.years is not None and term.due is not None:
            if last is None:
                done.append(replace(term, due=None, doubt="no_year"))
                continue
            due = _moved(term.due, last + term.years + term.due.year - _LEAP)
            term = replace(term, due=due, doubt=term.doubt or "year_taken")
        elif term.due is not None and term.doubt != "before":
            last = term.due.year
        elif term.begins is not None:
            last = term.begins.year
        done.append(term)
    return done


def _moved(due: date, year: int) -> date:
    if due.month == 2 and due.day == 29:
        return date(year, 2, monthrange(year, 2)[1])
    return due.replace(year=year)


def _explained(term: Term, found: list[Term]) -> bool:
    """汛期前（5月底前）: the date behind the season says it."""
    return term.kind == "season" and any(
        other.kind == "date" and 0 <= other.start - term.end <= 1 for other in found
    )
