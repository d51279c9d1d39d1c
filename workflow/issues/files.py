"""A file by what it holds, for whoever sees one of the issues that it was added to."""

from dataclasses import fields
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from workflow.db import Tx
from workflow.errors import N_, NotFound
from workflow.evidence.queries import BLOB, EVIDENCE
from workflow.issues import visible
from workflow.issues.views import EvidenceView
from workflow.issues.visible import ISSUE
from workflow.units.rules import Scope

_COLUMNS = tuple(
    (EVIDENCE if each.name in EVIDENCE.c else BLOB).c[each.name] for each in fields(EvidenceView)
)


def by_digest(tx: Tx, sha256: str, scope: Scope) -> EvidenceView:
    """The file as the newest of these issues has it. Raises NotFound."""
    values = {"sha256": sha256, **visible.bound(scope)}
    found = tx.execute(_newest(scope.everything), values).first()
    if found is None:
        raise NotFound(N_("没有这个文件，或您无权查看。"))
    return EvidenceView(*found)


@lru_cache(maxsize=2)
def _newest(everything: bool) -> Select[Any]:
    files = EVIDENCE.join(BLOB, EVIDENCE.c.sha256 == BLOB.c.sha256)
    return (
        select(*_COLUMNS)
        .select_from(files.join(ISSUE, EVIDENCE.c.issue_id == ISSUE.c.id))
        .where(
            EVIDENCE.c.sha256 == bindparam("sha256"),
            visible.one(Scope(everything, frozenset())),
        )
        .order_by(EVIDENCE.c.id.desc())
        .limit(1)
    )
