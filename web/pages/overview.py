"""The overview (总览): counts by state, lamp and unit, and the six key kinds."""

from collections import Counter
from collections.abc import Mapping

from starlette.responses import Response

from web.deps import reading
from web.visit import Visit
from workflow.issues import counts
from workflow.issues.views import Overview

_UNITS = 30


def page(visit: Visit) -> Response:
    """One screen for a leader; everybody sees their own scope."""
    seen = counts.overview(visit.tx, visit.scope, visit.today)
    categories = visit.labels
    six = categories.marked("categories", "six")
    lamps = [key for key in categories.keys("lamps") if key != "none"]
    response: Response = visit.render(
        visit,
        "overview.html",
        seen=seen,
        states=_states(visit, seen),
        lamps=[(key, seen.lamps.get(key, 0)) for key in reversed(lamps)],
        unlit=seen.open - sum(seen.lamps.get(key, 0) for key in lamps),
        six=[(key, *seen.categories.get(key, (0, 0, 0))) for key in six],
        sources=sorted(seen.received.items(), key=lambda item: -item[1]),
        outcomes=_named(visit, "outcomes", seen.outcomes),
        units=seen.units[:_UNITS],
        most=max((load.open for load in seen.units), default=1),
    )
    return response


def _states(visit: Visit, seen: Overview) -> list[tuple[str, str, int]]:
    """Keys, name and count of the states in which somebody has to move, by count."""
    found: Counter[str] = Counter()
    keys: dict[str, list[str]] = {}
    for (loop, state), count in seen.states.items():
        known = visit.office.loops.get(loop)
        each = known.states.get(state) if known else None
        if each is not None and each.final:
            continue
        name = visit.words.text(each.labels) if each else state
        found[name] += count
        if state not in keys.setdefault(name, []):
            keys[name].append(state)
    return [(",".join(keys[name]), name, count) for name, count in found.most_common()]


def _named(visit: Visit, subject: str, tally: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(visit.words.label(subject, key), n) for key, n in tally.items()]


ROUTES = (("/overview", reading(page), ["GET"]),)
