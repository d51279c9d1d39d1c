"""Ids and keys as the API tells them: units by code, people by login, desks, lines of lists."""

from collections.abc import Iterable, Mapping

from web.api.models import DeskRef, IssueLine, PersonRef, StateCount, UnitRef
from web.visit import Visit
from workflow.issues.views import IssueRow


def unit(visit: Visit, unit_id: int | None) -> UnitRef | None:
    """A unit; None for none."""
    found = visit.directory.units.get(unit_id) if unit_id is not None else None
    return {"code": found.code, "name": found.name} if found else None


def units(visit: Visit, unit_ids: Iterable[int]) -> list[UnitRef]:
    """Several units."""
    return [named for unit_id in unit_ids if (named := unit(visit, unit_id))]


def person(visit: Visit, person_id: int | None) -> PersonRef | None:
    """A person; None for none."""
    found = visit.directory.people.get(person_id) if person_id is not None else None
    return {"login": found.login, "name": found.name} if found else None


def desk(visit: Visit, unit_id: int | None, post: str | None) -> DeskRef | None:
    """A post in a unit; None for none."""
    named = unit(visit, unit_id)
    if named is None or post is None:
        return None
    return {"unit": named, "post": post, "post_label": visit.words.post(post)}


def line(visit: Visit, row: IssueRow) -> IssueLine:
    """One line of a list."""
    return {
        "number": row.number,
        "title": row.title,
        "loop": row.loop,
        "state": row.state,
        "state_label": visit.words.state(row.loop_version, row.state),
        "is_open": row.is_open,
        "lamp": row.lamp,
        "level": row.level,
        "due_on": row.due_on,
        "move_due_at": row.move_due_at,
        "category": row.category,
        "place": row.place,
        "responsible": unit(visit, row.responsible_unit_id),
        "owner": desk(visit, row.owner_unit_id, row.owner_post),
        "is_part": row.parent_id is not None,
        "part_count": row.part_count,
        "created_at": row.created_at,
    }


def state_counts(visit: Visit, counts: Mapping[tuple[str, str], int]) -> list[StateCount]:
    """Issues by state, the most first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"loop": loop, "state": state, "state_label": _state(visit, loop, state), "count": count}
        for (loop, state), count in ordered
    ]


def _state(visit: Visit, loop: str, state: str) -> str:
    """The name of a state in the loop as it is now, whatever version an issue runs on."""
    known = visit.office.loops.get(loop)
    found = known.states.get(state) if known else None
    return visit.words.text(found.labels) if found else state
