"""Looks after what runs in threads and starts anew what has stopped."""

import logging
import threading
from collections.abc import Sequence
from typing import Protocol

LOG = logging.getLogger(__name__)
EVERY = 2.0
"""Seconds between two looks."""


class Patient(Protocol):
    """Something that should be running."""

    @property
    def is_well(self) -> bool:
        """Whether it runs."""

    def revive(self) -> None:
        """Start it anew."""


class Watchdog:
    """A thread of its own, so that neither the worker nor the clock can take it down with them."""

    def __init__(self, patients: Sequence[Patient], *, every: float | None = None) -> None:
        self.patients = patients
        self.every = EVERY if every is None else every
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more; call it before anything is stopped on purpose."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self.every):
            for patient in self.patients:
                if not patient.is_well and not self._stopping.is_set():
                    self._revive(patient)

    def _revive(self, patient: Patient) -> None:
        name = type(patient).__name__
        LOG.error("has stopped and is started anew", extra={"part": name})
        try:
            patient.revive()
        except Exception:
            LOG.exception("could not be started anew", extra={"part": name})
