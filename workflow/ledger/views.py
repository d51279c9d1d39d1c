"""What a page or a command is shown of imports: frozen, no rows, no session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.ledger.rows import LedgerRow
from workflow.ledger.values import Remark
from workflow.ledger.ways import Way
from workflow.units.directory import UnitInfo


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import."""

    id: int
    unit_id: int
    state: str
    sha256: str
    file_name: str
    mapping: Mapping[str, Any]
    options: Mapping[str, Any]
    problems: Sequence[Sequence[Any]]
    skipped: Sequence[Sequence[Any]]
    rows: int
    made: int
    staged_at: datetime
    staged_by_id: int | None
    confirmed_at: datetime | None
    confirmed_by_id: int | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of an import: what was read, and what becomes or became of it."""

    seq: int
    state: str
    cell: str
    row: LedgerRow
    way: Way | None
    number: str | None
    """Number of its issue."""


@dataclass(frozen=True, slots=True)
class UnknownUnit:
    """A name of the ledger that is no unit of this installation."""

    name: str
    rows: int
    near: tuple[UnitInfo, ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do if it were confirmed now."""

    ways: Mapping[str, int]
    doubles: int
    unknown: tuple[UnknownUnit, ...]
    remarks: int
    """Rows with something to look at."""
    why: Sequence[tuple[Remark, int]]
    """Why rows go to the dispatcher, and how many."""
