"""Counts over everything that a person may see, and the rung that comes next."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, func, select

from workflow.db import Tx
from workflow.deadlines.shown import CLOCK, LADDER
from workflow.issues import visible
from workflow.issues.models import Source
from workflow.issues.views import NextRung, Overview, UnitLoad
from workflow.issues.visible import ISSUE
from workflow.units.rules import Scope

_SOURCE = Source.__table__  # type: ignore[attr-defined]
_WEEK = timedelta(days=7)


def overview(tx: Tx, scope: Scope, today: date) -> Overview:
    """The numbers of the first page of a leader: one pass over the scope, one over its sources."""
    values = {"today": today, "week": today + _WEEK, **visible.bound(scope)}
    received = {
        row.kind: int(row.n)
        for row in tx.execute(_received(scope.everything), visible.bound(scope))
    }
    found = _summed(tx.execute(_groups(scope.everything), values).all())
    return replace(found, received=received)


def next_rung(tx: Tx, scope: Scope, *, issue_id: int | None = None) -> NextRung | None:
    """The rung that comes next in the scope, or of one issue of it."""
    values = visible.bound(scope) | ({"issue_id": issue_id} if issue_id else {})
    found = tx.execute(_next(scope.everything, issue_id is not None), values).first()
    if found is None:
        return None
    at = int(found.wake_at.timestamp())
    for rung, moment in zip(found.rungs, found.schedule, strict=False):
        if moment is not None and moment >= at:
            return NextRung(
                number=found.number,
                title=found.title,
                clock=found.kind,
                at=datetime.fromtimestamp(moment, UTC),
                level=rung["level"],
                lamp=rung.get("lamp"),
                message=rung.get("message"),
                paper=rung.get("paper"),
                to=rung.get("to", "owner"),
                owner=found.owner,
                owner_unit_id=found.owner_unit_id,
            )
    return None


@lru_cache(maxsize=2)
def _groups(everything: bool) -> Select[Any]:
    late = case((ISSUE.c.is_open & (ISSUE.c.due_on < bindparam("today")), 1), else_=0)
    soon = case(
        (
            ISSUE.c.is_open
            & (ISSUE.c.due_on >= bindparam("today"))
            & (ISSUE.c.due_on < bindparam("week")),
            1,
        ),
        else_=0,
    )
    is_part = case((ISSUE.c.parent_id.is_not(None), 1), else_=0)
    keys = (
        is_part.label("is_part"),
        ISSUE.c.is_open,
        ISSUE.c.loop,
        ISSUE.c.state,
        ISSUE.c.counts_as,
        ISSUE.c.lamp,
        ISSUE.c.category,
        ISSUE.c.source,
        ISSUE.c.responsible_unit_id,
    )
    return (
        select(
            *keys,
            func.count().label("n"),
            func.sum(late).label("late"),
            func.sum(soon).label("soon"),
        )
        .where(visible.PROBLEM, visible.many(Scope(everything, frozenset())))
        .group_by(*keys)
    )


@lru_cache(maxsize=2)
def _received(everything: bool) -> Select[Any]:
    return (
        select(_SOURCE.c.kind, func.count().label("n"))
        .select_from(_SOURCE.join(ISSUE, _SOURCE.c.issue_id == ISSUE.c.id))
        .where(
            visible.PROBLEM,
            ISSUE.c.parent_id.is_(None),
            visible.many(Scope(everything, frozenset())),
        )
        .group_by(_SOURCE.c.kind)
    )


@lru_cache(maxsize=4)
def _next(everything: bool, of_one: bool) -> Select[Any]:
    joined = CLOCK.join(ISSUE, CLOCK.c.issue_id == ISSUE.c.id).join(
        LADDER, CLOCK.c.ladder == LADDER.c.hash
    )
    statement = (
        select(
            ISSUE.c.number,
            ISSUE.c.title,
            CLOCK.c.kind,
            CLOCK.c.owner,
            CLOCK.c.owner_unit_id,
            CLOCK.c.wake_at,
            CLOCK.c.schedule,
            LADDER.c.rungs,
        )
        .select_from(joined)
        .where(CLOCK.c.wake_at.is_not(None), visible.one(Scope(everything, frozenset())))
        .order_by(CLOCK.c.wake_at)
        .limit(1)
    )
    which = ISSUE.c.id == bindparam("issue_id") if of_one else visible.PROBLEM
    return statement.where(which)


def _summed(groups: Iterable[Row[Any]]) -> Overview:
    states: Counter[tuple[str, str]] = Counter()
    outcomes: Counter[str] = Counter()
    lamps: Counter[str] = Counter()
    tallies: tuple[dict[str, list[int]], dict[str, list[int]]] = ({}, {})
    units: dict[int, tuple[list[int], Counter[str]]] = {}
    total = running = overdue = this_week = 0
    for row in groups:
        n, late, is_open = row.n, row.late, row.is_open
        if is_open and row.responsible_unit_id is not None:
            load, colours = units.setdefault(row.responsible_unit_id, ([0, 0], Counter()))
            load[0] += n
            load[1] += late
            colours[row.lamp] += n
        if row.is_part:
            continue
        total += n
        states[row.loop, row.state] += n
        for tally, key in zip(tallies, (row.category, row.source), strict=True):
            counted = tally.setdefault(key, [0, 0, 0])
            counted[0] += n
            counted[1] += n if is_open else 0
            counted[2] += late
        if is_open:
            running += n
            overdue += late
            this_week += row.soon
            lamps[row.lamp] += n
        elif row.counts_as:
            outcomes[row.counts_as] += n
    return Overview(
        total=total,
        open=running,
        overdue=overdue,
        due_this_week=this_week,
        states=states,
        outcomes=outcomes,
        lamps=lamps,
        categories={key: (a, b, c) for key, (a, b, c) in tallies[0].items()},
        sources={key: (a, b, c) for key, (a, b, c) in tallies[1].items()},
        units=tuple(
            UnitLoad(unit_id, load[0], load[1], colours)
            for unit_id, (load, colours) in sorted(
                units.items(), key=lambda item: (-item[1][0][1], -item[1][0][0], item[0])
            )
        ),
    )
