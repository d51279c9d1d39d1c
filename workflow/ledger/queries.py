"""Reads of imports; a person sees those of the units in their scope."""

from collections import Counter
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from workflow.db import Tx
from workflow.errors import Invalid
from workflow.ledger import store
from workflow.ledger.content import row_of
from workflow.ledger.store import IMPORT
from workflow.ledger.tools import Tools
from workflow.ledger.values import Remark
from workflow.ledger.views import ImportView, Preview, RowView, UnknownUnit
from workflow.ledger.ways import Origin, Sorter, Way
from workflow.units import queries as units
from workflow.units.rules import Actor, Scope

MOST = 100
_COLUMNS = [IMPORT.c[each.name] for each in fields(ImportView)]
_ALL = select(*_COLUMNS).where(IMPORT.c.state != "discarded").order_by(IMPORT.c.id.desc())
_MINE = _ALL.where(IMPORT.c.unit_id.in_(bindparam("units", expanding=True)))


def imports(tx: Tx, scope: Scope, *, limit: int = MOST) -> list[ImportView]:
    """The imports of a scope, the newest first."""
    if scope.everything:
        found = tx.execute(_ALL.limit(limit))
    elif scope.units:
        found = tx.execute(_MINE.limit(limit), {"units": sorted(scope.units)})
    else:
        return []
    return [ImportView(*row) for row in found]


def get(tx: Tx, import_id: int, scope: Scope) -> ImportView:
    """One import of a scope. Raises NotFound."""
    found = store.find(tx, import_id)
    if found.state == "discarded" or not (scope.everything or found.unit_id in scope.units):
        raise store.no_such_import(import_id)
    return found


def rows(
    tx: Tx,
    tools: Tools,
    found: ImportView,
    by: Actor,
    now: datetime,
    *,
    after: int = -1,
    limit: int = 50,
) -> list[RowView]:
    """Some rows of an import with the way that each would take now, or its issue."""
    sorter = _sorter(tx, tools, found, by, now)
    return [
        RowView(
            row.seq,
            row.state,
            row.cell,
            read := row_of(row.content),
            _way(sorter, read) if row.state == "staged" else None,
            row.number,
        )
        for row in store.rows(tx, found.id, after=after, limit=limit)
    ]


def preview(tx: Tx, tools: Tools, found: ImportView, by: Actor, now: datetime) -> Preview:
    """What an import would do if it were confirmed now."""
    sorter = _sorter(tx, tools, found, by, now)
    ways: Counter[str] = Counter()
    why: Counter[Remark] = Counter()
    names: Counter[str] = Counter()
    doubles = remarks = 0
    for row in store.rows(tx, found.id):
        read = row_of(row.content)
        remarks += bool(read.notes)
        if row.state == "double":
            doubles += 1
            continue
        way = _way(sorter, read)
        ways[way.name] += 1
        if way.why is not None:
            why[Remark(way.why.sentence)] += 1
        listed = dict.fromkeys(name for role in read.units.values() for name in role)
        names.update(name for name in listed if sorter.unit(name) is None)
    return Preview(ways, doubles, _unknown(sorter, found, names), remarks, tuple(why.most_common()))


def _unknown(sorter: Sorter, found: ImportView, names: Counter[str]) -> tuple[UnknownUnit, ...]:
    chosen = found.mapping.get("units", {})
    directory = sorter.house.directory
    return tuple(
        UnknownUnit(name, n, directory.nearest(name), chosen.get(name, ""))
        for name, n in names.most_common()
    )


def _sorter(tx: Tx, tools: Tools, found: ImportView, by: Actor, now: datetime) -> Sorter:
    return Sorter(
        tools,
        tools.office.house(units.directory(tx)),
        Origin(found.id, found.sha256, found.file_name, found.unit_id),
        units=found.mapping.get("units", {}),
        options=found.options,
        by=by,
        now=now,
    )


def _way(sorter: Sorter, row: Any) -> Way:
    try:
        return sorter.sort(row)[0]
    except Invalid as error:  # no route leads anywhere
        return Way("triage", Remark(error.message, error.params))
