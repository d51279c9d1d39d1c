"""Fills an empty installation with the demo city and months of its stories, in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from cli.demo.city import City, load_city
from cli.demo.moments import Start
from cli.demo.pictures import photograph
from cli.demo.replay import EVERYTHING, Replay
from cli.demo.stories import Story, load_stories
from config.settings import Settings
from tasks.render import Renderer
from workflow import stamps
from workflow.db import Database, Tx
from workflow.deadlines import actions as clocks
from workflow.deadlines.ladders import load_ladders
from workflow.evidence import actions as evidence
from workflow.evidence.actions import Upload
from workflow.evidence.storage import Storage
from workflow.issues import counts, lists
from workflow.issues.office import Office
from workflow.issues.views import Filters
from workflow.labels import Labels, load_labels
from workflow.units import actions as units
from workflow.units import queries as unit_queries
from workflow.units.directory import Directory

STAMP = "demo"
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
    settings, office, database = runtime.settings, runtime.office, runtime.database
    labels = load_labels(settings.config_dir / "labels")
    folder = settings.config_dir / "demo"
    start = Start(now or runtime.now(), office.timing.zone)
    city = load_city(labels, folder, from_on=start.today - POSTS_SINCE)
    stories = load_stories(city, labels, office.loops, start, folder)
    with database.reading() as tx:
        seeded = stamps.value(tx, STAMP) > 0
    counted: Mapping[str, int] = {} if seeded else _fill(runtime, city, stories, start, labels)
    with database.reading() as tx:
        directory = unit_queries.directory(tx)
        return DemoReport(
            accounts=_accounts(directory, start.today),
            walk_number=_walk(tx, stories, directory, start.today),
            issues=counts.overview(tx, EVERYTHING, start.today).total,
            seeded=not seeded,
            counts=counted,
        )


def _fill(
    runtime: Runtime, city: City, stories: Sequence[Story], start: Start, labels: Labels
) -> Mapping[str, int]:
    settings, office, database = runtime.settings, runtime.office, runtime.database
    usual = load_ladders(settings.config_dir / "ladders" / USUAL_LADDERS)
    clocks.freeze(database, usual.all())
    storage = Storage(settings.data_dir / "evidence")
    uploads = _photos(stories, storage, start)
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
            )
            replay.run()
            stamps.rise(tx, STAMP)
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
            content = photograph(subject, when)
            found[subject, step.do] = evidence.seal(
                storage, content, f"{when}.jpg", zone=start.zone
            )
    return found


def _needs_photo(story: Story, action: str) -> str | None:
    if action == "submit":
        return "after"
    return "before" if action == "report" and story.entry.reporter is None else None


def _accounts(directory: Directory, on: date) -> tuple[Account, ...]:
    found: list[Account] = []
    for person in directory.people.values():
        posts = directory.posts_of(person.id, on)
        if posts and person.active:
            unit = directory.unit(posts[0].unit_id).name
            found.append(
                Account(person.login, person.name, unit, tuple(post.post for post in posts))
            )
    return tuple(found)


def _walk(tx: Tx, stories: Sequence[Story], directory: Directory, today: date) -> str:
    """The number of the issue that a newcomer is invited to walk."""
    title = next(story.entry.title for story in stories if story.entry.walk)
    page = lists.page(tx, EVERYTHING, Filters(q=title), directory=directory, today=today)
    return page.rows[-1].number if page.rows else ""


def data_folder(settings: Settings) -> Path:
    """Where the demo lives; ``make demo-reset`` removes it and nothing else."""
    return settings.data_dir
