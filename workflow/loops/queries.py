"""Reads of the versions that issues run on; a version never changes, so each is read once."""

from typing import Any

from sqlalchemy import bindparam, select

from workflow.db import Tx
from workflow.errors import N_, NotFound, WorkflowError
from workflow.loops.definition import read
from workflow.loops.loop import Loop
from workflow.loops.models import LoopVersion

_VERSION = LoopVersion.__table__  # type: ignore[attr-defined]
_BY_HASH = select(_VERSION.c.definition).where(_VERSION.c.hash == bindparam("hash"))
_ALL = select(_VERSION.c.hash, _VERSION.c.name, _VERSION.c.loaded_at).order_by(
    _VERSION.c.loaded_at, _VERSION.c.hash
)

_known: dict[str, Loop] = {}
"""Version → loop: the same in every database, since a version is the hash of its content."""


def by_version(tx: Tx, version: str) -> Loop:
    """Return the loop of a version that was stored once.

    Raises:
        NotFound: no such version is stored.
        WorkflowError: it is stored, and this release no longer reads its format.
    """
    loop = _known.get(version)
    if loop is None:
        loop = _known[version] = _stored(tx, version)
    return loop


def keep(loop: Loop) -> None:
    """Let later reads of this version find the loop that is already in memory."""
    _known.setdefault(loop.version, loop)


def _stored(tx: Tx, version: str) -> Loop:
    definition: dict[str, Any] | None = tx.execute(_BY_HASH, {"hash": version}).scalar()
    if definition is None:
        raise NotFound(N_("数据库中没有流程版本 {version}。"), params={"version": version[:12]})
    loop = read(definition)
    if isinstance(loop, Loop):
        return loop
    raise WorkflowError(
        N_("流程版本 {version} 是旧格式，本程序读不出：{reason}"),
        code="old_loop",
        params={"version": version[:12], "reason": loop[0].text()},
    )
