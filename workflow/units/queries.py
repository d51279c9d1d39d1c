"""Reads of the unit tree: the directory, kept per engine until its stamp rises."""

from threading import Lock
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Engine, RootTransaction, select

from workflow import stamps
from workflow.db import Tx
from workflow.units.directory import Directory, PersonInfo, PostInfo, RouteInfo, UnitInfo
from workflow.units.models import Person, Post, Route, Unit

STAMP = "directory"
_KEPT = 2  # a reader that began before a change still works with the version before

_UNIT = Unit.__table__  # type: ignore[attr-defined]
_PERSON = Person.__table__  # type: ignore[attr-defined]
_POST = Post.__table__  # type: ignore[attr-defined]
_ROUTE = Route.__table__  # type: ignore[attr-defined]

_UNITS = select(
    _UNIT.c.id,
    _UNIT.c.code,
    _UNIT.c.name,
    _UNIT.c.aliases,
    _UNIT.c.kind,
    _UNIT.c.level,
    _UNIT.c.parent_id,
    _UNIT.c.successor_id,
    _UNIT.c.abolished_on,
).order_by(_UNIT.c.id)
_PEOPLE = select(
    _PERSON.c.id,
    _PERSON.c.login,
    _PERSON.c.name,
    _PERSON.c.email,
    _PERSON.c.phone,
    _PERSON.c.lang,
    _PERSON.c.active,
).order_by(_PERSON.c.id)
_POSTS = select(
    _POST.c.person_id,
    _POST.c.unit_id,
    _POST.c.post,
    _POST.c.from_on,
    _POST.c.until_on,
    _POST.c.acting,
).order_by(_POST.c.id)
_ROUTES = select(
    _ROUTE.c.rank,
    _ROUTE.c.source,
    _ROUTE.c.category,
    _ROUTE.c.place_unit_id,
    _ROUTE.c.issuer_unit_id,
    _ROUTE.c.acceptance_unit_id,
    _ROUTE.c.supervising_unit_id,
    _ROUTE.c.closing_unit_id,
).order_by(_ROUTE.c.id)

_cache: WeakKeyDictionary[Engine, dict[int, Directory]] = WeakKeyDictionary()
_changing: WeakSet[RootTransaction] = WeakSet()
_lock = Lock()


def version(tx: Tx) -> int:
    """The stamp of the directory; 0 before its first change."""
    return stamps.value(tx, STAMP)


def directory(tx: Tx) -> Directory:
    """The units, people, posts and routes that this transaction sees."""
    return directory_at(tx, version(tx))


def directory_at(tx: Tx, version: int) -> Directory:
    """The directory of a stamp that the caller has just read in this transaction."""
    if tx.get_transaction() in _changing:
        return _load(tx, version)
    with _lock:
        found = _cache.get(tx.engine, {}).get(version)
    if found is None:
        found = _load(tx, version)
        with _lock:
            kept = _cache.setdefault(tx.engine, {})
            kept[version] = found
            for old in sorted(kept)[:-_KEPT]:
                del kept[old]
    return found


def mark_changed(tx: Tx) -> None:
    """Keep what this transaction sees out of the cache: it may still be rolled back."""
    if (transaction := tx.get_transaction()) is not None:
        _changing.add(transaction)


def _load(tx: Tx, version: int) -> Directory:
    return Directory(
        version,
        [
            UnitInfo(id, code, name, tuple(aliases), *rest)
            for id, code, name, aliases, *rest in tx.execute(_UNITS)  # noqa: A001
        ],
        [PersonInfo(*row) for row in tx.execute(_PEOPLE)],
        [PostInfo(*row) for row in tx.execute(_POSTS)],
        [RouteInfo(*row) for row in tx.execute(_ROUTES)],
    )
