"""All issues that the person may see: filters, Chinese search, pages."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.responses import Response

from web.deps import reading
from web.visit import Visit
from workflow.issues import lists
from workflow.issues.views import Filters

_NAMES = ("q", "state", "loop", "unit", "lamp", "category", "task", "open", "overdue")
_LONGEST = 100


def page(visit: Visit) -> Response:
    """The list, narrowed by what the address says."""
    query = visit.request.query_params
    asked = asked_of(query)
    unit = visit.directory.find(asked["unit"]) if asked["unit"] else None
    filters = filters_of(visit, asked)
    found = lists.page(
        visit.tx,
        visit.scope,
        filters,
        directory=visit.directory,
        today=visit.today,
        after=query.get("after"),
    )
    response: Response = visit.render(
        visit,
        "issues.html",
        found=found,
        asked=asked,
        narrowed=any(asked.values()),
        unknown_unit=bool(asked["unit"]) and unit is None,
        near=visit.directory.nearest(asked["unit"]) if asked["unit"] and unit is None else (),
        loops=[(name, visit.words.text(loop.labels)) for name, loop in visit.office.loops.items()],
        states=_states(visit, asked["loop"]),
        base=urlencode({name: value for name, value in asked.items() if value}),
    )
    return response


def asked_of(query: Mapping[str, str]) -> dict[str, str]:
    """What an address narrows the list to, by name."""
    return {name: query.get(name, "").strip()[:_LONGEST] for name in _NAMES}


def filters_of(visit: Visit, asked: Mapping[str, str]) -> Filters:
    """The same for the engine; an unknown unit does not narrow."""
    unit = visit.directory.find(asked["unit"]) if asked["unit"] else None
    return Filters(
        states=tuple(filter(None, asked["state"].split(","))),
        loop=asked["loop"] or None,
        unit=unit.id if unit else None,
        lamp=asked["lamp"] or None,
        category=asked["category"] or None,
        task=asked["task"] or None,
        is_open={"yes": True, "no": False}.get(asked["open"]),
        overdue=asked["overdue"] == "yes",
        q=asked["q"] or None,
    )


def _states(visit: Visit, loop: str) -> list[tuple[str, str]]:
    """The states of one loop, or of all; those of one name are one choice."""
    known = visit.office.loops
    chosen = [known[loop]] if loop in known else list(known.values())
    names: dict[str, list[str]] = {}
    for each in chosen:
        for state in each.states.values():
            keys = names.setdefault(visit.words.text(state.labels), [])
            if state.name not in keys:
                keys.append(state.name)
    return [(",".join(keys), name) for name, keys in names.items()]


ROUTES = (("/issues", reading(page), ["GET"]),)
