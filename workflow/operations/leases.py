"""Leases: one holder at a time, on both databases by the same two statements.

Whoever holds a lease renews it long before it ends; whoever wants it tries again and again.  A new
holder gets a higher token, by which everything that the one before still does can be recognised.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from workflow.db import Tx
from workflow.operations.queries import LEASE

IMPLAUSIBLE = 4
"""A lease that ends so many lengths from now was taken by a clock that has been set back since."""

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_TAKE = {}
for _dialect, _insert in _INSERT.items():
    _fresh = _insert(LEASE).values(
        name=bindparam("lease"),
        holder=bindparam("me"),
        token=1,
        since=bindparam("now"),
        until=bindparam("end"),
    )
    _is_mine = LEASE.c.holder == _fresh.excluded.holder
    _TAKE[_dialect] = _fresh.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "holder": _fresh.excluded.holder,
            "token": LEASE.c.token + case((_is_mine, 0), else_=1),
            "since": case((_is_mine, LEASE.c.since), else_=_fresh.excluded.since),
            "until": _fresh.excluded.until,
        },
        where=or_(
            _is_mine,
            LEASE.c.until <= bindparam("free"),
            LEASE.c.until > bindparam("implausible"),
        ),
    ).returning(LEASE.c.token)
_RELEASE = (
    update(LEASE)
    .where(LEASE.c.name == bindparam("lease"), LEASE.c.holder == bindparam("me"))
    .values(until=bindparam("now"))
)
_HELD = (
    select(LEASE.c.token)
    .where(
        LEASE.c.name == bindparam("lease"),
        LEASE.c.holder == bindparam("me"),
        LEASE.c.token == bindparam("my_token"),
    )
    .with_for_update()
)


def take(
    tx: Tx, name: str, *, holder: str, now: datetime, length: timedelta, by_force: bool = False
) -> int | None:
    """Take the lease or renew it; its token, or None while somebody else holds it.

    `by_force` is for whoever knows otherwise that the holder is gone.
    """
    end = now + length
    params = {
        "lease": name,
        "me": holder,
        "now": now,
        "end": end,
        "free": datetime.max.replace(tzinfo=now.tzinfo) if by_force else now,
        "implausible": now + IMPLAUSIBLE * length,
    }
    found: int | None = tx.execute(_TAKE[tx.dialect.name], params).scalar()
    return found


def release(tx: Tx, name: str, *, holder: str, now: datetime) -> bool:
    """Give the lease back before it ends; False if it has passed to somebody else."""
    return bool(tx.execute(_RELEASE, {"lease": name, "me": holder, "now": now}).rowcount)


def is_held(tx: Tx, name: str, *, holder: str, token: int) -> bool:
    """Whether the lease is still this holder's; until the end of the transaction it stays so."""
    params = {"lease": name, "me": holder, "my_token": token}
    return tx.execute(_HELD, params).first() is not None
