"""What people do with a paper of a ladder: sign it, withhold it, answer it."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from workflow.db import Tx
from workflow.deadlines import actions as clocks
from workflow.deadlines import answering, running
from workflow.deadlines import queries as clock_queries
from workflow.deadlines.ladder import limit
from workflow.deadlines.running import ClockDraft
from workflow.errors import N_, NotAllowed, Refused
from workflow.escalation import drafting
from workflow.escalation.scene import moment_text
from workflow.escalation.table import Table, desks_of, lay, refused, said, stopped
from workflow.issues.office import Office
from workflow.notices import actions as papers
from workflow.notices import queries as paper_queries
from workflow.notices.queries import PaperRow
from workflow.outbox import messages
from workflow.outbox.actions import Notice
from workflow.units.rules import Actor

ANSWER = "answer"


def sign(tx: Tx, office: Office, *, paper_id: int, by: Actor, now: datetime, door: str) -> None:
    """Sign a draft: it leaves to its addressees, the answer is awaited, the next paper may come.

    Raises NotFound, NotAllowed if another desk signs it, Refused if it is no draft any more.
    """
    paper, table = _open(tx, office, paper_id, by, now, door)
    _may_sign(table, paper)
    clock = clock_queries.clock(tx, paper.clock_id)
    if clock.stopped_at is not None or clock.round != paper.round:
        raise _no_draft(paper, papers.LAPSED)
    if not papers.sign(tx, paper.id, by_id=by.person_id, now=now):
        raise _no_draft(paper, N_("这份文书已经处理过。"))
    awaited = _answer_clock(table, paper, office) if paper.answer_by else None
    changes = stopped(tx, paper, drafting.SIGN, now)
    if clock.ladder is not None:
        changes.append(
            answering.signed(
                clock,
                clock_queries.ladder(tx, clock.ladder),
                rung=paper.rung,
                at=now,
                answer_due=awaited.due_at if awaited else None,
                timing=office.timing,
            )
        )
    table.record(
        "sign", "paper_signed", _event_data(table, paper, awaited), unit_id=paper.signer_unit_id
    )
    clocks.write(tx, [awaited] if awaited else [], changes, now=now)
    table.tell([notice for notice in _received(table, paper, awaited) if notice.recipients])


def withhold(
    tx: Tx, office: Office, *, paper_id: int, reason: str, by: Actor, now: datetime, door: str
) -> None:
    """Withhold a draft, with a reason: it does not leave, and no later paper passes it by itself.

    Raises NotFound, NotAllowed, Refused, and Invalid without a reason.
    """
    reason = said("reason", reason, N_("请写明不予签发的理由。"))
    paper, table = _open(tx, office, paper_id, by, now, door)
    _may_sign(table, paper)
    if not papers.withhold(tx, paper.id, reason=reason, by_id=by.person_id, now=now):
        raise _no_draft(paper, N_("这份文书已经处理过。"))
    data = {"paper_id": paper.id, "paper": paper.kind, "title": paper.title, "reason": reason}
    table.record("withhold", "paper_withheld", data, unit_id=paper.signer_unit_id)
    clocks.write(tx, (), stopped(tx, paper, drafting.SIGN, now), now=now)
    watching = desks_of(table, ("dispatcher@issuer", "supervisor@supervising"))
    table.tell(
        [
            table.changed(
                f"paper:{paper.id}:withheld",
                {"zh": f"不予签发《{paper.title}》", "en": f"Withheld: {paper.title}"},
                reason,
                watching,
                paper.signer_unit_id,
            )
        ]
    )


def answer(
    tx: Tx, office: Office, *, paper_id: int, text: str, by: Actor, now: datetime, door: str
) -> None:
    """Answer a signed paper. The answer's own clock stops; the limit that was missed runs on.

    Raises NotFound, NotAllowed unless the person works for the addressee, Refused, Invalid.
    """
    text = said("answer", text, N_("请填写回复内容。"))
    paper, table = _open(tx, office, paper_id, by, now, door)
    if paper.state != "signed":
        raise refused(paper, "answer", N_("只有已经签发的文书可以回复。"))
    if not any(unit == paper.addressee_unit_id for unit, _ in by.desks):
        raise NotAllowed(N_("只有收文单位的人员可以回复这份文书。"), code="not_addressee")
    if not papers.answer(tx, paper.id, text=text, now=now):
        raise refused(paper, "answer", N_("这份文书已经回复过。"))
    changes = stopped(tx, paper, ANSWER, now)
    clock = clock_queries.clock(tx, paper.clock_id)
    if clock.ladder and clock.stopped_at is None and clock.round == paper.round:
        ladder = clock_queries.ladder(tx, clock.ladder)
        sent = paper.settled_at or now
        back = answering.answered(clock, ladder, rung=paper.rung, at=sent, timing=office.timing)
        changes.extend([back] if back else [])
    data = {"paper_id": paper.id, "paper": paper.kind, "answer": text}
    table.record("answer", "paper_answered", data, unit_id=paper.addressee_unit_id)
    clocks.write(tx, (), changes, now=now)
    signer = (paper.signer_unit_id, paper.signer_post)
    table.tell(
        [
            table.changed(
                f"paper:{paper.id}:answered",
                {"zh": f"已回复《{paper.title}》", "en": f"Answered: {paper.title}"},
                text,
                [signer, *desks_of(table, ("dispatcher@issuer",))],
                paper.addressee_unit_id or paper.signer_unit_id,
            )
        ]
    )


def _open(
    tx: Tx, office: Office, paper_id: int, by: Actor, now: datetime, door: str
) -> tuple[PaperRow, Table]:
    """The paper, read again once its issue is locked."""
    issue_id = paper_queries.paper(tx, paper_id).issue_id
    table = lay(tx, office, issue_id, by, now, door)
    return paper_queries.paper(tx, paper_id), table


def _may_sign(table: Table, paper: PaperRow) -> None:
    signer = (paper.signer_unit_id, paper.signer_post)
    if not table.sits_at(signer):
        raise NotAllowed(
            N_("这份文书由{unit}签发，您不能代签。"),
            code="not_signer",
            params={"unit": table.scene.reach.name(paper.signer_unit_id)},
        )
    if paper.state != "draft":
        raise _no_draft(paper, N_("这份文书已经处理过。"))


def _no_draft(paper: PaperRow, why: str) -> Refused:
    return refused(paper, "sign", why)


def _answer_clock(table: Table, paper: PaperRow, office: Office) -> ClockDraft:
    text = paper.answer_by or ""
    post = paper.to_posts[0][1] if paper.to_posts else "principal"
    return running.start(
        ANSWER,
        issue_id=paper.issue_id,
        subject="paper",
        subject_id=paper.id,
        seq=1,
        limit_text=text,
        limit=limit(text),
        owner=f"{post}@addressee",
        owner_unit_id=paper.addressee_unit_id,
        now=table.now,
        timing=office.timing,
        ladder=office.ladders.pick(ANSWER, "short"),
    )


def _event_data(table: Table, paper: PaperRow, awaited: ClockDraft | None) -> dict[str, Any]:
    told = table.scene.reach.told
    data: dict[str, Any] = {
        "paper_id": paper.id,
        "paper": paper.kind,
        "title": paper.title,
        "text": sha256(paper.body.encode()).hexdigest(),
        "to": [told(each) for each in paper.to_posts],
        "copy": [told(each) for each in paper.copy_posts],
    }
    if awaited is not None:
        data["answer_by"] = moment_text(awaited.due_at, awaited.due_on)
    return data


def _received(table: Table, paper: PaperRow, awaited: ClockDraft | None) -> list[Notice]:
    """One notice to the addressees, one to those who get a copy."""
    to = table.people(paper.to_posts)
    copies = tuple(person for person in table.people(paper.copy_posts) if person not in to)
    due = moment_text(awaited.due_at, awaited.due_on) if awaited else None
    found: list[Notice] = []
    for is_copy, people in ((False, to), (True, copies)):
        message = messages.PaperReceived(
            number=table.head.number,
            title=table.head.title,
            link=f"/papers/{paper.id}",
            paper=paper.kind,
            paper_title=paper.title,
            by=table.scene.reach.name(paper.signer_unit_id),
            answer_by=None if is_copy else due,
            copy=True if is_copy else None,
        )
        effect = f"paper:{paper.id}:{'copy' if is_copy else 'to'}"
        found.append(
            Notice(effect, message.kind, message.payload(), people, table.head.id, not is_copy)
        )
    return found
