"""Figures in a text → targets: name, comparator, value, unit, baseline, scope, due. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from workflow.plans.characters import blank, brackets, number, pieces, sentences, titles
from workflow.plans.found import Target
from workflow.plans.terms import Term, last_before
from workflow.plans.words import Words

MOST_FIGURES = 200
"""Figures that are read in one text; no task has as many."""
LONGEST_NAME = 80

_NUMBER = re.compile(
    r"(?<![\dA-Za-z.])(?P<value>\d{1,9}(?:\.\d{1,4})?(?:(?:—|至)\d{1,9}(?:\.\d{1,4})?)?)(?P<about>[余多])?"
)
_LISTED = re.compile(r"(?<![\dA-Za-z.])\d{1,7}(?:\.\d{1,4})?(?=[、和及与]\d)")
_IN_WORDS = re.compile(
    "(?<=建成|新建|建设|培育|创建|打造|推广|新增|淘汰|关停|布设|改造|完成)(?P<value>[二两三四五六七八九十]{1,3})(?=[个家座条台辆处片所])"
    "|(?P<hundredth>(?<!个)百分之[一二三四五六七八九十百]{1,5})|(?P<grade>[百千万]亿级)"
)
_RANK = re.compile(r"(?P<word>退出|进入|跨入|保持|位居|稳定在|位列|升至|前移)(?P<scope>[^，。；]{0,24}?)(?P<side>后|前|倒数第?|第)(?P<value>\d{1,3})(?P<unit>名|位)")
_SUFFIX = re.compile("及?以上|及?以下|以内|之内|左右|内(?![涝部河])")
_COMPARED = re.compile(
    "(?P<word>在?(?:达到|完成)(?:省定|国定|国家|上级)?(?:目标|任务)|达到或超过|不得?低于|不少于|不得少于|不小于|"
    "不得?高于|不得?超过|不能超过|不大于|不得大于|达到|达|高于|超过|突破|大于|低于|小于|少于|控制在|稳定在|保持在|维持在|保持|"
    "降低到|下降到|降低至|下降至|降至|降到|减少到|减少至|压减至|提高到|提高至|提升到|提升至|增加到|增加至|增长到|增长至|增至|扩大到|"
    "≥|≤|＞|＜|>|<|=|为|是)(?:约|大约|到)?$"
)
_CHANGED = re.compile(
    "(?P<word>下降|降低|减少|削减|压减|减排|提高|提升|增长|增加|上升)(?:了|幅度|比例|率)?(?:约|不低于|不少于|超过|达到|达|不超过|分别|均)?$"
)
_AGAINST = re.compile(
    "(?:较|比|相比于?|相较于?|与|同比)(?P<base>20\\d\\d年?底?|上一?年度?|去年|基准年|同期|“?十[二三四]五”?末?期?)(?:同期|相比|年底|年末)?"
)
_SIGNS = {
    "不低于": ">=", "不得低于": ">=", "不少于": ">=", "不得少于": ">=", "不小于": ">=", "达到或超过": ">=", "达到": ">=",
    "达": ">=", "≥": ">=", "高于": ">", "超过": ">", "突破": ">", "大于": ">", ">": ">", "＞": ">", "不高于": "<=",
    "不得高于": "<=", "不超过": "<=", "不得超过": "<=", "不能超过": "<=", "不大于": "<=", "不得大于": "<=", "控制在": "<=", "≤": "<=", "低于": "<",
    "小于": "<", "少于": "<", "<": "<", "＜": "<", "为": "=", "是": "=", "=": "=", "稳定在": "=", "保持在": "=", "维持在": "=", "保持": "=",
}  # fmt: skip
_DOING = re.compile(
    "(?:完成|建成|新建|建设|实施|推广|新增|淘汰|关停|培育|创建|打造|治理|修复|整治|开展|布设|新改建|改造|改建|力争|达到|实现|组织|配备|推进|以|及|和|各|"
    "不少于|全市|全县|全区|累计|不低于|造林|植树|划定|落实|启动|退出|压减|投放|更新|编制|不少|超过|安装)$"
)
_STRIPPED = re.compile(
    "^(?:＿+|到|至|于|在(?![用建线册岗校产])|并|且|其中|同时|也|即|，|、|及|和|使|将|把|各地|区域内|要求|力求|努力|以|末|的|：|前|底|“|（|其|确保)+"
)
_BEHIND = re.compile("(?:分别|均|要|应|须|需|能够|全部|总体|平均|累计|逐步|稳步|力争|争取|确保|基本|稳定|原则上|全面|并|得|也|都|约|大约|总体上|到)+$")
_FINISHED = re.compile("^(?:完成|实现|形成|建成(?=并网)|达到|保持|推动|推进|促进|使|确保|努力|实施|继续|进一步|加快)+")
_OBJECT = re.compile("(?:为重点|为抓手|以上|工作任务|及|和|等|，|、|。)+$")
_COUNTABLE = frozenset(
    "台辆艘架条个家座处项名位户人次件套口眼块片所批轮株棵头只根门张份场宗起组支对期桩村间列孔站"
)


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A number with its unit at [start, end), the suffix (以上) included."""

    start: int
    end: int
    value: str
    unit: str
    suffix: str
    about: bool = False


def find_figures(folded: str, terms: Sequence[Term], words: Words) -> list[Target]:
    """The figures of a text, in order. `terms` are the dates of the same text."""
    spans = [(term.start, term.end) for term in terms if term.kind != "recurring"]
    text = blank(blank(folded, spans), titles(folded))
    found: list[Target] = []
    for start, end in sentences(text):
        if len(found) >= MOST_FIGURES:
            break
        sentence = text[start:end]
        if _ANY_DIGIT.search(sentence):
            reader = _Reader(sentence, start, folded, terms, words)
            found += reader.read()
    return found[:MOST_FIGURES]


_ANY_DIGIT = re.compile(r"\d|百分之|亿级|[二两三四五六七八九十]{1,3}[个家座条台辆处片所]")


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

    def read(self) -> list[Target]:
        found: list[Target] = []
        for start, end in pieces(self.text, "，；：。"):
            found += self._clause(start, end)
        return found

    def _clause(self, start: int, end: int) -> Iterator[Target]:
        clause = self.text[start:end]
        inner = brackets(clause)
        outer = blank(clause, [(a + 1, b - 1) for a, b in inner], "＿")
        ranked = _RANK.search(outer)
        if ranked is not None:
            yield self._rank(ranked, start)
            outer = blank(outer, [(0, ranked.end())])
        yield from self._quantities(outer, start, clause)
        for a, b in inner:
            inside = clause[a + 1 : b - 1]
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
        found = _quantities(outer, self.words)
        groups = _grouped(found, outer)
        edge = 0
        for n, group in enumerate(groups):
            following = groups[n + 1] if n + 1 < len(groups) else None
            left = clause[edge : group[0].start]
            right = clause[group[-1].end : following[0].start if following else len(clause)]
            if (_qualifies(right) or _counts(group[0], left)) and _names_a_figure(right):
                continue  # 浓度高于100毫克/升的…占比达到90%: the size belongs to the name that follows
            if not right and following is not None:
                right = clause[following[-1].end :]
            if len(group) > 1:
                yield from self._several(group, left, right, offset)
            elif n and not left and group[0].unit[-1:] not in _COUNTABLE:
                # 2台32万千瓦机组: the second says what the first are.
                yield self._threshold(group[0], _OBJECT.sub("", right), "=", offset)
            else:
                right = _shared_object(right, clause, following)
                yield from self._one(group[0], left, right, offset, before)
            edge = group[-1].end

    def _one(
        self, quantity: _Quantity, left: str, right: str, offset: int, before: str
    ) -> Iterator[Target]:
        compared = _compared(left)
        if compared is not None:
            name, sign, baseline = compared
            doubts = []
            if _qualifies(right):
                yield self._threshold(quantity, name, sign, offset)
                return
            shown = self._name(name)
            if before and (not shown or _AGAINST.match(shown)):
                shown = (self.last_name or self._name(before)) + shown
            if not shown:
                shown, doubts = self.last_name, ["name_taken"]
            yield self._number(quantity, shown, sign, offset, left, baseline, doubts)
            return
        covers = left.endswith(("覆盖", "占", "涵盖")) or not left.strip("＿")
        if _qualifies(right) and quantity.unit == "%" and covers:
            whole = self._name(left) + right[1:]
            yield self._number(quantity, whole, _sign_of(quantity, ">="), offset, left, None, [])
            return
        if _qualifies(right):
            yield self._threshold(quantity, left or right[1:], ">=", offset)
            return
        yield from self._bare(quantity, left, right, offset)

    def _bare(self, quantity: _Quantity, left: str, right: str, offset: int) -> Iterator[Target]:
        """A figure without 达到 or its like: 推广重卡40辆, 完成265公顷矿山修复, 32万千瓦机组."""
        right_name = _OBJECT.sub("", right.strip("＿"))
        doing = _DOING.search(left.rstrip("＿")) is not None or not left.strip("＿")
        countable = quantity.unit[-1:] in _COUNTABLE or not quantity.unit
        if right_name and not doing and not countable and quantity.unit != "%":
            yield self._threshold(quantity, right_name, ">=" if "上" in quantity.suffix else "=", offset)
            return
        if right_name and quantity.suffix:
            yield self._threshold(quantity, right_name, _sign_of(quantity, ">="), offset)
            return
        name = self._name(left)
        if right_name:
            own = quantity.unit == "%" and not doing
            name = (name if own else "") + right_name[:LONGEST_NAME]
        else:
            name = _FINISHED.sub("", name)
        doubts = [] if name else ["no_object"]
        yield self._number(quantity, name, _sign_of(quantity, ">="), offset, left, None, doubts)

    def _several(
        self, group: Sequence[_Quantity], left: str, right: str, offset: int
    ) -> Iterator[Target]:
        """分别达到60%、70%: names or dates are dealt out to the values."""
        compared = _compared(left)
        name, sign, baseline = compared if compared else (left, ">=", None)
        if not _FINISHED.sub("", self._name(name.replace("分别", ""))):
            name = _OBJECT.sub("", right)
        apart = "分别" in left
        names = _names_apart(self._name(name.replace("分别", "")), len(group)) if apart else None
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
        quantity: _Quantity,
        name: str,
        sign: str,
        offset: int,
        left: str,
        baseline: str | None,
        doubts: list[str],
    ) -> Target:
        sign = _sign_of(quantity, sign)
        tail = name[-8:]
        if sign == ">=" and not quantity.suffix and not _CHANGED.search(left) and "进水" not in name:
            if any(word in tail for word in self.words.lower_is_better) and _plain_reach(left):
                sign, doubts = "<=", [*doubts, "lower"]
        changed = _CHANGED.search(left.rstrip("＿"))
        if quantity.unit == "%" and changed and baseline and re.search("率|比例|占比|比重$", name):
            doubts = [*doubts, "points_or_percent"]
        self.last_name = name
        soft = left + quantity.suffix + ("余" if quantity.about else "")
        return self._target(
            name, sign, quantity.value, quantity.unit, offset + quantity.start, "number",
            soft=soft, baseline=baseline, doubts=tuple(doubts),
        )  # fmt: skip

    def _threshold(self, quantity: _Quantity, name: str, sign: str, offset: int) -> Target:
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
            name, sign, value, unit, self._due(at), kind, self.printed, weak, baseline, scope, doubts
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
            if done and "；" not in between and not _NUMBER.search(after):
                return behind[0].due
        return None

    def _name(self, left: str) -> str:
        """What a figure is of, without dates, soft words and the verb before it."""
        name = _last_part(left).strip("＿ 、")
        while True:
            shorter = _BEHIND.sub("", _STRIPPED.sub("", name)).strip("＿")
            soft = self.words.soft_word.match(shorter)
            if soft is not None and len(shorter) > len(soft[0]) + 1 and soft[0] not in ("全面", "有效"):
                shorter = shorter[soft.end() :]
            if shorter == name:
                return name[-LONGEST_NAME:]
            name = shorter


def _last_part(left: str) -> str:
    """The text behind the last date: what stands before it is of another figure."""
    parts = left.rsplit("＿", 1)
    return parts[-1] if len(parts) > 1 and len(parts[-1]) > 1 else left


def _quantities(outer: str, words: Words) -> list[_Quantity]:
    found: list[_Quantity] = []
    for match in _NUMBER.finditer(outer):
        unit = words.measure.match(outer, match.end())
        if unit is None:
            if _LISTED.match(outer, match.start()):
                found.append(_Quantity(match.start(), match.end(), match["value"], "", ""))
            continue
        if unit[0] in ("类", "级", "分", "段", "期", "次", "度", "位", "名", "米", "场", "批") and outer[match.start() - 1 : match.start()] in ("第", "前", "后"):
            continue
        suffix = _SUFFIX.match(outer, unit.end())
        end = suffix.end() if suffix else unit.end()
        found.append(
            _Quantity(match.start(), end, match["value"], unit[0], suffix[0] if suffix else "", bool(match["about"]))
        )
    found += _in_words(outer, words)
    return sorted(found, key=lambda quantity: quantity.start)


def _in_words(outer: str, words: Words) -> Iterator[_Quantity]:
    for match in _IN_WORDS.finditer(outer):
        if match["grade"]:
            yield _Quantity(match.start(), match.end(), match["grade"], "", "")
        elif match["hundredth"]:
            value = number(match["hundredth"][3:])
            suffix = _SUFFIX.match(outer, match.end())
            end = suffix.end() if suffix else match.end()
            yield _Quantity(match.start(), end, str(value), "%", suffix[0] if suffix else "")
        else:
            unit = words.measure.match(outer, match.end())
            if unit is not None:
                yield _Quantity(match.start(), unit.end(), match["value"], unit[0], "")


def _grouped(found: Sequence[_Quantity], outer: str) -> list[list[_Quantity]]:
    """Values that only 、 or 和 parts belong together; those without a unit take the last one's."""
    groups: list[list[_Quantity]] = []
    for quantity in found:
        if groups and outer[groups[-1][-1].end : quantity.start] in ("、", "和", "及", "与"):
            groups[-1].append(quantity)
        else:
            groups.append([quantity])
    whole = []
    for group in groups:
        unit = group[-1].unit
        if unit or group[-1].value.endswith("级"):
            whole.append([q if q.unit or not unit else replace(q, unit=unit) for q in group])
    return whole


def _compared(left: str) -> tuple[str, str, str | None] | None:
    """Name, sign and baseline in front of a figure, None when nothing compares."""
    left = left.rstrip("＿")
    against = _AGAINST.search(left)
    baseline = against["base"] if against else None
    changed = _CHANGED.search(left)
    if changed is not None:
        sign = "<=" if left.endswith("不超过") else ">="
        return left[: changed.end("word")], sign, baseline
    compared = _COMPARED.search(left)
    if compared is None:
        return None
    word = compared["word"]
    sign = _SIGNS.get(word) or (
        "<=" if word[:1] in "降下减压" else ">="
    )
    return left[: compared.start()], sign, baseline


def _plain_reach(left: str) -> bool:
    compared = _COMPARED.search(left.rstrip("＿"))
    return compared is None or compared["word"] in ("达到", "达")


def _sign_of(quantity: _Quantity, sign: str) -> str:
    if "上" in quantity.suffix:
        return ">="
    if quantity.suffix in ("以下", "及以下", "以内", "之内", "内"):
        return "<="
    return sign


def _shared_object(right: str, clause: str, following: Sequence[_Quantity] | None) -> str:
    """2条省级和5条市级示范段: the first are 省级示范段."""
    if following is None or not re.fullmatch("[省市县乡国]、?[省市县乡]?级[和及、]", right):
        return right
    _, _, shared = clause[following[-1].end :].partition("级")
    return right[:-1] + shared


def _counts(quantity: _Quantity, left: str) -> bool:
    """8个断面优良比例达到25%: a count without a comparison of its own."""
    return not quantity.suffix and quantity.unit[-1:] in _COUNTABLE and _compared(left) is None


def _qualifies(right: str) -> bool:
    """年运量150万吨以上的企业: the size says which ones are meant."""
    return right.startswith("的") and not right.startswith("的基础上")


def _names_a_figure(right: str) -> bool:
    """Whether what follows 的 ends in another comparison."""
    return _COMPARED.search(right) is not None or _CHANGED.search(right) is not None


def _names_apart(name: str, count: int) -> list[str] | None:
    """细颗粒物、可吸入颗粒物平均浓度 → one name for each of two values."""
    parts = [name[start:end] for start, end in pieces(name, "、")]
    if len(parts) == count - 1:
        parts = [*parts[:-1], *re.split("和|与|及", parts[-1], maxsplit=1)]
    if len(parts) != count or not all(parts):
        return None
    tail = re.search("(?:年均|平均|年平均|总|排放|年)*(?:浓度|比例|比率|总量|排放量|率|面积|数量|占比|强度)(?:[较比].{0,12})?(?:下降|降低|减少|削减|提高|增长)?$", parts[-1])
    if tail is None:
        return parts
    return [part if part.endswith(tail[0]) else part + tail[0] for part in parts]
