"""A queue inside the process whose reader sleeps until something is put (`inproc://`).

Celery's own in-memory transport looks again once a second and keeps a stopping worker waiting for
two.  Here putting a message rings a bell, so an idle reader hears it at once and costs nothing.
"""

import threading
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, memory

SCHEME = "inproc"
STEP = 0.1
"""Seconds after which a reader goes back to its worker, which may want to stop."""


class Bell:
    """Wakes every listener; a ring between looking and listening is not lost."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self.rings = 0

    def ring(self) -> None:
        """There may be something new."""
        with self._rung:
            self.rings += 1
            self._rung.notify_all()

    def listen(self, heard: int, seconds: float) -> bool:
        """Wait for a ring after the first `heard` ones; False if the time ran out."""
        with self._rung:
            return self._rung.wait_for(lambda: self.rings != heard, seconds)


BELL = Bell()


class Channel(memory.Channel):
    """Rings when a message is put."""

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        super()._put(queue, message, **kwargs)  # type: ignore[no-untyped-call]
        BELL.ring()


class Transport(memory.Transport):
    """Delivers the next message, or raises TimeoutError so that the worker can look around."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> None:
        """Deliver one message, or wait for the bell: as long as `timeout`, at most a step."""
        del connection
        assert self.cycle is not None
        heard = BELL.rings
        try:
            self.cycle.get(self._deliver, timeout=timeout)  # type: ignore[no-untyped-call]
        except Empty:
            BELL.listen(heard, min(timeout or STEP, STEP))
            raise TimeoutError from None


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
