"""Replays the stories through the engine in order of time: people act, the clock ticks.

Everything is recorded as if the product had been in use for months: chains, clocks, rungs, papers
and messages are the engine's own.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from cli.demo.cast import Cast
from cli.demo.letters import DOOR, INBOX, Letters, Task, deliver, read_all
from cli.demo.moments import Start
from cli.demo.planning import IMPORTED, Importing
from cli.demo.stories import Step, Story
from tasks.render import Renderer
from workflow.db import Database, Tx
from workflow.deadlines import climbing
from workflow.deadlines import queries as clocks
from workflow.deadlines.ladder import Ladders
from workflow.errors import N_, ConfigError, Invalid, WorkflowError
from workflow.escalation import actions as escalation
from workflow.evidence import actions as evidence
from workflow.issues import actions as issues
from workflow.issues import store
from workflow.issues.case import Case
from workflow.issues.office import Office
from workflow.units import queries as units

DEMO_LADDERS_SINCE = timedelta(hours=24)
"""Clocks that started before this ran on the ladders of every day, later ones on the demo's."""
FRESH = timedelta(minutes=10)
"""Younger messages are left to the relay, so that the first page shows something arriving."""
READ_BEFORE = timedelta(hours=8)
"""Older messages have been read."""
PHOTOS = {"report": "现场.jpg", "submit": "整改后.jpg"}


class Joined(Database):
    """A database of which every transaction is part of one that is open already."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.is_sqlite = tx.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        with self.tx.begin_nested():
            yield self.tx

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        yield self.tx

    def tidy(self) -> None:
        """Nothing is in the log before the one commit at the end."""


@dataclass(order=True)
class Due:
    """Something to do at a moment; of two at the same moment the earlier named comes first."""

    at: datetime
    order: int
    story: Story | None = field(compare=False)
    """None for what belongs to no story: the plan."""
    what: Step | Task | None = field(compare=False)


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
        plan: Importing | None = None,
    ) -> None:
        self.tx, self.office, self.usual, self.start = tx, office, usual, start
        self.photos, self.renderer = photos, renderer
        self.cast = Cast(units.directory(tx), office, logins)
        self.letters = Letters(tx, self.cast)
        self.database = Joined(tx)
        self.numbers: dict[str, str] = {}
        """Key of a story, or ``key#part`` → number of the issue."""
        self.counts = Counts()
        self._order = count()
        self._queue: list[Due] = []
        self._is_read = False
        self.plan = plan
        for story in stories:
            for step in story.steps:
                self._put(story, step.at, step)
        if plan is not None:
            first = min((due.at for due in self._queue), default=start.now) - IMPORTED
            plan.file(tx, self._office_at(first), self.cast, first)
            heappush(self._queue, Due(start.now - IMPORTED, next(self._order), None, None))

    def run(self) -> None:
        """Take every step and every tick up to the start.

        Raises ConfigError that names the story and the step which the engine refused.
        """
        while self._queue:
            self._tick_until(self._queue[0].at)
            due = heappop(self._queue)
            if due.at >= self.start.now:
                break
            if not self._is_read and self.start.now - due.at <= READ_BEFORE:
                self._is_read = True
                read_all(self.tx, self.cast, due.at)
            self._do(due)
            self._deliver(due.at)
        self._tick_until(self.start.now)
        self.counts.papers = self.letters.drafted

    # -- time ----------------------------------------------------------------------------------

    def _put(self, story: Story, at: datetime, what: Step | Task) -> None:
        heappush(self._queue, Due(at, next(self._order), story, what))

    def _tick_until(self, until: datetime) -> None:
        """Let the clock tick at each moment at which something falls due, `until` included.

        A draft that a tick makes may be signed before the next one.
        """
        until = min(until, self.start.now)
        last: datetime | None = None
        while found := climbing.due(self.tx, until, most=1):
            wake = clocks.clock(self.tx, found[0][0]).wake_at
            if wake is None or wake == last:
                raise RuntimeError(f"the clock cannot take what is due at {wake}")
            last = wake
            report = escalation.tick(self.database, self._office_at(wake), wake)
            self.counts.rungs += report.tally.taken
            if report.tally.papers:
                for task in self.letters.new_drafts(wake):
                    self._put(task.story, task.at, task)
            self._deliver(wake)
            until = min([until, *(due.at for due in self._queue[:1])])

    def _office_at(self, at: datetime) -> Office:
        """The arrangements as they were: the ladders of every day, then those of the demo."""
        ago = self.start.now - at
        return replace(
            self.office,
            ladders=self.office.ladders if ago < DEMO_LADDERS_SINCE else self.usual,
            channels=self.office.channels if ago < FRESH else (INBOX,),
        )

    def _deliver(self, at: datetime) -> None:
        if self.start.now - at >= FRESH:
            self.counts.messages += deliver(self.tx, self.cast, self.renderer, at)

    # -- people --------------------------------------------------------------------------------

    def _do(self, due: Due) -> None:
        if due.story is None or due.what is None:
            if self.plan is not None:
                self.plan.put_into_force(self.tx, self._office_at(due.at), self.cast, due.at)
            return
        try:
            if isinstance(due.what, Step):
                self._act(due.story, due.what)
            elif answer := self.letters.take(due.what, self._office_at(due.at)):
                self._put(answer.story, answer.at, answer)
        except WorkflowError as error:
            raise _refusal(due, error) from error

    def _act(self, story: Story, step: Step) -> None:
        key = _subject(story.entry.key, step.part)
        data = dict(step.data)
        photo = self.photos.get((key, step.do))
        if photo is not None:
            data["evidence"] = [photo]
        if step.do == story.born_by:
            self._report(story, step, data)
        else:
            case = self._case(key)
            if step.do == "reply":
                self._reply(case, step, data)
                return
            if "into" in data:
                data["into"] = self.numbers[data["into"]]
            self._take(case, step, data)
            if data.get("parts"):
                self._know_parts(story)
        if photo is not None:
            changed = self._case(key)
            evidence.name_files(
                self.tx,
                issue_id=changed.id,
                event_seq=changed.version,
                names={photo: PHOTOS[step.do]},
            )

    def _report(self, story: Story, step: Step, data: dict[str, Any]) -> None:
        if self.plan is not None and "task" in data:
            data["task"] = self.plan.codes.get(data["task"], data["task"])
        made = issues.report(
            self.tx,
            self._office_at(step.at),
            data=data,
            by=self.cast.named(story.entry.by, step.at),
            now=step.at,
            door=DOOR,
        )
        self._know(story.entry.key, made.number, story, None)
        self.counts.actions += 1

    def _reply(self, case: Case, step: Step, data: Mapping[str, Any]) -> None:
        """Each source that left a contact gets its reply."""
        for source in case.sources:
            if source.has_contact and not source.replied:
                self._take(case, step, {**data, "source_id": source.id})

    def _take(self, case: Case, step: Step, data: Mapping[str, Any]) -> None:
        by = (
            self.cast.named(step.by, step.at)
            if step.by is not None
            else self.cast.able(case, step.do, step.at)
        )
        issues.act(
            self.tx,
            self._office_at(step.at),
            number=case.number,
            action=step.do,
            data=data,
            version=None,
            by=by,
            now=step.at,
            door=DOOR,
        )
        self.counts.actions += 1

    def _case(self, key: str) -> Case:
        return store.load(self.tx, self.office, number=self.numbers[key])

    def _know(self, key: str, number: str, story: Story, part: int | None) -> None:
        parts = story.entry.parts
        told = story.entry if part is None or part >= len(parts) else parts[part]
        self.numbers[key] = number
        self.letters.told[number] = (story, told.papers)
        self.counts.issues += 1

    def _know_parts(self, story: Story) -> None:
        for index, part in enumerate(self._case(story.entry.key).parts):
            self._know(_subject(story.entry.key, index), part.number, story, index)


def _subject(key: str, part: int | None) -> str:
    return key if part is None else f"{key}#{part}"


def _refusal(due: Due, error: WorkflowError) -> ConfigError:
    what, story = due.what, due.story
    assert story is not None
    assert what is not None
    doing = what.do if isinstance(what, Step) else "answer" if what.is_answer else "sign"
    said = [error.text(), error.why_text()]
    if isinstance(error, Invalid):
        said += [f"{name}：{sentence}" for name, sentence in error.field_texts().items()]
    key = f"{story.entry.key}.{doing}"
    return ConfigError(
        N_("演示数据的这一步（{step}）办不成：{problem}"),
        file=story.file,
        key=key,
        params={"step": key, "problem": " ".join(dict.fromkeys(filter(None, said)))},
    )
