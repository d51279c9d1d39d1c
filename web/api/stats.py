"""Counts over everything that the person may see."""

from collections.abc import Mapping

from web.api import naming
from web.api.models import Load, Stats, Tally
from web.api.route import Given, Reply
from web.visit import Visit
from workflow.issues import counts
from workflow.issues.views import UnitLoad


def overview(visit: Visit, given: Given) -> Reply:
    """The numbers of the overview."""
    del given
    seen = counts.overview(visit.tx, visit.scope, visit.today)
    body: Stats = {
        "total": seen.total,
        "open": seen.open,
        "overdue": seen.overdue,
        "due_this_week": seen.due_this_week,
        "states": naming.state_counts(visit, seen.states),
        "outcomes": dict(seen.outcomes),
        "lamps": dict(seen.lamps),
        "categories": _tallies(seen.categories),
        "sources": _tallies(seen.sources),
        "received": dict(seen.received),
        "units": [load for each in seen.units if (load := _load(visit, each))],
    }
    return Reply(body)


def _tallies(counted: Mapping[str, tuple[int, int, int]]) -> dict[str, Tally]:
    return {
        key: {"total": total, "open": running, "overdue": late}
        for key, (total, running, late) in counted.items()
    }


def _load(visit: Visit, load: UnitLoad) -> Load | None:
    unit = naming.unit(visit, load.unit_id)
    if unit is None:
        return None
    return {
        "unit": unit,
        "open": load.open,
        "overdue": load.overdue,
        "lamps": dict(load.lamps),
    }
