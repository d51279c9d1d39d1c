"""Sessions: who is logged in at which browser. The cookie's token is stored as a hash only."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from workflow.db import Tx
from workflow.errors import N_, NotAllowed
from workflow.units.models import LoginSession, Person
from workflow.units.passwords import is_password

LASTS = timedelta(hours=12)
"""A session ends this long after the login …"""
IDLE = timedelta(hours=2)
"""… or this long after it was last used."""
TOUCHED = timedelta(minutes=1)
"""Uses closer together than this are not written down."""

_SESSION = LoginSession.__table__  # type: ignore[attr-defined]
_PERSON = Person.__table__  # type: ignore[attr-defined]

_PASSWORD = select(_PERSON.c.id, _PERSON.c.password_hash, _PERSON.c.active).where(
    _PERSON.c.login == bindparam("login")
)
_OPEN = insert(_SESSION)
_FIND = (
    select(
        _SESSION.c.id,
        _SESSION.c.person_id,
        _SESSION.c.created_at,
        _SESSION.c.seen_at,
        _SESSION.c.expires_at,
        _SESSION.c.data,
    )
    .join(_PERSON, _PERSON.c.id == _SESSION.c.person_id)
    .where(
        _SESSION.c.token_hash == bindparam("token_hash"),
        _SESSION.c.expires_at > bindparam("now"),
        _SESSION.c.seen_at > bindparam("idle_since"),
        _PERSON.c.active,
    )
)
_TOUCH = (
    update(_SESSION).where(_SESSION.c.id == bindparam("of_id")).values(seen_at=bindparam("now"))
)
_REMEMBER = (
    update(_SESSION).where(_SESSION.c.id == bindparam("of_id")).values(data=bindparam("data"))
)
_CLOSE = delete(_SESSION).where(_SESSION.c.token_hash == bindparam("token_hash"))
_CLOSE_ALL = delete(_SESSION).where(_SESSION.c.person_id == bindparam("of_person"))
_PRUNE = delete(_SESSION).where(
    (_SESSION.c.expires_at <= bindparam("now")) | (_SESSION.c.seen_at <= bindparam("idle_since"))
)


@dataclass(frozen=True, slots=True)
class Session:
    """A session in force."""

    id: int
    person_id: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    data: Mapping[str, Any]

    def is_stale(self, now: datetime) -> bool:
        """Whether `touch` has something to write."""
        return now - self.seen_at >= TOUCHED


def authenticate(tx: Tx, *, login: str, password: str) -> int:
    """The id of the person with this login and password; takes some 50 ms and one read.

    Call it outside the writing transaction: on SQLite that one keeps everybody else waiting. Raises
    NotAllowed with the same sentence, after the same time, whatever was wrong.
    """
    row = tx.execute(_PASSWORD, {"login": login}).one_or_none()
    known = is_password(password, row.password_hash if row else None)
    if row is None or not known or not row.active:
        raise NotAllowed(
            N_("登录名或密码不正确。请重新输入；忘记密码请联系管理员。"), code="bad_login"
        )
    return int(row.id)


def open_session(
    tx: Tx, *, person_id: int, now: datetime, data: Mapping[str, Any] | None = None
) -> str:
    """Start a session and return its token, which only the browser keeps."""
    token = secrets.token_urlsafe(32)
    tx.execute(
        _OPEN,
        {
            "token_hash": _hashed(token),
            "person_id": person_id,
            "created_at": now,
            "seen_at": now,
            "expires_at": now + LASTS,
            "data": dict(data or {}),
        },
    )
    return token


def find_session(tx: Tx, token: str, *, now: datetime) -> Session | None:
    """The session of a token, unless it has ended or its person's account is closed."""
    values = {"token_hash": _hashed(token), "now": now, "idle_since": now - IDLE}
    row = tx.execute(_FIND, values).one_or_none()
    return None if row is None else Session(*row)


def touch(tx: Tx, session: Session, *, now: datetime) -> None:
    """Record that the session is in use; at most once a minute."""
    if session.is_stale(now):
        tx.execute(_TOUCH, {"of_id": session.id, "now": now})


def remember(tx: Tx, session: Session, data: Mapping[str, Any]) -> None:
    """Replace what the session carries (language, a sentence to show once …)."""
    tx.execute(_REMEMBER, {"of_id": session.id, "data": dict(data)})


def close_session(tx: Tx, token: str) -> None:
    """Log out at this browser."""
    tx.execute(_CLOSE, {"token_hash": _hashed(token)})


def close_all(tx: Tx, person_id: int) -> None:
    """Log a person out everywhere."""
    tx.execute(_CLOSE_ALL, {"of_person": person_id})


def prune(tx: Tx, *, now: datetime) -> int:
    """Delete sessions that have ended; how many."""
    return int(tx.execute(_PRUNE, {"now": now, "idle_since": now - IDLE}).rowcount)


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()
