"""Units: the whole tree, the same for everybody."""

from web.api import cursors
from web.api.models import UnitPage, UnitShown
from web.api.route import Given, Reply
from web.visit import Visit
from workflow.units.directory import UnitInfo


def listed(visit: Visit, given: Given) -> Reply:
    """Units in the order in which they were registered, abolished ones too."""
    limit = given.query["limit"]
    after = int(cursors.opened("units", given.query) or 0)
    found = sorted(
        (each for each in visit.directory.units.values() if each.id > after),
        key=lambda each: each.id,
    )
    body: UnitPage = {
        "units": [_shown(visit, each) for each in found[:limit]],
        "next_cursor": cursors.sealed("units", found[limit - 1].id if len(found) > limit else None),
    }
    return Reply(body)


def _shown(visit: Visit, unit: UnitInfo) -> UnitShown:
    return {
        "code": unit.code,
        "name": unit.name,
        "aliases": list(unit.aliases),
        "kind": unit.kind,
        "level": unit.level,
        "parent": _code(visit, unit.parent_id),
        "successor": _code(visit, unit.successor_id),
        "abolished_on": unit.abolished_on,
    }


def _code(visit: Visit, unit_id: int | None) -> str | None:
    return visit.directory.unit(unit_id).code if unit_id is not None else None
