"""The words by which a plan is read, as the office keeps them, made ready for searching. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

ROLES: Final = ("lead", "cooperating", "responsible", "supervising", "acceptance")
"""How a unit can stand to a task; the first three are what the engine runs on."""

_BODIES = "单位|部门|主体|科室|机构|地区|区域|方|领域|社区|乡镇|镇街|街道|县区|企业|分工"
_BARE = "(?:牵头|配合|参与|协同|协助|协办|落实|责任)(?=：)"
"""牵头：市某局；配合：市某局: labels of one word."""
_MANY = "(?:[十百千]?[万亿]|[百千])"
_EACH = "秒|分钟|小时|天|日|周|月|年|人|户|亩|公顷|平方公里|平方米|立方米|公里|吨|万元"
_COUNTIES = r"(?:市级|县级|省级|市直|县直|省直|区级|区直|州级|州直)?"


def any_of(words: Iterable[str]) -> str:
    """An alternative of `words`, the longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda w: (-len(w), w)))


@dataclass(frozen=True, eq=False)
class Words:
    """Every list of `config/plans/words.yaml`; see there what each is for.

    Two are equal only if they are one, so that what was read with them can be remembered.
    """

    roles: Mapping[str, tuple[str, ...]]
    verbs: Mapping[str, tuple[str, ...]]
    manner: tuple[str, ...]
    officials: tuple[str, ...]
    deadlines: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    indicators: Mapping[str, tuple[str, ...]]
    sections: Mapping[str, tuple[str, ...]]
    unit_endings: tuple[str, ...]
    functions: tuple[str, ...]
    party: tuple[str, ...]
    not_own: tuple[str, ...]
    aliases: tuple[tuple[str, ...], ...]
    units: tuple[str, ...]
    lower_is_better: tuple[str, ...]
    scopes: tuple[str, ...]
    soft: tuple[str, ...]

    @cached_property
    def _role_label(self) -> str:
        stems = any_of(word for words in self.roles.values() for word in words)
        return rf"{_COUNTIES}(?:{stems}){{1,3}}(?:责任)?(?:{_BODIES})"

    @cached_property
    def role_head(self) -> re.Pattern[str]:
        """A label of units that is the whole text, as in the heading of a column."""
        also = f"(?:(?:及|和|与|、|/)(?:{any_of((*self.officials, *self.deadlines))}|{self._role_label}))?"
        return re.compile(f"(?:{self._role_label}){also}")

    @cached_property
    def label(self) -> re.Pattern[str]:
        """A label such as 牵头单位： at the beginning; its colon may be missing (group colon)."""
        return re.compile(
            rf"（?(?:(?P<role>{self.role_head.pattern}|{_BARE})|(?P<official>{any_of(self.officials)})"
            rf"|(?P<deadline>{any_of(self.deadlines)}))）?(?P<colon>：|为：|是：|(?<=）)|$|\u3000)"
        )

    def label_of(self, folded: str) -> re.Match[str] | None:
        """The label that a text begins with; （牵头单位：…） is a clause in brackets, no label."""
        match = self.label.match(folded)
        if match is not None and folded.startswith("（") and "）" not in match[0]:
            return None
        return match

    @cached_property
    def label_inside(self) -> re.Pattern[str]:
        """A label with its colon anywhere in a text, however it is parted from what precedes."""
        long = any_of(word for word in self.deadlines if len(word) > 3)
        return re.compile(
            rf"(?<![（，、：])(?:{self._role_label}|{_BARE}|{any_of(self.officials)}|{long})："
        )

    @cached_property
    def _first_of_two(self) -> re.Pattern[str]:
        """责任主体与协同单位: a column for two roles is read as one for the first."""
        return re.compile(f"({self._role_label})(?:及|和|与|、|/)")

    def role_in(self, label: str) -> str:
        """The role that a label names: the first of ROLES of which it has a word."""
        first = self._first_of_two.match(label)
        label = first[1] if first is not None else label
        for role in ("lead", "cooperating", "supervising", "acceptance", "responsible"):
            if any(word in label for word in self.roles.get(role, ())):
                return role
        return "responsible"

    @cached_property
    def verb(self) -> re.Pattern[str]:
        """Where the verb of a duty may begin: 牵头, 按职责分工负责 …, but not in 组织部 or 应急局."""
        verbs = [word for words in self.verbs.values() for word in words]
        return re.compile(
            f"(?:{any_of((*verbs, *self.manner))})"
            "(?!急|部|处|科|办|局|中心|小组|专班|组(?!织)|院|所|委|站|领导)"
        )

    @cached_property
    def last_verb(self) -> re.Pattern[str]:
        """The verbs that end a part: 配合 in 统筹城乡办配合."""
        verbs = [word for words in self.verbs.values() for word in words]
        return re.compile(f"(?:{any_of(verbs)}){{1,3}}$")

    @cached_property
    def only_manner(self) -> re.Pattern[str]:
        """Words between a name and its verb, and nothing else: 按职责分工, 共同组织."""
        verbs = [word for words in self.verbs.values() for word in words]
        also = (
            "职责",
            "分工",
            "实际",
            "要求",
            "行业",
            "主体",
            "责任",
            "部门",
            "单位",
            "本",
            "相关",
            "有关",
            "照",
        )
        return re.compile(f"(?:{any_of((*verbs, *self.manner, *also))})+")

    @cached_property
    def duty_sign(self) -> re.Pattern[str]:
        """What makes a bracket a clause of responsibility, or a label of one."""
        verbs = [word for words in self.verbs.values() for word in words]
        return re.compile(f"{any_of(verbs)}|单位|部门|职责")

    @cached_property
    def verbs_of(self) -> Mapping[str, re.Pattern[str]]:
        """Role to its verbs."""
        return {role: re.compile(any_of(words)) for role, words in self.verbs.items()}

    @cached_property
    def ending(self) -> re.Pattern[str]:
        """The ending of a unit's name, brackets behind it allowed."""
        return re.compile(f"(?:{any_of(self.unit_endings)})(?:（[^（）]{{1,30}}）)?$")

    @cached_property
    def function(self) -> re.Pattern[str]:
        """The beginning of a department's name without its place."""
        return re.compile(any_of(self.functions))

    @cached_property
    def measure(self) -> re.Pattern[str]:
        """A unit of measure, the longest that fits: 万名, 立方米/秒."""
        return re.compile(
            f"(?:{any_of(self.units)}|{_MANY}(?:{any_of(self.units)}))(?:/(?:{_EACH}))?"
        )

    @cached_property
    def soft_word(self) -> re.Pattern[str]:
        """A word that softens or sharpens a figure."""
        return re.compile(any_of(self.soft))

    @cached_property
    def scope(self) -> re.Pattern[str]:
        """全市 and the like at the beginning of a name."""
        return re.compile(any_of(self.scopes))

    @cached_property
    def alias_of(self) -> Mapping[str, str]:
        """Each way to write a department to the first way of its line."""
        return {name: names[0] for names in self.aliases for name in names}

    @cached_property
    def heads(self) -> Mapping[str, str]:
        """Heading of a column, without spaces, to what stands below it."""
        found = dict.fromkeys(self.deadlines, "deadline")
        found |= dict.fromkeys(self.officials, "official")
        for kind, words in self.columns.items():
            found |= dict.fromkeys(words, kind)
        return found
