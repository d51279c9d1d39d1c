"""Terms that are no day: rhythms, spans counted from an event, at once, always, seasons. Pure."""

import re
from collections.abc import Iterator
from itertools import islice

from workflow.plans.characters import number
from workflow.plans.term import Term

MOST_TERMS = 300
"""Dates of one form that are read in one text; no task has as many."""

MONTH = r"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
DAY = (
    r"(?P<day>3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?"
    r"|[一二三四五六七八九])"
)
_EVERY = re.compile(
    r"每(?P<every>个?季度|半年|半月|两年|两周|隔?(?P<months>[两二三四六2346])个月|年|季|个?月|旬|周"
    r"|日(?=[调通报])|天(?=[调通报]))"
    rf"(?P<at>(?:(?:{MONTH}月)?(?:{DAY}[日号])?(?:底|末|初)?)(?:之?前)?)|逐年|逐季|逐月|按月|按季度|按年度"
)
_RHYTHMS = {"年": "year", "季": "quarter", "月": "month", "旬": "ten days", "周": "week"}
_MONTHS = {
    sign: every
    for signs, every in (
        ("两二2", "two months"),
        ("三3", "quarter"),
        ("四4", "four months"),
        ("六6", "half year"),
    )
    for sign in signs
}
_WITHIN = re.compile(
    r"(?P<count>\d{1,3}|[一二两三四五六七八九十]{1,3})(?P<unit>个工作日|个自然日|个月|日|天|年|周|小时)(?:之内|以内|内)"
)
_ANCHOR = re.compile(
    "印发|下发|发布|公布|收到|接到|反馈|批准|批复|交办|发文|通过|签收|受理|启动|开工|发现"
)
_SHORTENED = re.compile(
    "(?:控制|压缩|压减|缩短|压降|降低|减少|稳定|保持|维持|提速)(?:在|到|至)(?:最多)?$|不(?:得|能)?超过$|降[到至]$"
)
_UNITS = {
    "个工作日": "wd", "个自然日": "nd", "日": "nd", "天": "nd", "个月": "mo", "小时": "h", "年": "mo",
    "周": "nd",
}  # fmt: skip
_TIMES = {"年": 12, "周": 7}
_NOW = re.compile("立行立改|即知即改|立查立改|立知立改|即行即改|立即整改|立整立改")
_ALWAYS = re.compile("长期坚持|长期推进|持续推进|持续实施|长期|常态化推进|常态化|持续|全年")
_SEASON = re.compile(
    "(?:20\\d\\d年)?(?:主汛期|汛期|采暖季|供暖季|取暖季|采暖期|供暖期|春耕|夏收|秋收|雨季|春节|国庆节?|元旦|入冬|封冻期|枯水期|禁渔期|休渔期|台风季|迎峰度夏|迎峰度冬|(?:春季|秋季|新)?学期(?:开学)?|开学|暑假|寒假|高考|中考)"
    "(?:来临|到来|开始)?之?前"
)


def each(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The first matches of a form."""
    return islice(pattern.finditer(text), MOST_TERMS)


def rhythms(text: str) -> Iterator[Term]:
    """每月25日前, 每季度, 每两个月, 逐年."""
    for match in each(_EVERY, text):
        if match["every"] is None:
            every = {"年": "year", "季": "quarter", "月": "month"}[match[0].rstrip("度")[-1]]
        elif match["months"]:
            every = _MONTHS[match["months"]]
        else:
            word = match["every"].lstrip("个").rstrip("度")
            twice = {
                "半年": "half year",
                "半月": "half month",
                "两年": "two years",
                "两周": "two weeks",
            }
            every = twice.get(word) or _RHYTHMS.get(word, "day")
        if match["day"]:
            month = f"{number(match['month'])}-" if match["month"] else ""
            every += f":{month}{number(match['day'])}"
        yield Term(match.start(), match.end(), match[0], "recurring", every=every)


def within(text: str) -> Iterator[Term]:
    """印发后30个工作日内: so long after something."""
    for match in each(_WITHIN, text):
        count, unit = number(match["count"]), match["unit"]
        if not count:
            continue
        before = text[max(0, match.start() - 20) : match.start()]
        anchors = _ANCHOR.findall(re.split("[，。；]", before)[-1])
        if not anchors and _SHORTENED.search(before):
            continue  # 平均办理时间压缩至45天以内 is a figure
        limit = f"{count * _TIMES.get(unit, 1)}{_UNITS[unit]}"
        yield Term(
            match.start(),
            match.end(),
            match[0],
            "relative",
            limit=limit,
            anchor=anchors[-1] if anchors else None,
        )


def without_day(text: str, timed: bool) -> Iterator[Term]:
    """立行立改, 长期坚持, 汛期前."""
    for match in each(_NOW, text):
        yield Term(match.start(), match.end(), match[0], "immediate")
    for match in each(_ALWAYS, text):
        if timed or match[0] == "长期坚持":
            yield Term(match.start(), match.end(), match[0], "standing")
    for match in each(_SEASON, text):
        yield Term(match.start(), match.end(), match[0], "season")
