"""The statements of the ledger's tables."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from workflow.db import Tx
from workflow.errors import N_, NotFound
from workflow.issues.visible import ISSUE
from workflow.ledger.models import LedgerImport, LedgerMapping, LedgerRowRecord
from workflow.ledger.views import ImportView
from workflow.prepared import inserting

IMPORT = LedgerImport.__table__  # type: ignore[attr-defined]
ROW = LedgerRowRecord.__table__  # type: ignore[attr-defined]
MAPPING = LedgerMapping.__table__  # type: ignore[attr-defined]

_COLUMNS = [IMPORT.c[each.name] for each in fields(ImportView)]
_ONE = select(*_COLUMNS).where(IMPORT.c.id == bindparam("id"))
_LOCK = _ONE.with_for_update()
_ADD_ROWS = inserting(ROW)
_INSERT = insert(IMPORT)
_DROP_ROWS = delete(ROW).where(ROW.c.import_id == bindparam("of_import"))
_SAME = select(IMPORT.c.id).where(
    IMPORT.c.unit_id == bindparam("unit_id"),
    IMPORT.c.sha256 == bindparam("sha256"),
    IMPORT.c.state != "discarded",
)
_ROWS = (
    select(ROW.c.seq, ROW.c.state, ROW.c.cell, ROW.c.content, ROW.c.id, ISSUE.c.number)
    .select_from(ROW.outerjoin(ISSUE, ROW.c.issue_id == ISSUE.c.id))
    .where(ROW.c.import_id == bindparam("of_import"), ROW.c.seq > bindparam("after"))
    .order_by(ROW.c.seq)
    .limit(bindparam("limit"))
)
_CONTENTS = (
    select(ROW.c.content, ROW.c.issue_id)
    .where(ROW.c.import_id == bindparam("of_import"))
    .order_by(ROW.c.seq)
)
_WAITING = (
    select(ROW.c.id, ROW.c.content)
    .where(
        ROW.c.import_id == bindparam("of_import"),
        ROW.c.seq >= bindparam("made"),
        ROW.c.state == "staged",
    )
    .order_by(ROW.c.seq)
    .limit(bindparam("limit"))
)
_MADE = (
    update(ROW)
    .where(ROW.c.id == bindparam("row"))
    .values(state="active", issue_id=bindparam("issue"))
)
_KNOWN = (
    select(ROW.c.identity, ROW.c.nth, func.min(ROW.c.issue_id))
    .select_from(ROW.join(IMPORT, ROW.c.import_id == IMPORT.c.id))
    .where(
        IMPORT.c.unit_id == bindparam("unit_id"),
        ROW.c.issue_id.is_not(None),
        ROW.c.identity.in_(bindparam("identities", expanding=True)),
    )
    .group_by(ROW.c.identity, ROW.c.nth)
)


def find(tx: Tx, import_id: int, *, for_update: bool = False) -> ImportView:
    """One import. Raises NotFound."""
    found = tx.execute(_LOCK if for_update else _ONE, {"id": import_id}).first()
    if found is None:
        raise no_such_import(import_id)
    return ImportView(*found)


def no_such_import(import_id: object) -> NotFound:
    """The same sentence for an import that is not there and for one that is not to be seen."""
    return NotFound(
        N_("没有第{number}次台账导入，或您无权查看。"), params={"number": str(import_id)[:20]}
    )


def same(tx: Tx, unit_id: int, sha256: str) -> int | None:
    """The import of the same file by the same office, if there is one."""
    found = tx.execute(_SAME, {"unit_id": unit_id, "sha256": sha256}).scalar()
    return None if found is None else int(found)


def add(tx: Tx, columns: Mapping[str, Any]) -> int:
    """Insert an import; its id."""
    key = tx.execute(_INSERT, dict(columns)).inserted_primary_key
    assert key is not None
    return int(key[0])


def change(tx: Tx, import_id: int, columns: Mapping[str, Any]) -> None:
    """Update some columns of an import."""
    tx.execute(update(IMPORT).where(IMPORT.c.id == import_id).values(dict(columns)))


def add_rows(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all of one import."""
    if rows:
        _ADD_ROWS.run_many(tx, rows)


def drop_rows(tx: Tx, import_id: int) -> None:
    """Forget the rows of an import that has not become anything."""
    tx.execute(_DROP_ROWS, {"of_import": import_id})


def rows(tx: Tx, import_id: int, *, after: int = -1, limit: int = 1_000_000) -> Sequence[Any]:
    """Rows with the number of their issue, from behind `after` on."""
    return tx.execute(_ROWS, {"of_import": import_id, "after": after, "limit": limit}).all()


def rows_with_issue(tx: Tx, import_id: int) -> Sequence[Any]:
    """Content and issue of every row."""
    return tx.execute(_CONTENTS, {"of_import": import_id}).all()


def waiting(tx: Tx, import_id: int, made: int, limit: int) -> Sequence[Any]:
    """The next rows that have not become issues yet, where so many have.

    Rows are made in their order: the first one left stands at least that far behind.
    """
    asked = {"of_import": import_id, "made": made, "limit": limit}
    return tx.execute(_WAITING, asked).all()


def mark_made(tx: Tx, made: Sequence[tuple[int, int]]) -> None:
    """Note which issue each row has become."""
    tx.execute(_MADE, [{"row": row, "issue": issue} for row, issue in made])


def known(tx: Tx, unit_id: int, identities: Sequence[str]) -> dict[tuple[str, int], int]:
    """The issues that rows alike have become in earlier imports of an office."""
    found: dict[tuple[str, int], int] = {}
    for start in range(0, len(identities), 500):
        asked = {"unit_id": unit_id, "identities": list(identities[start : start + 500])}
        found |= {(identity, nth): int(issue) for identity, nth, issue in tx.execute(_KNOWN, asked)}
    return found
