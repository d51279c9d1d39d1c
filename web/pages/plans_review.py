"""The review of a draft (核对): the document beside what was read, doubts first; nothing counts
before a person has confirmed it."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from web.deps import Endpoint, writing
from web.errors import status_of
from web.forms import told
from web.pages.plans_changes import grouped
from web.pages.plans_document import Addresses, blocks
from web.pages.plans_forms import (
    Corrections,
    Typed,
    head_form,
    target_form,
    task_form,
    typed_again,
)
from web.pages.plans_words import CHANGES, DECISIONS, RECORDS, RHYTHMS
from web.visit import Visit, form_text
from workflow.errors import N_, Invalid, NotFound, WorkflowError
from workflow.plans import actions, activation, queries
from workflow.plans.reviewing import Review
from workflow.plans.views import NoteView

TASKS_A_PAGE = 60
TAKEN_OVER = "taken_over"
_LONGEST_ID = 18
DONE: Mapping[str, str] = {
    "read": N_("已读入。请先看存疑之处，核对后再导入。"),
    "again": N_("这份文件已经读入过，下面是原来的草稿。"),
    "saved": N_("已保存。"),
    "confirmed": N_("已确认。"),
    "units": N_("单位已保存。"),
    "resolved": N_("已处理。可以随时重新存疑。"),
    "reopened": N_("已重新存疑。"),
}
_PLACES: Mapping[str, str] = {"units": "#units-read", "tasks": "#tasks"}


def id_of(text: str) -> int:
    """The number in an address or a form."""
    if not (text.isdecimal() and len(text) <= _LONGEST_ID):
        raise NotFound(N_("没有这份计划，或您无权查看。"))
    return int(text)


def plan_of(visit: Visit) -> int:
    """The plan that the address names."""
    return id_of(visit.request.path_params["plan"])


def page(visit: Visit) -> Response:
    """A draft to be gone over; anything else has its own page."""
    review = queries.review(visit.tx, visit.directory, visit.actor, plan_id=plan_of(visit))
    if review.head.state != "draft":
        return RedirectResponse(f"/plans/{review.head.id}", 303)
    return shown(visit, review)


def shown(visit: Visit, review: Review, typed: Typed | None = None) -> Response:
    """The page, with a form that came back where there is one."""
    first = _first(visit, review, typed)
    ordered = review.by_doubt
    tasks = ordered[first : first + TASKS_A_PAGE]
    document = blocks(review)
    changes = _changes(visit, review)
    response: Response = visit.render(
        visit,
        "plan_review.html",
        status=typed.error.status if typed else 200,
        review=review,
        plan=review.head,
        tasks=[(task, task_form(visit, task, typed)) for task in tasks],
        shown_from=first,
        total=len(ordered),
        further=first + TASKS_A_PAGE if first + TASKS_A_PAGE < len(ordered) else None,
        goals=[(each, target_form(visit, each, typed)) for each in review.targets],
        head_fields=head_form(visit, review.head, typed),
        document=document,
        address=Addresses(document).of,
        said=lambda note: said(visit, note),
        typed=typed,
        typed_fields=_fields(typed),
        clear=sum(1 for task in review.tasks if not task.doubts and not task.confirmed_at),
        undecided=[unit for unit in review.units if unit.decision == "open"],
        open_units={unit.id for unit in review.units if unit.decision == "open"},
        decisions=DECISIONS,
        words_of_change=CHANGES,
        words_of_record=RECORDS,
        rhythms=RHYTHMS,
        changes=grouped(changes),
        change_count=len(changes),
        taken_over=sum(
            len(each.data["steps"]) for each in review.records if each.action == TAKEN_OVER
        ),
        done=DONE.get(visit.request.query_params.get("done", "")),
        counts=_counts(review),
        obstacles=[
            (_filled(visit, each.message, each.params), _place(review, each.about))
            for each in review.left
        ],
    )
    return response


def _place(review: Review, about: str) -> str:
    """Where on the page an obstacle is dealt with."""
    if about == "doubts":
        return "#notes" if any(not note.resolved for note in review.notes) else "#tasks"
    if about.isdecimal():
        return f"?at={about}#t{about}"
    return _PLACES.get(about, "")


def _first(visit: Visit, review: Review, typed: Typed | None) -> int:
    """Where this page of tasks begins; a form that came back is on the page that is shown."""
    if typed is not None:
        for n, task in enumerate(review.by_doubt):
            if typed.form == f"t{task.id}":
                return n - n % TASKS_A_PAGE
        return 0
    wanted = visit.request.query_params.get("at", "")
    for n, task in enumerate(review.by_doubt):
        if wanted == str(task.id):
            return n - n % TASKS_A_PAGE
    text = visit.request.query_params.get("from", "")
    return min(int(text), len(review.tasks)) if text.isdecimal() and len(text) < 6 else 0


def _fields(typed: Typed | None) -> list[str]:
    """Names whose faults stand beside a field of the form that came back."""
    return list(typed.values) if typed else []


def _counts(review: Review) -> dict[str, int]:
    tasks = [task for task in review.tasks if task.state == "active"]
    return {
        "actions": len(review.actions),
        "tasks": len(tasks),
        "milestones": sum(len(task.milestones) for task in tasks),
        "targets": len(review.targets) + sum(len(task.targets) for task in tasks),
        "doubts": len(review.notes) + sum(len(task.notes) for task in tasks),
    }


def _changes(visit: Visit, review: Review) -> tuple[Any, ...]:
    if review.head.revises_id is None:
        return ()
    return queries.changes(visit.tx, visit.directory, visit.actor, plan_id=review.head.id)


def said(visit: Visit, note: NoteView) -> str:
    """A doubt in the reader's language."""
    return _filled(visit, note.message, note.params)


def _filled(visit: Visit, message: str, params: Mapping[str, object]) -> str:
    sentence = visit.catalogue.gettext(message)
    return sentence.format_map(params) if params else sentence


# -- writing ---------------------------------------------------------------------------------------


def version_of(form: FormData) -> int:
    """The version that the person had seen."""
    text = form_text(form, "version")
    if not text.isdecimal() or len(text) > 9:
        raise Invalid.at("version", N_("页面不完整，缺少版本号。请刷新页面后重新提交。"))
    return int(text)


def _common(visit: Visit, form: FormData) -> dict[str, Any]:
    return {
        "plan_id": plan_of(visit),
        "version": version_of(form),
        "by": visit.actor,
        "now": visit.now,
        "door": "web",
    }


def _back(visit: Visit, done: str, place: str = "") -> Response:
    return RedirectResponse(f"/plans/{plan_of(visit)}/review?done={done}{place}", 303)


def save_head(visit: Visit, form: FormData) -> Response:
    """Correct what the document says of itself."""
    review = queries.review(visit.tx, visit.directory, visit.actor, plan_id=plan_of(visit))
    Corrections(visit, review.head.id, version_of(form)).head(review.head, form)
    return _back(visit, "saved")


def save_task(visit: Visit, form: FormData) -> Response:
    """Correct a task, and confirm it where that button was pressed."""
    review = queries.review(visit.tx, visit.directory, visit.actor, plan_id=plan_of(visit))
    task_id = id_of(form_text(form, "task"))
    task = next((each for each in review.tasks if each.id == task_id), None)
    if task is None:
        raise NotFound(N_("这项任务不在草稿里了。请刷新页面。"))
    corrections = Corrections(visit, review.head.id, version_of(form))
    corrections.task(task, form)
    if form_text(form, "then") != "confirm":
        return _back(visit, "saved", f"&at={task_id}#t{task_id}")
    corrections.do(actions.confirm, {"": "title"}, task_id=task_id)
    return _back(visit, "confirmed", "#tasks")


def save_target(visit: Visit, form: FormData) -> Response:
    """Correct a figure of the plan as a whole."""
    review = queries.review(visit.tx, visit.directory, visit.actor, plan_id=plan_of(visit))
    target_id = id_of(form_text(form, "target"))
    target = next((each for each in review.targets if each.id == target_id), None)
    if target is None:
        raise NotFound(N_("这项指标不在草稿里了。请刷新页面。"))
    Corrections(visit, review.head.id, version_of(form)).target(target, form)
    return _back(visit, "saved", "#goals")


def save_units(visit: Visit, form: FormData) -> Response:
    """Say which unit a name means; what was left alone stays as it is."""
    review = queries.review(visit.tx, visit.directory, visit.actor, plan_id=plan_of(visit))
    corrections = Corrections(visit, review.head.id, version_of(form))
    rest = form_text(form, "rest")
    for name in review.units:
        choice, other = form_text(form, f"u{name.id}"), form_text(form, f"u{name.id}-other")
        key = f"u{name.id}-other"
        where = {"unit": key, "decision": f"u{name.id}", "": key}
        if other:
            decision, unit = "chosen", other
        elif choice.startswith("unit:"):
            found = visit.directory.units.get(id_of(choice.removeprefix("unit:")))
            if found is None:
                raise Invalid.at(key, N_("没有这个单位。请从列表中选。"))
            decision, unit = "chosen", found.code
        elif choice in ("create", "name_only"):
            decision, unit = choice, ""
        elif not choice and name.decision == "open" and rest in ("create", "name_only"):
            decision, unit = rest, ""
        else:
            continue
        corrections.do(
            actions.decide_unit,
            where,
            plan_unit_id=name.id,
            decision=decision,
            unit=unit or None,
        )
    return _back(visit, "units", "#units-read")


def confirm(visit: Visit, form: FormData) -> Response:
    """A task, or the document's own doubts, as read."""
    task = form_text(form, "task")
    task_id = id_of(task) if task else None
    actions.confirm(visit.tx, visit.office, task_id=task_id, **_common(visit, form))
    return _back(visit, "confirmed", "#tasks")


def confirm_clear(visit: Visit, form: FormData) -> Response:
    """Every task without a doubt."""
    actions.confirm_clear(visit.tx, visit.office, **_common(visit, form))
    return _back(visit, "confirmed", "#tasks")


def resolve(visit: Visit, form: FormData) -> Response:
    """One doubt, of the document or of a task."""
    note_id = id_of(form_text(form, "note"))
    actions.resolve(visit.tx, visit.office, note_id=note_id, **_common(visit, form))
    return _back(visit, "resolved", _beside(form))


def reopen(visit: Visit, form: FormData) -> Response:
    """One doubt again."""
    note_id = id_of(form_text(form, "note"))
    actions.reopen(visit.tx, visit.office, note_id=note_id, **_common(visit, form))
    return _back(visit, "reopened", _beside(form))


def _beside(form: FormData) -> str:
    """The task of a doubt, on whichever page of tasks it stands now; else the document's doubts."""
    task = form_text(form, "of")
    return f"&at={id_of(task)}#t{task}" if task else "#notes"


def activate(visit: Visit, form: FormData) -> Response:
    """Import: from now on the plan runs."""
    outcome = activation.activate(visit.tx, visit.office, **_common(visit, form))
    return RedirectResponse(f"/plans/{outcome.plan_id}?done=imported", 303)


def discard(visit: Visit, form: FormData) -> Response:
    """Throw the draft away; what ran goes on running."""
    actions.discard(visit.tx, visit.office, **_common(visit, form))
    return RedirectResponse("/plans?done=discarded", 303)


def _again(form_name: Callable[[FormData], str]) -> Callable[..., Response]:
    """Show the review again with the form as it was typed."""

    def again(visit: Visit, form: FormData, error: WorkflowError) -> Response:
        if visit.person is None or isinstance(error, NotFound):
            raise error
        review = queries.review(visit.tx, visit.directory, visit.actor, plan_id=plan_of(visit))
        if review.head.state != "draft":
            raise error
        shown_error = told(error, status_of(error), visit.catalogue.gettext)
        return shown(visit, review, typed_again(form_name(form), form, shown_error))

    return again


_STEPS: Mapping[str, tuple[Callable[[Visit, FormData], Response], Callable[[FormData], str]]] = {
    "head": (save_head, lambda form: "head"),
    "task": (save_task, lambda form: f"t{form_text(form, 'task')}"),
    "target": (save_target, lambda form: f"g{form_text(form, 'target')}"),
    "units": (save_units, lambda form: "units"),
    "confirm": (confirm, lambda form: f"t{form_text(form, 'task')}-confirm"),
    "confirm-clear": (confirm_clear, lambda form: ""),
    "resolve": (resolve, lambda form: ""),
    "reopen": (reopen, lambda form: ""),
    "activate": (activate, lambda form: ""),
    "discard": (discard, lambda form: ""),
}


def routes() -> tuple[tuple[str, Endpoint, list[str]], ...]:
    """The addresses of everything that can be done with a draft."""
    return tuple(
        (f"/plans/{{plan}}/{step}", writing(handler, again=_again(name)), ["POST"])
        for step, (handler, name) in _STEPS.items()
    )
