"""A paper: its text, the signer's two answers, and the addressee's reply."""

from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from web.deps import reading, writing
from web.errors import status_of
from web.forms import Told, told
from web.visit import Visit, form_text
from workflow.errors import N_, NotFound, WorkflowError
from workflow.escalation import actions
from workflow.issues import papers
from workflow.notices import queries as paper_queries

_LONGEST_ID = 18
_LEAPERS = frozenset(role.partition("@")[0] for role in actions.LEAPERS)
"""Posts that are shown the way upward; whether it is open to them, the engine says."""


def page(visit: Visit) -> Response:
    """The paper as it will be, or was, received."""
    return _shown(visit)


def _shown(visit: Visit, error: Told | None = None, text: str = "", form: str = "") -> Response:
    paper = papers.get(visit.tx, _id(visit), visit.scope)
    desks = visit.actor.desks
    response: Response = visit.render(
        visit,
        "paper.html",
        status=error.status if error else 200,
        paper=paper,
        may_sign=paper.state == "draft" and (paper.signer_unit_id, paper.signer_post) in desks,
        may_skip=paper.state != "signed" and any(post in _LEAPERS for _, post in desks),
        may_answer=paper.state == "signed"
        and paper.answered_at is None
        and any(unit_id == paper.addressee_unit_id for unit_id, _ in desks),
        error=error,
        text=text,
        form=form,
    )
    return response


def _id(visit: Visit) -> int:
    text = visit.request.path_params["id"]
    if not (text.isdecimal() and len(text) <= _LONGEST_ID):
        raise NotFound(N_("没有这份文书，或您无权查看。"))
    return int(text)


def _done(visit: Visit) -> Response:
    return RedirectResponse(f"/papers/{_id(visit)}", 303)


def sign(visit: Visit, form: FormData) -> Response:
    """签发."""
    del form
    papers.get(visit.tx, _id(visit), visit.scope)
    actions.sign(
        visit.tx, visit.office, paper_id=_id(visit), by=visit.actor, now=visit.now, door="web"
    )
    return _done(visit)


def withhold(visit: Visit, form: FormData) -> Response:
    """不予签发, with a reason."""
    papers.get(visit.tx, _id(visit), visit.scope)
    actions.withhold(
        visit.tx,
        visit.office,
        paper_id=_id(visit),
        reason=form_text(form, "reason"),
        by=visit.actor,
        now=visit.now,
        door="web",
    )
    return _done(visit)


def skip(visit: Visit, form: FormData) -> Response:
    """越级: the next paper of the same limit at once, with a reason."""
    papers.get(visit.tx, _id(visit), visit.scope)
    paper_id = actions.skip_upward(
        visit.tx,
        visit.office,
        clock_id=paper_queries.paper(visit.tx, _id(visit)).clock_id,
        reason=form_text(form, "reason"),
        by=visit.actor,
        now=visit.now,
        door="web",
    )
    return RedirectResponse(f"/papers/{paper_id}", 303)


def answer(visit: Visit, form: FormData) -> Response:
    """The addressee's reply."""
    papers.get(visit.tx, _id(visit), visit.scope)
    actions.answer(
        visit.tx,
        visit.office,
        paper_id=_id(visit),
        text=form_text(form, "answer"),
        by=visit.actor,
        now=visit.now,
        door="web",
    )
    return _done(visit)


def _again(visit: Visit, form: FormData, error: WorkflowError) -> Response:
    if isinstance(error, NotFound) or visit.person is None:
        raise error
    name = visit.request.url.path.rpartition("/")[2]
    typed = form_text(form, "answer") or form_text(form, "reason")
    return _shown(visit, told(error, status_of(error), visit.catalogue.gettext), typed, name)


ROUTES = (
    ("/papers/{id}", reading(page), ["GET"]),
    ("/papers/{id}/sign", writing(sign, again=_again), ["POST"]),
    ("/papers/{id}/withhold", writing(withhold, again=_again), ["POST"]),
    ("/papers/{id}/skip", writing(skip, again=_again), ["POST"]),
    ("/papers/{id}/answer", writing(answer, again=_again), ["POST"]),
)
