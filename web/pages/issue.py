"""One issue: facts, tree, clocks, timeline, and the actions with their forms."""

from dataclasses import replace

from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from web import acting, uploads
from web.acting import Typed
from web.deps import reading, writing
from web.errors import status_of
from web.forms import told
from web.nextmove import next_move
from web.visit import Visit, form_text
from workflow.audit import timeline
from workflow.errors import N_, Conflict, Invalid, NotFound, WorkflowError
from workflow.evidence import actions as evidence
from workflow.issues import actions, queries, reporters, rules, store
from workflow.issues.reporters import ReporterView
from workflow.issues.views import IssueView
from workflow.plans import queries as plans

_LONGEST_ID = 18


def page(visit: Visit) -> Response:
    """The issue's page."""
    return _shown(visit)


def _shown(
    visit: Visit,
    *,
    typed: Typed | None = None,
    seen_version: int | None = None,
    reporter: ReporterView | None = None,
) -> Response:
    number = visit.request.path_params["number"]
    view = queries.get(visit.tx, number, visit.scope)
    events = timeline.read(visit.tx, view.id, before=_before(visit))
    case = store.load(visit.tx, visit.office, issue_id=view.id)
    house = visit.office.house(visit.directory)
    offers = rules.offered(case, visit.actor, visit.now, house)
    acts = acting.acts(visit, offers, view, case, typed)
    done = visit.request.query_params.get("done", "")
    response: Response = visit.render(
        visit,
        "issue.html",
        status=typed.error.status if typed else 200,
        issue=view,
        case=case,
        events=events,
        more=len(events) == timeline.MOST,
        acts=acts,
        refusals=acting.refusals(visit, offers, case),
        typed=typed,
        typed_fields=[
            f.name for act in acts if typed and act.name == typed.action for f in act.fields
        ],
        stranded=typed if typed and all(act.name != typed.action for act in acts) else None,
        meanwhile=[event for event in events if seen_version and event.seq > seen_version],
        kept=uploads.names(visit) if typed else {},
        done=events[0] if events and done == str(view.version) else None,
        next_move=next_move(visit, case) if visit.settings.demo else None,
        may_look=reporters.may_look(visit.directory, view.units, visit.actor),
        reporter=reporter,
        task=plans.task_titles(visit.tx, [view.task]).get(view.task or ""),
        files={seq: [f for f in view.evidence if f.event_seq == seq] for seq in _seqs(view)},
    )
    return response


def _seqs(view: IssueView) -> set[int]:
    return {file.event_seq for file in view.evidence}


def _before(visit: Visit) -> int | None:
    text = visit.request.query_params.get("before", "")
    return int(text) if text.isdecimal() and len(text) < 9 else None


def act(visit: Visit, form: FormData) -> Response:
    """Take one action; the version says what the person had seen."""
    number, action = visit.request.path_params["number"], visit.request.path_params["action"]
    files = uploads.names(visit)
    case = store.load(visit.tx, visit.office, number=number)
    outcome = actions.act(
        visit.tx,
        visit.office,
        number=number,
        action=action,
        data=acting.values_of(case, action, form, files),
        version=_version(form),
        by=visit.actor,
        now=visit.now,
        door="web",
    )
    evidence.name_files(visit.tx, issue_id=case.id, event_seq=outcome.version, names=files)
    return RedirectResponse(f"/issues/{number}?done={outcome.version}", 303)


def act_again(visit: Visit, form: FormData, error: WorkflowError) -> Response:
    """The page with the form as it was typed; a stale one with what happened meanwhile."""
    if isinstance(error, NotFound) or visit.person is None:
        raise error
    number, action = visit.request.path_params["number"], visit.request.path_params["action"]
    if error.params:
        case = store.load(visit.tx, visit.office, number=number)
        error = acting.worded(visit, error, case, case.loop.actions.get(action))
    shown = told(error, status_of(error), visit.catalogue.gettext)
    typed = Typed(action, acting.typed_values(form), shown)
    if "version" in shown.fields:
        typed = replace(typed, error=replace(shown, sentence=shown.fields["version"]))
    seen = form_text(form, "version")
    stale = int(seen) if isinstance(error, Conflict) and seen.isdecimal() else None
    return _shown(visit, typed=typed, seen_version=stale)


def _version(form: FormData) -> int:
    text = form_text(form, "version")
    if not text.isdecimal() or len(text) > 9:
        raise Invalid.at("version", N_("页面不完整，缺少版本号。请刷新页面后重新提交。"))
    return int(text)


def look(visit: Visit, form: FormData) -> Response:
    """Show who reported, once, and put the look on record."""
    text = form_text(form, "source")
    seen = reporters.look(
        visit.tx,
        number=visit.request.path_params["number"],
        source_id=int(text) if text.isdecimal() and len(text) <= _LONGEST_ID else 0,
        directory=visit.directory,
        by=visit.actor,
        now=visit.now,
    )
    return _shown(visit, reporter=seen)


ROUTES = (
    ("/issues/{number}", reading(page), ["GET"]),
    (
        "/issues/{number}/actions/{action}",
        writing(act, again=act_again, prepare=uploads.take),
        ["POST"],
    ),
    ("/issues/{number}/reporter", writing(look), ["POST"]),
)
