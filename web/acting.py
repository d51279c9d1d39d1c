"""The actions of an issue as forms: what is offered, what is not and why, what was typed before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData

from config.language import SOURCE
from web import forms
from web.forms import Choices, Shown, Told
from web.visit import Visit
from workflow.errors import N_, WorkflowError
from workflow.issues.case import Case
from workflow.issues.fields import FormField
from workflow.issues.rules import Offer
from workflow.issues.views import IssueView
from workflow.loops.loop import Role, Transition
from workflow.units.rules import desk_of

_HINTS: Mapping[str, str] = {
    "responsible": N_("输入名称或简称，从列表中选。"),
    "lead": N_("多个单位用顿号隔开。"),
    "cooperating": N_("多个单位用顿号隔开。"),
    "resubmit": N_("例如“5个工作日”。不填按流程规定。"),
    "period": N_("例如“7日”。不填按流程规定。"),
    "evidence": N_(
        "照片、PDF、Word、Excel 或 MP4，最多 20 个。照片原件封存，页面只显示去除信息的副本。"
    ),
    "into": N_("要并入的问题编号，例如 WT-2026-00012。"),
    "parts": N_("每行一件：责任单位｜事项｜时限（如 2026-12-20）。"),
}
_ORDER = (
    *(
        "assign",
        "accept",
        "verdict",
        "investigate",
        "rule_return",
        "review",
        "plan",
        "approve_plan",
    ),
    *("decide", "submit", "verify", "publish", "rule_objection", "close", "look_back", "archive"),
    *("resume", "triage"),
)
"""Kinds that lead round the loop, the most wanted first."""
_ASIDE = frozenset({"dismiss", "find_unfounded", "report_void"})
"""Ways out of the loop are possible, but nobody's first wish."""
_NEVER = frozenset({"progress", "amend", "reply", "request", "object"})


@dataclass(frozen=True, slots=True)
class Act:
    """One action that the person can take, with its form."""

    name: str
    label: str
    is_main: bool
    fields: tuple[Shown, ...]
    has_files: bool
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """One action of this state that the person cannot take, and why."""

    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that came back: which action, what was typed, what was wrong with it."""

    action: str
    values: Mapping[str, str]
    error: Told


def acts(
    visit: Visit, offers: tuple[Offer, ...], view: IssueView, case: Case, typed: Typed | None
) -> tuple[Act, ...]:
    """The actions that are possible, main ones first; the one that came back is open."""
    found = [
        _act(visit, offer, view, case, typed if typed and typed.action == offer.action else None)
        for offer in sorted(offers, key=rank)
        if offer.allowed
    ]
    if typed is None:
        main = [act for act in found if act.is_main]
        if len(main) == 1:
            found = [replace(act, is_open=act.is_main) for act in found]
    return tuple(found)


def rank(offer: Offer) -> int:
    """How far down an action stands among those of its state."""
    kind = offer.transition.kind
    if kind in _ORDER and offer.action not in _ASIDE:
        return _ORDER.index(kind)
    return len(_ORDER) + 1 + (kind in _NEVER)


def refusals(visit: Visit, offers: tuple[Offer, ...], case: Case) -> tuple[Refusal, ...]:
    """The actions that are not possible, each with the reason of `rules.decide`."""
    translate = visit.catalogue.gettext
    found: list[Refusal] = []
    for offer in offers:
        if offer.refusal is not None:
            error = worded(visit, offer.refusal, case, offer.transition)
            why = error.why_text(translate) or error.text(translate)
            found.append(Refusal(visit.words.transition(offer.transition), why))
    return tuple(found)


def worded(
    visit: Visit, error: WorkflowError, case: Case, transition: Transition | None
) -> WorkflowError:
    """The error with its names in the language of the page; the engine fills them in Chinese."""
    words = visit.words
    if words.lang == SOURCE or transition is None:
        return error
    names = {
        "action": words.transition(transition),
        "state": words.state(case.loop.version, case.state),
        "who": " / ".join(dict.fromkeys(_who(visit, role, case) for role in transition.by)),
    }
    error.params |= {name: names[name] for name in names if name in error.params}
    return error


def _who(visit: Visit, role: Role, case: Case) -> str:
    desk = desk_of(visit.directory, role, case.units, visit.today)
    return visit.words.desk(*desk) if desk else visit.words.role(str(role))


def values_of(case: Case, action: str, form: FormData, files: Mapping[str, str]) -> dict[str, Any]:
    """A browser's form as the engine reads it."""
    transition = case.loop.by_state[case.state].get(action) or case.loop.actions.get(action)
    data: dict[str, Any] = {}
    for name, value in form.multi_items():
        if not isinstance(value, str) or not value.strip() or name in ("version", "kept"):
            continue
        if name in ("lead", "cooperating"):
            data[name] = forms.listed(value)
        elif name == "parts":
            data[name] = forms.parts(value)
        elif name != "evidence":
            data[name] = value.strip()
    if files and transition is not None:
        data["evidence"] = list(files)
    return data


def typed_values(form: FormData) -> dict[str, str]:
    """What was typed, for showing it again."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def _act(visit: Visit, offer: Offer, view: IssueView, case: Case, typed: Typed | None) -> Act:
    fields = tuple(_shown(visit, offer, field, view, case, typed) for field in offer.fields)
    return Act(
        name=offer.action,
        label=visit.words.transition(offer.transition),
        is_main=rank(offer) < len(_ORDER),
        fields=fields,
        has_files=any(field.widget == "files" for field in fields),
        is_open=typed is not None,
    )


def _shown(
    visit: Visit,
    offer: Offer,
    field: FormField,
    view: IssueView,
    case: Case,
    typed: Typed | None,
) -> Shown:
    translate = visit.catalogue.gettext
    name = field.spec.name
    value = typed.values.get(name, "") if typed else _proposed(visit, name, case)
    return Shown(
        id=f"{offer.action}-{name}",
        name=name,
        label=translate(field.spec.zh),
        widget=field.spec.widget,
        required=field.required and not (name == "evidence" and typed is not None),
        value=value,
        choices=_choices(visit, field, view, case),
        hint=translate(_HINTS[name]) if name in _HINTS else "",
        fault=typed.error.fields.get(name, "") if typed else "",
        earliest=visit.today.isoformat() if name in ("due", "until") else "",
    )


def _proposed(visit: Visit, name: str, case: Case) -> str:
    """What is most likely right: the route's units, what already stands."""
    if name in ("responsible", "acceptance"):
        suggested = case.facts.get("suggested", {})
        ids = case.units.get(name) or suggested.get(name) or ()
        return visit.words.unit(ids[0]) if ids else ""
    if name in ("lead", "cooperating"):
        return "、".join(visit.words.unit(unit) for unit in case.units.get(name, ()))
    if name == "due":
        return case.due_on.isoformat() if case.due_on and case.due_on >= visit.today else ""
    if name == "period" and visit.settings.demo:
        # Whoever walks round the loop in the demo should not wait for a week.
        return "30s" if visit.lang == "en" else "30秒"
    return case.speed if name == "speed" else ""


def _choices(visit: Visit, field: FormField, view: IssueView, case: Case) -> Choices:
    translate = visit.catalogue.gettext
    name = field.spec.name
    if name == "cause":
        rule = case.loop.requests.get("suspension")
        return tuple((cause, cause) for cause in rule.causes) if rule else ()
    if name == "source_id":
        return tuple(
            (
                str(source.id),
                f"{visit.words.label('sources', source.kind)} {source.own_number or ''}",
            )
            for source in view.sources
            if source.replied_at is None
        )
    if name == "speed":
        return visit.labels.choices("speeds", visit.lang)
    choices = field.spec.choices or {}
    return tuple((key, translate(text)) for key, text in choices.items())
