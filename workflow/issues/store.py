"""Loading a case and saving it: the only statements that write the ``issue`` row.

An issue's version is the number of its events.  Whoever writes raises it, checked in the UPDATE, so
that two writers of the same issue never both succeed.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, delete, exists, select, update

from workflow import stamps
from workflow.db import Tx
from workflow.deadlines import queries as clocks
from workflow.errors import N_, Conflict, NotFound
from workflow.issues.case import Case, OpenRequest, PartRow, SourceRow
from workflow.issues.guards import asks_for_sources
from workflow.issues.inputs import is_storable, shown
from workflow.issues.models import Issue, IssueUnit, Request, Source
from workflow.issues.office import Office
from workflow.issues.parts import latest_due
from workflow.loops.loop import Loop
from workflow.prepared import Prepared, Row, inserting
from workflow.units import queries as units
from workflow.units.rules import Scope

ISSUE = Issue.__table__  # type: ignore[attr-defined]
ISSUE_UNIT = IssueUnit.__table__  # type: ignore[attr-defined]
_REQUEST = Request.__table__  # type: ignore[attr-defined]
_SOURCE = Source.__table__  # type: ignore[attr-defined]

_NOT_COLUMNS = {
    "loop",
    "clocks",
    "requests",
    "sources",
    "parts",
    "latest_part_bound",
    "directory_version",
}
_CASE = tuple(name for name in Case._fields if name not in _NOT_COLUMNS)
_COLUMNS = [ISSUE.c[name] for name in _CASE]
_SELECT = select(*_COLUMNS, ISSUE.c.loop_version, stamps.column(units.STAMP))
_WHERE_NUMBER = _SELECT.where(ISSUE.c.number == bindparam("number"))
_WHERE_ID = _SELECT.where(ISSUE.c.id == bindparam("id"))
_BY_NUMBER, _BY_ID = Prepared(_WHERE_NUMBER), Prepared(_WHERE_ID)
_LOCK_BY_NUMBER = Prepared(_WHERE_NUMBER.with_for_update(of=ISSUE))
_LOCK_BY_ID = Prepared(_WHERE_ID.with_for_update(of=ISSUE))

_REQUESTS = Prepared(
    select(
        _REQUEST.c.id,
        _REQUEST.c.kind,
        _REQUEST.c.asked_by_id,
        _REQUEST.c.data,
        _REQUEST.c.decider_unit_id,
        _REQUEST.c.decider_post,
        _REQUEST.c.due_at,
    ).where(_REQUEST.c.issue_id == bindparam("id"), _REQUEST.c.state == "open")
)
_SOURCES = Prepared(
    select(
        _SOURCE.c.id,
        _SOURCE.c.kind,
        _SOURCE.c.own_number,
        _SOURCE.c.has_contact,
        _SOURCE.c.replied_at.is_not(None),
    )
    .where(_SOURCE.c.issue_id == bindparam("id"))
    .order_by(_SOURCE.c.id)
)
_PARTS = Prepared(
    select(
        ISSUE.c.id,
        ISSUE.c.number,
        ISSUE.c.responsible_unit_id,
        ISSUE.c.state,
        ISSUE.c.counts_as,
        ISSUE.c.is_open,
        ISSUE.c.due_on,
    )
    .where(ISSUE.c.parent_id == bindparam("id"))
    .order_by(ISSUE.c.id)
)
_PARENT = Prepared(
    select(ISSUE.c.due_on, ISSUE.c.speed, ISSUE.c.created_at).where(ISSUE.c.id == bindparam("id"))
)
_SEEN = select(
    exists().where(
        ISSUE_UNIT.c.issue_id == bindparam("root_id"),
        ISSUE_UNIT.c.unit_id.in_(bindparam("units", expanding=True)),
    )
)

_ALWAYS = frozenset({"version", "head", "updated_at"})
"""What every event changes; the rest is compared, since SQLite writes the index entry of every
column that an UPDATE names, and asks for every foreign key."""
_LATER = {"id", "merged_into_id", "part_count", "lamp", "level"}
AT_BIRTH = [column.name for column in ISSUE.c if column.name not in _LATER]
_MERGED = (
    update(ISSUE)
    .where(ISSUE.c.id == bindparam("at_id"))
    .values(merged_into_id=bindparam("into_id"))
)
_INSERT = inserting(ISSUE, AT_BIRTH, returning="id")
_FORGET_UNITS = Prepared(delete(ISSUE_UNIT).where(ISSUE_UNIT.c.issue_id == bindparam("at_id")))
_ADD_UNITS = inserting(ISSUE_UNIT)


@lru_cache(maxsize=256)
def _save_of(names: tuple[str, ...]) -> Prepared:
    """The UPDATE of these columns, at the version that was loaded."""
    return Prepared(
        update(ISSUE)
        .where(ISSUE.c.id == bindparam("at_id"), ISSUE.c.version == bindparam("at_version"))
        .values({name: bindparam(name) for name in names})
    )


def no_such_issue(number: object) -> NotFound:
    """The same sentence for an issue that does not exist and for one that is not to be seen."""
    return NotFound(
        N_("没有编号为“{number}”的问题，或您无权查看。请核对编号。"),
        params={"number": shown(number)},
    )


def load(
    tx: Tx,
    office: Office,
    *,
    number: str | None = None,
    issue_id: int | None = None,
    for_update: bool = False,
    action: str | None = None,
) -> Case:
    """Load a case with everything that decisions need, or that the decision on one ``action`` does.

    Statements: two, and one more for each of requests, sources, parts, parent that it has.

    Raises:
        NotFound: there is no such issue.
    """
    if number is not None:
        if not is_storable(number):
            raise no_such_issue(number)
        statement = _LOCK_BY_NUMBER if for_update else _BY_NUMBER
        row = statement.first(tx, {"number": number})
    else:
        statement = _LOCK_BY_ID if for_update else _BY_ID
        row = statement.first(tx, {"id": issue_id})
    if row is None:
        raise no_such_issue(number if number is not None else issue_id)
    return _case(tx, office, row, action)


def _case(tx: Tx, office: Office, row: Row, action: str | None) -> Case:
    *columns, loop_version, directory_version = row
    fields = dict(zip(_CASE, columns, strict=True))
    loop = office.loop_of(tx, loop_version)
    found = {"id": fields["id"]}
    facts = fields["facts"]
    if facts.get("open_requests"):
        fields["requests"] = tuple([OpenRequest(*r) for r in _REQUESTS.rows(tx, found)])
    transition = loop.by_state[fields["state"]].get(action) if action else None
    if facts.get("sources") and (transition is None or asks_for_sources(transition)):
        fields["sources"] = tuple([SourceRow(*r) for r in _SOURCES.rows(tx, found)])
    if fields["part_count"]:
        fields["parts"] = tuple([PartRow(*r) for r in _PARTS.rows(tx, found)])
    fields["fixers"] = tuple(fields["fixers"])
    return Case(
        loop=loop,
        clocks=clocks.of_issue(tx, fields["id"]),
        latest_part_bound=_bound(tx, office, fields["parent_id"], loop),
        directory_version=directory_version or 0,
        **fields,
    )


def _bound(tx: Tx, office: Office, parent_id: int | None, loop: Loop) -> date | None:
    if parent_id is None:
        return None
    [(due_on, speed, opened)] = _PARENT.rows(tx, {"id": parent_id})
    return latest_due(due_on, speed, office.timing.day(opened), loop)


def is_seen(tx: Tx, scope: Scope, case: Case) -> bool:
    """Whether a person with this scope may know of the case (DESIGN §5, Scope)."""
    if scope.everything or any(
        unit in scope.units for relation in case.units.values() for unit in relation
    ):
        return True
    if case.root_id is None or not scope.units:
        return False
    asked = {"root_id": case.root_id, "units": list(scope.units)}
    return bool(tx.execute(_SEEN, asked).scalar())


def save(tx: Tx, case: Case, columns: Mapping[str, Any]) -> None:
    """Write the changed columns of a case.

    Raises:
        Conflict: somebody else wrote it since it was loaded.
    """
    changed = tuple(
        [name for name in columns if name in _ALWAYS or columns[name] != getattr(case, name)]
    )
    statement = _save_of(changed)
    if statement.run(tx, {**columns, "at_id": case.id, "at_version": case.version}) != 1:
        raise stale(case.number)


def stale(number: str) -> Conflict:
    """Say that somebody else was first."""
    return Conflict(
        N_("问题{number}刚刚有了新的办理记录，请刷新页面查看后再办。"), params={"number": number}
    )


def mark_merged(tx: Tx, issue_id: int, into_id: int) -> None:
    """Note into which issue this one was merged."""
    tx.execute(_MERGED, {"at_id": issue_id, "into_id": into_id})


def insert_issue(tx: Tx, columns: Mapping[str, Any]) -> int:
    """Insert an issue row and return its id."""
    [(issue_id,)] = _INSERT.rows(tx, columns)
    return int(issue_id)


def set_units(
    tx: Tx, issue_id: int, relations: Mapping[str, Sequence[int]], *, fresh: bool = False
) -> None:
    """Write which units stand to an issue; scope is made of these rows."""
    if not fresh:
        _FORGET_UNITS.run(tx, {"at_id": issue_id})
    rows = [
        {"issue_id": issue_id, "unit_id": unit, "relation": relation}
        for relation, ids in relations.items()
        for unit in dict.fromkeys(ids)
    ]
    if rows:
        _ADD_UNITS.run_many(tx, rows)
