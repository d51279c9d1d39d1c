"""Who reported: seen by the issuer's dispatcher only, and each look is on record."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, insert, select

from workflow.db import Tx
from workflow.errors import N_, NotAllowed, NotFound
from workflow.issues import visible
from workflow.issues.models import LookAccess, Reporter, Source
from workflow.issues.visible import ISSUE
from workflow.loops.loop import Role
from workflow.units.directory import Directory
from workflow.units.rules import Actor, Scope, Units, may, scope_of

DISPATCHER = Role("dispatcher", "issuer")

_SOURCE = Source.__table__  # type: ignore[attr-defined]
_REPORTER = Reporter.__table__  # type: ignore[attr-defined]
_SOURCES = _SOURCE.join(ISSUE, _SOURCE.c.issue_id == ISSUE.c.id).join(
    _REPORTER, _REPORTER.c.source_id == _SOURCE.c.id
)
_LOOKED = insert(LookAccess.__table__)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class ReporterView:
    """Who reported and how they can be reached."""

    source_id: int
    name: str | None
    contact: str | None


def may_look(directory: Directory, units: Units, by: Actor) -> bool:
    """Whether the person dispatches for the unit that issues."""
    return may(directory, (DISPATCHER,), units, by)


def look(
    tx: Tx, *, number: str, source_id: int, directory: Directory, by: Actor, now: datetime
) -> ReporterView:
    """Return who reported and write down who looked, in the same transaction.

    Raises:
        NotFound: no such source, or its reporter has been erased.
        NotAllowed: the person is not the issuer's dispatcher.
    """
    scope = scope_of(directory, by)
    values = {"number": number, "source_id": source_id, **visible.bound(scope)}
    found = tx.execute(_one(scope.everything), values).first()
    if found is None:
        raise NotFound(N_("这一来源没有登记举报人，或其信息已依法删除。"))
    if by.person_id is None or not may_look(directory, found.units, by):
        raise NotAllowed(N_("举报人信息只限交办单位的交办员查看。"))
    tx.execute(_LOOKED, {"source_id": source_id, "person_id": by.person_id, "at": now})
    return ReporterView(source_id, found.name, found.contact)


@lru_cache(maxsize=2)
def _one(everything: bool) -> Select[Any]:
    return (
        select(ISSUE.c.units, _REPORTER.c.name, _REPORTER.c.contact)
        .select_from(_SOURCES)
        .where(
            ISSUE.c.number == bindparam("number"),
            _SOURCE.c.id == bindparam("source_id"),
            visible.one(Scope(everything, frozenset())),
        )
    )
