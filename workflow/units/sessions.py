"""Who is logged in at which browser: a random token, kept here as its hash only."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from workflow import stamps
from workflow.db import Tx
from workflow.units.models import LoginSession, Person
from workflow.units.queries import STAMP

LASTS = timedelta(hours=12)
"""A working day and its evening; then one logs in again."""

_SESSION = LoginSession.__table__  # type: ignore[attr-defined]
_PERSON = Person.__table__  # type: ignore[attr-defined]
_NOTES_KEPT = 20

_FIND = (
    select(_SESSION.c.id, _SESSION.c.person_id, _SESSION.c.data, stamps.column(STAMP))
    .select_from(_SESSION.join(_PERSON, _SESSION.c.person_id == _PERSON.c.id))
    .where(
        _SESSION.c.token_hash == bindparam("token_hash"),
        _SESSION.c.expires_at > bindparam("now"),
        _PERSON.c.active,
    )
)
_FIND_LOCKED = _FIND.with_for_update(of=_SESSION)
_ADD = insert(_SESSION)
_END = delete(_SESSION).where(_SESSION.c.token_hash == bindparam("token_hash"))
_END_ALL = delete(_SESSION).where(_SESSION.c.person_id == bindparam("whose"))
_END_OLD = delete(_SESSION).where(_SESSION.c.expires_at <= bindparam("now"))
_NOTE = (
    update(_SESSION)
    .where(_SESSION.c.id == bindparam("session_id"))
    .values(data=bindparam("to_data"), seen_at=bindparam("now"))
)
_SECRET = select(_PERSON.c.id, _PERSON.c.password_hash).where(
    _PERSON.c.login == bindparam("login"), _PERSON.c.active
)


@dataclass(frozen=True, slots=True)
class Session:
    """A valid log-in, and the directory's version that was read with it."""

    id: int
    person_id: int
    data: Mapping[str, Any]
    directory_version: int


def find(tx: Tx, token: str, *, now: datetime, for_update: bool = False) -> Session | None:
    """The session of a token, unless it has ended or its person has been switched off."""
    statement = _FIND_LOCKED if for_update else _FIND
    row = tx.execute(statement, {"token_hash": _hash(token), "now": now}).first()
    return Session(row.id, row.person_id, row.data, row.directory or 0) if row else None


def start(tx: Tx, *, person_id: int, now: datetime) -> str:
    """Log a person in and return the token; ended sessions are swept out on the way."""
    token = secrets.token_urlsafe(32)
    tx.execute(_END_OLD, {"now": now})
    tx.execute(
        _ADD,
        {
            "token_hash": _hash(token),
            "person_id": person_id,
            "created_at": now,
            "seen_at": now,
            "expires_at": now + LASTS,
            "data": {},
        },
    )
    return token


def end(tx: Tx, token: str) -> None:
    """Log out at this browser."""
    tx.execute(_END, {"token_hash": _hash(token)})


def end_all(tx: Tx, *, person_id: int) -> None:
    """Log a person out everywhere, as after a new password."""
    tx.execute(_END_ALL, {"whose": person_id})


def note(tx: Tx, session: Session, key: str, value: str, *, now: datetime) -> None:
    """Remember what became of a form, so that sending it twice does it once."""
    data = dict(session.data)
    data.pop(key, None)
    kept = dict([*data.items(), (key, value)][-_NOTES_KEPT:])
    tx.execute(_NOTE, {"session_id": session.id, "to_data": kept, "now": now})


def secret_of(tx: Tx, login: str) -> tuple[int, str | None] | None:
    """The id and the password hash of an active person, for checking a log-in.

    The check (``passwords.is_password``) takes some 50 ms: make it outside any transaction, and
    also for a login that nobody has, so that the time tells nothing.
    """
    row = tx.execute(_SECRET, {"login": login}).first()
    return (row.id, row.password_hash) if row else None


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
