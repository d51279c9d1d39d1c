"""A paper that a rung asks for: its text, its addressees, and the clock of its signer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from workflow.deadlines import running
from workflow.deadlines.ladder import Rung, limit
from workflow.deadlines.running import ClockDraft
from workflow.escalation.reach import Reached, hashed
from workflow.escalation.scene import Scene, day_zh, due_zh, late_zh, moment_text
from workflow.issues.heads import HeadRow
from workflow.notices.actions import Draft
from workflow.notices.render import Facts, draft_text
from workflow.outbox import messages
from workflow.outbox.actions import Notice

SIGN = "sign"


class Late(Protocol):
    """What a paper says of the clock that is late."""

    @property
    def id(self) -> int: ...
    @property
    def round(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def owner_unit_id(self) -> int | None: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def due_on(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A draft that is not written yet, and who is to sign it."""

    draft: Draft
    signer: Reached


def ask(scene: Scene, head: HeadRow, clock: Late, index: int, rung: Rung) -> Asked | None:
    """The draft for a paper rung; None if the city has nobody at all who could sign it."""
    standing = hashed(head.units)

    def reached(relative: str, *, to_sign: bool = False) -> Reached:
        return scene.reach.find(
            relative,
            owner=clock.owner,
            owner_unit_id=clock.owner_unit_id,
            units=head.units,
            standing=standing,
            to_sign=to_sign,
        )

    signer = reached(rung.sign or "dispatcher@issuer", to_sign=True)
    if signer.desk is None or rung.paper is None:
        return None
    to = reached(rung.to)
    copies = [each for each in map(reached, rung.copy) if each.desk and each.desk != to.desk]
    addressee = to.desk[0] if to.desk else clock.owner_unit_id
    text = draft_text(rung.paper, _facts(scene, head, clock, rung, addressee, signer, copies))
    draft = Draft(
        issue_id=head.id,
        clock_id=clock.id,
        round=clock.round,
        rung=index,
        kind=rung.paper,
        title=text.title,
        body=text.body,
        addressee_unit_id=addressee,
        to_posts=[to.desk] if to.desk else [],
        copy_posts=list(dict.fromkeys(each.desk for each in copies if each.desk)),
        signer_unit_id=signer.desk[0],
        signer_post=signer.desk[1],
        answer_by=rung.answer_by,
    )
    return Asked(draft, signer)


def _facts(
    scene: Scene,
    head: HeadRow,
    clock: Late,
    rung: Rung,
    addressee: int | None,
    signer: Reached,
    copies: Sequence[Reached],
) -> Facts:
    name = scene.reach.name
    due_at, due_on = clock.due_at or scene.now, clock.due_on
    return Facts(
        number=head.number,
        title=head.title,
        owner=name(clock.owner_unit_id),
        addressee=name(addressee),
        issuer=name(signer.desk[0] if signer.desk else None),
        clock=scene.clock_words(head.loop_version, clock.kind)["zh"],
        due=due_zh(due_at, due_on, scene.office.timing),
        today=day_zh(scene.today),
        late=late_zh(due_at, due_on, scene.now, scene.today),
        answer_by=limit(rung.answer_by).label() if rung.answer_by else None,
        copies=list(dict.fromkeys(name(each.desk[0]) for each in copies if each.desk)),
    )


class Signing:
    """The clocks of signers that start at one moment: counted once, copied for each draft."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._pattern: ClockDraft | None = None

    def clock(self, paper_id: int, draft: Draft) -> ClockDraft:
        """The clock of the draft's signer, whose expiry goes to the signer's superior."""
        if self._pattern is None:
            office = self.scene.office
            self._pattern = running.start(
                SIGN,
                issue_id=0,
                subject="paper",
                subject_id=0,
                seq=1,
                limit_text=office.ladders.sign_within,
                limit=limit(office.ladders.sign_within),
                owner="",
                owner_unit_id=None,
                now=self.scene.now,
                timing=office.timing,
                ladder=office.ladders.pick(SIGN, "short"),
            )
        values: Mapping[str, Any] = {
            **self._pattern.values,
            "issue_id": draft.issue_id,
            "subject_id": paper_id,
            "owner": f"{draft.signer_post}@signer",
            "owner_unit_id": draft.signer_unit_id,
        }
        return self._pattern._replace(values=values)


def to_sign(scene: Scene, head: HeadRow, paper_id: int, asked: Asked, clock: ClockDraft) -> Notice:
    """Tell the signer that a draft waits."""
    draft = asked.draft
    message = messages.PaperToSign(
        number=head.number,
        title=head.title,
        link=f"/papers/{paper_id}",
        paper=draft.kind,
        paper_title=draft.title,
        addressee=scene.reach.name(draft.addressee_unit_id),
        due=moment_text(clock.due_at, clock.due_on),
    )
    return Notice(
        f"paper:{paper_id}:sign", message.kind, message.payload(), asked.signer.people, head.id
    )
