"""The part of I9 that no database can answer: every attachment's file is there, with its hash."""

from collections.abc import Iterator

from sqlalchemy import text

from workflow.db import Tx
from workflow.errors import N_, NotFound
from workflow.evidence.storage import Storage
from workflow.operations.invariants.rule import Violation

_BLOBS = text("""
    select b.sha256, b.copy_sha256, min(i.number) as number
    from blob b left join evidence v on v.sha256 = b.sha256
      left join issue i on i.id = v.issue_id
    group by b.sha256, b.copy_sha256 order by b.sha256""")
_SENTENCE = N_("附件 {blob_id} 的文件不在，或已损坏（问题 {number}）。")


def damaged(tx: Tx, storage: Storage) -> Iterator[Violation]:
    """Every file that is missing or no longer itself; reads all of them."""
    for row in tx.execute(_BLOBS):
        for digest in filter(None, (row.sha256, row.copy_sha256)):
            try:
                storage.get(digest)
            except NotFound:
                yield Violation("I9", "file", row.number or "-", _SENTENCE, {"blob_id": digest})
