"""Report a problem (登记问题): photo, place, category, source; also for somebody who called."""

import secrets
from collections.abc import Callable
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from web import uploads
from web.deps import reading, writing
from web.errors import status_of
from web.forms import Shown, Told, texts, told
from web.pages.ledger_reading import may_import
from web.visit import Visit, form_text
from workflow.errors import N_, Invalid, WorkflowError
from workflow.evidence import actions as evidence
from workflow.issues import actions, store
from workflow.issues.reporting import reporting_unit
from workflow.plans import queries as plans
from workflow.units import sessions

_NAMES = (
    *("title", "description", "category", "source", "loop", "place", "place_unit", "lat", "lon"),
    *("task", "due", "own_number", "reporter_name", "reporter_contact"),
)
_TICKET = "ticket"
_TICKET_LENGTH = 32
_LONGEST_TASK = 32


def page(visit: Visit) -> Response:
    """The empty form; refused at once to somebody who may not report."""
    reporting_unit(visit.actor)
    task = visit.request.query_params.get("task", "")[:_LONGEST_TASK]
    return _shown(visit, {"task": task} if task else {}, None)


def report(visit: Visit, form: FormData) -> Response:
    """File the problem; sending the same form twice files it once."""
    ticket = form_text(form, _TICKET)[:_TICKET_LENGTH]
    assert visit.session is not None
    if ticket and (number := visit.session.data.get(ticket)):
        return RedirectResponse(f"/issues/{number}?done=1", 303)
    files = uploads.names(visit)
    data: dict[str, Any] = {**texts(form, _NAMES)}
    if files:
        data["evidence"] = list(files)
    outcome = actions.report(
        visit.tx, visit.office, data=data, by=visit.actor, now=visit.now, door="web"
    )
    if files:
        case = store.load(visit.tx, visit.office, number=outcome.number)
        evidence.name_files(visit.tx, issue_id=case.id, event_seq=1, names=files)
    if ticket:
        sessions.note(visit.tx, visit.session, ticket, outcome.number, now=visit.now)
    return RedirectResponse(f"/issues/{outcome.number}?done=1", 303)


def again(visit: Visit, form: FormData, error: WorkflowError) -> Response:
    """The form as it was filled, with a sentence beside each field at fault."""
    if visit.person is None or not isinstance(error, Invalid):
        raise error
    values = {name: form_text(form, name) for name in (*_NAMES, _TICKET)}
    return _shown(visit, values, told(error, status_of(error), visit.catalogue.gettext))


def _shown(visit: Visit, values: dict[str, str], error: Told | None) -> Response:
    translate, labels, lang = visit.catalogue.gettext, visit.labels, visit.lang
    faults = error.fields if error else {}

    def field(name: str, label: str, widget: str, **more: Any) -> Shown:
        return Shown(
            id=name,
            name=name,
            label=translate(label),
            widget=widget,
            value=values.get(name, more.pop("proposed", "")),
            fault=faults.get(name, ""),
            **more,
        )

    loops = tuple(
        (name, visit.words.text(loop.labels))
        for name, loop in visit.office.loops.items()
        if loop.born_by == "report"
    )
    own = visit.words.unit(reporting_unit(visit.actor))
    main = (
        field("title", N_("标题"), "text", required=True, most=120),
        field("description", N_("问题描述"), "long", required=True, most=5000),
        field(
            "evidence",
            N_("照片或附件"),
            "files",
            hint=translate(N_("可直接拍照。原件封存，页面只显示去除信息的副本。")),
        ),
    )
    where = (
        field("place", N_("地点"), "text", most=200),
        field(
            "place_unit",
            N_("所在乡镇、街道或村"),
            "unit",
            hint=translate(N_("输入名称或简称，从列表中选。")),
        ),
    )
    what = (
        field(
            "category",
            N_("问题类别"),
            "choice",
            required=True,
            choices=labels.choices("categories", lang),
        ),
        field(
            "source",
            N_("问题来源"),
            "choice",
            required=True,
            choices=labels.choices("sources", lang),
            proposed="patrol",
        ),
    )
    more = (
        field(
            "loop",
            N_("办理流程"),
            "choice",
            choices=loops,
            hint=translate(N_("不选则按来源确定。")),
        ),
        field(
            "due",
            N_("整改时限"),
            "date",
            earliest=visit.today.isoformat(),
            hint=translate(N_("上级已定时限的填写；不填由交办员确定。")),
        ),
        _task(visit, field),
        field("own_number", N_("来文（来件）编号"), "text", most=64),
    )
    caller = (
        field("reporter_name", N_("举报人姓名"), "text", most=64),
        field("reporter_contact", N_("举报人联系方式"), "text", most=64),
    )
    response: Response = visit.render(
        visit,
        "report.html",
        status=error.status if error else 200,
        error=error,
        names=(*_NAMES, "evidence"),
        may_import=may_import(visit),
        own=own,
        main=main,
        where=where,
        what=what,
        more=more,
        caller=caller,
        more_open=any(values.get(each.name) or each.fault for each in more),
        caller_open=any(values.get(each.name) or each.fault for each in caller),
        lat=values.get("lat", ""),
        lon=values.get("lon", ""),
        kept=uploads.names(visit),
        ticket=values.get(_TICKET) or secrets.token_urlsafe(16),
    )
    return response


def _task(visit: Visit, field: Callable[..., Shown]) -> Shown:
    """The task of a plan that the problem endangers: chosen where plans run, else typed."""
    known = plans.choices(visit.tx, visit.directory, visit.actor)
    if not known:
        hint = visit.catalogue.gettext(N_("行动计划的任务序号。"))
        return field("task", N_("所属任务"), "text", most=_LONGEST_TASK, hint=hint)
    choices = tuple((each.code, f"{each.no}. {each.title}") for each in known)
    return field("task", N_("所属任务"), "choice", choices=choices)


ROUTES = (
    ("/report", reading(page), ["GET"]),
    ("/report", writing(report, again=again, prepare=uploads.take), ["POST"]),
)
