"""What kind of machine gave the figures; nothing that names it."""

import os
import platform
import sqlite3
from pathlib import Path
from statistics import median
from tempfile import NamedTemporaryFile

from benchmarks.rounds import timed


def described(folder: Path, databases: str) -> str:
    """One line about processor, memory, disk and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB, fdatasync of 8 kB"
        f" {_sync(folder) * 1e3:.2f} ms; Python {platform.python_version()},"
        f" SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL){databases}"
    )


def is_busy() -> bool:
    """Whether others use the machine; ratios bear that better than seconds, but not well."""
    return os.getloadavg()[0] > (os.cpu_count() or 1) / 2


def stolen() -> float:
    """Seconds that the hypervisor has kept from our processors since the start; 0 if none does."""
    try:
        with Path("/proc/stat").open(encoding="ascii") as file:
            fields = file.readline().split()
    except OSError:
        return 0.0
    return int(fields[8]) / os.sysconf("SC_CLK_TCK")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    kind = names[0] if names else platform.machine()
    return f"{kind}, virtual" if any("hypervisor" in line for line in lines) else kind


def _sync(folder: Path) -> float:
    with NamedTemporaryFile(dir=folder) as file:

        def once() -> None:
            os.pwrite(file.fileno(), b"x" * 8192, 0)
            os.fdatasync(file.fileno())

        return median(timed(once) for _ in range(100))
