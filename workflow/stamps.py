"""Named numbers that only rise: the version of the unit tree, the next number of a series."""

from typing import Any

from sqlalchemy import Label, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel

from workflow.db import Tx
from workflow.prepared import Prepared


class Stamp(SQLModel, table=True):
    """One such number."""

    name: str = Field(primary_key=True, max_length=64)
    value: int = 0


_STAMP = Stamp.__table__  # type: ignore[attr-defined]
_VALUE = Prepared(select(_STAMP.c.value).where(_STAMP.c.name == bindparam("name")))
_RAISE = Prepared(
    {
        name: statement.values(name=bindparam("name"), value=1)
        .on_conflict_do_update(index_elements=["name"], set_={"value": _STAMP.c.value + 1})
        .returning(_STAMP.c.value)
        for name, statement in (
            ("sqlite", sqlite.insert(_STAMP)),
            ("postgresql", postgresql.insert(_STAMP)),
        )
    }
)
_RAISE_BY = {
    name: statement.values(name=bindparam("name"), value=bindparam("count"))
    .on_conflict_do_update(
        index_elements=["name"], set_={"value": _STAMP.c.value + statement.excluded.value}
    )
    .returning(_STAMP.c.value)
    for name, statement in (
        ("sqlite", sqlite.insert(_STAMP)),
        ("postgresql", postgresql.insert(_STAMP)),
    )
}
_RAISE_TO = {
    name: statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"value": statement.excluded.value},
        where=_STAMP.c.value < statement.excluded.value,
    )
    for name, statement in (
        ("sqlite", sqlite.insert(_STAMP)),
        ("postgresql", postgresql.insert(_STAMP)),
    )
}


def value(tx: Tx, name: str) -> int:
    """Return the number as this transaction sees it; 0 before it was first raised."""
    found = _VALUE.first(tx, {"name": name})
    return int(found[0]) if found else 0


def rise(tx: Tx, name: str) -> int:
    """Raise the number by one and return it; two transactions never get the same."""
    [(risen,)] = _RAISE.rows(tx, {"name": name})
    return int(risen)


def rise_by(tx: Tx, name: str, count: int) -> range:
    """Raise the number by `count` and return the values that are the caller's own."""
    rows = _RAISE_BY[tx.dialect.name]
    risen = int(tx.execute(rows, {"name": name, "count": count}).scalar_one())
    return range(risen - count + 1, risen + 1)


def raise_to(tx: Tx, name: str, value: int) -> None:
    """Raise the number to ``value``; one that is higher already stays."""
    tx.execute(_RAISE_TO[tx.dialect.name], {"name": name, "value": value})


def column(name: str) -> Label[Any]:
    """Return the number as a column for another statement to read along; null if never raised."""
    return select(_STAMP.c.value).where(_STAMP.c.name == name).scalar_subquery().label(name)
