"""The one write: a version of a loop is stored before the first issue runs on it."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite

from workflow.db import Tx
from workflow.loops import queries
from workflow.loops.loop import Loop
from workflow.loops.models import LoopVersion

_VERSION = LoopVersion.__table__  # type: ignore[attr-defined]
_KEEP = {
    "sqlite": sqlite.insert(_VERSION).on_conflict_do_nothing(index_elements=["hash"]),
    "postgresql": postgresql.insert(_VERSION).on_conflict_do_nothing(index_elements=["hash"]),
}


def ensure_version(tx: Tx, loop: Loop, now: datetime) -> None:
    """Store a version with its definition unless it is there; two processes may do so at once."""
    row = {
        "hash": loop.version,
        "name": loop.name,
        "definition": dict(loop.definition),
        "loaded_at": now,
    }
    tx.execute(_KEEP[tx.dialect.name], row)
    queries.keep(loop)
