"""Whether the event chains in a backup are whole, and where they end. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic_core import from_json

from workflow.audit.chain import GENESIS, Entry, link
from workflow.backup.layout import Heads

MOST_NAMED = 1_000

ISSUE = ("id", "number", "version", "head")
EVENT = (
    "issue_id",
    "seq",
    "at",
    "by_id",
    "by_unit_id",
    "door",
    "action",
    "kind",
    "data",
    "prev",
    "hash",
)
"""Columns that a walk needs, in the order of the values that it is given."""


@dataclass
class _Chain:
    number: str
    version: int
    head: str
    seq: int = 0
    hash: str = GENESIS
    is_whole: bool = True

    @property
    def is_at_its_head(self) -> bool:
        return self.is_whole and (self.seq, self.hash) == (self.version, self.head)


def walk(
    issues: Iterable[Sequence[Any]],
    events: Iterable[Sequence[Any]],
    *,
    logins: Mapping[int, str],
    codes: Mapping[int, str],
    checkpoint: tuple[int, str] | None,
) -> Heads:
    """Recompute every hash; `issues` by id, `events` by issue and seq, values as `ISSUE`, `EVENT`.

    What an event says is read from its row: time as datetime, data as JSON text.
    """
    chains = {row[0]: _Chain(*row[1:]) for row in issues}
    count = 0
    for row in events:
        count += 1
        chain = chains.get(row[0])
        if chain is not None:
            _follow(chain, row, logins, codes)
    digest = sha256()
    for chain in chains.values():
        digest.update(f"{chain.number} {chain.version} {chain.head}\n".encode())
    broken = [chain.number for chain in chains.values() if not chain.is_at_its_head]
    return Heads(
        issues=len(chains),
        events=count,
        sha256=digest.hexdigest(),
        broken=tuple(broken[:MOST_NAMED]),
        checkpoint=checkpoint,
    )


def _follow(
    chain: _Chain, row: Sequence[Any], logins: Mapping[int, str], codes: Mapping[int, str]
) -> None:
    _, seq, at, by_id, by_unit_id, door, action, kind, data, prev, digest = row
    entry = Entry(
        issue=chain.number,
        seq=seq,
        at=_aware(at),
        by=_name(logins, by_id, "system"),
        door=door,
        action=action,
        kind=kind,
        data=from_json(data),
        unit=_name(codes, by_unit_id, ""),
    )
    follows = seq == chain.seq + 1 and prev == chain.hash and link(prev, entry) == digest
    chain.is_whole = chain.is_whole and follows
    chain.seq, chain.hash = seq, digest


def _aware(at: datetime | str) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def _name(names: Mapping[int, str], id_: int | None, nobody: str) -> str:
    return nobody if id_ is None else names.get(id_, "")
