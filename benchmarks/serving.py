"""The product as one process: commit to inbox, command to first page, memory."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from benchmarks.result import Result
from cli.demo import seed
from config.settings import load_settings
from tasks.installation import open_database
from tasks.runtime import Runtime, build
from workflow import migrate
from workflow.metadata import metadata
from workflow.outbox import actions as outbox
from workflow.outbox.messages import StateChanged

SUBJECT = "serving"
INBOX_MS = 50.0
FIRST_S, SECOND = 10.0, 1.5
MEMORY_MB = 150.0
_ITEM = metadata.tables["inbox_item"]
_HEAVY = "import web.app, tasks.runtime, cli.main"


def run(*, rounds: int, messages: int) -> list[Result]:
    """Measure in a folder of its own; the second start is against importing the packages."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        waited = _to_inbox(folder / "inbox", messages)
        firsts = [_start(folder / f"first{n}").first_page for n in range(max(1, rounds // 2))]
        again = [_start(folder / "first0") for _ in range(rounds)]
        imports = [_import() for _ in range(rounds)]
    second = median(each.first_page for each in again) / median(imports)
    told = f"{median(each.first_page for each in again):.2f} s to {median(imports):.2f} s"
    return [
        Result(SUBJECT, "commit to inbox, p50", "SQLite", waited, INBOX_MS, unit="ms"),
        Result(SUBJECT, "first start, city seeded", "SQLite", median(firsts), FIRST_S, unit="s"),
        Result(SUBJECT, "second start to first page", "SQLite", second, SECOND, note=told),
        Result(
            SUBJECT,
            "idle memory of the one process",
            "SQLite",
            median(each.megabytes for each in again),
            MEMORY_MB,
            unit="MB",
        ),
    ]


def _to_inbox(folder: Path, messages: int) -> float:
    """The middle of many waits, in milliseconds; worker and relay run as they do in `serve`."""
    settings = load_settings(env_file=None, demo=True, data_dir=folder, mail_url=None)
    database = open_database(settings)
    migrate.upgrade(database)
    database.close()
    runtime = build(settings)
    seed(runtime)
    runtime.start(clock=False)
    try:
        return median(_one(runtime, n) for n in range(messages)) * 1e3
    finally:
        runtime.stop()


def _one(runtime: Runtime, n: int) -> float:
    told = StateChanged(number="WT-2026-00001", title="试投", note=str(n))
    notice = outbox.Notice(f"bench:{n}", told.kind, told.payload(), (1,), None)
    before = _items(runtime)
    with runtime.database.transaction() as tx:
        outbox.put(tx, [notice], channels=("inbox",), now=datetime.now(UTC))
    began = time.perf_counter()
    while _items(runtime) == before:
        if time.perf_counter() - began > 5:
            raise TimeoutError("no message arrived within five seconds")
        time.sleep(0.0005)
    return time.perf_counter() - began


def _items(runtime: Runtime) -> int:
    with runtime.database.reading() as tx:
        return int(tx.execute(select(func.count()).select_from(_ITEM)).scalar_one())


class _Started:
    """What one start of the command came to."""

    def __init__(self, first_page: float, megabytes: float) -> None:
        self.first_page, self.megabytes = first_page, megabytes


def _start(folder: Path) -> _Started:
    with _served(folder) as (process, url):
        began = time.perf_counter()
        while True:
            try:
                with urllib.request.urlopen(f"{url}/login", timeout=5) as page:
                    page.read()
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() - began > 60:
                    raise
                time.sleep(0.01)
        taken = time.perf_counter() - began
        time.sleep(3)
        return _Started(taken, _memory(process.pid))


@contextmanager
def _served(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from cli.main import main; main()", "serve", "--demo"]
    process = subprocess.Popen(
        [*command, "--data-dir", str(folder), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={k: v for k, v in os.environ.items() if not k.startswith("BIHUAN_")},
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _memory(pid: int) -> float:
    """Resident memory in megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    raise LookupError("VmRSS")


def _import() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", _HEAVY], check=True)
    return time.perf_counter() - began
