"""Plans (行动计划): the list, reading a document, and the page of a running plan."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from web.deps import reading, writing
from web.errors import status_of
from web.forms import Shown, Told, told
from web.pages import plans_asked, plans_reading, plans_review
from web.pages.plans_reading import MEGABYTE, upload_field
from web.pages.plans_review import id_of, plan_of
from web.pages.plans_words import RECORDS, STATES, VERDICTS
from web.uploads import storage
from web.visit import Visit, form_text
from workflow.errors import N_, NotFound, WorkflowError
from workflow.plans import observing, queries
from workflow.plans.views import PlanPage

_NEXT = 12
DONE = {
    "discarded": N_("草稿已作废，没有导入任何内容。"),
    "imported": N_("已导入，计划开始运行。"),
    "observed": N_("已记录。"),
    "withdrawn": N_("这条记录已作废。"),
    "answered": N_("已答复。完成的已记入，未完成的已开始计时。"),
}


# -- the list --------------------------------------------------------------------------------------


def page(visit: Visit) -> Response:
    """The plans that the person may see, drafts first, and the way to read one more."""
    return _list(visit)


def _list(visit: Visit, error: Told | None = None) -> Response:
    rows = queries.page(visit.tx, visit.directory, visit.actor, today=visit.today)
    may_read = _may_read(visit)
    response: Response = visit.render(
        visit,
        "plans.html",
        status=error.status if error else 200,
        drafts=[row for row in rows if row.state == "draft"],
        running=[row for row in rows if row.state != "draft"],
        states=STATES,
        readings=plans_reading.waited_for(visit),
        upload=upload_field(visit, error) if may_read else None,
        error=error,
        most_bytes=visit.settings.max_upload_mb * MEGABYTE,
        most=visit.settings.max_upload_mb,
        done=DONE.get(visit.request.query_params.get("done", "")),
    )
    return response


def _may_read(visit: Visit) -> bool:
    """Whether the person dispatches for a unit; the engine asks again."""
    return any(post == "dispatcher" for _, post in visit.actor.desks)


def upload_again(visit: Visit, form: FormData, error: WorkflowError) -> Response:
    """The form with what is wrong beside it: of the list, or of the plan that is to be revised."""
    if visit.person is None:
        raise error
    shown = told(error, status_of(error), visit.catalogue.gettext)
    revises = form_text(form, "revises")
    if revises and not isinstance(error, NotFound):
        return _plan(visit, id_of(revises), error=shown, form="revise")
    return _list(visit, shown)


# -- one plan --------------------------------------------------------------------------------------


def plan(visit: Visit) -> Response:
    """A running plan; a draft is gone over first."""
    return _plan(visit, plan_of(visit))


def _plan(
    visit: Visit,
    plan_id: int,
    *,
    error: Told | None = None,
    form: str = "",
    typed: FormData | None = None,
) -> Response:
    seen = queries.progress(
        visit.tx, visit.directory, visit.actor, plan_id=plan_id, today=visit.today
    )
    if seen.head.state == "draft":
        return RedirectResponse(f"/plans/{plan_id}/review", 303)
    if seen.head.state == "discarded":
        return RedirectResponse("/plans", 303)
    of_asked = form == plans_asked.FORM
    asked = plans_asked.questions(
        visit, seen, typed if of_asked else None, error if of_asked else None
    )
    response: Response = visit.render(
        visit,
        "plan.html",
        status=error.status if error else 200,
        seen=seen,
        plan=seen.head,
        asked=asked,
        asked_fields=plans_asked.known(asked),
        coming=[m for m in seen.next_dates if not m.asks][:_NEXT],
        totals=_totals(seen),
        states=STATES,
        verdicts=VERDICTS,
        words_of_record=RECORDS,
        error=error,
        form=form,
        observed=_observation(visit, error, form, typed),
        revision=upload_field(visit, error if form == "revise" else None),
        most_bytes=visit.settings.max_upload_mb * MEGABYTE,
        most=visit.settings.max_upload_mb,
        done=DONE.get(visit.request.query_params.get("done", "")),
    )
    return response


def _totals(seen: PlanPage) -> dict[str, int]:
    return {
        name: sum(getattr(action, name) for action in seen.actions)
        for name in ("milestones", "accepted", "late", "asked")
    } | {"tasks": sum(len(action.tasks) for action in seen.actions)}


def _observation(
    visit: Visit, error: Told | None, form: str, typed: FormData | None
) -> Callable[[int], tuple[Shown, ...]]:
    """Makes the fields of one target's form."""
    gettext = visit.catalogue.gettext

    def fields(target_id: int) -> tuple[Shown, ...]:
        own = typed if form == f"g{target_id}" else None

        def field(name: str, label: str, widget: str = "text", **more: Any) -> Shown:
            proposed = visit.today.isoformat() if name == "observed_on" else ""
            return Shown(
                id=f"g{target_id}-{name}",
                name=name,
                label=gettext(label),
                widget=widget,
                value=form_text(own, name) if own is not None else proposed,
                fault=error.fields.get(name, "") if own is not None and error else "",
                **more,
            )

        return (
            field("value", N_("实际值"), required=True, most=64),
            field("observed_on", N_("数据日期"), "date", required=True),
            field("source", N_("数据来源"), required=True, most=200),
            field("note", N_("说明"), most=500),
        )

    return fields


def observe(visit: Visit, form: FormData) -> Response:
    """Put on record what a target was found to be."""
    target_id = id_of(form_text(form, "target"))
    observing.observe(
        visit.tx,
        visit.office,
        target_id=target_id,
        value=form_text(form, "value"),
        observed_on=form_text(form, "observed_on"),
        source=form_text(form, "source"),
        note=form_text(form, "note"),
        by=visit.actor,
        now=visit.now,
        door="web",
    )
    return RedirectResponse(f"/plans/{plan_of(visit)}?done=observed#g{target_id}", 303)


def observe_again(visit: Visit, form: FormData, error: WorkflowError) -> Response:
    """The plan with the form as it was typed."""
    if visit.person is None or isinstance(error, NotFound):
        raise error
    shown = told(error, status_of(error), visit.catalogue.gettext)
    return _plan(
        visit, plan_of(visit), error=shown, form=f"g{form_text(form, 'target')}", typed=form
    )


def withdraw(visit: Visit, form: FormData) -> Response:
    """Say that an observation was wrong; it stays on record."""
    observing.withdraw_observation(
        visit.tx,
        visit.office,
        observation_id=id_of(form_text(form, "observation")),
        by=visit.actor,
        now=visit.now,
        door="web",
    )
    return RedirectResponse(f"/plans/{plan_of(visit)}?done=withdrawn#figures", 303)


def answer(visit: Visit, form: FormData) -> Response:
    """Say of milestones that were overdue at the import whether they were done."""
    return plans_asked.answer(visit, form, plan_of(visit))


def answer_again(visit: Visit, form: FormData, error: WorkflowError) -> Response:
    """The plan with the answers as they were typed."""
    if visit.person is None or isinstance(error, NotFound):
        raise error
    shown = told(error, status_of(error), visit.catalogue.gettext)
    return _plan(visit, plan_of(visit), error=shown, form=plans_asked.FORM, typed=form)


def source(visit: Visit) -> Response:
    """The document as it was handed in."""
    sha256, name = queries.source(visit.tx, visit.directory, visit.actor, plan_id=plan_of(visit))
    return Response(
        storage(visit.request).get(sha256),
        media_type="application/octet-stream",
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "content-security-policy": "default-src 'none'; sandbox",
        },
    )


ROUTES = (
    ("/plans", reading(page), ["GET"]),
    (
        "/plans",
        writing(plans_reading.upload, again=upload_again, prepare=plans_reading.take),
        ["POST"],
    ),
    ("/plans/reading/{reading}", reading(plans_reading.page), ["GET"]),
    ("/plans/{plan}", reading(plan), ["GET"]),
    ("/plans/{plan}/review", reading(plans_review.page), ["GET"]),
    ("/plans/{plan}/source", reading(source), ["GET"]),
    ("/plans/{plan}/asked", writing(answer, again=answer_again), ["POST"]),
    ("/plans/{plan}/observe", writing(observe, again=observe_again), ["POST"]),
    ("/plans/{plan}/withdraw", writing(withdraw), ["POST"]),
    *plans_review.routes(),
)
