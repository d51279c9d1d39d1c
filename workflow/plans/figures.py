"""Figures in a text → targets: name, comparator, value, unit, baseline, scope, due. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from workflow.plans import figure_forms as forms
from workflow.plans.characters import blank, brackets, pieces, sentences, titles
from workflow.plans.figure_names import last_part, names_apart, shared_object
from workflow.plans.found import Target
from workflow.plans.quantities import Quantity, grouped, quantities
from workflow.plans.term import Term
from workflow.plans.terms import last_before
from workflow.plans.words import Words

MOST_FIGURES = 200
"""Figures that are read in one text; no task has as many."""
LONGEST_NAME = 80
LONGEST_ABOVE = 24
"""Characters of the clause before a figure that may be its name: 兑现奖补资金，全年不低于800万元."""
SHORTEST_NAME = 4
"""Characters in front of a comparison that may be no name but a verb."""


def find_figures(folded: str, terms: Sequence[Term], words: Words) -> list[Target]:
    """The figures of a text, in order. `terms` are the dates of the same text."""
    spans = [(term.start, term.end) for term in terms if term.kind != "recurring"]
    text = blank(blank(folded, spans), titles(folded))
    found: list[Target] = []
    for start, end in sentences(text):
        if len(found) >= MOST_FIGURES:
            break
        sentence = text[start:end]
        if forms.ANY_DIGIT.search(sentence):
            reader = _Reader(sentence, start, folded, terms, words)
            found += reader.read()
    return found[:MOST_FIGURES]


class _Reader:
    """Reads the figures of one sentence clause by clause, remembering the last name."""

    def __init__(
        self, text: str, at: int, folded: str, terms: Sequence[Term], words: Words
    ) -> None:
        self.text = text
        self.at = at
        self.folded = folded
        self.printed = folded[at : at + len(text)].strip()
        self.terms = [
            term for term in terms if at <= term.start < at + len(text) and term.due is not None
        ]
        self.words = words
        self.last_name = ""
        self.above = ""

    def read(self) -> list[Target]:
        found: list[Target] = []
        for start, end in pieces(self.text, "，；：。"):
            found += self._clause(start, end)
            clause = self.text[start:end]
            self.above = "" if len(clause) > LONGEST_ABOVE else self._name(clause)
        return found

    def _clause(self, start: int, end: int) -> Iterator[Target]:
        clause = self.text[start:end]
        inner = brackets(clause)
        outer = blank(clause, [(a + 1, b - 1) for a, b in inner], "＿")
        ranked = forms.RANK.search(outer)
        if ranked is not None:
            yield self._rank(ranked, start)
            outer = blank(outer, [(0, ranked.end())])
        yield from self._quantities(outer, start, clause)
        for a, b in inner:
            inside = clause[a + 1 : b - 1]
            if inside.startswith(("含", "不含")):
                continue  # 90分（含90分）以上
            for at, to in pieces(inside, "，；：。"):
                yield from self._quantities(
                    inside[at:to], start + a + 1 + at, inside[at:to], before=clause[:a]
                )

    def _rank(self, match: re.Match[str], start: int) -> Target:
        name = self._name(match.string[: match.start()])
        scope = match["scope"].strip()
        return self._target(
            name, match["word"] + match["side"], match["value"], match["unit"], start + match.start(), "rank",
            soft=match.string[: match.start()], scope=scope or None,
        )  # fmt: skip

    def _quantities(
        self, outer: str, offset: int, clause: str, before: str = ""
    ) -> Iterator[Target]:
        found = quantities(outer, self.words)
        groups = grouped(found, outer)
        edge = 0
        carried = ""
        for n, group in enumerate(groups):
            following = groups[n + 1] if n + 1 < len(groups) else None
            left = carried + clause[edge : group[0].start]
            carried = ""
            stands = forms.FROM.search(left)
            if following and stands and forms.RISES_TO.match(clause, group[-1].end):
                carried, edge = left[: stands.start()], group[-1].end
                continue
            right = clause[group[-1].end : following[0].start if following else len(clause)]
            if (_qualifies(right) or _counts(group[0], left)) and _names_a_figure(right):
                continue  # 浓度高于100毫克/升的…占比达到90%: the size belongs to the name that follows
            if not right and following is not None:
                right = clause[following[-1].end :]
            if len(group) > 1:
                yield from self._several(group, left, right, offset)
            elif right and following and _sizes(group[0], following[0], right):
                # 淘汰2蒸吨燃煤炉灶4台: the first says what the four are.
                yield self._threshold(group[0], right, "=", offset)
            elif n and not left and group[0].unit[-1:] not in forms.COUNTABLE:
                # 2台32万千瓦机组: the second says what the first are.
                yield self._threshold(group[0], forms.OBJECT.sub("", right), "=", offset)
            else:
                right = shared_object(right, clause, following)
                yield from self._one(group[0], left, right, offset, before)
            edge = group[-1].end

    def _one(
        self, quantity: Quantity, left: str, right: str, offset: int, before: str
    ) -> Iterator[Target]:
        compared = _compared(left)
        if compared is not None:
            name, sign, baseline = compared
            doubts = []
            if _qualifies(right):
                yield self._threshold(quantity, name, sign, offset)
                return
            shown = self._name(name)
            if before and (not shown or forms.AGAINST.match(shown)):
                shown = (self.last_name or self._name(before)) + shown
            counted = forms.OBJECT.sub("", right.strip("＿").split("＿", 1)[0])
            brief = len(shown) <= SHORTEST_NAME or forms.AT_LEAST.search(left) is not None
            if counted and brief and quantity.unit[-1:] in forms.COUNTABLE:
                shown = counted[:LONGEST_NAME]  # 引进不少于200名专家
            if forms.CHANGED.fullmatch(shown):
                shown = self.last_name + shown  # 完成投资1000亿元，增长20%
            if not shown:
                shown, doubts = self.last_name or self.above, ["name_taken"]
            yield self._number(quantity, shown, sign, offset, left, baseline, doubts)
            return
        covers = left.endswith(("覆盖", "占", "涵盖", "及", "和", "完成")) or not left.strip("＿")
        if _qualifies(right) and quantity.unit == "%" and covers:
            own = left.endswith(("及", "和", "完成"))
            whole = ("" if own else self._name(left)) + right[1:]
            yield self._number(quantity, whole, _sign_of(quantity, ">="), offset, left, None, [])
            return
        if _qualifies(right):
            yield self._threshold(quantity, left or right[1:], ">=", offset)
            return
        yield from self._bare(quantity, left, right, offset)

    def _bare(self, quantity: Quantity, left: str, right: str, offset: int) -> Iterator[Target]:
        """A figure without 达到 or its like: 推广重卡40辆, 完成265公顷矿山修复, 32万千瓦机组."""
        if quantity.unit == "次" and forms.EVERY.search(left):
            return  # 每月监测1次 is a rhythm
        # What stands behind the next date is of another figure.
        listed = right.startswith(("、", "（"))  # 经开区35家、南湖区28家
        right_name = "" if listed else forms.OBJECT.sub("", right.strip("＿").split("＿", 1)[0])
        doing = forms.DOING.search(left.rstrip("＿")) is not None or not left.strip("＿")
        countable = quantity.unit[-1:] in forms.COUNTABLE or not quantity.unit
        if not doing and not countable and forms.DONE_TO.search(right_name):
            doing = forms.AT_WORK.search(left) is not None  # 完成支流上游8.6公里清淤
        if right_name and quantity.suffix and forms.SIZE.search(left):
            right_name = self._name(left)  # 年货运量150万吨以上工矿企业
        if right_name and not doing and not countable and quantity.unit != "%":
            yield self._threshold(
                quantity, right_name, ">=" if "上" in quantity.suffix else "=", offset
            )
            return
        if right_name and quantity.suffix:
            yield self._threshold(quantity, right_name, _sign_of(quantity, ">="), offset)
            return
        name = self._name(left)
        if right_name:
            own = quantity.unit == "%" and not doing
            name = (name if own else "") + right_name[:LONGEST_NAME]
        else:
            name = forms.FINISHED.sub("", name)
        doubts = [] if name else ["no_object"]
        yield self._number(quantity, name, _sign_of(quantity, ">="), offset, left, None, doubts)

    def _several(
        self, group: Sequence[Quantity], left: str, right: str, offset: int
    ) -> Iterator[Target]:
        """分别达到60%、70%: names or dates are dealt out to the values."""
        compared = _compared(left)
        name, sign, baseline = compared or (left, ">=", None)
        bare = forms.FINISHED.sub("", self._name(name.replace("分别", "")))
        if not forms.DOING.sub("", forms.DOING.sub("", bare)):
            name = forms.OBJECT.sub("", right)
        apart = "分别" in left
        names = names_apart(self._name(name.replace("分别", "")), len(group)) if apart else None
        dues = [term.due for term in self.terms if term.start < self.at + offset + group[0].start]
        staged = apart and names is None and len(dues) >= len(group)
        for n, quantity in enumerate(group):
            shown = names[n] if names else self._name(name.replace("分别", ""))
            doubts = [] if names or staged else ["respectively"]
            target = self._number(quantity, shown, sign, offset, left, baseline, doubts)
            if staged:
                target = replace(target, due=dues[len(dues) - len(group) + n])
            yield target

    def _number(
        self,
        quantity: Quantity,
        name: str,
        sign: str,
        offset: int,
        left: str,
        baseline: str | None,
        doubts: list[str],
    ) -> Target:
        sign = _sign_of(quantity, sign)
        tail = name[-8:]
        if (
            (
                sign == ">="
                and not quantity.suffix
                and not forms.CHANGED.search(left)
                and "进水" not in name
            )
            and any(word in tail for word in self.words.lower_is_better)
            and _plain_reach(left)
        ):
            sign, doubts = "<=", [*doubts, "lower"]
        changed = forms.CHANGED.search(left.rstrip("＿"))
        if quantity.unit == "%" and changed and baseline and re.search("率|比例|占比|比重$", name):
            doubts = [*doubts, "points_or_percent"]
        self.last_name = name
        soft = left + quantity.suffix + ("余" if quantity.about else "")
        return self._target(
            name, sign, quantity.value, quantity.unit, offset + quantity.start, "number",
            soft=soft, baseline=baseline, doubts=tuple(doubts),
        )  # fmt: skip

    def _threshold(self, quantity: Quantity, name: str, sign: str, offset: int) -> Target:
        return self._target(
            self._name(name), _sign_of(quantity, sign), quantity.value, quantity.unit,
            offset + quantity.start, "threshold",
        )  # fmt: skip

    def _target(
        self,
        name: str,
        sign: str,
        value: str,
        unit: str,
        at: int,
        kind: str,
        *,
        soft: str = "",
        baseline: str | None = None,
        scope: str | None = None,
        doubts: tuple[str, ...] = (),
    ) -> Target:
        area = self.words.scope.match(name)
        if area is not None and len(name) > len(area[0]) + 1:
            scope, name = scope or area[0], name[area.end() :].lstrip("的")
        weak = tuple(dict.fromkeys(self.words.soft_word.findall(soft)))
        return Target(
            name,
            sign,
            value,
            unit,
            self._due(at),
            kind,
            self.printed,
            weak,
            baseline,
            scope,
            doubts,
        )

    def _due(self, at: int) -> date | None:
        """The date before a figure in its sentence, else the one right behind it."""
        before = last_before(self.folded, self.terms, self.at + at)
        if before is not None:
            return before.due
        behind = [term for term in self.terms if term.start > self.at + at]
        if behind:
            between = self.text[at : behind[0].start - self.at]
            after = re.split("[，。；）]", self.text[behind[0].end - self.at :], maxsplit=1)[0]
            done = re.match("[^，。；]{0,6}(?:完成|建成|实现|达到|到位|$)", after) is not None
            if done and "；" not in between and not forms.NUMBER.search(after):
                return behind[0].due
        return None

    def _name(self, left: str) -> str:
        """What a figure is of, without dates, soft words and the verb before it."""
        name = last_part(left).strip("＿ 、")
        while True:
            shorter = forms.BEHIND.sub("", forms.STRIPPED.sub("", name)).strip("＿")
            soft = self.words.soft_word.match(shorter)
            if (
                soft is not None
                and len(shorter) > len(soft[0]) + 1
                and soft[0] not in ("全面", "有效")
            ):
                shorter = shorter[soft.end() :]
            if shorter == name:
                return name[-LONGEST_NAME:]
            name = shorter


def _compared(left: str) -> tuple[str, str, str | None] | None:
    """Name, sign and baseline in front of a figure, None when nothing compares."""
    left = left.rstrip("＿")
    against = forms.AGAINST.search(left)
    baseline = against["base"] if against else None
    changed = forms.CHANGED.search(left)
    if changed is not None:
        sign = "<=" if left.endswith("不超过") else ">="
        return left[: changed.end("word")], sign, baseline
    compared = forms.COMPARED.search(left)
    if compared is None or (
        compared["word"] == "为" and not left[: compared.start()].strip("＿、")
    ):
        return None  # 为1380艘渔船配齐装置
    word = compared["word"]
    sign = forms.SIGNS.get(word) or ("<=" if word[:1] in "降下减压" else ">=")
    return left[: compared.start()], sign, baseline


def _plain_reach(left: str) -> bool:
    compared = forms.COMPARED.search(left.rstrip("＿"))
    return compared is None or compared["word"] in ("达到", "达")


def _sign_of(quantity: Quantity, sign: str) -> str:
    if "上" in quantity.suffix:
        return ">="
    if quantity.suffix in ("以下", "及以下", "以内", "之内", "内"):
        return "<="
    return sign


def _sizes(quantity: Quantity, following: Quantity, between: str) -> bool:
    return (
        quantity.unit in forms.CAPACITY
        and not quantity.suffix
        and following.unit[-1:] in forms.COUNTABLE
        and not forms.DOING.search(between)
    )


def _counts(quantity: Quantity, left: str) -> bool:
    """8个断面优良比例达到25%: a count without a comparison of its own."""
    return not quantity.suffix and quantity.unit[-1:] in forms.COUNTABLE and _compared(left) is None


def _qualifies(right: str) -> bool:
    """年运量150万吨以上的企业: the size says which ones are meant."""
    return right.startswith("的") and not right.startswith("的基础上")


def _names_a_figure(right: str) -> bool:
    """Whether what follows 的 ends in another comparison."""
    return forms.COMPARED.search(right) is not None or forms.CHANGED.search(right) is not None
