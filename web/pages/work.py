"""My work list (我的待办): moves, requests to decide, papers to sign."""

from starlette.responses import Response

from web.deps import reading
from web.visit import Visit
from workflow.issues import lists


def page(visit: Visit) -> Response:
    """What waits for the person, the most urgent first."""
    after = visit.request.query_params.get("after")
    work = lists.work_list(visit.tx, visit.actor, after=after)
    states = [
        (name, count)
        for (loop, state), count in sorted(work.states.items(), key=lambda item: -item[1])
        if (name := _state_name(visit, loop, state))
    ]
    response: Response = visit.render(
        visit, "work.html", work=work, states=states, held=visit.actor.held, first=after is None
    )
    return response


def _state_name(visit: Visit, loop: str, state: str) -> str:
    """Counts go by name of the loop, whatever its versions."""
    known = visit.office.loops.get(loop)
    found = known.states.get(state) if known else None
    return visit.words.text(found.labels) if found else state


ROUTES = (("/", reading(page), ["GET"]),)
