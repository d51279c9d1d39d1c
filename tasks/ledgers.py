"""Ledgers that were confirmed become issues here, some batches at a time, until nothing is left."""

import logging

from tasks.installation import Installation
from tasks.times import Times
from workflow.ledger import actions
from workflow.ledger.tools import Tools, open_tools

LOG = logging.getLogger(__name__)
HELPING = 10
"""Batches of one task: what else waits for this worker waits no longer than for these."""


class Ledgers:
    """What is left to do is in the rows of the imports; a task that is lost costs nothing."""

    def __init__(self, installation: Installation, times: Times) -> None:
        self.installation = installation
        self.times = times
        self._tools: Tools | None = None

    def go_on(self) -> bool:
        """Take one helping of what is unfinished; whether anything is left."""
        database = self.installation.database
        if not actions.unfinished(database):
            return False
        if self._tools is None:
            self._tools = open_tools(
                self.installation.office, self.installation.settings.config_dir
            )
        return actions.go_on(database, self._tools, now=self.times.now(), most=HELPING)
