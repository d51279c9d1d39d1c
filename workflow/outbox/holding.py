"""Messages from before the installation was restored: how many wait, and what becomes of them.

The in-app inbox is not among them: what it shows are rows of the same database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, case, func, select, text, update

from workflow.db import Tx, expect_messages
from workflow.outbox.models import OPEN, Outbox

_OUTBOX: Table = Outbox.__table__  # type: ignore[attr-defined]
IN_APP = "inbox"
"""The channel that leaves nothing."""
_ERROR_LENGTH = 500

_IS_OLD = (text(OPEN), _OUTBOX.c.channel != IN_APP, _OUTBOX.c.id <= bindparam("up_to"))
_LAST = select(func.coalesce(func.max(_OUTBOX.c.id), 0))
_COUNTS = (
    select(
        _OUTBOX.c.channel,
        func.sum(case((_OUTBOX.c.id <= bindparam("up_to"), 1), else_=0)),
        func.sum(case((_OUTBOX.c.id > bindparam("up_to"), 1), else_=0)),
        func.sum(case((_OUTBOX.c.state == "leased", 1), else_=0)),
        func.min(_OUTBOX.c.created_at),
    )
    .where(text(OPEN), _OUTBOX.c.channel != IN_APP)
    .group_by(_OUTBOX.c.channel)
    .order_by(_OUTBOX.c.channel)
)
_TAKE_BACK = (
    update(_OUTBOX)
    .where(_OUTBOX.c.state == "leased")
    .values(state="waiting", token=_OUTBOX.c.token + 1, not_before=bindparam("at"))
)
_VOID = (
    update(_OUTBOX)
    .where(*_IS_OLD)
    .values(state="void", settled_at=bindparam("at"), last_error=bindparam("why"))
)


@dataclass(frozen=True, slots=True)
class Held:
    """What waits on one channel."""

    channel: str
    before: int
    """Put before the restore: they may have left since the backup was taken."""
    since: int
    """Put after it: nobody has sent them."""
    in_flight: int
    """Of those of before: claimed at the moment of the backup."""
    oldest: datetime


def last_id(tx: Tx) -> int:
    """The id of the newest message; 0 without any."""
    return int(tx.execute(_LAST).scalar_one())


def held(tx: Tx, *, up_to: int) -> tuple[Held, ...]:
    """What waits to leave, by channel; channels on which nothing waits are left out."""
    return tuple([Held(*row) for row in tx.execute(_COUNTS, {"up_to": up_to})])


def take_back(tx: Tx, *, now: datetime) -> int:
    """End every claim: whoever made it belongs to another installation. How many there were."""
    return int(tx.execute(_TAKE_BACK, {"at": now}).rowcount)


def void(tx: Tx, *, up_to: int, reason: str, now: datetime) -> Mapping[str, int]:
    """These messages will never leave (作废); how many, by channel."""
    counts = {each.channel: each.before for each in held(tx, up_to=up_to) if each.before}
    values: dict[str, Any] = {"up_to": up_to, "at": now, "why": reason[:_ERROR_LENGTH]}
    tx.execute(_VOID, values)
    return counts


def release(tx: Tx, *, up_to: int) -> Mapping[str, int]:
    """These messages leave like any others as soon as nothing holds them; how many, by channel."""
    expect_messages(tx)
    return {each.channel: each.before for each in held(tx, up_to=up_to) if each.before}
