"""Writes of the unit tree; each raises the stamp ``directory``, so that every process reads anew.

Units have no issue and therefore no event chain: each write leaves one line in the log, with ids
only.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import delete, select, update

from workflow import stamps
from workflow.db import Tx
from workflow.errors import N_, Invalid, NotAllowed
from workflow.units.entries import (
    Batch,
    Entry,
    Fault,
    Faulty,
    PersonEntry,
    PostEntry,
    RouteEntry,
    UnitEntry,
    form_sentence,
)
from workflow.units.models import Person, Post, Unit
from workflow.units.passwords import hash_password
from workflow.units.queries import STAMP, directory, mark_changed
from workflow.units.register import Register
from workflow.units.rules import SYSTEM, Actor
from workflow.units.writing import Stored, write

log = logging.getLogger(__name__)

E = TypeVar("E", bound=Entry)

_UNIT = Unit.__table__  # type: ignore[attr-defined]
_PERSON = Person.__table__  # type: ignore[attr-defined]
_POST = Post.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Abolition:
    """What abolishing a unit moved; its open issues are moved by the issues' own action."""

    unit_id: int
    successor_id: int
    children: tuple[int, ...]
    people: tuple[int, ...]
    """Who held a post there; those who go on working need a new one."""


def add_unit(
    tx: Tx,
    *,
    code: str,
    name: str,
    kind: str = "department",
    level: str = "city",
    under: str | None = None,
    aliases: Sequence[str] = (),
    by: Actor = SYSTEM,
    now: datetime,
    door: str,
) -> int:
    """Add a unit below `under` (code, name or alias); its id. Raises Invalid, NotAllowed."""
    entry = _entry(
        UnitEntry,
        code=code,
        name=name,
        kind=kind,
        level=level,
        under=under or None,
        aliases=tuple(aliases),
    )
    _store(tx, Batch(units=(entry,)), by=by, now=now, door=door)
    return int(tx.execute(select(_UNIT.c.id).where(_UNIT.c.code == code)).scalar_one())


def add_person(
    tx: Tx,
    *,
    login: str,
    name: str,
    password: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    lang: str = "zh",
    by: Actor = SYSTEM,
    now: datetime,
    door: str,
) -> int:
    """Add a person; their id. Without a password they cannot log in with one."""
    hashed = None if password is None else hash_password(password)
    entry = _entry(
        PersonEntry, login=login, name=name, email=email or None, phone=phone or None, lang=lang
    )
    _store(tx, Batch(people=(entry,)), by=by, now=now, door=door)
    person_id = int(tx.execute(select(_PERSON.c.id).where(_PERSON.c.login == login)).scalar_one())
    if hashed is not None:
        tx.execute(update(_PERSON).where(_PERSON.c.id == person_id).values(password_hash=hashed))
    return person_id


def set_password(
    tx: Tx, *, person_id: int, password: str, by: Actor = SYSTEM, now: datetime, door: str
) -> None:
    """Give a person a new password."""
    _require_admin(by)
    directory(tx).person(person_id)
    tx.execute(
        update(_PERSON)
        .where(_PERSON.c.id == person_id)
        .values(password_hash=hash_password(password))
    )
    _log("password set", by, now, door, person=person_id)


def set_active(
    tx: Tx, *, person_id: int, active: bool, by: Actor = SYSTEM, now: datetime, door: str
) -> None:
    """Close a person's account or open it again; a closed one ends all sessions at once."""
    _require_admin(by)
    directory(tx).person(person_id)
    tx.execute(update(_PERSON).where(_PERSON.c.id == person_id).values(active=active))
    _changed(tx)
    _log("account opened" if active else "account closed", by, now, door, person=person_id)


def appoint(
    tx: Tx,
    *,
    person_id: int,
    unit_id: int,
    post: str,
    from_on: date,
    until_on: date | None = None,
    acting: bool = False,
    by: Actor = SYSTEM,
    now: datetime,
    door: str,
) -> None:
    """Give a person a post from one day to another, both included."""
    known = directory(tx)
    unit = known.unit(unit_id)
    if unit.abolished_on is not None:
        raise Invalid.at("unit", N_("“{unit}”已撤销，不能任命。"), unit=unit.name)
    entry = _entry(
        PostEntry,
        login=known.person(person_id).login,
        unit=unit.code,
        post=post,
        from_on=from_on,
        until_on=until_on,
        acting=acting,
    )
    _store(tx, Batch(posts=(entry,)), by=by, now=now, door=door)


def relieve(
    tx: Tx,
    *,
    person_id: int,
    unit_id: int,
    post: str,
    last_on: date,
    by: Actor = SYSTEM,
    now: datetime,
    door: str,
) -> None:
    """End a person's post; `last_on` is the last day. A post that had not begun disappears."""
    _require_admin(by)
    held = (_POST.c.person_id == person_id) & (_POST.c.unit_id == unit_id) & (_POST.c.post == post)
    if not _end_posts(tx, held, last_on):
        raise Invalid.at("post", N_("此人届时不担任该岗位，无需免职。"))
    _changed(tx)
    _log("post ended", by, now, door, person=person_id, unit=unit_id, post=post)


def abolish(
    tx: Tx,
    *,
    unit_id: int,
    successor_id: int,
    on: date,
    by: Actor = SYSTEM,
    now: datetime,
    door: str,
) -> Abolition:
    """Abolish a unit from `on`: its name, units below and routes lead to the successor.

    Every post in it ends. Its issues count as the successor's at once (``Directory.current``); the
    issues' own action then moves each open one with an event.
    """
    _require_admin(by)
    known = directory(tx)
    unit, successor = known.unit(unit_id), known.unit(successor_id)
    if unit.abolished_on is not None:
        raise Invalid.at("unit", N_("“{unit}”早已撤销。"), unit=unit.name)
    if successor.abolished_on is not None or successor_id == unit_id:
        raise Invalid.at("successor", N_("接收单位须是另一个未撤销的单位。"))
    if known.is_within(successor_id, unit_id) and successor.parent_id != unit_id:
        raise Invalid.at("successor", N_("接收单位不能在被撤销单位的下级之下。"))
    people = tuple(
        tx.execute(
            select(_POST.c.person_id)
            .where(_POST.c.unit_id == unit_id)
            .where((_POST.c.until_on.is_(None)) | (_POST.c.until_on >= on))
            .distinct()
            .order_by(_POST.c.person_id)
        ).scalars()
    )
    children = tuple(child.id for child in known.children(unit_id) if child.id != successor_id)
    tx.execute(update(_UNIT).where(_UNIT.c.parent_id == unit_id).values(parent_id=successor_id))
    if successor.parent_id == unit_id:
        tx.execute(update(_UNIT).where(_UNIT.c.id == successor_id).values(parent_id=unit.parent_id))
    tx.execute(
        update(_UNIT)
        .where(_UNIT.c.id == unit_id)
        .values(successor_id=successor_id, abolished_on=on)
    )
    _end_posts(tx, _POST.c.unit_id == unit_id, on - timedelta(days=1))
    _changed(tx)
    _log("unit abolished", by, now, door, unit=unit_id, successor=successor_id)
    return Abolition(unit_id, successor_id, children, people)


def add_route(
    tx: Tx,
    *,
    issuer: str,
    source: str | None = None,
    category: str | None = None,
    place: str | None = None,
    acceptance: str | None = None,
    supervising: str | None = None,
    closing: str | None = None,
    rank: int = 0,
    by: Actor = SYSTEM,
    now: datetime,
    door: str,
) -> None:
    """Add a line to the routing table; units by code, name or alias."""
    entry = _entry(
        RouteEntry,
        issuer=issuer,
        source=source,
        category=category,
        place=place,
        acceptance=acceptance,
        supervising=supervising,
        closing=closing,
        rank=rank,
    )
    _store(tx, Batch(routes=(entry,)), by=by, now=now, door=door)


def import_units(tx: Tx, batch: Batch, *, by: Actor = SYSTEM, now: datetime, door: str) -> Stored:
    """Store everything or nothing; what exists under its code or login is brought up to date.

    Raises Faulty, which names every fault with its row.
    """
    return _store(tx, batch, by=by, now=now, door=door, update=True)


def _entry(model: type[E], **values: Any) -> E:
    try:
        return model(**values)
    except ValidationError as error:
        raise Faulty(
            tuple(
                Fault("", str(found["loc"][0]), form_sentence(found), found.get("ctx", {}))
                for found in error.errors(include_url=False)
            )
        ) from error


def _store(
    tx: Tx, batch: Batch, *, by: Actor, now: datetime, door: str, update: bool = False
) -> Stored:
    _require_admin(by)
    register = Register(directory(tx), batch, update=update)
    changes = register.changes()
    if changes.faults:
        raise Faulty(tuple(changes.faults))
    stored = write(tx, batch, changes, register.code_of)
    if stored.new or stored.changed:
        _changed(tx)
        _log("units stored", by, now, door, added=stored.new, changed=stored.changed)
    return stored


def _end_posts(tx: Tx, which: Any, last_on: date) -> int:
    """Let posts end on `last_on`, drop those that begin later; how many were touched."""
    dropped = tx.execute(delete(_POST).where(which, _POST.c.from_on > last_on))
    lasting = (_POST.c.until_on.is_(None)) | (_POST.c.until_on > last_on)
    ended = tx.execute(update(_POST).where(which, lasting).values(until_on=last_on))
    return int(dropped.rowcount + ended.rowcount)


def _require_admin(by: Actor) -> None:
    """Units and people are changed by an administrator or by the installation itself."""
    if by.person_id is not None and not any(post == "admin" for _, post in by.desks):
        raise NotAllowed(N_("只有管理员可以维护单位和人员。"))


def _changed(tx: Tx) -> None:
    stamps.rise(tx, STAMP)
    mark_changed(tx)


def _log(event: str, by: Actor, now: datetime, door: str, **facts: object) -> None:
    log.info(event, extra={"by": by.login, "at": now.isoformat(), "door": door, **facts})
