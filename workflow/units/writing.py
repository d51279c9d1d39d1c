"""Puts checked changes into the tables of units, people, posts and routes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, bindparam, insert, select, update

from workflow.db import Tx
from workflow.units.entries import Batch, PostEntry, RouteEntry
from workflow.units.models import Person, Post, Route, Unit
from workflow.units.register import Changes

_UNIT = Unit.__table__  # type: ignore[attr-defined]
_PERSON = Person.__table__  # type: ignore[attr-defined]
_POST = Post.__table__  # type: ignore[attr-defined]
_ROUTE = Route.__table__  # type: ignore[attr-defined]

_CODES = select(_UNIT.c.code, _UNIT.c.id)
_LOGINS = select(_PERSON.c.login, _PERSON.c.id)
_SET_UNIT = (
    update(_UNIT)
    .where(_UNIT.c.code == bindparam("of_code"))
    .values({name: bindparam(name) for name in ("name", "aliases", "kind", "level")})
)
_SET_PARENT = (
    update(_UNIT).where(_UNIT.c.code == bindparam("of_code")).values(parent_id=bindparam("parent"))
)
_SET_PERSON = (
    update(_PERSON)
    .where(_PERSON.c.login == bindparam("of_login"))
    .values({name: bindparam(name) for name in ("name", "email", "phone", "lang")})
)


@dataclass(frozen=True, slots=True)
class Stored:
    """How many entries of a batch were new, changed, or there already."""

    new: int
    changed: int
    same: int


def write(tx: Tx, batch: Batch, changes: Changes, code_of: Callable[[str], str | None]) -> Stored:
    """Write changes that have no faults; `code_of` resolves a unit's name in entries and tables."""
    _write_units(tx, changes, code_of)
    _write_people(tx, changes)
    unit_id = _resolver(code_of, _ids(tx, _CODES))
    _write_posts(tx, changes.new_posts, unit_id)
    _write_routes(tx, changes.new_routes, unit_id)
    return _count(batch, changes)


def _ids(tx: Tx, statement: Select[str, int]) -> dict[str, int]:
    return dict(tx.execute(statement).all())


def _write_units(tx: Tx, changes: Changes, code_of: Callable[[str], str | None]) -> None:
    if changes.new_units:
        tx.execute(
            insert(_UNIT),
            [
                entry.model_dump(include={"code", "name", "kind", "level"})
                | {"aliases": list(entry.aliases)}
                for entry in changes.new_units
            ],
        )
    if changes.changed_units:
        tx.execute(
            _SET_UNIT,
            [
                entry.model_dump(include={"name", "kind", "level"})
                | {"aliases": list(entry.aliases), "of_code": entry.code}
                for entry in changes.changed_units
            ],
        )
    # Parents afterwards: in an import a unit may stand before the one that it is under.
    if touched := [*changes.new_units, *changes.changed_units]:
        codes = _ids(tx, _CODES)
        unit_id = _resolver(code_of, codes)
        tx.execute(
            _SET_PARENT,
            [{"of_code": entry.code, "parent": unit_id(entry.under)} for entry in touched],
        )


def _write_people(tx: Tx, changes: Changes) -> None:
    if changes.new_people:
        tx.execute(
            insert(_PERSON),
            [entry.model_dump(exclude={"row"}) | {"active": True} for entry in changes.new_people],
        )
    if changes.changed_people:
        tx.execute(
            _SET_PERSON,
            [
                entry.model_dump(include={"name", "email", "phone", "lang"})
                | {"of_login": entry.login}
                for entry in changes.changed_people
            ],
        )


def _write_posts(
    tx: Tx, entries: Sequence[PostEntry], unit_id: Callable[[str | None], int | None]
) -> None:
    if entries:
        people = _ids(tx, _LOGINS)
        tx.execute(
            insert(_POST),
            [
                entry.model_dump(exclude={"row", "login", "unit"})
                | {"person_id": people[entry.login], "unit_id": unit_id(entry.unit)}
                for entry in entries
            ],
        )


def _write_routes(
    tx: Tx, entries: Sequence[RouteEntry], unit_id: Callable[[str | None], int | None]
) -> None:
    if entries:
        tx.execute(
            insert(_ROUTE),
            [
                entry.model_dump(include={"rank", "source", "category"})
                | {
                    "place_unit_id": unit_id(entry.place),
                    "issuer_unit_id": unit_id(entry.issuer),
                    "acceptance_unit_id": unit_id(entry.acceptance),
                    "supervising_unit_id": unit_id(entry.supervising),
                    "closing_unit_id": unit_id(entry.closing),
                }
                for entry in entries
            ],
        )


def _resolver(
    code_of: Callable[[str], str | None], ids: Mapping[str, int]
) -> Callable[[str | None], int | None]:
    def unit_id(text: str | None) -> int | None:
        code = code_of(text) if text else None
        return None if code is None else ids[code]

    return unit_id


def _count(batch: Batch, changes: Changes) -> Stored:
    new = (
        len(changes.new_units)
        + len(changes.new_people)
        + len(changes.new_posts)
        + len(changes.new_routes)
    )
    changed = len(changes.changed_units) + len(changes.changed_people)
    every = len(batch.units) + len(batch.people) + len(batch.posts) + len(batch.routes)
    return Stored(new, changed, every - new - changed)
