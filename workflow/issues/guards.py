"""The named predicates that a definition may put before a transition (``when:``).

Each is a question about one case; the sentence says what is missing when the answer is no.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from workflow.errors import N_
from workflow.issues.case import Case
from workflow.loops.loop import Transition

Guard = Callable[[Case], bool]

RETURNS_BEFORE_RISING = 2
"""The third return goes one level up (DESIGN §4)."""


def _parts_final(case: Case) -> bool:
    return bool(case.parts) and not any(part.is_open for part in case.parts)


def _any_settled(case: Case) -> bool:
    return any(part.counts_as == "settled" for part in case.parts)


def _unanswered(case: Case) -> bool:
    return any(source.has_contact and not source.replied for source in case.sources)


GUARDS: Mapping[str, tuple[Guard, str]] = MappingProxyType(
    {
        "no_parts": (lambda c: not c.parts, N_("本件已拆分，须待分办件办结后再办。")),
        "has_parts": (lambda c: bool(c.parts), N_("本件没有分办件。")),
        "parts_ready": (
            lambda c: not c.parts or (_parts_final(c) and _any_settled(c)),
            N_("须待全部分办件办结，且至少一件整改到位。"),
        ),
        "parts_settled": (
            lambda c: _parts_final(c) and _any_settled(c),
            N_("须待全部分办件办结，且至少一件整改到位。"),
        ),
        "parts_void": (
            lambda c: _parts_final(c) and not _any_settled(c),
            N_("仅当全部分办件均不属实或已并案时可用。"),
        ),
        "parts_running": (
            lambda c: any(part.is_open for part in c.parts),
            N_("没有正在办理的分办件。"),
        ),
        "no_objection": (
            lambda c: c.request("objection") is None,
            N_("公示异议尚未裁定，须由验收单位先行裁定。"),
        ),
        "open_objection": (
            lambda c: c.request("objection") is not None,
            N_("没有待裁定的异议。"),
        ),
        "sources_replied": (
            lambda c: not _unanswered(c),
            N_("还有留下联系方式的来源未答复，请先逐件答复。"),
        ),
        "sources_unanswered": (_unanswered, N_("各来源均已答复。")),
        "third_return": (
            lambda c: c.times("returns") >= RETURNS_BEFORE_RISING,
            N_("第三次退回起才上提一级裁定。"),
        ),
        "early_return": (
            lambda c: c.times("returns") < RETURNS_BEFORE_RISING,
            N_("已退回两次，再次退回须上提一级裁定。"),
        ),
        "at_once": (lambda c: c.speed == "at_once", N_("本件不是立行立改件，须先编制整改方案。")),
        "not_at_once": (lambda c: c.speed != "at_once", N_("本件为立行立改件，无须编制整改方案。")),
        "has_superior": (
            lambda c: bool(c.units.get("above")),
            N_("责任单位没有上级单位。"),
        ),
        "once": (lambda c: not c.facts.get("every"), N_("本节点按期重复，验收一期后开始下一期。")),
        "recurring": (lambda c: bool(c.facts.get("every")), N_("本节点不按期重复。")),
    }
)
"""Guard → (predicate, what is missing when it does not hold)."""


_ABOUT_SOURCES = frozenset({"sources_replied", "sources_unanswered"})


def asks_for_sources(transition: Transition) -> bool:
    """Whether the sources of a case matter to this transition; nothing else reads them."""
    return transition.kind == "reply" or not _ABOUT_SOURCES.isdisjoint(transition.when)


def unmet(case: Case, names: tuple[str, ...]) -> str | None:
    """Return the sentence of the first guard that does not hold, or None."""
    for name in names:
        holds, sentence = GUARDS[name]
        if not holds(case):
            return sentence
    return None
