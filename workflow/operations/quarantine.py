"""Quarantine (隔离): a restored installation sends nothing and takes no rung.

Its backup knows nothing of what was sent and decided after it was taken.  The in-app inbox goes on,
since what it shows never leaves.  An operator lifts the quarantine and says what becomes of the
messages that waited when the backup was taken.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, insert, select, text, update

from workflow.db import Tx
from workflow.errors import N_, Invalid, NotAllowed
from workflow.operations.models import OPEN_QUARANTINE, Quarantine
from workflow.operations.queries import ADMIN
from workflow.outbox import holding
from workflow.units.rules import Actor

LOG = logging.getLogger(__name__)
LONGEST_REASON = 500
Outcome = Literal["released", "discarded"]

_QUARANTINE = Quarantine.__table__  # type: ignore[attr-defined]
_BEGIN = insert(_QUARANTINE)
_OPEN = (
    select(
        _QUARANTINE.c.id,
        _QUARANTINE.c.origin,
        _QUARANTINE.c.taken_at,
        _QUARANTINE.c.began_at,
        _QUARANTINE.c.last_outbox_id,
        _QUARANTINE.c.pending,
    )
    .where(text(OPEN_QUARANTINE))
    .order_by(_QUARANTINE.c.id.desc())
    .limit(1)
)
_LIFT = (
    update(_QUARANTINE)
    .where(text(OPEN_QUARANTINE))
    .values(
        lifted_at=bindparam("at"),
        lifted_by_id=bindparam("by"),
        reason=bindparam("why"),
        outcome=bindparam("fate"),
        settled=bindparam("counts"),
    )
)


@dataclass(frozen=True, slots=True)
class Held:
    """A quarantine that nobody has lifted."""

    id: int
    origin: str
    taken_at: datetime
    began_at: datetime
    last_outbox_id: int
    pending: Mapping[str, tuple[int, int]]


def current(tx: Tx) -> Held | None:
    """The quarantine in force, or None."""
    found = tx.execute(_OPEN).first()
    return None if found is None else Held(*found)


def is_on(tx: Tx) -> bool:
    """Whether nothing may leave and no rung may be taken."""
    return tx.execute(_OPEN).first() is not None


def begin(tx: Tx, *, origin: str, taken_at: datetime, now: datetime) -> Held:
    """Put the installation into quarantine, in the transaction that restores it.

    Claims of the installation that made the backup end here.
    """
    up_to = holding.last_id(tx)
    pending = {
        each.channel: [each.before, each.in_flight] for each in holding.held(tx, up_to=up_to)
    }
    holding.take_back(tx, now=now)
    row = {
        "origin": origin,
        "taken_at": taken_at,
        "began_at": now,
        "last_outbox_id": up_to,
        "pending": pending,
        "settled": {},
    }
    tx.execute(_BEGIN, row)
    found = current(tx)
    assert found is not None
    return found


def check(tx: Tx, *, by: Actor, reason: str) -> Held:
    """Whether this person may lift the quarantine for this reason; the quarantine.

    Raises Invalid where there is none, or no reason; NotAllowed for whoever is no administrator.
    """
    found = current(tx)
    if found is None:
        raise Invalid(N_("系统不在隔离中，无须解除。"), code="no_quarantine")
    if not any(post.post == ADMIN for post in by.held):
        raise NotAllowed(
            N_("只有系统管理员（岗位 admin）可以解除隔离，“{login}”不是。"),
            code="not_admin",
            params={"login": by.login},
        )
    if not reason.strip():
        raise Invalid.at("reason", N_("请写明解除隔离的原因，原因会记录在案。"))
    if len(reason) > LONGEST_REASON:
        raise Invalid.at("reason", N_("原因不能超过 {most} 个字。"), most=LONGEST_REASON)
    return found


def lift(tx: Tx, *, outcome: Outcome, by: Actor, reason: str, now: datetime) -> Mapping[str, int]:
    """End the quarantine: messages of before leave after all, or never will; how many, by channel.

    What was put since leaves in either case. Raises as `check` does.
    """
    found = check(tx, by=by, reason=reason)
    if outcome == "discarded":
        counts = holding.void(tx, up_to=found.last_outbox_id, reason=reason, now=now)
    else:
        counts = holding.release(tx, up_to=found.last_outbox_id)
    values = {
        "at": now,
        "by": by.person_id,
        "why": reason.strip(),
        "fate": outcome,
        "counts": dict(counts),
    }
    tx.execute(_LIFT, values)
    LOG.info(
        "quarantine is lifted",
        extra={"quarantine": found.id, "by": by.person_id, "outcome": outcome, "counts": counts},
    )
    return counts
