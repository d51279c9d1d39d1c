"""The arithmetic of the record: what an event's hash and seal are. Pure.

An event's hash is SHA-256 over its canonical form, which holds the hash of the event before it.
Canonical form: JSON, keys sorted, no spaces, everything beyond ASCII as ``\\uXXXX``, time in UTC
with six decimals and ``Z``. Anybody can recompute it from an export (``docs/verify_export.py``).
"""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

GENESIS = "0" * 64
"""What the first event of an issue and the first checkpoint name as the one before."""


class Entry(NamedTuple):
    """What an event says.

    `issue` is the issue's number, `by` a login or ``system``, `unit` the code of the unit for which
    the person acted, empty if for none. `data` holds only what JSON can: no dates, string keys.
    Personal data of reporters does not belong here.
    """

    issue: str
    seq: int
    at: datetime
    by: str
    door: str
    action: str
    kind: str
    data: Mapping[str, Any]
    unit: str = ""


_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
).encode


def canonical(fields: Mapping[str, Any]) -> bytes:
    """The one byte form of a mapping. Raises TypeError or ValueError for what JSON cannot hold."""
    return _encode(fields).encode("ascii")


def moment(at: datetime) -> str:
    """An aware time as it stands in the record. Raises ValueError for a time without zone."""
    if at.tzinfo is None:
        raise ValueError("a time without zone has no place in the record")
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def link(prev: str, entry: Entry) -> str:
    """The hash of an event that follows the event with hash `prev`."""
    return sha256(
        canonical(
            {
                "action": entry.action,
                "at": moment(entry.at),
                "by": entry.by,
                "data": entry.data,
                "door": entry.door,
                "issue": entry.issue,
                "kind": entry.kind,
                "prev": prev,
                "seq": entry.seq,
                "unit": entry.unit,
            }
        )
    ).hexdigest()


def seal(hash: str, key: bytes) -> str:  # noqa: A002 - the record's own word for it
    """The installation's mark on a hash (HMAC-SHA-256); without `key` nobody can make it."""
    mark = _keyed(key).copy()
    mark.update(hash.encode("ascii"))
    return mark.hexdigest()


@lru_cache(maxsize=8)
def _keyed(key: bytes) -> hmac.HMAC:
    """Ready to be copied: to begin with a key costs more than the mark itself."""
    return hmac.new(key, digestmod="sha256")


LEAVES = frozenset({str, int, float, bool, type(None)})
"""The types that JSON keeps as they are."""


def is_plain(value: object) -> bool:
    """Whether `value` comes back from JSON as it went in: plain types, no keys but strings."""
    if isinstance(value, dict):
        for key, item in value.items():
            if type(key) is not str or (type(item) not in LEAVES and not is_plain(item)):
                return False
        return True
    if isinstance(value, list | tuple):
        return all(type(item) in LEAVES or is_plain(item) for item in value)
    return type(value) in LEAVES
