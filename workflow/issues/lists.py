"""Lists of issues: all that a person may see, with filters and search, and what waits for them.

Pages are cut by keys, never by counting rows that came before.
"""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    union_all,
)

from workflow.db import Tx
from workflow.errors import N_, Invalid
from workflow.issues import papers, requests, search, visible
from workflow.issues.inputs import is_storable
from workflow.issues.views import Filters, IssueRow, Page, WorkList
from workflow.issues.visible import ISSUE
from workflow.notices.queries import PAPER
from workflow.prepared import Prepared
from workflow.units.directory import Directory
from workflow.units.rules import Actor, Desk, Scope

PAGE = 20
WORK = 50
_COLUMNS = tuple(ISSUE.c[each.name] for each in fields(IssueRow))
_LISTED = frozenset({"states", "unit"})
_EQUAL = {name: ISSUE.c[name] for name in ("loop", "lamp", "category", "task")}


def page(
    tx: Tx,
    scope: Scope,
    filters: Filters,
    *,
    directory: Directory,
    today: date,
    after: str | None = None,
    limit: int = PAGE,
) -> Page:
    """The issues of a scope that pass the filters, newest first, from a cursor on.

    Raises Invalid for a cursor that no page gave out.
    """
    if not is_storable([*filters.states, *(getattr(filters, name) for name in (*_EQUAL, "q"))]):
        return Page((), None)
    values: dict[str, Any] = visible.bound(scope)
    used = {name for name in _EQUAL if getattr(filters, name)}
    values |= {name: getattr(filters, name) for name in used}
    if filters.states:
        used.add("states")
        values["states"] = list(filters.states)
    if filters.unit is not None:
        used.add("unit")
        values["unit_ids"] = sorted(directory.subtree(filters.unit)) or [filters.unit]
    if filters.is_open is not None:
        used.add("is_open")
        values["is_open"] = filters.is_open
    if filters.overdue:
        used.add("overdue")
        values["today"] = today
    if filters.q and filters.q.strip():
        words = search.parameters(filters.q)
        used.add("grams" if "grams" in words else "like")
        values |= words
    if after:
        used.add("after")
        values["after"] = _cursor(after)
    if not visible.is_sparse(tx, scope):
        used.add("dense")
    values["limit"] = limit + 1
    rows = _page_rows(tx, scope.everything, frozenset(used), values)
    more = rows[limit:]
    return Page(tuple(rows[:limit]), str(rows[limit - 1].id) if more else None)


def work_list(tx: Tx, actor: Actor, *, after: str | None = None, limit: int = WORK) -> WorkList:
    """What waits for a person: moves by urgency, requests to decide, papers to sign."""
    desks = sorted(actor.desks)
    if not desks:
        return WorkList((), None, (), (), {})
    values = requests.desk_values(desks) | {"limit": limit + 1}
    if after:
        values |= _moment_cursor(after)
    rows = [IssueRow(*row) for row in _moves(len(desks), bool(after)).rows(tx, values)]
    shown = rows[:limit]
    return WorkList(
        moves=tuple(shown),
        after=_moment(shown[-1]) if len(rows) > limit else None,
        requests=requests.to_decide(tx, desks),
        papers=papers.to_sign(tx, desks),
        states={
            (loop, state): n
            for loop, state, n in _counts(len(desks)).rows(tx, requests.desk_values(desks))
        },
    )


def waiting(tx: Tx) -> dict[Desk, int]:
    """How much waits at each desk of the installation: moves, requests and papers."""
    found: dict[Desk, int] = {}
    for unit_id, post, n in tx.execute(_WAITING):
        found[unit_id, post] = found.get((unit_id, post), 0) + n
    return found


def _page_rows(
    tx: Tx, everything: bool, used: frozenset[str], values: dict[str, Any]
) -> list[IssueRow]:
    """What a leader and a search read most has no list in it and so can be prepared."""
    if everything and not used & _LISTED:
        found: Iterable[Any] = _prepared(used, tx.dialect.name).rows(tx, values)
    else:
        found = tx.execute(_page(everything, used, tx.dialect.name), values)
    return [IssueRow(*row) for row in found]


@lru_cache(maxsize=512)
def _prepared(used: frozenset[str], dialect: str) -> Prepared:
    return Prepared(_page(True, used, dialect))


@lru_cache(maxsize=512)
def _page(everything: bool, used: frozenset[str], dialect: str) -> Select[Any]:
    tables: FromClause = ISSUE
    key: ColumnElement[int] = ISSUE.c.id
    scope = Scope(everything, frozenset())
    conditions: list[ColumnElement[bool]] = [
        visible.many(scope, sparse="dense" not in used),
        visible.PROBLEM,
    ]
    if used & {"grams", "like"}:
        found = search.hits(ISSUE, dialect, by_grams="grams" in used)
        tables, key = found.tables, found.key
        conditions += found.conditions
    conditions += [column == bindparam(name) for name, column in _EQUAL.items() if name in used]
    if "states" in used:
        states: Any = bindparam("states", expanding=True)
        conditions.append(ISSUE.c.state.in_(states))
    if "unit" in used:
        units: Any = bindparam("unit_ids", expanding=True)
        conditions.append(ISSUE.c.responsible_unit_id.in_(units))
    if "is_open" in used:
        conditions.append(ISSUE.c.is_open == bindparam("is_open"))
    if "overdue" in used:
        conditions.append(and_(ISSUE.c.is_open, ISSUE.c.due_on < bindparam("today")))
    if "after" in used:
        conditions.append(key < bindparam("after"))
    return (
        select(*_COLUMNS)
        .select_from(tables)
        .where(*conditions)
        .order_by(key.desc())
        .limit(bindparam("limit"))
    )


def _at_desk(n: int) -> ColumnElement[bool]:
    return and_(
        ISSUE.c.owner_unit_id == bindparam(f"unit_{n}"),
        ISSUE.c.owner_post == bindparam(f"post_{n}"),
    )


@lru_cache(maxsize=128)
def _moves(desks: int, after: bool) -> Prepared:
    """Each desk reads its own stretch of the index in order; the stretches are merged."""
    heads = []
    for n in range(desks):
        head = select(ISSUE.c.id, ISSUE.c.move_due_at).where(_at_desk(n))
        if after:
            later = tuple_(ISSUE.c.move_due_at, ISSUE.c.id) > tuple_(
                bindparam("after_at", type_=ISSUE.c.move_due_at.type), bindparam("after_id")
            )
            head = head.where(later)
        head = head.order_by(ISSUE.c.move_due_at, ISSUE.c.id).limit(bindparam("limit"))
        heads.append(select(head.subquery()))
    found = union_all(*heads).subquery()
    return Prepared(
        select(*_COLUMNS)
        .where(ISSUE.c.id == found.c.id)
        .order_by(found.c.move_due_at, found.c.id)
        .limit(bindparam("limit"))
    )


@lru_cache(maxsize=64)
def _counts(desks: int) -> Prepared:
    return Prepared(
        select(ISSUE.c.loop, ISSUE.c.state, func.count())
        .where(or_(*(_at_desk(n) for n in range(desks))))
        .group_by(ISSUE.c.loop, ISSUE.c.state)
    )


_WAITING = union_all(
    select(ISSUE.c.owner_unit_id, ISSUE.c.owner_post, func.count())
    .where(ISSUE.c.owner_unit_id.is_not(None))
    .group_by(ISSUE.c.owner_unit_id, ISSUE.c.owner_post),
    select(requests.REQUEST.c.decider_unit_id, requests.REQUEST.c.decider_post, func.count())
    .where(requests.REQUEST.c.state == "open")
    .group_by(requests.REQUEST.c.decider_unit_id, requests.REQUEST.c.decider_post),
    select(PAPER.c.signer_unit_id, PAPER.c.signer_post, func.count())
    .where(PAPER.c.state == "draft")
    .group_by(PAPER.c.signer_unit_id, PAPER.c.signer_post),
)


def _cursor(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise _bad_cursor()
    return int(text)


def _moment(row: IssueRow) -> str | None:
    return f"{row.move_due_at.isoformat()}_{row.id}" if row.move_due_at else None


def _moment_cursor(text: str) -> dict[str, Any]:
    at, _, issue_id = text.rpartition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise _bad_cursor() from None
    if moment.tzinfo is None:
        raise _bad_cursor()
    return {"after_at": moment, "after_id": _cursor(issue_id)}


def _bad_cursor() -> Invalid:
    return Invalid.at("after", N_("翻页位置无效，请从第一页重新查看。"))
