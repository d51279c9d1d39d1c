"""Every write of the outbox: put, claim, renew, settle; and reading one's inbox."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, null, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from workflow.db import Tx, expect_messages
from workflow.outbox.delivery import Claimed, Outcome
from workflow.outbox.models import OPEN, InboxItem, Outbox
from workflow.prepared import Prepared, as_list, listed

_OUTBOX: Table = Outbox.__table__  # type: ignore[attr-defined]
_INBOX: Table = InboxItem.__table__  # type: ignore[attr-defined]
_ERROR_LENGTH = 500


def _insert_once(table: Table, key: str, columns: Sequence[str], **constants: object) -> Prepared:
    """An INSERT for both databases that leaves what is there as it is.

    Inline: nobody wants the generated ids, so PostgreSQL need not return them.
    """
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    values |= constants
    return Prepared(
        {
            "sqlite": sqlite.insert(table)
            .inline()
            .values(values)
            .on_conflict_do_nothing(index_elements=[key]),
            "postgresql": postgresql.insert(table)
            .inline()
            .values(values)
            .on_conflict_do_nothing(index_elements=[key]),
        }
    )


_PUT = _insert_once(
    _OUTBOX,
    "key",
    (
        "key",
        "issue_id",
        "person_id",
        "channel",
        "message",
        "urgent",
        "payload",
        "created_at",
        "not_before",
    ),
    state="waiting",
    token=0,
    attempts=0,
)
_DUE = Prepared(
    select(
        _OUTBOX.c.id,
        _OUTBOX.c.key,
        _OUTBOX.c.token,
        _OUTBOX.c.issue_id,
        _OUTBOX.c.person_id,
        _OUTBOX.c.message,
        _OUTBOX.c.urgent,
        _OUTBOX.c.payload,
        _OUTBOX.c.created_at,
        _OUTBOX.c.attempts,
    )
    .where(
        text(OPEN),
        _OUTBOX.c.channel == bindparam("channel"),
        _OUTBOX.c.not_before <= bindparam("now"),
        or_(
            _OUTBOX.c.not_before < bindparam("collected"),
            _OUTBOX.c.urgent,
            # Whoever was killed had waited for the window.
            _OUTBOX.c.state == "leased",
        ),
    )
    .order_by(_OUTBOX.c.not_before, _OUTBOX.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_AMONG = listed(_OUTBOX.c.id, "ids")
_LEASE = Prepared(
    {
        name: update(_OUTBOX)
        .where(among)
        .values(state="leased", token=_OUTBOX.c.token + 1, not_before=bindparam("until"))
        for name, among in _AMONG.items()
    }
)
_HELD = Prepared(
    {
        name: select(_OUTBOX.c.id, _OUTBOX.c.token)
        .where(_OUTBOX.c.state == "leased", among)
        .order_by(_OUTBOX.c.id)
        .with_for_update()
        for name, among in _AMONG.items()
    }
)
_EXTEND = Prepared(
    {
        name: update(_OUTBOX).where(among).values(not_before=bindparam("until"))
        for name, among in _AMONG.items()
    }
)
_DONE = Prepared(
    {
        name: update(_OUTBOX)
        .where(among)
        .values(
            state=bindparam("new_state"),
            not_before=bindparam("at"),
            last_error=null(),
            settled_at=bindparam("at"),
        )
        for name, among in _AMONG.items()
    }
)
"""One statement for all that went well, which is nearly everything."""
_FAILED = Prepared(
    update(_OUTBOX)
    .where(_OUTBOX.c.id == bindparam("claimed_id"))
    .values(
        state=bindparam("new_state"),
        not_before=bindparam("new_not_before"),
        attempts=bindparam("new_attempts"),
        last_error=bindparam("new_error"),
        settled_at=bindparam("new_settled_at"),
    )
)
_RECORD = _insert_once(
    _INBOX,
    "outbox_id",
    ("outbox_id", "person_id", "issue_id", "message", "urgent", "subject", "body", "at"),
)


class Notice(NamedTuple):
    """One message about one effect to some people.

    ``effect`` names what is told and never repeats: ``issue:12:clock:4:r1:2``.  ``message`` is a
    kind of ``workflow.outbox.messages``, ``payload`` that message's ``payload()``.  Urgent (red)
    notices know no quiet hours, no budget and no digest.
    """

    effect: str
    message: str
    payload: Mapping[str, Any]
    recipients: tuple[int, ...]
    issue_id: int | None
    urgent: bool = False


def put(tx: Tx, notices: Sequence[Notice], *, channels: tuple[str, ...], now: datetime) -> None:
    """Store one row per notice, person and channel; what was put before is left as it is."""
    rows = [
        {
            "key": f"{notice.effect}:{person}:{channel}",
            "issue_id": notice.issue_id,
            "person_id": person,
            "channel": channel,
            "message": notice.message,
            "urgent": notice.urgent,
            "payload": notice.payload,
            "created_at": now,
            "not_before": now,
        }
        for notice in notices
        for person in dict.fromkeys(notice.recipients)
        for channel in channels
    ]
    if rows:
        _PUT.run_many(tx, rows)
        expect_messages(tx)


def claim(
    tx: Tx,
    *,
    channel: str,
    limit: int,
    now: datetime,
    lease: timedelta,
    collected: datetime | None = None,
) -> list[Claimed]:
    """Lease up to `limit` due messages of a channel, the oldest first.

    What nobody settles or renews before the lease ends is due again.  Messages that came due at
    `collected` or later are left until their window ends, urgent ones excepted.
    """
    # Without a window even what is due at this very instant leaves.
    bound = collected if collected is not None else now + timedelta(microseconds=1)
    rows = _DUE.rows(tx, {"channel": channel, "now": now, "collected": bound, "limit": limit})
    if rows:
        _LEASE.run(tx, {"ids": as_list(tx, [row[0] for row in rows]), "until": now + lease})
    return [
        Claimed(
            id=row_id,
            key=key,
            token=token + 1,
            issue_id=issue_id,
            person_id=person_id,
            channel=channel,
            message=message,
            urgent=urgent,
            payload=payload,
            created_at=created_at,
            attempts=attempts,
        )
        for (
            row_id,
            key,
            token,
            issue_id,
            person_id,
            message,
            urgent,
            payload,
            created_at,
            attempts,
        ) in rows
    ]


def renew(tx: Tx, batch: Sequence[Claimed], *, now: datetime, lease: timedelta) -> list[Claimed]:
    """Extend the leases that are still held; what is left out belongs to somebody else by now."""
    held = _held(tx, batch)
    if held:
        _EXTEND.run(tx, {"ids": as_list(tx, sorted(held)), "until": now + lease})
    return [claimed for claimed in batch if claimed.id in held]


def settle(tx: Tx, outcomes: Sequence[Outcome], *, now: datetime) -> frozenset[int]:
    """Record what became of claimed messages, and what the inbox shows of them.

    Returns the ids that were recorded.  An outcome whose lease has passed to somebody else is
    dropped: the new holder records it.
    """
    held = _held(tx, [outcome.claimed for outcome in outcomes])
    valid = [outcome for outcome in outcomes if outcome.claimed.id in held]
    if not valid:
        return frozenset()
    for state in ("sent", "merged"):
        ids = sorted(outcome.claimed.id for outcome in valid if outcome.state == state)
        if ids:
            _DONE.run(tx, {"ids": as_list(tx, ids), "new_state": state, "at": now})
    failed = [_failed(outcome, now) for outcome in valid if outcome.state in ("waiting", "dead")]
    if failed:
        _FAILED.run_many(tx, failed)
    items = [_item(outcome, now) for outcome in valid if outcome.inbox is not None]
    if items:
        _RECORD.run_many(tx, items)
    return frozenset(outcome.claimed.id for outcome in valid)


def _held(tx: Tx, batch: Iterable[Claimed]) -> frozenset[int]:
    """Lock the rows of a batch; the ids that still carry the batch's tokens."""
    tokens = {claimed.id: claimed.token for claimed in batch}
    if not tokens:
        return frozenset()
    rows = _HELD.rows(tx, {"ids": as_list(tx, sorted(tokens))})
    return frozenset(row_id for row_id, token in rows if token == tokens[row_id])


def _failed(outcome: Outcome, now: datetime) -> dict[str, Any]:
    waits = outcome.state == "waiting"
    return {
        "claimed_id": outcome.claimed.id,
        "new_state": outcome.state,
        "new_not_before": outcome.not_before or now,
        "new_attempts": outcome.claimed.attempts + (outcome.error is not None),
        "new_error": outcome.error and outcome.error[:_ERROR_LENGTH],
        "new_settled_at": None if waits else now,
    }


def _item(outcome: Outcome, now: datetime) -> dict[str, Any]:
    claimed, shown = outcome.claimed, outcome.inbox
    assert shown is not None
    return {
        "outbox_id": claimed.id,
        "person_id": claimed.person_id,
        "issue_id": claimed.issue_id,
        "message": claimed.message,
        "urgent": claimed.urgent,
        "subject": shown.subject,
        "body": shown.body,
        "at": now,
    }


_READ = (
    update(_INBOX)
    .where(
        _INBOX.c.person_id == bindparam("reader"),
        _INBOX.c.id <= bindparam("up_to"),
        _INBOX.c.read_at.is_(None),
    )
    .values(read_at=bindparam("now"))
)
_READ_ONE = (
    update(_INBOX)
    .where(
        _INBOX.c.person_id == bindparam("reader"),
        _INBOX.c.id == bindparam("item"),
        _INBOX.c.read_at.is_(None),
    )
    .values(read_at=bindparam("now"))
)


def mark_read(tx: Tx, *, person_id: int, item_id: int, now: datetime) -> bool:
    """Mark one item of a person's inbox as read; False if it is not theirs or was read before."""
    found = tx.execute(_READ_ONE, {"reader": person_id, "item": item_id, "now": now})
    return found.rowcount > 0


def mark_all_read(tx: Tx, *, person_id: int, up_to: int, now: datetime) -> int:
    """Mark everything up to the item that the person has seen as read; how many there were."""
    found = tx.execute(_READ, {"reader": person_id, "up_to": up_to, "now": now})
    return found.rowcount
