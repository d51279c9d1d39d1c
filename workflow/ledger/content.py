"""A row as it is kept between reading and becoming an issue; what makes it the same row. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from typing import Any

from workflow.ledger.rows import LedgerRow
from workflow.ledger.values import Remark
from workflow.ledger.words import plain


def kept(row: LedgerRow) -> dict[str, Any]:
    """The row as JSON."""
    found = {name: value for name, value in asdict(row).items() if value not in ("", None, {}, ())}
    if row.due is not None:
        found["due"] = row.due.isoformat()
    found["notes"] = [[note.sentence, dict(note.params)] for note in row.notes]
    return found


def row_of(content: Mapping[str, Any]) -> LedgerRow:
    """The row that was kept."""
    values = dict(content)
    values["notes"] = tuple(Remark(sentence, params) for sentence, params in values["notes"])
    values["units"] = {role: tuple(names) for role, names in values.get("units", {}).items()}
    values["people"] = tuple(values.get("people", ()))
    if "due" in values:
        values["due"] = date.fromisoformat(values["due"])
    values.setdefault("number", "")
    return LedgerRow(**values)


def identities(rows: Iterable[LedgerRow]) -> Iterator[tuple[str, int]]:
    """What makes each row the same in a later ledger, and which of several alike it is.

    Serial numbers change when a ledger is revised, and so do dates and states; what and where the
    problem is does not, nor does a number that its source has given.
    """
    seen: Counter[str] = Counter()
    for row in rows:
        parts = (plain(row.description), plain(row.place), plain(row.district), plain(own(row)))
        identity = sha256("\n".join(parts).encode()).hexdigest()
        yield identity, seen[identity]
        seen[identity] += 1


def own(row: LedgerRow) -> str:
    """The number that the source has given, such as X2HA202109050022; a serial number is none."""
    number = row.own_number or row.number
    return number if len(number) > 6 or row.own_number else ""
