"""The signs of life of a worker of its own, given by the very loop that hands out its tasks."""

import logging
from typing import Any

from celery import Celery, bootsteps
from sqlalchemy.exc import SQLAlchemyError

from tasks.loop import first_line
from tasks.signs import BEAT, Signs

LOG = logging.getLogger(__name__)


class SignsStep(bootsteps.StartStopStep):
    """Beats from the worker's main loop: while that waits for a broker, the worker is silent."""

    requires = frozenset({"celery.worker.components:Timer"})
    signs: Signs

    @classmethod
    def install(cls, app: Celery, signs: Signs) -> None:
        """Let every worker of this application give these signs."""
        app.steps["worker"].add(
            type(cls.__name__, (cls,), {"signs": signs, "name": "bihuan.signs"})
        )

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._entry: Any = None

    def start(self, parent: Any) -> None:
        """Beat at once, then at intervals."""
        self.beat()
        self._entry = parent.timer.call_repeatedly(BEAT, self.beat, priority=10)

    def stop(self, parent: Any) -> None:
        """Beat no more."""
        del parent
        if self._entry is not None:
            self._entry.cancel()

    def beat(self) -> None:
        """One sign; a database that is away is for the tasks to complain about."""
        try:
            self.signs.beat()
        except SQLAlchemyError as error:
            LOG.warning("no sign of life", extra={"error": first_line(error)})
