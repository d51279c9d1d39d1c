"""What is to be reached without a figure: 基本消除, 稳定达标, 全覆盖, A级绩效 … → targets. Pure."""

import re
from collections.abc import Sequence

from workflow.plans.characters import blank, brackets, pieces, sentences, titles
from workflow.plans.figures import LONGEST_NAME
from workflow.plans.found import Target
from workflow.plans.term import Term
from workflow.plans.terms import last_before
from workflow.plans.words import Words

MOST_STATES = 60
"""States that are read in one text."""

_GONE = "消除|退出|清零|关停|淘汰|取缔|达标|完成|解决|封闭|拆除|搬迁|覆盖|建成|消灭|替代|清运|清理|更新|落实"
_WHOLE = "基本|全面|全部|彻底"
_LIKELY = re.compile(
    f"{_WHOLE}|达标|达到|实现|明显|保持|优于|好于|原则上|一律|改用|力争|得到有效|所有"
)
_BEHIND_NAME = (
    # 钢铁企业全部退出
    re.compile(rf"(?:{_WHOLE})(?:得到|实现|达到)?(?:{_GONE}|有效保障)$"),
    # 断面稳定达标; 实现空气质量二级达标
    re.compile(r"(?:稳定|持续|全面|基本|如期|全部)(?:实现|保持)?[^＿]{0,10}?(?:[一二]级)?达标$"),
    re.compile(r"(?:实现|确保)[^＿]{0,10}?(?:[一二]级)?达标$"),
    re.compile(r"达标$"),
    # 基本实现新能源化; 实现监测全覆盖; 实现排名提升进位
    re.compile(
        r"(?:(?:基本|全面|力争|全部){1,2})?实现[^＿]{0,24}?"
        r"(?:全覆盖|化|清零|归零|零排放|零填埋|进位|全收集|全处理|全消除)$"
    ),
    re.compile(r"明显进位$"),
    # 水质稳定达到II类; 保持或优于II类
    re.compile(
        r"(?:稳定)?(?:达到或好于|达到或优于|保持或优于|达到|优于|好于|保持)(?:地表水|国家)?"
        r"(?:[ⅠⅡⅢⅣⅤIV]{1,3}|[一二三四五])类[^＿]{0,6}$"
    ),
    # 达到A级绩效水平; 达到超低排放要求
    re.compile(
        r"(?:(?:应|要|须|全面|全部|稳定){1,2})?达到(?:国家|国|省)?"
        r"(?:[A-D一二三]级|超低排放|近零排放)(?:及?以上)?[^＿]{0,8}$"
    ),
    # 全部使用新能源汽车; 原则上不再新增化工园区; 改用清洁能源; 力争配备…
    re.compile(
        r"(?:(?:基本|全部|原则上|一律|全面){1,2}(?:不再|不得|全部)?"
        r"(?:实现|使用|采用|安装|改为|更换|配备|执行|新增|接入|淘汰|实行)|改用|力争(?:配备|建成))[^＿]{2,30}$"
    ),
    re.compile(r"得到有效保障$"),
)
_BEFORE_NAME = (
    # 基本消除劣V类断面; 全面完成“十四五”目标
    re.compile(
        rf"(?P<value>(?:{_WHOLE})(?:完成|消除|淘汰|关停|退出|取缔|清理|拆除|建成|建立))(?P<name>[^＿]{{2,70}})$"
    ),
    # 力争配备废水处理设施; 实现六因子监测全覆盖
    re.compile(r"(?P<value>力争(?:配备|建成|创建|打造|完成|建立))(?P<name>[^＿]{2,70})$"),
    re.compile(
        r"^(?:确保|力争)?实现(?P<name>[^＿]{2,40}?)(?P<value>全覆盖|清零|归零|零排放|零填埋)$"
    ),
    # 完成全部排污口溯源
    re.compile(r"完成(?P<value>全部|所有)(?P<name>[^＿\d及和]{2,40})"),
)
_START = re.compile("^(?:＿|确保|力争|争取|努力|到|并|且|要|其中|同时|，|使(?!用)|推动|实现|、)+")
_SUBJECT = re.compile("([^＿]{2,40}?)(?:要|应|须|实行|采用)")
"""Who or what a clause is about, for the next clause that does not say it again."""
_WEAK = re.compile("力争|原则上|基本|确保|稳定|持续|全部|全面|明显|有效")


def find_states(folded: str, terms: Sequence[Term], words: Words) -> list[Target]:
    """The states of a text; clauses with a figure are left to the figures."""
    spans = [(term.start, term.end) for term in terms]
    text = blank(blank(folded, spans), titles(folded))
    found: list[Target] = []
    for start, end in sentences(text):
        printed = folded[start:end].strip()
        subject = ""
        for a, b in pieces(text[start:end], "，；：。"):
            clause = text[start + a : start + b]
            if len(clause) <= 160 and _LIKELY.search(clause) and len(found) < MOST_STATES:
                found += _state(folded, clause, start + a, terms, start, printed, subject, words)
            named = _SUBJECT.match(clause)
            subject = named[1] if named else ""
    return found


def _state(
    folded: str,
    clause: str,
    at: int,
    terms: Sequence[Term],
    sentence: int,
    printed: str,
    subject: str,
    words: Words,
) -> list[Target]:
    whole = clause.rstrip("＿ ")
    bare = blank(whole, brackets(whole), "\x00").replace("\x00", "")
    tail = bare.rsplit("＿", 1)[-1] if "＿" in bare else bare
    name, value = _parted(tail, bool(subject))
    name = _named(name, words)
    if value and not name and subject:
        name = _named(subject, words)
    if not 2 <= len(name) <= LONGEST_NAME:
        return []
    scope = words.scope.match(name)
    if scope is not None and len(name) > len(scope[0]) + 1:
        name = name[scope.end() :]
    soft = tuple(dict.fromkeys(_WEAK.findall(clause)))
    inside = [term for term in terms if sentence <= term.start]
    holding = last_before(folded, inside, at + len(clause))
    due = holding.due if holding else None
    area = scope[0] if scope else None
    return [Target(name, "=", value, "", due, "state", printed, soft, None, area)]


def _parted(tail: str, has_subject: bool) -> tuple[str, str]:
    """The name and the state of a clause; no state, no name."""
    for form in _BEHIND_NAME:
        match = form.search(tail)
        if match is not None and not _is_figure(match[0]):
            name = tail[: match.start()].removesuffix("有").removesuffix("要")
            if len(name) >= 2 or (has_subject and not name.strip("＿")):
                return name[-LONGEST_NAME:], match[0]
    for form in _BEFORE_NAME:
        match = form.search(tail)
        if match is not None and not _is_figure(match[0]):
            return match["name"], match["value"]
    return "", ""


def _named(name: str, words: Words) -> str:
    name = _START.sub("", name).strip("＿ 、的").removesuffix("均")
    soft = words.soft_word.match(name)
    return name[soft.end() :] if soft is not None and len(name) > len(soft[0]) + 1 else name


def _is_figure(text: str) -> bool:
    return re.search(r"\d(?:%|个|[台辆家座条处项名户吨亩万亿公平千微毫])|亿级", text) is not None
