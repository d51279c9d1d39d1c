"""What the tasks do: the sweep that takes every due rung, the work of the day, the canary."""

import logging

from tasks.installation import Installation
from tasks.sanity import Sanity
from tasks.selfcheck import SelfCheck
from tasks.times import Times
from tasks.turnstile import Turnstile
from workflow.audit import actions as audit
from workflow.audit.keys import key_pair
from workflow.escalation.actions import TickReport, tick
from workflow.issues.upkeep import recalculate_all
from workflow.operations import actions as operations
from workflow.operations import quarantine

LOG = logging.getLogger(__name__)


class Sweeper:
    """One a process; a sweep that finds another one under way leaves word and goes."""

    def __init__(self, installation: Installation, times: Times, sanity: Sanity) -> None:
        self.installation = installation
        self.times = times
        self.sanity = sanity
        self.selfcheck = SelfCheck(
            installation.database,
            times,
            sanity.audiences,
            sweep=installation.settings.tick_seconds,
        )
        self._turnstile = Turnstile()

    def sweep(self) -> int:
        """Take every due rung; how many were taken."""
        return self._turnstile.passed(self._sweep)

    def _sweep(self) -> int:
        if self._is_quarantined():
            return 0
        frozen = self.sanity.is_frozen()
        installation = self.installation
        report = tick(installation.database, installation.office, self.times.now(), frozen=frozen)
        _log(report)
        if not frozen:
            self.sanity.swept()
        return report.tally.taken

    def daily(self) -> None:
        """Count again what another calendar counted, sign the day, look at the invariants."""
        if self._is_quarantined() or self.sanity.is_frozen():
            return
        installation, now = self.installation, self.times.now()
        changed = recalculate_all(installation.database, installation.office, now=now)
        if changed:
            LOG.info("recalculated", extra={"issues": changed})
        self._checkpoint()
        self.selfcheck.step()

    def _is_quarantined(self) -> bool:
        """Whether an operator has yet to say what was done after the backup was taken."""
        with self.installation.database.reading() as tx:
            return quarantine.is_on(tx)

    def _checkpoint(self) -> None:
        """Sign the heads of every chain that has grown, a transaction a batch."""
        key = key_pair(self.installation.settings.data_dir).private
        while True:
            with self.installation.database.transaction() as tx:
                if audit.checkpoint(tx, key=key, now=self.times.now()) is None:
                    return

    def canaries(self) -> None:
        """Show that a worker works."""
        with self.installation.database.transaction() as tx:
            operations.finish_canaries(tx, now=self.times.shared(tx))


def _log(report: TickReport) -> None:
    if report.batches or report.periods or report.failed or report.held:
        LOG.info(
            "swept",
            extra={
                "taken": report.tally.taken,
                "merged": report.tally.merged,
                "periods": report.periods,
                "left": report.left,
                "failed": report.failed,
                "held": report.held,
            },
        )
