"""What an import tells: one message a unit, however many rows it got."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, func, select

from workflow.db import Tx
from workflow.issues.effect import House
from workflow.issues.visible import ISSUE
from workflow.ledger.store import ROW
from workflow.ledger.views import ImportView
from workflow.outbox.actions import Notice
from workflow.outbox.messages import LedgerImported
from workflow.units.rules import people_at

_COUNTED = (
    select(
        ISSUE.c.owner_unit_id,
        ISSUE.c.owner_post,
        ISSUE.c.state,
        func.count().label("n"),
        func.min(ISSUE.c.move_due_at).label("due"),
    )
    .select_from(ROW.join(ISSUE, ROW.c.issue_id == ISSUE.c.id))
    .where(
        ROW.c.import_id == bindparam("of_import"),
        ROW.c.state == "active",
        ISSUE.c.owner_unit_id.is_not(None),
    )
    .group_by(ISSUE.c.owner_unit_id, ISSUE.c.owner_post, ISSUE.c.state)
    .order_by(ISSUE.c.owner_unit_id, ISSUE.c.owner_post, ISSUE.c.state)
)
_PART: Mapping[str, str] = {"rectifying": "fix", "asked": "ask", "checking": "check"}


def digests(tx: Tx, found: ImportView, house: House, now: datetime) -> list[Notice]:
    """One notice for each unit whose move some of the issues are."""
    today = house.timing.day(now)
    people: dict[int, dict[int, None]] = {}
    counts: dict[int, dict[str, int]] = {}
    dues: dict[int, datetime] = {}
    for unit, post, state, n, due in tx.execute(_COUNTED, {"of_import": found.id}):
        told = people_at(house.directory, (unit, post), today, units={})
        people.setdefault(unit, {}).update(dict.fromkeys(told))
        own = counts.setdefault(unit, {})
        part = _PART.get(state, "triage")
        own[part] = own.get(part, 0) + n
        if due is not None:
            dues[unit] = min(due, dues.get(unit, due))
    return [
        _notice(found, house, unit, tuple(people[unit]), own, dues.get(unit))
        for unit, own in counts.items()
        if people[unit]
    ]


def _notice(
    found: ImportView,
    house: House,
    unit: int,
    people: tuple[int, ...],
    counts: Mapping[str, int],
    due: datetime | None,
) -> Notice:
    message = LedgerImported(
        number=f"TZ{found.id}",
        title=found.file_name,
        link="/",
        unit=house.directory.unit(unit).name,
        by=house.directory.unit(found.unit_id).name,
        total=sum(counts.values()),
        due=due.isoformat() if due else None,
        **counts,
    )
    effect = f"ledger:{found.id}:unit:{unit}"
    return Notice(effect, message.kind, message.payload(), people, None)
