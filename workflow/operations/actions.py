"""Every write about the installation itself: signs of life, canaries, marks, alarms."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from workflow.db import Tx
from workflow.errors import N_, Invalid
from workflow.operations import leases, queries, words
from workflow.operations.findings import (
    CLOCK_LEASE,
    JUMP,
    PROCESS_PATIENCE,
    Finding,
    ProcessRow,
)
from workflow.operations.models import OPEN_ALARM
from workflow.operations.queries import ALARM, CANARY, CONFIRMED, MARK, PROCESS, SWEPT, AlarmRow
from workflow.operations.sanity import BACK, FORWARD
from workflow.outbox import actions as outbox
from workflow.outbox.actions import Notice
from workflow.outbox.messages import Alarm as AlarmMessage

FORGOTTEN = timedelta(days=1)
"""A process that has been silent for so long will not come back."""
REPLACED = timedelta(seconds=30)
"""Silent for so long while its part starts anew on the same host: it has been replaced."""
KEPT = timedelta(hours=1)
"""How long finished canaries are kept."""
CALM = timedelta(seconds=60)
"""An alarm is over when it has not been found for so long; a flicker is one alarm, not ten."""

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_COLUMNS = ("id", "part", "host", "pid", "version", "started_at", "beat_at", "skew")
_BEAT = {}
_MARK = {}
_RAISE = {}
for _name, _of in _INSERT.items():
    _process = _of(PROCESS).values({column: bindparam(column) for column in _COLUMNS})
    _BEAT[_name] = _process.on_conflict_do_update(
        index_elements=["id"],
        set_={"beat_at": _process.excluded.beat_at, "skew": _process.excluded.skew},
    )
    _mark = _of(MARK).values(name=bindparam("mark"), at=bindparam("now"))
    _MARK[_name] = _mark.on_conflict_do_update(
        index_elements=["name"], set_={"at": _mark.excluded.at}
    )
    _alarm = _of(ALARM).values(
        kind=bindparam("a_kind"),
        subject=bindparam("a_subject"),
        severity=bindparam("a_severity"),
        since=bindparam("a_since"),
        params=bindparam("a_params"),
        raised_at=bindparam("now"),
        seen_at=bindparam("now"),
    )
    _RAISE[_name] = _alarm.on_conflict_do_nothing(
        index_elements=["kind", "subject"], index_where=text(OPEN_ALARM)
    ).returning(ALARM.c.id)
_GONE = delete(PROCESS).where(
    or_(
        PROCESS.c.beat_at < bindparam("forgotten"),
        (PROCESS.c.part == bindparam("of_part"))
        & (PROCESS.c.host == bindparam("on_host"))
        & (PROCESS.c.id != bindparam("me"))
        & (PROCESS.c.beat_at < bindparam("replaced")),
    )
)
_LEAVE = delete(PROCESS).where(PROCESS.c.id == bindparam("me"))
_PUT = insert(CANARY).values(token=bindparam("my_token"), put_at=bindparam("now"))
_CLEAN = delete(CANARY).where(
    or_(
        CANARY.c.done_at < bindparam("kept"),
        CANARY.c.done_at.is_(None) & (CANARY.c.token < bindparam("my_token")),
    )
)
_WAITING = select(CANARY.c.put_at).where(CANARY.c.done_at.is_(None)).order_by(CANARY.c.id).limit(1)
_FINISH = update(CANARY).where(CANARY.c.done_at.is_(None)).values(done_at=bindparam("now"))
_SEEN = (
    update(ALARM)
    .where(ALARM.c.id.in_(bindparam("ids", expanding=True)), text(OPEN_ALARM))
    .values(seen_at=bindparam("now"))
)
_CLEAR = (
    update(ALARM)
    .where(ALARM.c.id.in_(bindparam("ids", expanding=True)), text(OPEN_ALARM))
    .values(cleared_at=bindparam("now"), cleared_by_id=bindparam("by"))
    .returning(ALARM.c.id)
)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told of an alarm, over which channels, and what the installation is called."""

    people: tuple[int, ...] = ()
    channels: tuple[str, ...] = ("inbox",)
    place: str = ""
    """The address of the installation: who looks after several has to know which one speaks."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Alarms that began or ended with one look."""

    raised: tuple[AlarmRow, ...] = ()
    cleared: tuple[AlarmRow, ...] = ()


# -- signs of life ---------------------------------------------------------------------------------


def beat(tx: Tx, process: ProcessRow) -> None:
    """Say that a process lives; what it replaces, and what is long gone, is forgotten."""
    now = process.beat_at
    tx.execute(_BEAT[tx.dialect.name], {name: getattr(process, name) for name in _COLUMNS})
    params = {
        "forgotten": now - FORGOTTEN,
        "of_part": process.part,
        "on_host": process.host,
        "me": process.id,
        "replaced": now - REPLACED if process.started_at == now else now - FORGOTTEN,
    }
    tx.execute(_GONE, params)


def leave(tx: Tx, process_id: str) -> None:
    """A process ends as it should and is no longer missed."""
    tx.execute(_LEAVE, {"me": process_id})


def put_mark(tx: Tx, name: str, *, now: datetime) -> None:
    """Something has been done now."""
    tx.execute(_MARK[tx.dialect.name], {"mark": name, "now": now})


def put_canary(tx: Tx, *, holder: str, token: int, now: datetime) -> datetime | None:
    """Put a canary unless one still waits; since when it waits.

    None for a clock that no longer leads: nothing is written. What the clock before it put and
    nobody finished is thrown away.
    """
    if not leases.is_held(tx, CLOCK_LEASE, holder=holder, token=token):
        return None
    tx.execute(_CLEAN, {"kept": now - KEPT, "my_token": token})
    waiting: datetime | None = tx.execute(_WAITING).scalar()
    if waiting is None:
        tx.execute(_PUT, {"my_token": token, "now": now})
    return waiting or now


def finish_canaries(tx: Tx, *, now: datetime) -> int:
    """A worker works; how many canaries waited for that."""
    return int(tx.execute(_FINISH, {"now": now}).rowcount)


# -- alarms ----------------------------------------------------------------------------------------


def reconcile(
    tx: Tx,
    found: Iterable[Finding],
    *,
    now: datetime,
    audience: Audience,
    looked_for: frozenset[str],
) -> Changes:
    """Raise what is new, clear what has been calm for a while, tell the audience of both.

    `looked_for` are the kinds that this look would have found; alarms of other kinds stay.
    """
    findings = {finding.key: finding for finding in found}
    known = {alarm.key: alarm for alarm in queries.open_alarms(tx)}
    raised = _raise(tx, [each for key, each in findings.items() if key not in known], now)
    if seen := [alarm.id for key, alarm in known.items() if key in findings]:
        tx.execute(_SEEN, {"ids": seen, "now": now})
    over = [
        alarm
        for key, alarm in known.items()
        if key not in findings and alarm.kind in looked_for and now - alarm.seen_at >= CALM
    ]
    cleared = _clear(tx, over, now=now, by=None)
    _tell(tx, raised, cleared, now=now, audience=audience)
    return Changes(raised, cleared)


def raise_one(tx: Tx, finding: Finding, *, now: datetime, audience: Audience) -> bool:
    """Raise one alarm; False if it is open already."""
    raised = _raise(tx, [finding], now)
    _tell(tx, raised, (), now=now, audience=audience)
    return bool(raised)


def confirm_time(tx: Tx, *, now: datetime, by: int | None, audience: Audience) -> bool:
    """An operator says that the time is right: escalations go on. False if they did not wait.

    What was recorded at later moments no longer counts as proof that time has gone back.  Raises
    Invalid while the clock of a machine still differs from the database's.
    """
    for process in queries.processes(tx):
        if now - process.beat_at < PROCESS_PATIENCE and not -BACK <= process.skew <= FORWARD:
            raise Invalid(
                N_(
                    "{process} 所在机器的时间与数据库仍相差 {seconds} 秒。"
                    "请先校时，一分钟后再确认。"
                ),
                params={"process": process.name, "seconds": process.skew},
            )
    frozen = [alarm for alarm in queries.open_alarms(tx) if alarm.kind == JUMP]
    put_mark(tx, SWEPT, now=now)
    put_mark(tx, CONFIRMED, now=now)
    cleared = _clear(tx, frozen, now=now, by=by)
    _tell(tx, (), cleared, now=now, audience=audience)
    return bool(cleared)


def _raise(tx: Tx, found: Sequence[Finding], now: datetime) -> tuple[AlarmRow, ...]:
    raised: list[AlarmRow] = []
    for each in found:
        params = {
            "a_kind": each.kind,
            "a_subject": each.subject,
            "a_severity": each.severity,
            "a_since": each.since,
            "a_params": dict(each.params),
            "now": now,
        }
        # Two processes may find the same at the same moment; one of them raises it.
        new: int | None = tx.execute(_RAISE[tx.dialect.name], params).scalar()
        if new is not None:
            raised.append(
                AlarmRow(
                    new,
                    each.kind,
                    each.subject,
                    each.severity,
                    each.since,
                    dict(each.params),
                    now,
                    now,
                    None,
                    None,
                )
            )
    return tuple(raised)


def _clear(
    tx: Tx, over: Sequence[AlarmRow], *, now: datetime, by: int | None
) -> tuple[AlarmRow, ...]:
    if not over:
        return ()
    ids = [alarm.id for alarm in over]
    done = set(tx.execute(_CLEAR, {"ids": ids, "now": now, "by": by}).scalars())
    return tuple([alarm for alarm in over if alarm.id in done])


def _tell(
    tx: Tx,
    raised: Sequence[AlarmRow],
    cleared: Sequence[AlarmRow],
    *,
    now: datetime,
    audience: Audience,
) -> None:
    notices = [
        *(_notice(alarm, None, audience) for alarm in raised),
        *(_notice(alarm, now, audience) for alarm in cleared),
    ]
    outbox.put(tx, notices, channels=audience.channels, now=now)


def _notice(alarm: AlarmRow, over: datetime | None, audience: Audience) -> Notice:
    message = AlarmMessage(
        number=alarm.number,
        title=audience.place,
        link="/health",
        alarm=words.title(alarm.kind),
        what=words.sentence(alarm.kind, alarm.params),
        advice=None if over else words.advice(alarm.kind),
        since=alarm.since.isoformat(),
        over=over.isoformat() if over else None,
    )
    effect = f"alarm:{alarm.id}:over" if over else f"alarm:{alarm.id}"
    is_red = alarm.severity == "red" and over is None
    return Notice(effect, message.kind, message.payload(), audience.people, None, urgent=is_red)
