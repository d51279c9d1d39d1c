"""Whose token it is, and which tokens there are."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import bindparam, select

from workflow import stamps
from workflow.db import Tx
from workflow.prepared import Prepared
from workflow.tokens.models import ApiToken
from workflow.units import queries as units

TOKEN = ApiToken.__table__  # type: ignore[attr-defined]
_FIND = Prepared(
    select(TOKEN.c.id, TOKEN.c.person_id, stamps.column(units.STAMP)).where(
        TOKEN.c.token_hash == bindparam("token_hash"),
        TOKEN.c.expires_at > bindparam("now"),
        TOKEN.c.revoked_at.is_(None),
    )
)
_ALL = select(
    TOKEN.c.id,
    TOKEN.c.person_id,
    TOKEN.c.label,
    TOKEN.c.created_at,
    TOKEN.c.expires_at,
    TOKEN.c.revoked_at,
).order_by(TOKEN.c.id)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token a request carries, and the directory's version that was read with it."""

    token_id: int
    person_id: int
    directory_version: int


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as a list shows it; the token itself is not known here."""

    id: int
    person_id: int
    label: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and now < self.expires_at


def find(tx: Tx, secret: str, *, now: datetime) -> Bearer | None:
    """Whose token this is, unless it is unknown, expired or revoked.

    Whether the person is active and what they may do is for the directory to say.
    """
    row = _FIND.first(tx, {"token_hash": hash_of(secret), "now": now})
    return Bearer(row[0], row[1], row[2] or 0) if row else None


def every(tx: Tx) -> tuple[TokenView, ...]:
    """Every token that was ever given, the oldest first."""
    return tuple([TokenView(*row) for row in tx.execute(_ALL)])


def hash_of(secret: str) -> str:
    """How a token is kept; it is random and long, so a plain hash tells nothing of it."""
    return sha256(secret.encode()).hexdigest()
