"""Replays the stories through the engine in order of time: people act, the clock ticks.

Everything is recorded as if the product had been in use for months: chains, clocks, rungs, papers
and messages are the engine's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from cli.demo.moments import Start, span
from cli.demo.stories import PapersEntry, Step, Story
from tasks.render import Renderer
from workflow.db import Database, Tx
from workflow.deadlines import climbing
from workflow.deadlines import queries as clocks
from workflow.deadlines.ladder import Ladders
from workflow.errors import N_, ConfigError, WorkflowError
from workflow.escalation import actions as escalation
from workflow.evidence import actions as evidence
from workflow.issues import actions as issues
from workflow.issues import papers, rules, store
from workflow.issues.case import Case
from workflow.issues.office import Office
from workflow.issues.views import PaperView
from workflow.outbox import actions as outbox
from workflow.outbox.delivery import InboxText, sent
from workflow.units import queries as units
from workflow.units.directory import Directory
from workflow.units.rules import Actor, Scope, actor, people_at, units_in

DOOR = "web"
INBOX = "inbox"
DEMO_LADDERS_SINCE = timedelta(hours=24)
"""Clocks that started before this ran on the ladders of every day, later ones on the demo's."""
FRESH = timedelta(minutes=10)
"""Younger messages are left to the relay, so that the first page shows something arriving."""
READ_BEFORE = timedelta(hours=8)
"""Older messages have been read."""
ANSWER_AFTER = timedelta(hours=20)
ANSWER = "来函收悉。已召开专题会研究，责任到人，倒排工期，三日内报送进展。"
EVERYTHING = Scope(True, frozenset())
SIGNING_POSTS = ("dispatcher", "section_head", "deputy", "principal", "party_principal", "leader")


class Joined(Database):
    """A database of which every transaction is part of one that is open already."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        with self.tx.begin_nested():
            yield self.tx

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        yield self.tx


@dataclass(order=True)
class Due:
    """Something to do at a moment; of two at the same moment the earlier named comes first."""

    at: datetime
    order: int
    story: Story = field(compare=False)
    step: Step | None = field(default=None, compare=False)
    sign: int | None = field(default=None, compare=False)
    answer: int | None = field(default=None, compare=False)


@dataclass
class Counts:
    """What the replay has done."""

    issues: int = 0
    actions: int = 0
    rungs: int = 0
    papers: int = 0
    messages: int = 0


class Replay:
    """One replay inside one open transaction."""

    def __init__(
        self,
        tx: Tx,
        office: Office,
        *,
        usual: Ladders,
        start: Start,
        stories: Sequence[Story],
        logins: Mapping[str, str],
        photos: Mapping[tuple[str, str], str],
        renderer: Renderer,
    ) -> None:
        self.tx, self.office, self.usual, self.start = tx, office, usual, start
        self.stories, self.logins, self.photos, self.renderer = stories, logins, photos, renderer
        self.database = Joined(tx)
        self.directory: Directory = units.directory(tx)
        self.numbers: dict[str, str] = {}
        self.by_number: dict[str, tuple[Story, PapersEntry]] = {}
        self.counts = Counts()
        self._order = count()
        self._queue: list[Due] = []
        self._signed: dict[str, int] = {}
        self._answered: dict[str, int] = {}
        self._seen: set[int] = set()
        self._actors: dict[tuple[int, date], Actor] = {}
        self._is_read = False

    def run(self) -> None:
        """Take every step and every tick up to the start.

        Raises ConfigError that names the story and the step which the engine refused.
        """
        for story in self.stories:
            for step in story.steps:
                self._put(Due(step.at, next(self._order), story, step=step))
        while self._queue:
            self._tick_until(self._queue[0].at)
            due = heappop(self._queue)
            if due.at >= self.start.now:
                continue
            self._read_old(due.at)
            self._do(due)
            self._deliver(due.at)
        self._tick_until(self.start.now)

    # -- time ----------------------------------------------------------------------------------

    def _put(self, due: Due) -> None:
        heappush(self._queue, due)

    def _tick_until(self, until: datetime) -> None:
        """Let the clock tick at each moment at which something falls due, `until` included."""
        last: datetime | None = None
        until = min(until, self.start.now)
        while found := climbing.due(self.tx, until, most=1):
            wake = clocks.clock(self.tx, found[0][0]).wake_at
            if wake is None or wake == last:
                raise RuntimeError(f"the clock cannot take what is due at {wake}")
            last = wake
            report = escalation.tick(self.database, self._office_at(wake), wake)
            self.counts.rungs += report.tally.taken
            if report.tally.papers:
                self._find_drafts(wake)
            self._deliver(wake)
            if self._queue and self._queue[0].at < until:
                until = self._queue[0].at

    def _office_at(self, at: datetime) -> Office:
        """The arrangements as they were: the ladders of every day, then those of the demo."""
        ago = self.start.now - at
        ladders = self.office.ladders if ago < DEMO_LADDERS_SINCE else self.usual
        channels = self.office.channels if ago < FRESH else (INBOX,)
        return replace(self.office, ladders=ladders, channels=channels)

    # -- people --------------------------------------------------------------------------------

    def _do(self, due: Due) -> None:
        try:
            if due.step is not None:
                self._act(due.story, due.step)
            elif due.sign is not None:
                self._sign(due)
            elif due.answer is not None:
                self._answer(due)
        except WorkflowError as error:
            raise _refusal(due, error) from error

    def _act(self, story: Story, step: Step) -> None:
        key = story.entry.key
        if step.do == "report":
            self._report(story, step)
            return
        number = self._number(story, step)
        case = store.load(self.tx, self.office, number=number)
        if step.do == "reply":
            for source in case.sources:
                if source.has_contact and not source.replied:
                    self._take(case, step, {**step.data, "source_id": source.id})
            return
        data = dict(step.data)
        if "into" in data:
            data["into"] = self.numbers[data["into"]]
        photo = self.photos.get((_subject(key, step.part), step.do))
        if photo is not None:
            data["evidence"] = [photo]
        self._take(case, step, data)
        if photo is not None:
            self._name_photo(case.id, case.version + 1, photo, "整改后.jpg")
        if step.do.startswith("split"):
            self._know_parts(story, number)

    def _report(self, story: Story, step: Step) -> None:
        key = story.entry.key
        data = dict(step.data)
        photo = self.photos.get((key, "report"))
        if photo is not None:
            data["evidence"] = [photo]
        by = self._actor(self.logins[step.by or ""], step.at)
        made = issues.report(
            self.tx, self._office_at(step.at), data=data, by=by, now=step.at, door=DOOR
        )
        self.numbers[key] = made.number
        self.by_number[made.number] = (story, story.entry.papers)
        self.counts.issues += 1
        self.counts.actions += 1
        if photo is not None:
            case = store.load(self.tx, self.office, number=made.number)
            self._name_photo(case.id, 1, photo, "现场.jpg")

    def _take(self, case: Case, step: Step, data: Mapping[str, Any]) -> None:
        issues.act(
            self.tx,
            self._office_at(step.at),
            number=case.number,
            action=step.do,
            data=data,
            version=None,
            by=self._whose(case, step),
            now=step.at,
            door=DOOR,
        )
        self.counts.actions += 1

    def _whose(self, case: Case, step: Step) -> Actor:
        """Who takes the step: the one that it names, else the first who may."""
        if step.by is not None:
            return self._actor(self.logins[step.by], step.at)
        house = self.office.house(self.directory)
        transition = case.loop.by_state[case.state].get(step.do)
        found: Actor | None = None
        on = self.office.timing.day(step.at)
        for role in transition.by if transition else ():
            for unit in units_in(self.directory, role.relation, case.units, post=role.post, on=on):
                for person in people_at(self.directory, (unit, role.post), on, units=case.units):
                    candidate = self._person(person, on)
                    if rules.refusal(case, step.do, candidate, step.at, house) is None:
                        return candidate
                    found = found or candidate
        # Nobody may: the engine's own sentence says why.
        return found or self._actor(next(iter(self.logins.values())), step.at)

    def _actor(self, login: str, at: datetime) -> Actor:
        person = self.directory.person_by_login(login)
        assert person is not None
        return self._person(person.id, self.office.timing.day(at))

    def _person(self, person_id: int, on: date) -> Actor:
        known = (person_id, on)
        if known not in self._actors:
            self._actors[known] = actor(self.directory, person_id, on)
        return self._actors[known]

    def _number(self, story: Story, step: Step) -> str:
        number = self.numbers[story.entry.key]
        return number if step.part is None else self.numbers[_subject(number, step.part)]

    def _know_parts(self, story: Story, number: str) -> None:
        parent = store.load(self.tx, self.office, number=number)
        for index, part in enumerate(parent.parts):
            entries = story.entry.parts
            told = entries[index].papers if index < len(entries) else story.entry.papers
            self.numbers[_subject(number, index)] = part.number
            self.by_number[part.number] = (story, told)
            self.counts.issues += 1

    def _name_photo(self, issue_id: int, seq: int, digest: str, name: str) -> None:
        evidence.name_files(self.tx, issue_id=issue_id, event_seq=seq, names={digest: name})

    # -- papers --------------------------------------------------------------------------------

    def _find_drafts(self, at: datetime) -> None:
        """Let those who sign get to the drafts that the tick has made."""
        desks = [
            (unit_id, post)
            for unit_id in self.directory.units
            for post in SIGNING_POSTS
            if self.directory.holders(unit_id, post, self.office.timing.day(at))
        ]
        for draft in papers.to_sign(self.tx, desks):
            if draft.id in self._seen or draft.number not in self.by_number:
                continue
            self._seen.add(draft.id)
            self.counts.papers += 1
            story, told = self.by_number[draft.number]
            signed = self._signed.get(draft.number, 0)
            if signed < told.sign:
                self._signed[draft.number] = signed + 1
                later = at + span(told.after)
                self._put(Due(later, next(self._order), story, sign=draft.id))

    def _sign(self, due: Due) -> None:
        assert due.sign is not None
        paper = papers.get(self.tx, due.sign, EVERYTHING)
        if paper.state != "draft":
            return
        by = self._at_desk(paper.signer_unit_id, paper.signer_post, due.at)
        escalation.sign(
            self.tx, self._office_at(due.at), paper_id=paper.id, by=by, now=due.at, door=DOOR
        )
        _, told = self.by_number[paper.number]
        answered = self._answered.get(paper.number, 0)
        if paper.answer_by and answered < told.answer:
            self._answered[paper.number] = answered + 1
            later = due.at + ANSWER_AFTER
            self._put(Due(later, next(self._order), due.story, answer=paper.id))

    def _answer(self, due: Due) -> None:
        assert due.answer is not None
        paper: PaperView = papers.get(self.tx, due.answer, EVERYTHING)
        if paper.addressee_unit_id is None or paper.answered_at is not None:
            return
        by = self._at_desk(paper.addressee_unit_id, "handler", due.at)
        escalation.answer(
            self.tx,
            self._office_at(due.at),
            paper_id=paper.id,
            text=ANSWER,
            by=by,
            now=due.at,
            door=DOOR,
        )

    def _at_desk(self, unit_id: int, post: str, at: datetime) -> Actor:
        on = self.office.timing.day(at)
        people = people_at(self.directory, (unit_id, post), on, units={"issuer": [unit_id]})
        return self._person(people[0], on)

    # -- messages ------------------------------------------------------------------------------

    def _deliver(self, at: datetime) -> None:
        """Put what was told into the inboxes at the time at which it was told."""
        if self.start.now - at < FRESH:
            return
        claimed = outbox.claim(
            self.tx, channel=INBOX, limit=1000, now=at, lease=timedelta(minutes=1)
        )
        outcomes = []
        for each in claimed:
            text = self.renderer.text(
                each.message, each.payload, self.directory.person(each.person_id).lang
            )
            outcomes.append(sent(each, InboxText(text.subject, text.body)))
        if outcomes:
            outbox.settle(self.tx, outcomes, now=at)
            self.counts.messages += len(outcomes)

    def _read_old(self, at: datetime) -> None:
        """Once the last hours begin, everything before them has been read."""
        if self._is_read or self.start.now - at > READ_BEFORE:
            return
        self._is_read = True
        for person_id in self.directory.people:
            outbox.mark_all_read(self.tx, person_id=person_id, up_to=2**62, now=at)


def _subject(key: str, part: int | None) -> str:
    return key if part is None else f"{key}#{part}"


def _refusal(due: Due, error: WorkflowError) -> ConfigError:
    doing = due.step.do if due.step else "sign" if due.sign is not None else "answer"
    said = [
        error.text(),
        error.why_text() or "",
        *(f"{name}：{sentence}" for name, sentence in getattr(error, "fields", {}).items()),
    ]
    return ConfigError(
        N_("演示数据的这一步办不成：{problem}"),
        file=due.story.file,
        key=f"{due.story.entry.key}.{doing}",
        params={"problem": " ".join(dict.fromkeys(filter(None, said)))},
    )
