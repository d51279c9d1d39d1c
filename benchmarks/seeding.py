"""Seeding the demo city on SQLite, attachments included, and finding it there at a second start."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.result import Result
from cli.demo import seed
from config.settings import load_settings
from tasks.installation import open_database
from tasks.runtime import Runtime, build
from workflow import migrate

SUBJECT = "demo"
FIRST, SECOND = 10.0, 0.5
"""Seconds."""


def run(*, rounds: int) -> list[Result]:
    """Seed `rounds` fresh installations."""
    firsts: list[float] = []
    seconds: list[float] = []
    told = ""
    for _ in range(rounds):
        with TemporaryDirectory() as folder, _installed(Path(folder)) as runtime:
            began = perf_counter()
            report = seed(runtime)
            firsts.append(perf_counter() - began)
            began = perf_counter()
            seed(runtime)
            seconds.append(perf_counter() - began)
            told = f"{report.counts['actions']} actions, {report.counts['messages']} messages"
    return [
        Result(SUBJECT, "seed the demo city", "SQLite", median(firsts), FIRST, unit="s", note=told),
        Result(SUBJECT, "find it there", "SQLite", median(seconds), SECOND, unit="s"),
    ]


@contextmanager
def _installed(folder: Path) -> Iterator[Runtime]:
    settings = load_settings(env_file=None, demo=True, data_dir=folder)
    database = open_database(settings)
    migrate.upgrade(database)
    database.close()
    runtime = build(settings)
    try:
        yield runtime
    finally:
        runtime.installation.close()
