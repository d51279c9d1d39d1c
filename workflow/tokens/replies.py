"""Doing a request once: its ``Idempotency-Key`` is claimed, its effect and its answer kept as one.

Claim, effect and answer commit together or not at all, so that a client who heard nothing may ask
again: it gets the first answer, or the request is carried out for the first time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from workflow.db import Tx
from workflow.prepared import Prepared
from workflow.tokens.models import KeptReply

KEPT = timedelta(days=1)
SWEPT_EVERY = 50
"""One claim in so many also throws away what is too old."""
_SWEPT = 500

_REPLY = KeptReply.__table__  # type: ignore[attr-defined]
_ASKED = ("person_id", "key", "fingerprint", "at")
_EMPTY = {"status": None, "body": None, "location": None}
_CLAIM = Prepared(
    {
        name: statement.values({column: bindparam(column) for column in _ASKED})
        .on_conflict_do_update(
            index_elements=["person_id", "key"],
            set_={
                "fingerprint": statement.excluded.fingerprint,
                "at": statement.excluded.at,
                **_EMPTY,
            },
            where=_REPLY.c.at <= bindparam("too_old"),
        )
        .returning(_REPLY.c.id)
        for name, statement in (
            ("sqlite", sqlite.insert(_REPLY).inline()),
            ("postgresql", postgresql.insert(_REPLY).inline()),
        )
    }
)
"""One row for a key that is new or too old; none, after waiting, for one that was answered."""
_FIND = Prepared(
    select(_REPLY.c.fingerprint, _REPLY.c.status, _REPLY.c.body, _REPLY.c.location).where(
        _REPLY.c.person_id == bindparam("person_id"), _REPLY.c.key == bindparam("key")
    )
)
_KEEP = Prepared(
    update(_REPLY)
    .where(_REPLY.c.id == bindparam("claim"))
    .values({name: bindparam(name) for name in ("status", "body", "location")})
)
_OLD = (
    select(_REPLY.c.id)
    .where(_REPLY.c.at <= bindparam("too_old"))
    .order_by(_REPLY.c.id)
    .limit(_SWEPT)
)
_SWEEP = delete(_REPLY).where(_REPLY.c.id.in_(_OLD.with_for_update(skip_locked=True)))


@dataclass(frozen=True, slots=True)
class Kept:
    """What was answered before, and to which request."""

    fingerprint: str
    status: int
    body: str
    location: str | None


def claim(tx: Tx, *, person_id: int, key: str, fingerprint: str, now: datetime) -> int | Kept:
    """Claim a key before the effect: the claim's id, or what was answered to it within a day.

    Another request that holds the key is waited for.
    """
    too_old = now - KEPT
    asked = {"person_id": person_id, "key": key, "fingerprint": fingerprint, "at": now}
    claimed = _CLAIM.first(tx, {**asked, "too_old": too_old})
    if claimed is None:
        [(before, status, body, location)] = _FIND.rows(tx, asked)
        return Kept(before, status, body, location)
    if claimed[0] % SWEPT_EVERY == 0:
        tx.execute(_SWEEP, {"too_old": too_old})
    return int(claimed[0])


def keep(tx: Tx, claim: int, *, status: int, body: str, location: str | None) -> None:
    """Keep the answer with the effect that it tells of."""
    _KEEP.run(tx, {"claim": claim, "status": status, "body": body, "location": location})
