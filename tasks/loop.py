"""A step that is taken again and again, from a thread of its own."""

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

LOG = logging.getLogger(__name__)
MISSED = 3
"""Steps without a sign of life after which the loop counts as stopped."""
SHORTEST = 5.0
"""Seconds of silence that never count as stopped."""


def first_line(error: Exception) -> str:
    """What an error says, without the statement and the links behind it."""
    return (str(error).splitlines() or [type(error).__name__])[0]


class Loop:
    """Takes a step every so many seconds, by a clock that nobody sets back.

    A step that fails is logged and taken again at its next time; one that comes back from a long
    silence is taken once, not once for each time that it missed.
    """

    def __init__(
        self, name: str, step: Callable[[], object], every: float, *, patience: float = 0.0
    ) -> None:
        self.name = name
        self.step = step
        self.every = every
        self.patience = max(MISSED * every, SHORTEST, patience)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._began = 0.0

    @property
    def silence(self) -> float:
        """Seconds since a step was last begun."""
        return time.monotonic() - self._began

    @property
    def is_well(self) -> bool:
        """Whether steps are being taken."""
        is_alive = self._thread is not None and self._thread.is_alive()
        return is_alive and self.silence < self.patience

    def start(self) -> None:
        """Take the first step after one interval, from another thread."""
        self._stopping = threading.Event()
        self._began = time.monotonic()
        self._thread = threading.Thread(
            target=self._run, args=(self._stopping,), name=self.name, daemon=True
        )
        self._thread.start()

    def take(self) -> None:
        """Take a step now, in the caller's thread."""
        self._began = time.monotonic()
        try:
            self.step()
        except SQLAlchemyError as error:
            LOG.warning("database is away", extra={"loop": self.name, "error": first_line(error)})
        except Exception:
            LOG.exception("a step failed and will be taken again", extra={"loop": self.name})

    def revive(self) -> None:
        """Start anew; a thread that hangs ends as soon as its step does."""
        self._stopping.set()
        self.start()

    def stop(self, grace: float = 1.0) -> None:
        """Take no more steps; one that hangs is left behind."""
        self._stopping.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(grace)

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.wait(self.every):
            self.take()
