"""Writes of evidence: tie stored files to an issue's event."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from workflow.db import Tx
from workflow.errors import N_, Invalid
from workflow.evidence.models import Blob, Evidence

_BLOB = Blob.__table__  # type: ignore[attr-defined]
_ATTACH = insert(Evidence.__table__)  # type: ignore[attr-defined]
_STORED = select(_BLOB.c.sha256).where(_BLOB.c.sha256.in_(bindparam("digests", expanding=True)))


def attach(
    tx: Tx,
    *,
    issue_id: int,
    event_seq: int,
    digests: Sequence[str],
    by_id: int | None,
    now: datetime,
) -> None:
    """Tie files that were stored before to the event of an issue.

    Raises:
        Invalid: one of them was never stored here.
    """
    wanted = list(dict.fromkeys(digests))
    stored = set(tx.execute(_STORED, {"digests": wanted}).scalars())
    if missing := [digest for digest in wanted if digest not in stored]:
        raise Invalid.at(
            "evidence", N_("有附件尚未上传成功（{digest}…），请重新上传。"), digest=missing[0][:8]
        )
    rows = [
        {
            "issue_id": issue_id,
            "event_seq": event_seq,
            "sha256": digest,
            "name": digest[:12],
            "added_by_id": by_id,
            "added_at": now,
        }
        for digest in wanted
    ]
    tx.execute(_ATTACH, rows)
