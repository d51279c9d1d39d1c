"""My work list (我的待办): moves, requests to decide, papers to sign."""

from collections import Counter

from starlette.responses import Response

from web.deps import reading
from web.visit import Visit
from workflow.issues import lists


def page(visit: Visit) -> Response:
    """What waits for the person, the most urgent first."""
    after = visit.request.query_params.get("after")
    work = lists.work_list(visit.tx, visit.actor, after=after)
    states: Counter[str] = Counter()
    for (loop, state), count in work.states.items():
        states[_state_name(visit, loop, state)] += count
    response: Response = visit.render(
        visit,
        "work.html",
        work=work,
        states=states.most_common(),
        held=visit.actor.held,
        first=after is None,
    )
    return response


def _state_name(visit: Visit, loop: str, state: str) -> str:
    """The name of a state in the loop as it is now, whatever version an issue runs on."""
    known = visit.office.loops.get(loop)
    found = known.states.get(state) if known else None
    return visit.words.text(found.labels) if found else state


ROUTES = (("/", reading(page), ["GET"]),)
