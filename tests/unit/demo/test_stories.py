"""The stories of the demo: told for every moment of the day, refused with file and key."""

import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cli.demo.city import City
from cli.demo.moments import Start
from cli.demo.stories import Story, load_stories
from workflow.errors import ConfigError
from workflow.labels import Labels
from workflow.loops.loop import Loop

DEMO = Path(__file__).resolve().parents[3] / "config" / "demo"
ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 18, 12, tzinfo=ZONE)
SIX = {"industry", "infrastructure", "water_limits", "high_energy", "mine", "heritage"}


def told(
    city: City, labels: Labels, loops: Mapping[str, Loop], at: datetime, folder: Path = DEMO
) -> tuple[Story, ...]:
    """The stories of a folder for a start at that moment."""
    return load_stories(city, labels, loops, Start(at.astimezone(UTC), ZONE), folder)


def test_about_sixty_issues_of_all_six_kinds_and_all_loops(
    city: City, labels: Labels, loops: Mapping[str, Loop]
) -> None:
    stories = told(city, labels, loops, NOON)
    assert 55 <= len(stories) <= 70
    kinds = Counter(story.entry.category for story in stories)
    assert all(kinds[kind] >= 4 for kind in SIX)
    assert {story.loop for story in stories} == {"rectification", "petition", "snapshot"}
    assert sum(story.entry.walk for story in stories) == 1


@pytest.mark.parametrize(
    "at",
    [
        datetime(2025, 10, 1, 0, 0, tzinfo=ZONE),
        datetime(2025, 10, 1, 3, 0, tzinfo=ZONE),
        datetime(2024, 2, 29, 23, 59, 59, tzinfo=ZONE),
        datetime(2026, 1, 1, 12, 0, tzinfo=ZONE),
    ],
)
def test_every_step_lies_in_order_before_the_start(
    city: City, labels: Labels, loops: Mapping[str, Loop], at: datetime
) -> None:
    for story in told(city, labels, loops, at):
        moments = [step.at for step in story.steps if step.part is None]
        assert moments == sorted(moments)
        assert all(step.at < at for step in story.steps)


def test_moments_are_relative_to_the_start() -> None:
    start = Start(NOON.astimezone(UTC), ZONE)
    assert start.moment("-4h+45s") == NOON - timedelta(hours=4) + timedelta(seconds=45)
    assert start.moment("-2d 09:30") == datetime(2026, 3, 16, 9, 30, tzinfo=ZONE)
    assert start.day("+12d") == NOON.date() + timedelta(days=12)


@pytest.mark.parametrize("text", ["yesterday", "4h", "-2d 25:00", "", "-2d 9:30", "--3h", "+3w"])
def test_a_moment_that_is_none_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"看不懂|没有"):
        Start(NOON.astimezone(UTC), ZONE).moment(text)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("category: mine\n", "category: gold\n", "quarry-line.categories"),
        ("where: 栗坡镇\n", "where: 栗波镇\n", "quarry-line.where"),
        ("by: gongjian.inspector\n", "by: gongjian.inspektor\n", "quarry-line.by"),
        ('task: "13"\n', 'task: "31"\n', "quarry-line.task"),
        ("until: progress\n", "until: forever\n", "quarry-line.until"),
        ("start: -40d 09:40\n", "start: last year\n", "quarry-line.start"),
        ("start: -40d 09:40\n", "start: -3d 09:40\n", "quarry-line.then"),
        ("do: merge,", "do: marge,", "mine-road.then.0"),
        ("due: +5d}", "due: soon}", "quarry-line.due"),
        ("key: mine-road", "key: quarry-line", "quarry-line"),
        ("title: 尾矿库", "titel: 尾矿库", "issues.3."),
    ],
)
def test_faults_name_file_and_key(
    tmp_path: Path,
    city: City,
    labels: Labels,
    loops: Mapping[str, Loop],
    old: str,
    new: str,
    key: str,
) -> None:
    folder = Path(shutil.copytree(DEMO, tmp_path / "demo"))
    path = folder / "issues" / "5-mines.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        told(city, labels, loops, NOON, folder)
    assert caught.value.file == "5-mines.yaml"
    assert (caught.value.key or "").startswith(key)
