"""Issues out: into the workbook that they came from, or into a new one."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from workflow.db import Tx
from workflow.issues import lists
from workflow.issues.views import Filters
from workflow.issues.visible import ISSUE
from workflow.labels import Labels
from workflow.ledger import fresh, store, template
from workflow.ledger.content import row_of
from workflow.ledger.rows import LedgerRow
from workflow.ledger.template import Line
from workflow.ledger.tools import Tools
from workflow.ledger.views import ImportView
from workflow.units import queries as units
from workflow.units.directory import Directory
from workflow.units.rules import Scope

MOST = 50_000
PAGE = 200
_ENDED = frozenset({"closed", "archived", "settled"})
_DETAILS = select(
    ISSUE.c.id,
    ISSUE.c.number,
    ISSUE.c.title,
    ISSUE.c.description,
    ISSUE.c.category,
    ISSUE.c.source,
    ISSUE.c.place,
    ISSUE.c.loop_version,
    ISSUE.c.state,
    ISSUE.c.lamp,
    ISSUE.c.due_on,
    ISSUE.c.original_due_on,
    ISSUE.c.is_open,
    ISSUE.c.counts_as,
    ISSUE.c.units,
    ISSUE.c.facts,
).where(ISSUE.c.id.in_(bindparam("ids", expanding=True)))


def into_template(tx: Tx, found: ImportView, data: bytes) -> bytes:
    """The imported workbook with what its issues have become; `data` is the file as it came."""
    directory = units.directory(tx)
    rows = store.rows_with_issue(tx, found.id)
    issues: dict[int, Any] = {}
    ids = [row.issue_id for row in rows if row.issue_id is not None]
    for start in range(0, len(ids), PAGE):
        for issue in tx.execute(_DETAILS, {"ids": ids[start : start + PAGE]}):
            issues[issue.id] = issue
    lines = []
    for row in rows:
        read = row_of(row.content)
        known = row.issue_id in issues
        lines.append(Line(read, changes(read, issues[row.issue_id], directory) if known else {}))
    return template.fill(data, found.mapping, lines)


def changes(row: LedgerRow, issue: Any, directory: Directory) -> dict[str, str]:
    """What an issue says otherwise than the row that it came from."""
    found: dict[str, str] = {}
    if issue.description != row.description:
        found["description"] = issue.description
    if issue.due_on is not None and row.due is not None and issue.due_on != row.due:
        found["due"] = issue.due_on.isoformat()
    named = {
        unit.id
        for names in row.units.values()
        for name in names
        if (unit := directory.find(name)) is not None
    }
    responsible = issue.units.get("responsible", ())
    origin = issue.facts.get("suggested", {}).get("responsible", ())
    if responsible and responsible[0] not in named and list(responsible) != list(origin):
        found["responsible"] = directory.unit(responsible[0]).name
    if issue.counts_as in _ENDED and not row.done:
        found["done"] = "是"
    if issue.counts_as in _ENDED and not row.is_closed and not row.done:
        found["closed"] = "是"
    note = (issue.facts.get("progress") or {}).get("note")
    if note and note != row.more.get("progress"):
        found["progress"] = note
    return found


def into_new(
    tx: Tx,
    tools: Tools,
    labels: Labels,
    scope: Scope,
    filters: Filters,
    *,
    title: str,
    today: date,
) -> bytes:
    """A new workbook of the issues of a scope that pass the filters, the newest first."""
    directory = units.directory(tx)
    rows = _details(tx, scope, filters, directory, today)
    return fresh.workbook(title, (_row(tx, tools, labels, directory, row) for row in rows))


def _details(
    tx: Tx, scope: Scope, filters: Filters, directory: Directory, today: date
) -> Iterator[Any]:
    after: str | None = None
    for _ in range(MOST // PAGE):
        page = lists.page(
            tx, scope, filters, directory=directory, today=today, after=after, limit=PAGE
        )
        ids = [row.id for row in page.rows]
        found = {row.id: row for row in tx.execute(_DETAILS, {"ids": ids})} if ids else {}
        yield from (found[i] for i in ids if i in found)
        after = page.after
        if after is None:
            return


def _row(tx: Tx, tools: Tools, labels: Labels, directory: Directory, issue: Any) -> tuple[str, ...]:
    state = tools.office.loop_of(tx, issue.loop_version).states[issue.state]
    ended = issue.counts_as in _ENDED
    due = issue.due_on or issue.original_due_on
    return (
        issue.number,
        issue.title,
        issue.description,
        labels.text("categories", issue.category),
        labels.text("sources", issue.source),
        issue.place,
        *(
            _names(directory, issue.units, relation)
            for relation in ("responsible", "lead", "cooperating", "acceptance")
        ),
        due.isoformat() if due else "",
        "是" if ended else "否",
        "是" if issue.counts_as in ("closed", "archived") else "否",
        state.labels["zh"],
        labels.text("lamps", issue.lamp) if issue.lamp != "none" else "",
        (issue.facts.get("progress") or {}).get("note") or "",
    )


def _names(directory: Directory, stands: Mapping[str, Any], relation: str) -> str:
    names = (directory.unit(unit).name for unit in stands.get(relation, ()))
    if relation == "lead" and stands.get("lead") == stands.get("responsible"):
        return ""
    return "、".join(names)
