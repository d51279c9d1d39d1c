"""Denied accesses (越权访问) are put on record, each with a number that leaves no gap."""

from datetime import datetime

from sqlalchemy import insert

from workflow import stamps
from workflow.db import Tx
from workflow.operations.models import Denial

STAMP = "denied_access"
_DENIAL = Denial.__table__  # type: ignore[attr-defined]
_RECORD = insert(_DENIAL)
_LONGEST = {name: _DENIAL.c[name].type.length for name in ("door", "method", "path", "code")}


def record(
    tx: Tx, *, person_id: int, door: str, method: str, path: str, code: str, now: datetime
) -> None:
    """Write down who asked for what at which door, and why it was denied."""
    said = {"door": door, "method": method, "path": path, "code": code}
    cut = {name: value[: _LONGEST[name]] for name, value in said.items()}
    row = {"no": stamps.rise(tx, STAMP), "at": now, "person_id": person_id, **cut}
    tx.execute(_RECORD, row)
