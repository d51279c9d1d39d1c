"""Fills an empty installation with the demo city and months of its stories, in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from cli.demo.city import load_city
from cli.demo.letters import EVERYTHING
from cli.demo.moments import Start
from cli.demo.pictures import photograph
from cli.demo.planning import read_plan
from cli.demo.replay import Replay
from cli.demo.stories import Story, load_stories
from config.settings import Settings
from tasks.render import Renderer
from workflow import stamps
from workflow.db import Database
from workflow.deadlines import actions as clocks
from workflow.deadlines.ladders import load_ladders
from workflow.evidence import actions as evidence
from workflow.evidence.actions import Upload
from workflow.evidence.storage import Storage
from workflow.issues import counts as overview
from workflow.issues import store
from workflow.issues.office import Office
from workflow.labels import load_labels
from workflow.units import actions as units
from workflow.units import queries as unit_queries
from workflow.units.directory import Directory

WALK = "demo:walk"
"""The stamp with the id of the issue that a newcomer is invited to walk; set with the city."""
WALKED_BY = ("responsible", "issuer", "acceptance", "supervising", "closing")
"""Whose people are named first: those who walk it round the loop."""
POSTS_SINCE = timedelta(days=800)
USUAL_LADDERS = "default.yaml"


class Runtime(Protocol):
    """What the process has at hand (``tasks/runtime.py``)."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def office(self) -> Office: ...

    def now(self) -> datetime:
        """The moment, aware."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody to log in as."""

    login: str
    name: str
    unit: str
    posts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What the demo consists of. `counts` of a replay are empty when it was there already."""

    accounts: tuple[Account, ...]
    walk_number: str
    issues: int
    seeded: bool
    counts: Mapping[str, int] = field(default_factory=dict)


def seed(runtime: Runtime, *, now: datetime | None = None) -> DemoReport:
    """Fill an empty installation with the demo; one that holds it already is left as it is.

    Everything is committed at once: a first start that is killed leaves no half of a city.
    Raises ConfigError, with file and key, for demo data that does not hold.
    """
    start = Start(now or runtime.now(), runtime.office.timing.zone)
    with runtime.database.reading() as tx:
        is_there = stamps.value(tx, WALK) > 0
    counted = {} if is_there else _fill(runtime, start)
    with runtime.database.reading() as tx:
        walk = store.load(tx, runtime.office, issue_id=stamps.value(tx, WALK))
        walked = [unit for name in WALKED_BY for unit in walk.units.get(name, ())]
        return DemoReport(
            accounts=_accounts(unit_queries.directory(tx), start.today, walked),
            walk_number=walk.number,
            issues=overview.overview(tx, EVERYTHING, start.today).total,
            seeded=not is_there,
            counts=counted,
        )


def _fill(runtime: Runtime, start: Start) -> Mapping[str, int]:
    settings, office, database = runtime.settings, runtime.office, runtime.database
    labels = load_labels(settings.config_dir / "labels")
    folder = settings.config_dir / "demo"
    city = load_city(labels, folder, from_on=start.today - POSTS_SINCE)
    stories = load_stories(city, labels, office.loops, start, folder)
    usual = load_ladders(settings.config_dir / "ladders" / USUAL_LADDERS)
    clocks.freeze(database, usual.all())
    storage = Storage(settings.data_dir / "evidence")
    uploads = _photos(stories, storage, start)
    plan = read_plan(city, storage, settings.config_dir, start)
    nudge, database.nudge = database.nudge, None
    try:
        with database.transaction() as tx:
            units.import_units(tx, city.batch, now=start.now, door="demo")
        with database.transaction() as tx:
            evidence.record(tx, list(uploads.values()), now=start.now)
            replay = Replay(
                tx,
                office,
                usual=usual,
                start=start,
                stories=stories,
                logins=city.logins,
                photos={key: upload.sha256 for key, upload in uploads.items()},
                renderer=Renderer(settings.zone, labels),
                plan=plan,
            )
            replay.run()
            walk = next(story.entry.key for story in stories if story.entry.walk)
            case = store.load(tx, office, number=replay.numbers[walk])
            stamps.raise_to(tx, WALK, case.id)
    finally:
        database.nudge = nudge
    return asdict(replay.counts)


def _photos(
    stories: Sequence[Story], storage: Storage, start: Start
) -> dict[tuple[str, str], Upload]:
    """A photograph for each report of somebody on the spot and for each submission."""
    found: dict[tuple[str, str], Upload] = {}
    for story in stories:
        for step in story.steps:
            when = _needs_photo(story, step.do)
            if when is None:
                continue
            subject = story.entry.key if step.part is None else f"{story.entry.key}#{step.part}"
            content = photograph(subject, story.entry.category, when)
            found[subject, step.do] = evidence.seal(
                storage, content, f"{when}.jpg", zone=start.zone
            )
    return found


def _needs_photo(story: Story, action: str) -> str | None:
    if action == "submit":
        return "after"
    return "before" if action == "report" and story.entry.reporter is None else None


def _accounts(directory: Directory, on: date, first: Sequence[int]) -> tuple[Account, ...]:
    """Everybody with a post; those of the units in `first` come first, in that order."""
    found: list[tuple[int, Account]] = []
    for person in directory.people.values():
        posts = directory.posts_of(person.id, on)
        if not posts or not person.active:
            continue
        unit = directory.unit(posts[0].unit_id)
        place = first.index(unit.id) if unit.id in first else len(first)
        account = Account(person.login, person.name, unit.name, tuple(p.post for p in posts))
        found.append((place, account))
    found.sort(key=lambda each: each[0])
    return tuple(account for _, account in found)
