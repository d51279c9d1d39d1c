"""The closed sets that a loop definition may use: posts, relations, kinds, fields, guards.

A definition chooses among these words; only code adds one, since each kind stands for a form, its
guards and its effects (``workflow/issues/kinds``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

POSTS: Mapping[str, str] = MappingProxyType(
    {
        "inspector": "巡查员",
        "dispatcher": "交办员",
        "handler": "经办人",
        "section_head": "科室负责人",
        "deputy": "分管负责人",
        "principal": "主要负责人",
        "party_principal": "党委主要负责人",
        "supervisor": "督导员",
        "acceptor": "验收员",
        "leader": "领导",
        "auditor": "审计员",
        "admin": "管理员",
    }
)
"""Every post that a person can hold in a unit, with its Chinese name."""

RELATIONS: Mapping[str, str] = MappingProxyType(
    {
        "reporting": "发现单位",
        "issuer": "交办单位",
        "lead": "牵头单位",
        "cooperating": "配合单位",
        "responsible": "责任单位",
        "acceptance": "验收单位",
        "supervising": "督导单位",
        "closing": "销号单位",
        "above": "上级单位",
    }
)
"""How a unit can stand to an issue; ``above`` is derived: the nearest above the responsible."""

COUNTS_AS = (
    "settled",
    "closed",
    "unfounded",
    "merged",
    "withdrawn",
    "archived",
    "relapsed",
)
"""What an issue counts as once nobody has to move any more."""

Moves = Literal["must", "may", "never"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What code knows about one kind of action.

    ``moves`` says whether a transition of this kind changes the state; ``binds`` which relations
    are set on every path behind it; ``needs`` the fields without which it makes no sense; ``takes``
    the fields it can use besides.  ``system`` kinds may be taken by an expired period.
    """

    name: str
    zh: str
    en: str
    moves: Moves = "must"
    binds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    system: bool = False


_FILED = ("reporting", "issuer", "supervising", "closing")
_ASSIGNED = ("responsible", "acceptance", "lead", "above")

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("report", "登记", "Report", binds=_FILED),
            Kind("withdraw", "撤回", "Withdraw", needs=("reason",)),
            Kind("amend", "更正", "Correct", "never", needs=("field", "value", "reason")),
            Kind("triage", "研判", "Triage", takes=("reason", "reply")),
            Kind("merge", "并案", "Merge", needs=("into", "reason")),
            Kind("split", "拆分", "Split", "may", needs=("parts",), takes=("reason",)),
            Kind(
                "assign",
                "交办",
                "Assign",
                binds=_ASSIGNED,
                needs=("responsible", "acceptance"),
                takes=("due", "lead", "cooperating", "speed", "requirement"),
            ),
            Kind("accept", "签收", "Accept", takes=("note",)),
            Kind("return", "退回", "Return", needs=("reason",), takes=("evidence",)),
            Kind(
                "rule_return",
                "退回裁定",
                "Rule on the return",
                needs=("reason",),
                takes=("responsible", "acceptance", "due"),
            ),
            Kind("investigate", "核查", "Investigate", "may", takes=("note", "evidence")),
            Kind("verdict", "认定", "Verdict", needs=("finding",), takes=("evidence",)),
            Kind("review", "复审", "Review", needs=("reason",)),
            Kind(
                "plan",
                "报送整改方案",
                "Submit the plan",
                needs=("plan",),
                takes=("evidence",),
            ),
            Kind("approve_plan", "审定整改方案", "Rule on the plan", takes=("reason",)),
            Kind(
                "progress",
                "填报进展",
                "Report progress",
                "never",
                needs=("note",),
                takes=("percent", "evidence"),
            ),
            Kind(
                "request",
                "申请",
                "Ask",
                "never",
                needs=("reason",),
                takes=("until", "cause", "evidence"),
            ),
            Kind("decide", "审批", "Decide", "may", takes=("reason", "until")),
            Kind("suspend", "挂起", "Suspend", needs=("cause", "until", "reason")),
            Kind("resume", "恢复", "Resume", takes=("reason",), system=True),
            Kind(
                "submit",
                "申请验收",
                "Submit",
                needs=("result",),
                takes=("evidence", "remaining"),
            ),
            Kind(
                "verify",
                "验收通过",
                "Verify",
                needs=("opinion",),
                takes=("evidence", "visited_on", "reply"),
            ),
            Kind(
                "reject",
                "退回整改",
                "Reject",
                needs=("reason",),
                takes=("resubmit", "evidence"),
            ),
            Kind("publish", "公示", "Publish", needs=("text", "phone"), takes=("period",)),
            Kind(
                "object",
                "提出异议",
                "Object",
                "never",
                needs=("reason",),
                takes=("evidence",),
            ),
            Kind(
                "rule_objection",
                "异议裁定",
                "Rule on the objection",
                "may",
                needs=("reason",),
            ),
            Kind(
                "close",
                "销号",
                "Close",
                takes=("filing_number", "reason", "reply"),
                system=True,
            ),
            Kind(
                "look_back",
                "回头看",
                "Look back",
                "may",
                needs=("finding",),
                takes=("evidence",),
            ),
            Kind("archive", "归档", "Archive", takes=("reason",), system=True),
            Kind(
                "relapse",
                "认定反弹",
                "Find a relapse",
                needs=("finding",),
                takes=("evidence",),
            ),
            Kind("reply", "答复", "Reply", "never", needs=("source_id", "reply")),
            Kind("cancel", "撤销", "Cancel", needs=("reason",)),
            Kind(
                "attest",
                "确认此前已完成",
                "Attest",
                needs=("done_on", "note"),
                takes=("evidence",),
            ),
            Kind("commence", "开始计时", "Commence", takes=("note",)),
            Kind("reschedule", "改期", "Reschedule", "never", needs=("due", "reason")),
            Kind("raise", "转为问题", "Raise an issue", "never", takes=("reason",), system=True),
        )
    }
)
"""Every kind of action (DESIGN §4), with the form and the relations that it stands for."""

GUARDS: Mapping[str, str] = MappingProxyType(
    {
        "no_parts": "没有分办件",
        "has_parts": "有分办件",
        "parts_ready": "没有分办件，或分办件均已办结且至少一件整改到位",
        "parts_settled": "分办件均已办结且至少一件整改到位",
        "parts_void": "分办件均不属实或已并案",
        "parts_running": "还有分办件未办结",
        "no_objection": "没有未裁定的异议",
        "open_objection": "有未裁定的异议",
        "sources_replied": "有联系方式的来源均已答复",
        "sources_unanswered": "还有来源未答复",
        "third_return": "此前已退回两次",
        "early_return": "此前退回不满两次",
        "at_once": "立行立改",
        "not_at_once": "不是立行立改",
        "has_superior": "责任单位有上级单位",
        "once": "只办一次的节点",
        "recurring": "按期重复的节点",
    }
)
"""Named predicates over an issue's facts (``workflow/issues/guards.py``)."""

EXHAUSTIVE: tuple[frozenset[str], ...] = (
    frozenset({"no_parts", "parts_settled", "parts_void", "parts_running"}),
    frozenset({"parts_ready", "parts_void", "parts_running"}),
    frozenset({"no_parts", "has_parts"}),
    frozenset({"no_objection", "open_objection"}),
    frozenset({"sources_replied", "sources_unanswered"}),
    frozenset({"third_return", "early_return"}),
    frozenset({"at_once", "not_at_once"}),
    frozenset({"once", "recurring"}),
)
"""Groups of guards of which one always holds; a definition names those that it relies on."""

FIELDS = frozenset({field for kind in KINDS.values() for field in (*kind.needs, *kind.takes)})
"""Every field that a transition may ask for."""

REQUESTS = ("extension", "suspension", "objection")
"""What can be asked beside the state."""

OPTIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "verdict": {"verdict": ("founded", "partly", "unfounded")},
        "review": {"review": ("upheld", "overturned")},
        "rule_return": {"ruling": ("reassign", "uphold", "refer_up")},
        "approve_plan": {"outcome": ("granted", "refused")},
        "request": {"request": ("extension", "suspension")},
        "decide": {"request": ("extension", "suspension"), "outcome": ("granted", "refused")},
        "rule_objection": {"objection": ("dismissed", "upheld")},
    }
)
"""Kind → the fixed words that each of its transitions has to say, with the words to choose from."""

BIRTHS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "report": _FILED,
        "split": (*_FILED, *_ASSIGNED),
        "activate": (*_FILED, *_ASSIGNED, "cooperating"),
    }
)
"""How an issue comes to be → the relations that are set from its first moment."""

DATED = frozenset({"split", "activate"})
"""Births of what has a due date from its first moment."""

OPTIONAL_RELATIONS = frozenset({"cooperating"})
"""Relations that may stay empty for ever: they can help, and nothing may wait for them."""

RESPONSIBLE_SIDE = frozenset({"responsible", "lead", "cooperating"})
"""Relations of those whose work is judged."""

JUDGEMENTS = frozenset(
    {
        "approve_plan",
        "close",
        "decide",
        "look_back",
        "reject",
        "review",
        "rule_objection",
        "rule_return",
        "suspend",
        "verify",
    }
)
"""Kinds that judge the work of the responsible side, which therefore may not take them."""

LEVELS = ("city", "county", "township", "village", "group")
"""Levels of units, from the top (``units/models``)."""

PART_ENDS = frozenset({"settled", "unfounded", "merged"})
"""What a part can count as when it ends; closing happens once, at the root."""
