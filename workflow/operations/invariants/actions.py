"""What a look at the invariants leaves behind: its mark, and an alarm where something is broken."""

from collections.abc import Sequence
from datetime import datetime

from workflow.db import Tx
from workflow.operations import actions
from workflow.operations.actions import Audience, Changes
from workflow.operations.findings import BROKEN, Finding
from workflow.operations.invariants.rule import Violation

LOOKED = "invariants"
"""The mark of the last look."""
_NAMED = 5


def record(
    tx: Tx, violations: Sequence[Violation], *, now: datetime, audience: Audience
) -> Changes:
    """Raise the alarm, or clear one that no longer holds, and note that somebody has looked."""
    actions.put_mark(tx, LOOKED, now=now)
    return actions.reconcile(
        tx,
        [_finding(violations, now)] if violations else [],
        now=now,
        audience=audience,
        looked_for=frozenset({BROKEN}),
    )


def _finding(violations: Sequence[Violation], now: datetime) -> Finding:
    codes = dict.fromkeys(each.invariant for each in violations)
    numbers = list(dict.fromkeys(each.number for each in violations if each.number))
    more = " …" if len(numbers) > _NAMED else ""
    params = {
        "count": len(violations),
        "invariants": " ".join(codes),
        "issues": " ".join(numbers[:_NAMED]) + more if numbers else "-",
    }
    return Finding(BROKEN, "red", now, params=params)
