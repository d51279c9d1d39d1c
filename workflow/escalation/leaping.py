"""Skipping upward (越级): the next paper of a clock at once, for a reason that somebody gives."""

from datetime import datetime

from workflow.db import Tx
from workflow.deadlines import actions as clocks
from workflow.deadlines import climbing
from workflow.deadlines import queries as clock_queries
from workflow.deadlines.climbing import Climbed, Fate
from workflow.deadlines.ladder import Ladder
from workflow.deadlines.running import ClockRow, moment
from workflow.errors import N_, NotAllowed, Refused
from workflow.escalation import drafting
from workflow.escalation.drafting import Signing
from workflow.escalation.rungs import leap, lit
from workflow.escalation.table import Table, desks_of, lay, said, stopped
from workflow.issues.office import Office
from workflow.notices import actions as papers
from workflow.notices import queries as paper_queries
from workflow.units.rules import Actor

LEAPERS = ("leader@supervising", "supervisor@supervising", "dispatcher@issuer")
"""Besides the signer of the next paper, these may skip upward."""
SKIPPED = N_("越级办理：{reason}")


def skip_upward(
    tx: Tx, office: Office, *, clock_id: int, reason: str, by: Actor, now: datetime, door: str
) -> int:
    """Draft the next paper of a clock at once, whatever still waits before it; returns its id.

    A draft that waits is withheld, rungs on the way are recorded as skipped. Raises NotFound,
    NotAllowed, Refused if there is nothing further up, Invalid without a reason.
    """
    reason = said("reason", reason, N_("越级须写明理由。"))
    clock = clock_queries.clock(tx, clock_id)
    table = lay(tx, office, clock.issue_id, by, now, door)
    clock = clock_queries.clock(tx, clock_id)
    if clock.stopped_at is not None or clock.ladder is None:
        raise _leap_refused(N_("这个时限已经结束，没有可以越级的文书。"))
    ladder = clock_queries.ladder(tx, clock.ladder)
    found = leap(clock, ladder)
    if found is None or found[0].paper is None:
        raise _leap_refused(N_("这个升级阶梯上没有更高一级的文书。"))
    take, skipped = found
    index = take.paper
    assert index is not None
    asked = drafting.ask(table.scene, table.head, clock, index, ladder.rungs[index])
    if asked is None:
        raise _leap_refused(N_("没有可以签发这份文书的人员，请先任命。"))
    signer = (asked.draft.signer_unit_id, asked.draft.signer_post)
    if not any(table.sits_at(each) for each in (signer, *desks_of(table, LEAPERS))):
        raise NotAllowed(N_("只有签发人、督导单位和交办单位可以越级。"), code="not_leaper")
    if clock.blocked_by is not None:
        _set_aside(table, clock.blocked_by, reason)
    (paper_id,) = papers.draft(tx, [asked.draft], now=now)
    lamp = lit([ladder.rungs[index]])
    data = {
        "clock": clock.kind,
        "round": clock.round,
        "rungs": [{"rung": index, "level": ladder.rungs[index].level}],
        "skipped": list(skipped),
        "paper": asked.draft.kind,
        "paper_id": paper_id,
        "sign": table.scene.reach.told(signer),
        "reason": reason,
    }
    unit_id = next(iter(sorted(unit for unit, _ in by.desks)), None)
    table.record("skip_upward", "rung", data, unit_id=unit_id, lamp=lamp)
    wake = moment(take.wake) if clock.ticks else None
    climbed = Climbed(
        id=clock.id,
        next_rung=take.next_rung,
        lamp=lamp[0] if lamp else clock.lamp,
        level=lamp[1] if lamp else clock.level,
        blocked_by=paper_id,
        wake_at=wake,
        schedule=take.schedule,
    )
    fates = [_fate(clock, ladder, each, "skipped", None) for each in skipped]
    fates.append(_fate(clock, ladder, index, "taken", paper_id))
    climbing.record(tx, [climbed], fates, now=now)
    draft = Signing(table.scene).clock(paper_id, asked.draft)
    clocks.write(tx, [draft], now=now)
    table.tell([drafting.to_sign(table.scene, table.head, paper_id, asked, draft)])
    return paper_id


def _leap_refused(why: str) -> Refused:
    return Refused(
        N_("现在不能越级。"), action="skip_upward", state="", why=why, code="no_higher_paper"
    )


def _set_aside(table: Table, paper_id: int, reason: str) -> None:
    """Withhold the draft that somebody skips; one that was withheld before stays as it is."""
    tx, now = table.tx, table.now
    paper = paper_queries.paper(tx, paper_id)
    told = SKIPPED.format(reason=reason)[:1000]
    if papers.withhold(tx, paper_id, reason=told, by_id=table.by.person_id, now=now):
        clocks.write(tx, (), stopped(tx, paper, drafting.SIGN, now), now=now)


def _fate(clock: ClockRow, ladder: Ladder, index: int, outcome: str, paper_id: int | None) -> Fate:
    at, rung = clock.schedule[index], ladder.rungs[index]
    due_at = moment(at)
    if due_at is None:
        raise AssertionError("a rung that is still to come has a time")
    return Fate(
        clock.id,
        clock.issue_id,
        clock.round,
        index,
        rung.level,
        rung.lamp,
        outcome,
        None,
        paper_id,
        due_at,
    )
