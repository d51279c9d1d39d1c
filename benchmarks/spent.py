"""What processes have spent of the processor, as the system counts it."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")


def cpu(pids: Iterable[int]) -> float:
    """CPU seconds of these processes, their threads and the children that have ended."""
    return sum(_seconds(pid) for pid in pids)


def family(pid: int) -> list[int]:
    """A process and its children of this moment."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [pid, *map(int, children.split())]


def _seconds(pid: int) -> float:
    with suppress(OSError):  # it has ended; its parent counts it
        _, _, rest = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")
        fields = rest.split()
        return sum(map(int, fields[11:15])) * _TICK
    return 0.0
