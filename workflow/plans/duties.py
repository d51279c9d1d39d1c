"""A clause of responsibility → who leads, who helps, who carries out, until when. Pure.

Reads labels (牵头单位：…；责任单位：…), verbs at the end (市某局牵头，…配合), marks behind a name
(市某局（牵头）), rules said once for all (以下均需…落实，不再列出) and any mixture of them.
"""

import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from workflow.plans.characters import blank, brackets, pieces
from workflow.plans.units import (
    Names,
    full_names,
    is_catch_all,
    is_department,
    looks_like_unit,
)
from workflow.plans.words import Words

LONGEST_LIST = 20_000
"""Characters of a list of units; a longer one is left to a person."""
LONGEST_CLAUSE = 600
"""Characters of a bracket that may be a clause."""

LONGEST_VERB = 3
"""Characters in front of a verb that may still belong to it."""

_ONCE = re.compile(
    "以下(?:各项|所有)?(?:任务|工作|措施|事项|内容|均)|以上(?:各项|所有)|下同|不再(?:一一|逐一|单独|重复|另行|分别|逐项)?"
    "(?:列|作|做|写|分工|注|标|重复)|均涉及|均需|均须|均由各|任务均|工作均"
)
_WHO = re.compile(
    "(?:均需要?|均须|均由|均要|均应|均涉及|都需要?|都由|需要?|须|由|涉及)"
    "(?P<who>[^，。；]{2,60}?)(?:共同|分别|具体|按[^，。；]{0,12})?(?:组织|负责|落实|实施|承担|推进|配合|$|(?=[，。；]))"
)
_FIRST_LEADS = re.compile(
    "(?:(?:第一个|首个|第一家)[^，。；]{0,4}为[^，。；]{0,6}(?:牵头|主办|主责))|"
    "(?:列|排|位)[^，。；]{0,6}(?:第一位|第一|首位|首|最前|前位|前列|前面)[^，。；]{0,12}为[^，。；]{0,12}(?:牵头|汇总|主办|主责)"
)
_SEVERAL = re.compile("多个|多家|[两2二][个家](?:及|或)?以上")
_WITH = re.compile("会同|商(?=市|县|省|区|州|各)|联合(?=市|县|省|区|州|各)")
_MARKED = re.compile("（(?P<mark>[^（）]{1,8})）$")
_TIME = re.compile(
    r"\d{4}年|\d{1,2}月|年底|季度|[上下]半年|长期|持续|立行|每[年月季周]|\d{1,3}(?:个工作)?日|全年|\d{4}[.\-/]\d"
)
_SURE_VERBS = frozenset(
    ("牵头", "配合", "参与", "协助", "负责", "负责落实", "牵头负责", "按职责分工负责", "协同配合")
)
_COMPANY = re.compile("(?:公司|集团)$")
_LEADING = re.compile("^(?:由|并由|其中|以及|同时|另由|请)")
_FILLER = re.compile("(?:等(?:有关|相关|市直|多个)?(?:部门|单位)?|均|都|要|应|须|需)+$")


@dataclass(frozen=True, slots=True)
class Duty:
    """Units that stand to a task in one way. `printed` is the verb or label as written."""

    role: str
    units: tuple[str, ...]
    printed: str
    is_open: bool = False
    once_for_all: bool = False


@dataclass(slots=True)
class Clause:
    """What one clause says; `odd` is what looks like no unit, `unread` what was not understood."""

    duties: list[Duty] = field(default_factory=list)
    deadlines: list[str] = field(default_factory=list)
    officials: list[str] = field(default_factory=list)
    once: list[Duty] = field(default_factory=list)
    once_before: bool = False
    first_leads: bool = False
    of_several: bool = False
    """Whether the first leads only where there are several."""
    guessed: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    roleless: bool = False
    prefix: str | None = None


class _Reader:
    """Walks over the parts of a clause and collects names until a verb or a label says more."""

    def __init__(self, words: Words, clause: Clause) -> None:
        self.words = words
        self.clause = clause
        self.waiting: list[str] = []
        self.role: str | None = None
        self.label = ""
        self.after_verb = False
        self.kind = "role"
        self.apart = 0

    def read(self, part: str, after: str = "") -> None:
        """One part between commas or 、; `after` is the sign in front of it."""
        if after == "，" and self.label and self.role and self.kind == "role":
            self.apart = len(self.waiting)
        part = _LEADING.sub("", part)
        match = self.words.label_of(part)
        if match is not None and match["colon"] != "\u3000" and not _is_name(part, match):
            self.flush()
            self._take_label(match)
            part = _LEADING.sub("", part[match.end() :])
            if not part:
                return
        if self.kind != "role":
            self._other(part)
        elif _TIME.search(part) and not looks_like_unit(_before_bracket(part), self.words):
            self.clause.deadlines.append(part)
        elif not self._verb(part):
            self.waiting.append(part)

    def _take_label(self, match: re.Match[str]) -> None:
        self.label = match[0].strip("（）：\u3000")
        self.after_verb = False
        if match["role"]:
            self.kind, self.role = "role", self.words.role_in(match["role"])
        else:
            self.kind = "official" if match["official"] else "deadline"

    def _other(self, part: str) -> None:
        kept = self.clause.deadlines if self.kind == "deadline" else self.clause.officials
        if self.kind == "official":
            part = f"{self.label}：{part}"
        kept.append(part)

    def _verb(self, part: str) -> bool:
        """市某局牵头, or 牵头 alone behind names that wait."""
        shared = _WITH.search(part)
        if shared is not None and looks_like_unit(part[: shared.start()], self.words):
            self.waiting.append(part[: shared.start()])
            self._assign("lead", shared[0])
            self.role, part = "cooperating", part[shared.end() :]
            end = self._verb_at(part)
            if end is not None:
                self.waiting.append(part[:end])
                self._assign("cooperating", shared[0])
                self.role = None
                return True
            self.waiting.append(part)
            return True
        at = self._verb_at(part)
        if at is None:
            return False
        name, verb = _FILLER.sub("", part[:at]), part[at:]
        self._leave_to_label(self._role_of(verb))
        more = part[len(name) : at]
        if name:
            self.waiting.append(name + ("等" if more.startswith("等") else ""))
        if self.role == "cooperating" and not self.label:
            self._assign("cooperating", verb)
            self.role = None
        else:
            self._assign(self._role_of(verb), verb)
        self.after_verb = True
        return True

    def _leave_to_label(self, role: str) -> None:
        """责任单位：市A局，市B局参与: what stands before the comma is the label's."""
        if self.label and self.role and role != self.role and 0 < self.apart <= len(self.waiting):
            rest = self.waiting[self.apart :]
            del self.waiting[self.apart :]
            self._assign(self.role, self.label)
            self.waiting = rest
        self.apart = 0

    def _verb_at(self, part: str) -> int | None:
        last = self.words.last_verb.search(part)
        if last is not None and last.start() > LONGEST_VERB and self.words.verb.match(part):
            # 统筹城乡办配合, 应急局负责: a name that begins as the words before a verb do.
            name = part[: last.start()]
            if looks_like_unit(name, self.words) and not self.words.only_manner.fullmatch(name):
                return last.start()
        for match in self.words.verb.finditer(part):
            left = _FILLER.sub("", part[: match.start()])
            if not left and not self.waiting:
                continue
            rest = part[match.start() :]
            if (
                left
                and not looks_like_unit(left, self.words)
                and not (len(left) > 1 and rest in _SURE_VERBS)
            ):
                continue
            if any(found.search(rest) for found in self.words.verbs_of.values()):
                return match.start()
        return None

    def _role_of(self, verb: str) -> str:
        for role in ("lead", "cooperating", "supervising"):
            if self.words.verbs_of[role].search(verb):
                return role
        return "responsible"

    def _assign(self, role: str, printed: str) -> None:
        names = self._names()
        if names.units:
            self.clause.duties.append(Duty(role, names.units, printed, names.is_open))
        self.waiting = []

    def flush(self) -> None:
        """What waits belongs to the label before it, or to nobody known."""
        if not self.waiting:
            return
        marked = [self._mark(name) for name in self.waiting]
        role = self.role or ("cooperating" if self.after_verb else None)
        self.clause.roleless |= role is None or (self.after_verb and self.role is None)
        for name, mark in marked:
            if mark is not None:
                self.waiting = [name]
                self._assign(mark, "（标注）")
        self.waiting = [name for name, mark in marked if mark is None]
        if self.waiting:
            self._assign(role or "responsible", self.label)

    def _mark(self, name: str) -> tuple[str, str | None]:
        match = _MARKED.search(name)
        if match is not None:
            for role in ("lead", "cooperating"):
                if self.words.verbs_of[role].search(match["mark"]):
                    return name[: match.start()], role
        return name, None

    def _names(self) -> Names:
        names = full_names("、".join(self.waiting), self.words, self.clause.prefix)
        self.clause.prefix = names.prefix
        self.clause.guessed += names.guessed
        self.clause.odd += names.odd
        return names


def read_clause(
    folded: str, words: Words, *, label: str | None = None, prefix: str | None = None
) -> Clause:
    """What a clause says; not to be changed by who asked.

    `label` is the heading above it, for a cell of a table; `prefix` the place named before it.
    """
    read = _remembered if len(folded) <= LONGEST_CLAUSE else _read
    return read(folded, words, label, prefix)


def _read(folded: str, words: Words, label: str | None, prefix: str | None) -> Clause:
    if len(folded) > LONGEST_LIST:
        return Clause(unread=[folded[:200] + "……"], prefix=prefix)
    clause = Clause(prefix=prefix)
    clause.first_leads = _FIRST_LEADS.search(folded) is not None
    clause.of_several = clause.first_leads and _SEVERAL.search(folded) is not None
    reader = _Reader(words, clause)
    if label is not None:
        reader.role, reader.label = words.role_in(label), label
    once: list[str] = []
    if "：" in folded:
        folded = words.label_inside.sub(lambda found: "；" + found[0], folded).lstrip("；")
    if clause.first_leads:
        folded = blank(
            folded, [(a, b) for a, b in brackets(folded) if _FIRST_LEADS.search(folded[a:b])], "。"
        )
    for start, end in pieces(folded, "。；"):
        sentence = folded[start:end].strip()
        if not sentence or _FIRST_LEADS.search(sentence):
            continue
        if _ONCE.search(sentence):
            once.append(sentence)
            sentence = _before_once(sentence)
            if not sentence:
                continue
        for at, to in pieces(sentence, "，、\u3000\n"):
            if part := sentence[at:to].strip():
                reader.read(part, sentence[at - 1 : at])
    reader.flush()
    _say_once(clause, once, words)
    return clause


_remembered = lru_cache(maxsize=2048)(_read)


def once_for_all(sentence: str) -> bool:
    """Whether a sentence may state a rule for every task."""
    return _FIRST_LEADS.search(sentence) is not None or (
        _ONCE.search(sentence) is not None and _WHO.search(sentence) is not None
    )


def _before_once(sentence: str) -> str:
    """The ordinary duties in front of a rule: 各县区政府负责落实，下同 keeps 各县区政府负责落实."""
    match = _ONCE.search(sentence)
    if match is not None and match.start() and sentence[match.start() - 1] in "，、（":
        return sentence[: match.start()].strip("，、（")
    if match is None or match[0] == "下同" or match[0].startswith("不再"):
        return (
            "" if match is None or _WHO.match(sentence) else sentence[: match.start()].strip("，、")
        )
    return ""


def _say_once(clause: Clause, sentences: list[str], words: Words) -> None:
    for sentence in sentences:
        clause.once_before |= sentence.startswith("以上") or "以上各项" in sentence
        match = _WHO.search(sentence)
        if match is not None:
            names = full_names(match["who"], words, clause.prefix)
            if names.units and not names.odd:
                role = "cooperating" if "配合" in match[0] else "responsible"
                clause.once.append(
                    Duty(role, names.units, sentence, names.is_open, once_for_all=True)
                )
                continue
        if clause.duties and ("下同" in sentence or "不再" in sentence):
            last = clause.duties[-1]
            clause.once.append(
                Duty(last.role, last.units, sentence, last.is_open, once_for_all=True)
            )
        else:
            clause.unread.append(sentence)


def _is_name(part: str, match: re.Match[str]) -> bool:
    """责任单位 alone at the end of a part is a label only with its colon."""
    return match["colon"] == "" and not part.endswith("）") and match.end() == len(part)


def _before_bracket(part: str) -> str:
    return part.split("（", 1)[0]


def is_clause(folded: str, words: Words) -> bool:
    """Whether the text inside a pair of brackets says who does what."""
    if len(folded) > LONGEST_CLAUSE:
        return False
    label = words.label_of(folded)
    if label is not None and label["colon"]:
        return True
    if not words.duty_sign.search(folded):
        return _only_units(folded, words)
    if _ONCE.search(folded) and _WHO.search(folded):
        return True
    clause = read_clause(folded, words)
    named = [name for duty in clause.duties for name in duty.units]
    good = [name for name in named if looks_like_unit(name, words) or is_catch_all(name)]
    return bool(good) and len(good) * 2 >= len(named) + len(clause.unread)


def _only_units(folded: str, words: Words) -> bool:
    """（市某局、市某局）: nothing but names of departments."""
    if len(folded) > 300:
        return False
    clause = read_clause(folded, words)
    names = [name for duty in clause.duties for name in duty.units]
    known = [is_department(name, words) for name in names]
    others = (is_catch_all(name) or _COMPANY.search(name) for name in names)
    return any(known) and not clause.unread and all(map(operator.or_, known, map(bool, others)))


def clauses(folded: str, words: Words) -> Iterator[tuple[int, int]]:
    """The brackets of a paragraph that say who does what; each stands at the end of a sentence."""
    for start, end in brackets(folded):
        before = folded[start - 1] if start else "。"
        behind = folded[end] if end < len(folded) else "。"
        if (before in "。；！”》）" or behind in "。；\u3000") and is_clause(
            folded[start + 1 : end - 1], words
        ):
            yield start, end
