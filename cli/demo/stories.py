"""The stories of the demo: what is found where, and who does what about it when.

``config/demo/issues/*.yaml`` holds the facts; ``usual.yaml`` the way an issue usually goes and the
words that people usually write, so that a story names only what is its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

from pydantic import Field

from cli.demo.city import City
from cli.demo.moments import Start
from cli.demo.reading import Entry, read
from workflow.errors import N_, ConfigError
from workflow.labels import Labels
from workflow.loops.loop import Loop

USUAL = "rectification"
MOST_PAPERS = 99
RELATIVE_DAYS = ("due", "until")
"""Fields that hold a day relative to the start, such as ``+12d``."""
STEP_DAYS = ("visited_on",)
"""Fields that hold a day relative to the step itself."""


class StepEntry(Entry):
    """One action: when, which, by whom (``code.post``; else whose move it is), with what form."""

    at: str
    do: str
    by: str | None = None
    with_: dict[str, Any] = Field(default={}, alias="with")


class ReporterEntry(Entry):
    """Who reported, and the number under which the message came in."""

    name: str | None = None
    contact: str | None = None
    own_number: str | None = None


class PapersEntry(Entry):
    """How many papers of the issue are signed and answered, and how soon; the rest waits."""

    sign: int = MOST_PAPERS
    answer: int = MOST_PAPERS
    after: str = "+3h"


class PartEntry(Entry):
    """What becomes of one part after the split, in the order of the split."""

    then: list[StepEntry] = []
    papers: PapersEntry = PapersEntry()


class IssueEntry(Entry):
    """One issue with its story."""

    key: str = Field(pattern=r"^[a-z0-9-]{2,32}$")
    title: str
    description: str
    category: str
    source: str
    place: str
    by: str
    start: str
    until: str
    loop: str | None = None
    where: str | None = None
    task: str | None = None
    walk: bool = False
    reporter: ReporterEntry | None = None
    assign: dict[str, Any] = {}
    say: dict[str, dict[str, Any]] = {}
    papers: PapersEntry = PapersEntry()
    then: list[StepEntry] = []
    parts: list[PartEntry] = []


class IssuesEntry(Entry):
    """One file of issues."""

    issues: list[IssueEntry]


class UsualStep(Entry):
    """One step of the usual way; ``after`` the step before it."""

    do: str
    after: str


class UsualEntry(Entry):
    """The file ``usual.yaml``."""

    ways: dict[str, list[UsualStep]]
    words: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a story at a moment."""

    at: datetime
    do: str
    by: str | None
    data: Mapping[str, Any]
    part: int | None = None
    """Index of the part that is acted on; None for the issue itself."""


@dataclass(frozen=True, slots=True)
class Story:
    """One issue and its steps in order of time; the first files it."""

    entry: IssueEntry
    loop: str
    born_by: str
    """The action that files it."""
    steps: tuple[Step, ...]
    file: str


def load_stories(
    city: City, labels: Labels, loops: Mapping[str, Loop], start: Start, folder: Path
) -> tuple[Story, ...]:
    """Read every story relative to `start`. Raises ConfigError with file and key."""
    usual = read(folder / "usual.yaml", UsualEntry)
    stories: list[Story] = []
    for path in sorted((folder / "issues").glob("*.yaml")):
        for entry in read(path, IssuesEntry).issues:
            teller = _Teller(path.name, entry, city, labels, loops, usual, start)
            stories.append(teller.story())
    _check_keys(stories)
    return tuple(stories)


def _check_keys(stories: Sequence[Story]) -> None:
    seen: set[str] = set()
    for story in stories:
        if story.entry.key in seen:
            raise ConfigError(
                N_("“{key}”写了两次。请改名其中一个。"),
                file=story.file,
                key=story.entry.key,
                params={"key": story.entry.key},
            )
        seen.add(story.entry.key)
    if (walks := sum(story.entry.walk for story in stories)) != 1:
        raise ConfigError(
            N_("应有一件标明 walk: true，现有{count}件。"), file="issues", params={"count": walks}
        )


class _Teller:
    """Turns one entry into a story, and says what is wrong with it."""

    def __init__(
        self,
        file: str,
        entry: IssueEntry,
        city: City,
        labels: Labels,
        loops: Mapping[str, Loop],
        usual: UsualEntry,
        start: Start,
    ) -> None:
        self.file, self.entry, self.city, self.labels = file, entry, city, labels
        self.usual, self.start = usual, start
        name = entry.loop or labels.more("sources", entry.source, "loop") or USUAL
        if name not in loops:
            raise self.fault("loop", N_("没有“{name}”这个流程。"), name=name)
        self.loop = loops[name]
        self.part_loop = loops.get(self.loop.part_loop or "")

    def story(self) -> Story:
        """The story of the entry."""
        self.check_names()
        steps = [*self.usual_way(), *self.own_steps(self.entry.then, "then", None)]
        for index, part in enumerate(self.entry.parts):
            steps += self.own_steps(part.then, f"parts.{index}", index)
        for before, after in pairwise(steps):
            if before.part == after.part and after.at < before.at:
                raise self.fault("then", N_("“{do}”早于前一步。"), do=after.do)
        for step in steps:
            if step.at >= self.start.now:
                raise self.fault("then", N_("“{do}”不在启动之前。"), do=step.do)
        return Story(self.entry, self.loop.name, self.loop.born_by, tuple(steps), self.file)

    def check_names(self) -> None:
        """Everything that the entry names must exist."""
        entry = self.entry
        for subject, key in (("categories", entry.category), ("sources", entry.source)):
            if key not in self.labels.keys(subject):
                raise self.fault(subject, N_("没有“{name}”。"), name=key)
        if entry.task is not None and entry.task not in {
            str(task.no) for task in self.city.plan.tasks()
        }:
            raise self.fault("task", N_("计划里没有任务“{name}”。"), name=entry.task)
        if entry.where is not None:
            self.unit("where", entry.where)
        for field_, value in entry.assign.items():
            if field_ in ("responsible", "acceptance"):
                self.unit(f"assign.{field_}", value)
            if field_ in ("lead", "cooperating"):
                for name in value:
                    self.unit(f"assign.{field_}", name)
        self.login("by", entry.by)
        for index, part in enumerate(entry.parts):
            self.moment(f"parts.{index}.papers.after", part.papers.after)
        self.moment("papers.after", entry.papers.after)

    def usual_way(self) -> Iterator[Step]:
        """The steps up to the one that ``until`` names."""
        at_once = self.entry.assign.get("speed") == "at_once" and self.loop.name == USUAL
        way = self.usual.ways.get("at_once" if at_once else self.loop.name, [])
        if self.entry.until not in [step.do for step in way]:
            raise self.fault("until", N_("常规步骤里没有“{name}”。"), name=self.entry.until)
        at = self.moment("start", self.entry.start)
        for step in way:
            at = self.later(at, step.after)
            first = step.do == self.loop.born_by
            data = self.report() if first else self.form(step.do, {}, at, None)
            yield Step(at, step.do, self.entry.by if first else None, data)
            if step.do == self.entry.until:
                return

    def own_steps(self, entries: Sequence[StepEntry], key: str, part: int | None) -> Iterator[Step]:
        """The steps that only this story has."""
        loop = self.loop if part is None else self.part_loop
        for index, entry in enumerate(entries):
            if loop is None or entry.do not in loop.actions:
                raise self.fault(f"{key}.{index}", N_("流程里没有“{name}”。"), name=entry.do)
            if entry.by is not None:
                self.login(f"{key}.{index}.by", entry.by)
            at = self.moment(f"{key}.{index}.at", entry.at)
            yield Step(at, entry.do, entry.by, self.form(entry.do, entry.with_, at, part), part)

    def report(self) -> dict[str, Any]:
        """The form of the report."""
        entry, reporter = self.entry, self.entry.reporter
        data = {
            "title": entry.title,
            "description": entry.description,
            "category": entry.category,
            "source": entry.source,
            "loop": self.loop.name,
            "place": entry.place,
            "place_unit": entry.where,
            "task": entry.task,
            "own_number": reporter and reporter.own_number,
            "reporter_name": reporter and reporter.name,
            "reporter_contact": reporter and reporter.contact,
        }
        return {name: value for name, value in data.items() if value is not None}

    def form(
        self, action: str, own: Mapping[str, Any], at: datetime, part: int | None
    ) -> dict[str, Any]:
        """The form of an action: the usual words, the units of the issue, the words of the step."""
        transition = self.loop.actions.get(action) if part is None else None
        of_issue = self.entry.assign if transition and transition.kind == "assign" else {}
        usual = {
            **self.usual.words.get(action, {}),
            **self.usual.words.get(f"{self.loop.name}.{action}", {}),
        }
        words = {name: self.one_of(name, value) for name, value in usual.items()}
        words |= {**of_issue, **self.entry.say.get(action, {}), **own}
        return {name: self.value(name, value, at) for name, value in words.items()}

    def one_of(self, name: str, value: Any) -> Any:
        """One of several ways to say it, always the same for the same issue."""
        if not isinstance(value, list):
            return value
        return value[crc32(f"{self.entry.key} {name}".encode()) % len(value)]

    def value(self, name: str, value: Any, at: datetime) -> Any:
        """A value of a form: relative days become dates, usual words name place and title."""
        if name in RELATIVE_DAYS or name in STEP_DAYS:
            since = self.start if name in RELATIVE_DAYS else Start(at, self.start.zone)
            try:
                return since.day(str(value)).isoformat()
            except ValueError as error:
                raise self.fault(name, N_("{problem}"), problem=error) from None
        if name == "parts":
            return [
                {key: self.value(key, item, at) for key, item in part.items()} for part in value
            ]
        if isinstance(value, str):
            return value.replace("{place}", self.entry.place).replace("{title}", self.entry.title)
        return value

    def moment(self, key: str, text: str) -> datetime:
        """A moment relative to the start."""
        try:
            return self.start.moment(text)
        except ValueError as error:
            raise self.fault(key, N_("{problem}"), problem=error) from None

    def later(self, at: datetime, after: str) -> datetime:
        """A moment relative to the step before."""
        return Start(at, self.start.zone).moment(after)

    def unit(self, key: str, name: str) -> None:
        """Refuse an unknown unit."""
        if not self.city.has_unit(name):
            raise self.fault(key, N_("没有“{name}”这个单位。"), name=name)

    def login(self, key: str, name: str) -> None:
        """Refuse an unknown post."""
        if name not in self.city.logins:
            raise self.fault(key, N_("没有“{name}”这个岗位（写成 单位代码.岗位）。"), name=name)

    def fault(self, key: str, sentence: str, **params: object) -> ConfigError:
        """The error about one key of the entry."""
        return ConfigError(sentence, file=self.file, key=f"{self.entry.key}.{key}", params=params)
