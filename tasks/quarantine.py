"""Lifting a quarantine: what fell due meanwhile is settled before anything leaves again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tasks.installation import Installation
from workflow.db import Tx
from workflow.deadlines import climbing
from workflow.errors import N_, Conflict
from workflow.escalation.actions import tick
from workflow.operations import quarantine, queries
from workflow.operations.quarantine import Held, Outcome
from workflow.outbox import holding
from workflow.outbox.holding import IN_APP
from workflow.units.rules import Actor

ROUNDS = 5
"""Looks at the clocks; what somebody else is writing is left to the next one."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """What became of what was held."""

    messages: Mapping[str, int]
    """Channel → messages of before, released or discarded."""
    taken: int = 0
    """Rungs and periods that had fallen due and were recorded without a word to the outside."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What an operator has to decide on."""

    quarantine: Held
    channels: tuple[holding.Held, ...]
    due: int
    """Clocks at which something has fallen due."""


def pending(tx: Tx, now: datetime) -> Pending | None:
    """What is held at this moment; None without a quarantine."""
    found = quarantine.current(tx)
    if found is None:
        return None
    return Pending(found, holding.held(tx, up_to=found.last_outbox_id), climbing.count_due(tx, now))


def lift(
    installation: Installation, *, outcome: Outcome, by: Actor, reason: str, now: datetime
) -> Lifted:
    """End the quarantine as an operator decides.

    ``discarded``: the installation that made the backup has said it all.  What has fallen due since
    is put on record, and reaches people in the inbox only.  ``released``: nobody has said it; the
    next sweep and the relays do.

    Raises what `quarantine.check` raises, and Conflict while the time is in doubt.
    """
    database, taken = installation.database, 0
    with database.reading() as tx:
        quarantine.check(tx, by=by, reason=reason)
        if outcome == "discarded" and queries.is_frozen(tx):
            raise Conflict(
                N_("时间是否正确还没有确认：请先运行 bihuan doctor --clock-ok，再解除隔离。"),
                code="clock_jump",
            )
    if outcome == "discarded":
        taken = _take_silently(installation, now)
    with database.transaction() as tx:
        counts = quarantine.lift(tx, outcome=outcome, by=by, reason=reason, now=now)
    return Lifted(counts, taken)


def _take_silently(installation: Installation, now: datetime) -> int:
    office = replace(installation.office, channels=(IN_APP,))
    taken = 0
    for _ in range(ROUNDS):
        report = tick(installation.database, office, now)
        taken += report.tally.taken + report.periods
        if report.is_idle or not (report.left or report.failed):
            break
    return taken
