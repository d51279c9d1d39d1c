"""Reads of one issue; a foreign issue is not found.  Lists are in ``lists``, counts in ``counts``.

A page costs the same number of statements whatever the size of the tree.
"""

from dataclasses import fields
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, case, select, union_all

from workflow.db import Tx
from workflow.deadlines import shown
from workflow.errors import N_, NotFound
from workflow.evidence.queries import BLOB, EVIDENCE
from workflow.issues import inputs, papers, requests, visible
from workflow.issues.models import Source
from workflow.issues.views import EvidenceView, IssueView, Relative, SourceView
from workflow.issues.visible import ISSUE
from workflow.units.rules import Scope

_SOURCE = Source.__table__  # type: ignore[attr-defined]
_GATHERED = ("relatives", "sources", "requests", "papers", "clocks", "evidence")
_FACTS = tuple(each.name for each in fields(IssueView) if each.name not in _GATHERED)
_LINKS = ("parent_id", "root_id", "recurs_of_id", "merged_into_id")

_SOURCES = (
    select(*(_SOURCE.c[each.name] for each in fields(SourceView)))
    .where(_SOURCE.c.issue_id == bindparam("issue_id"))
    .order_by(_SOURCE.c.id)
)
_EVIDENCE_COLUMNS = tuple(
    (EVIDENCE if each.name in EVIDENCE.c else BLOB).c[each.name] for each in fields(EvidenceView)
)
_EVIDENCE = (
    select(*_EVIDENCE_COLUMNS)
    .select_from(EVIDENCE.join(BLOB, EVIDENCE.c.sha256 == BLOB.c.sha256))
    .where(EVIDENCE.c.issue_id == bindparam("issue_id"))
    .order_by(EVIDENCE.c.id)
)


def get(tx: Tx, number: str, scope: Scope) -> IssueView:
    """Everything that the issue's page shows. Raises NotFound, also for a foreign issue."""
    if not inputs.is_storable(number):
        raise not_found(number)
    found = tx.execute(_one(scope.everything), {"number": number, **visible.bound(scope)}).first()
    if found is None:
        raise not_found(number)
    row = found._mapping
    mine = {"issue_id": found.id}
    return IssueView(
        **{name: row[name] for name in _FACTS},
        relatives=_relatives(tx, {name: row[name] for name in _LINKS}, found.id, scope),
        sources=tuple([SourceView(*row) for row in tx.execute(_SOURCES, mine)]),
        requests=requests.of_issue(tx, found.id),
        papers=papers.of_issue(tx, found.id, scope),
        clocks=shown.of_issue(tx, found.id),
        evidence=tuple([EvidenceView(*row) for row in tx.execute(_EVIDENCE, mine)]),
    )


def evidence(tx: Tx, evidence_id: int, scope: Scope) -> EvidenceView:
    """A file of an issue in the scope. Raises NotFound."""
    values = {"evidence_id": evidence_id, **visible.bound(scope)}
    found = tx.execute(_file(scope.everything), values).first()
    if found is None:
        raise NotFound(N_("没有这个文件，或您无权查看。"))
    return EvidenceView(*found)


def not_found(number: str) -> NotFound:
    """The same sentence for an issue that does not exist and for one that is not to be seen."""
    return NotFound(
        N_("没有编号为“{number}”的问题，或您无权查看。请核对编号。"),
        params={"number": inputs.shown(number)},
    )


@lru_cache(maxsize=2)
def _one(everything: bool) -> Select[Any]:
    return select(*(ISSUE.c[name] for name in dict.fromkeys((*_FACTS, *_LINKS)))).where(
        ISSUE.c.number == bindparam("number"), visible.one(Scope(everything, frozenset()))
    )


@lru_cache(maxsize=2)
def _file(everything: bool) -> Select[Any]:
    files = EVIDENCE.join(BLOB, EVIDENCE.c.sha256 == BLOB.c.sha256)
    return (
        select(*_EVIDENCE_COLUMNS)
        .select_from(files.join(ISSUE, EVIDENCE.c.issue_id == ISSUE.c.id))
        .where(
            EVIDENCE.c.id == bindparam("evidence_id"),
            visible.one(Scope(everything, frozenset())),
        )
    )


@lru_cache(maxsize=2)
def _kin(everything: bool) -> Select[Any]:
    """Root, parent, sisters, parts, and whatever is linked; each with whether it may be seen."""
    relation = case(
        (ISSUE.c.id == bindparam("parent_id"), "parent"),
        (ISSUE.c.parent_id == bindparam("id"), "part"),
        (ISSUE.c.id == bindparam("recurs_of_id"), "recurs_of"),
        (ISSUE.c.recurs_of_id == bindparam("id"), "recurrence"),
        (ISSUE.c.id == bindparam("merged_into_id"), "merged_into"),
        (ISSUE.c.merged_into_id == bindparam("id"), "merged"),
        (ISSUE.c.id == bindparam("root_id"), "root"),
        (ISSUE.c.parent_id == bindparam("parent_id"), "sister"),
        else_="kin",
    )
    seen = visible.one(Scope(everything, frozenset()))
    other = ISSUE.alias()
    kin = union_all(
        *(select(other.c.id).where(other.c.id == bindparam(name)) for name in _LINKS),
        *(
            select(other.c.id).where(other.c[column] == bindparam(name))
            for column, name in (
                ("parent_id", "id"),
                ("parent_id", "parent_id"),
                ("recurs_of_id", "id"),
                ("merged_into_id", "id"),
            )
        ),
    )
    return (
        select(
            relation.label("relation"),
            case((seen, ISSUE.c.number), else_=None).label("number"),
            *(ISSUE.c[each.name] for each in fields(Relative)[2:]),
        )
        .where(ISSUE.c.id != bindparam("id"), ISSUE.c.id.in_(kin))
        .order_by(ISSUE.c.id)
        .limit(500)
    )


def _relatives(
    tx: Tx, links: dict[str, int | None], issue_id: int, scope: Scope
) -> tuple[Relative, ...]:
    values = {name: value or -1 for name, value in links.items()}
    rows = tx.execute(_kin(scope.everything), {**values, "id": issue_id, **visible.bound(scope)})
    return tuple([Relative(*row) for row in rows if row.relation != "kin"])
