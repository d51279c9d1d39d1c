"""Born overdue: which milestones were done before the import, answered in one list.

Each answer is the milestone's own action, all of them in one transaction; until it is given no lamp
is lit and nothing is urged.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from web.forms import Shown, Told
from web.visit import Visit, form_text
from workflow.errors import N_, Invalid
from workflow.issues import actions
from workflow.plans import queries
from workflow.plans.views import MilestoneView, PlanPage

MOST = 60
"""Milestones that one form asks about; what is left is asked about next."""
FORM = "asked"
_LONGEST = 2000
_CHOICES = (
    ("done_before", N_("此前已完成")),
    ("not_done", N_("未完成，开始计时")),
)


@dataclass(frozen=True, slots=True)
class Question:
    """One milestone with the fields of its answer; no fields for whom it is only shown."""

    milestone: MilestoneView
    fields: tuple[Shown, ...]


def milestones(seen: PlanPage) -> list[MilestoneView]:
    """Those that wait for an answer, by their day."""
    found = [
        each
        for action in seen.actions
        for task in action.tasks
        for each in task.milestones
        if each.asks
    ]
    return sorted(found, key=lambda each: (each.due_on is None, each.due_on, each.id))


def questions(
    visit: Visit, seen: PlanPage, typed: FormData | None, error: Told | None
) -> list[Question]:
    """The list as it is shown, with what was typed and what was wrong with it."""
    return [
        Question(each, _fields(visit, each, typed, error) if seen.may_edit and each.number else ())
        for each in milestones(seen)[:MOST]
    ]


def _fields(
    visit: Visit, each: MilestoneView, typed: FormData | None, error: Told | None
) -> tuple[Shown, ...]:
    gettext = visit.catalogue.gettext

    def field(name: str, label: str, widget: str, **more: object) -> Shown:
        key = f"{name}{each.id}"
        return Shown(
            id=key,
            name=key,
            label=gettext(label),
            widget=widget,
            value=form_text(typed, key) if typed is not None else "",
            fault=error.fields.get(key, "") if error else "",
            **more,  # type: ignore[arg-type]
        )

    choices = tuple((key, gettext(name)) for key, name in _CHOICES)
    return (
        field("answer", N_("是否已经完成"), "choice", choices=choices),
        field("done_on", N_("完成日期"), "date"),
        field("note", N_("说明"), "text", most=_LONGEST),
    )


def answer(visit: Visit, form: FormData, plan_id: int) -> Response:
    """Take every answer that was given, all or none.

    Raises:
        Invalid: with a sentence beside each field at fault; nothing is written.
    """
    seen = queries.progress(
        visit.tx, visit.directory, visit.actor, plan_id=plan_id, today=visit.today
    )
    faults = Invalid()
    taken = 0
    for each in milestones(seen):
        taken += _answer(visit, form, each, faults)
    if faults.fields:
        raise faults
    if not taken:
        raise Invalid(N_("还没有选择。请至少答复一个节点是否已经完成。"))
    return RedirectResponse(f"/plans/{plan_id}?done=answered#asked", 303)


def _answer(visit: Visit, form: FormData, each: MilestoneView, faults: Invalid) -> int:
    chosen = form_text(form, f"answer{each.id}")
    values = {name: form_text(form, f"{name}{each.id}") for name in ("done_on", "note")}
    values = {name: value for name, value in values.items() if value}
    if not chosen:
        if values:
            faults.fields[f"answer{each.id}"] = N_("请选择是否已经完成。")
        return 0
    if chosen not in dict(_CHOICES) or each.number is None:
        faults.fields[f"answer{each.id}"] = N_("请选择是否已经完成。")
        return 0
    if chosen == "not_done" and "done_on" in values:
        faults.fields[f"done_on{each.id}"] = N_("未完成的不填完成日期。")
        return 0
    try:
        actions.act(
            visit.tx,
            visit.office,
            number=each.number,
            action=chosen,
            data=values,
            version=None,
            by=visit.actor,
            now=visit.now,
            door="web",
        )
    except Invalid as fault:
        _gather(fault, each.id, faults)
        return 0
    return 1


def _gather(fault: Invalid, milestone: int, faults: Invalid) -> None:
    for name, sentence in (fault.fields or {"answer": fault.message}).items():
        key = f"{name}{milestone}"
        faults.fields[key] = sentence
        faults.field_params[key] = fault.field_params.get(name, fault.params)


def known(asked: Sequence[Question]) -> tuple[str, ...]:
    """Names of the fields whose faults stand beside them."""
    return tuple(field.name for each in asked for field in each.fields)
