"""A workbook is read and its rows are laid down, inert, for a person to look at.

Nothing here makes an issue, starts a clock or tells anybody.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from workflow.db import Database, Tx
from workflow.errors import N_, Conflict, Invalid, NotAllowed
from workflow.evidence import actions as evidence
from workflow.evidence.actions import Upload
from workflow.issues.reporting import reporting_unit
from workflow.ledger import mapping, store
from workflow.ledger.content import identities, kept
from workflow.ledger.mapping import Given
from workflow.ledger.progress import Progress, nothing
from workflow.ledger.reading import Reading
from workflow.ledger.rows import LedgerRow, Problem
from workflow.ledger.store import MAPPING
from workflow.ledger.tools import Tools
from workflow.ledger.views import ImportView
from workflow.units.rules import Actor

BATCH = 50
MOST_PROBLEMS = 2000
MAY = ("dispatcher", "supervisor", "deputy", "principal")


@dataclass(frozen=True, slots=True)
class Staged:
    """What was laid down. `again` says that the very file was there before."""

    import_id: int
    rows: int
    again: bool = False


def ledger_unit(by: Actor) -> int:
    """The unit whose ledger a person brings in.

    Raises:
        NotAllowed: without a post that gives out work.
    """
    posts = [post for post in by.held if post.post in MAY]
    if not posts:
        raise NotAllowed(N_("您不能导入台账。"), why=N_("须由交办员、督导员或单位负责人导入。"))
    posts.sort(key=lambda post: MAY.index(post.post))
    reporting_unit(by)
    return posts[0].unit_id


def kept_mapping(tx: Tx, unit_id: int) -> dict[str, Any]:
    """What the office has confirmed of headings and names before."""
    found = tx.execute(MAPPING.select().where(MAPPING.c.unit_id == unit_id)).first()
    return dict(found.mapping) if found else {}


def stage(
    database: Database,
    tools: Tools,
    *,
    data: bytes,
    upload: Upload,
    name: str,
    given: Mapping[str, Any] | None,
    by: Actor,
    now: datetime,
    read: Progress = nothing,
    progress: Progress = nothing,
) -> Staged:
    """Read a workbook and lay its rows down in batches; the same file again is the same import.

    `upload` is the file as the storage has sealed it. A staging that was broken off is begun anew.
    `read` is told how many rows have been looked at, `progress` how many are laid down.

    Raises:
        Invalid: the file cannot be read, or holds no row.
        NotAllowed: the person may not bring in ledgers.
    """
    unit_id = ledger_unit(by)
    with database.reading() as tx:
        content = _merged(kept_mapping(tx, unit_id), given or {})
        before = store.same(tx, unit_id, upload.sha256)
        if before is not None and store.find(tx, before).state in ("activating", "active"):
            return Staged(before, store.find(tx, before).rows, again=True)
    prepared = mapping.given(content)
    reading = tools.read(data, prepared, read)
    if not reading.rows and not reading.tables:
        first = reading.problems[0]
        raise Invalid(first.remark.sentence, params=first.remark.params)
    with database.transaction() as tx:
        evidence.record(tx, [upload], now=now)
        import_id = _begin(tx, unit_id, upload, name, by, now)
        _describe(tx, import_id, reading, prepared, "staging")
        begun = store.find(tx, import_id)
    _lay_down(database, begun, reading.rows, progress)
    return Staged(import_id, len(reading.rows))


def read_again(
    database: Database,
    tools: Tools,
    import_id: int,
    *,
    data: bytes,
    given: Mapping[str, Any],
    now: datetime,
) -> Staged:
    """Read the file of an import by another mapping; its rows are laid down anew.

    Raises Conflict if it has been confirmed, Invalid for a wrong mapping.
    """
    prepared = mapping.given(given)
    reading = tools.read(data, prepared)
    with database.transaction() as tx:
        found = store.find(tx, import_id, for_update=True)
        if found.state not in ("staging", "staged"):
            raise confirmed_already()
        store.drop_rows(tx, import_id)
        _describe(tx, import_id, reading, prepared, "staging")
    _lay_down(database, found, reading.rows, nothing)
    return Staged(import_id, len(reading.rows))


def confirmed_already() -> Conflict:
    """Somebody was first."""
    return Conflict(N_("这次导入已经确认或放弃，请刷新页面查看。"))


def discard(tx: Tx, import_id: int) -> None:
    """Throw away what has not been confirmed. Raises Conflict if it has."""
    found = store.find(tx, import_id, for_update=True)
    if found.state not in ("staging", "staged"):
        raise confirmed_already()
    store.drop_rows(tx, import_id)
    store.change(tx, import_id, {"state": "discarded", "rows": 0})


def _merged(kept: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given beside what was kept; what is given wins."""
    if not isinstance(given, dict):
        return {"": given}
    found = dict(given)
    for name in ("headings", "units"):
        own = given.get(name)
        if own is None or isinstance(own, dict):
            found[name] = {**kept.get(name, {}), **(own or {})}
    return found


def _begin(tx: Tx, unit_id: int, upload: Upload, name: str, by: Actor, now: datetime) -> int:
    before = store.same(tx, unit_id, upload.sha256)
    if before is not None:
        found = store.find(tx, before, for_update=True)
        if found.state not in ("staging", "staged"):
            raise confirmed_already()
        store.drop_rows(tx, before)
        store.change(tx, before, {"staged_at": now, "staged_by_id": by.person_id})
        return before
    return store.add(
        tx,
        {
            "unit_id": unit_id,
            "state": "staging",
            "sha256": upload.sha256,
            "file_name": name[-200:],
            "mapping": {},
            "options": {},
            "problems": [],
            "skipped": [],
            "rows": 0,
            "made": 0,
            "staged_at": now,
            "staged_by_id": by.person_id,
        },
    )


def _describe(tx: Tx, import_id: int, reading: Reading, given: Given, state: str) -> None:
    columns = {
        "state": state,
        "mapping": reading.mapping(given),
        "problems": _told(reading.problems),
        "skipped": _told(reading.skipped),
        "rows": len(reading.rows),
        "made": 0,
    }
    store.change(tx, import_id, columns)


def _told(problems: Sequence[Problem]) -> list[list[Any]]:
    return [
        [problem.cell, problem.remark.sentence, dict(problem.remark.params)]
        for problem in problems[:MOST_PROBLEMS]
    ]


def _lay_down(
    database: Database, begun: ImportView, rows: Sequence[LedgerRow], progress: Progress
) -> None:
    """Batches of their own; the import says that it is staged when the last one is in.

    Raises Conflict if the same file was uploaded again meanwhile: that reading goes on.
    """
    marks = list(identities(rows))
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        own = marks[start : start + BATCH]
        with database.brief_transaction() as tx:
            _is_ours(tx, begun)
            known = store.known(tx, begun.unit_id, [identity for identity, _ in own])
            store.add_rows(tx, list(_records(begun.id, start, part, own, known)))
        database.tidy()
        progress(start + len(part), len(rows))
    with database.transaction() as tx:
        _is_ours(tx, begun)
        store.change(tx, begun.id, {"state": "staged"})


def _is_ours(tx: Tx, begun: ImportView) -> None:
    found = store.find(tx, begun.id, for_update=True)
    if found.staged_at != begun.staged_at:
        raise Conflict(N_("这个文件又上传了一次，正在另行读取。请看最新的那一次。"))
    if found.state != "staging":
        raise confirmed_already()


def _records(
    import_id: int,
    first: int,
    rows: Sequence[LedgerRow],
    marks: Sequence[tuple[str, int]],
    known: Mapping[tuple[str, int], int],
) -> Iterator[dict[str, Any]]:
    for seq, (row, mark) in enumerate(zip(rows, marks, strict=True), first):
        issue_id = known.get(mark)
        yield {
            "import_id": import_id,
            "seq": seq,
            "state": "staged" if issue_id is None else "double",
            "cell": row.cell[:200],
            "identity": mark[0],
            "nth": mark[1],
            "content": kept(replace(row, cell=row.cell[:200])),
            "issue_id": issue_id,
        }
