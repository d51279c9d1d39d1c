"""What becomes of the papers that the ladders draft, and of the messages that are sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cli.demo.cast import Cast
from cli.demo.moments import span
from cli.demo.stories import PapersEntry, Story
from tasks.render import Renderer
from workflow.db import Tx
from workflow.escalation import actions as escalation
from workflow.issues import papers
from workflow.issues.office import Office
from workflow.outbox import actions as outbox
from workflow.outbox.delivery import InboxText, sent
from workflow.units.rules import Scope

DOOR = "web"
INBOX = "inbox"
EVERYTHING = Scope(everything=True, units=frozenset())
SIGNING_POSTS = ("dispatcher", "section_head", "deputy", "principal", "party_principal", "leader")
ANSWER_AFTER = timedelta(hours=20)
ANSWER = "来函收悉。已召开专题会研究，责任到人，倒排工期，三日内报送进展。"


@dataclass(frozen=True, slots=True)
class Task:
    """A paper that somebody gets to at a moment: to sign it, or to answer it."""

    at: datetime
    story: Story
    paper_id: int
    is_answer: bool


@dataclass
class Letters:
    """The papers of all stories: how many are signed and answered is what each story says."""

    tx: Tx
    cast: Cast
    told: dict[str, tuple[Story, PapersEntry]] = field(default_factory=dict)
    """Number of an issue or a part → its story and what the story says about papers."""
    drafted: int = 0
    _seen: set[int] = field(default_factory=set)
    _signed: dict[str, int] = field(default_factory=dict)
    _answered: dict[str, int] = field(default_factory=dict)

    def new_drafts(self, at: datetime) -> Iterator[Task]:
        """Yield who signs which of the drafts that the clock has just made."""
        directory = self.cast.directory
        on = self.cast.office.timing.day(at)
        desks = [
            (unit_id, post)
            for unit_id in directory.units
            for post in SIGNING_POSTS
            if directory.holders(unit_id, post, on)
        ]
        for draft in papers.to_sign(self.tx, desks):
            if draft.id in self._seen or draft.number not in self.told:
                continue
            self._seen.add(draft.id)
            self.drafted += 1
            story, told = self.told[draft.number]
            signed = self._signed.get(draft.number, 0)
            if signed < told.sign:
                self._signed[draft.number] = signed + 1
                yield Task(at + span(told.after), story, draft.id, is_answer=False)

    def take(self, task: Task, office: Office) -> Task | None:
        """Sign or answer a paper; returns the answer that a signed one will get."""
        paper = papers.get(self.tx, task.paper_id, EVERYTHING)
        if task.is_answer:
            if paper.addressee_unit_id is not None and paper.answered_at is None:
                by = self.cast.at_desk(paper.addressee_unit_id, "handler", task.at)
                escalation.answer(
                    self.tx, office, paper_id=paper.id, text=ANSWER, by=by, now=task.at, door=DOOR
                )
            return None
        if paper.state != "draft":
            return None
        by = self.cast.at_desk(paper.signer_unit_id, paper.signer_post, task.at)
        escalation.sign(self.tx, office, paper_id=paper.id, by=by, now=task.at, door=DOOR)
        answered = self._answered.get(paper.number, 0)
        if paper.answer_by is None or answered >= self.told[paper.number][1].answer:
            return None
        self._answered[paper.number] = answered + 1
        return Task(task.at + ANSWER_AFTER, task.story, paper.id, is_answer=True)


def deliver(tx: Tx, cast: Cast, renderer: Renderer, at: datetime) -> int:
    """Put what was told into the inboxes at the time at which it was told; how many messages."""
    claimed = outbox.claim(tx, channel=INBOX, limit=1000, now=at, lease=timedelta(minutes=1))
    outcomes = []
    for each in claimed:
        lang = cast.directory.person(each.person_id).lang
        text = renderer.text(each.message, each.payload, lang)
        outcomes.append(sent(each, InboxText(text.subject, text.body)))
    if outcomes:
        outbox.settle(tx, outcomes, now=at)
    return len(outcomes)


def read_all(tx: Tx, cast: Cast, at: datetime) -> None:
    """Everybody has read what has arrived so far."""
    for person_id in cast.directory.people:
        outbox.mark_all_read(tx, person_id=person_id, up_to=2**62, now=at)
