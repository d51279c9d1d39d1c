"""Opening the office: reads what an office edits, refuses what is unsound, puts it on record."""

from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from workflow.db import Database
from workflow.deadlines import actions as clocks
from workflow.deadlines.calendars import load_calendar
from workflow.deadlines.desk import Timing
from workflow.deadlines.ladders import load_ladders
from workflow.issues.office import Office
from workflow.labels import Labels, load_labels
from workflow.loops import registry

ZONE = "Asia/Shanghai"
USUAL_LOOP = "rectification"


def read_office(
    config_dir: Path,
    *,
    mac_key: bytes,
    zone: str = ZONE,
    day_rung_at: time = time(9),
    ladder: str = "default",
    channels: tuple[str, ...] = ("inbox",),
    demo: bool = False,
) -> Office:
    """Return the arrangements in ``config_dir``; no database is asked.

    Raises:
        ConfigError: with file, line and key of what an office has to mend.
    """
    labels = load_labels(config_dir / "labels")
    lamps = labels.keys("lamps")
    return Office(
        timing=Timing(load_calendar(config_dir / "calendars"), ZoneInfo(zone), day_rung_at),
        loops={loop.name: loop for loop in registry.load_all(config_dir / "loops").values()},
        ladders=load_ladders(config_dir / "ladders" / f"{ladder}.yaml", lamps=lamps),
        mac_key=mac_key,
        categories=frozenset(labels.keys("categories")),
        sources=_loops_of(labels),
        lamps={lamp: rank for rank, lamp in enumerate(lamps)},
        loop_of=registry.by_version,
        channels=channels,
        demo=demo,
    )


def open_office(database: Database, office: Office, *, now: datetime) -> Office:
    """Put its loops and ladders on record, as versions that issues are pinned to; return it."""
    with database.transaction() as tx:
        for loop in office.loops.values():
            registry.ensure_version(tx, loop, now)
    clocks.freeze(database, office.ladders.all())
    return office


def _loops_of(labels: Labels) -> dict[str, str]:
    """Kind of source → the loop that it starts."""
    return {
        source: labels.more("sources", source, "loop") or USUAL_LOOP
        for source in labels.keys("sources")
    }
