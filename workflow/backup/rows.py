"""Rows as JSON, the same from both databases; the schema is asked of the database itself.

So a database of an earlier schema can be backed up, and one is loaded before it is migrated.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    DateTime,
    Float,
    Integer,
    Select,
    String,
    Text,
    cast,
    func,
    inspect,
    select,
)
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

from workflow.backup.layout import LEFT_OUT, Kind, damaged
from workflow.db import Tx
from workflow.errors import N_

SEARCH_INDEX = "issue_search_fts"
"""SQLite's own tables of the search index, kept by triggers."""
VERSION = "alembic_version"
BATCH = 2_000
ORDERS: Mapping[str, tuple[str, ...]] = {"event": ("issue_id", "seq")}
"""Tables that are not read by their key: chains lie together."""

_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (JSON, "json"),
    (Boolean, "bool"),
    (DateTime, "moment"),
    (Date, "day"),
    (Integer, "int"),
    (Float, "float"),
    (String, "text"),
)
_TYPES: Mapping[Kind, TypeEngine[Any]] = {
    "json": JSON(),
    "bool": Boolean(),
    "moment": UTCDateTime(),
    "day": Date(),
    "int": Integer(),
    "float": Float(),
    "text": Text(),
}


@dataclass(frozen=True, slots=True)
class TableShape:
    """One table as the database has it."""

    name: str
    columns: tuple[tuple[str, Kind], ...]
    key: tuple[str, ...]

    def at(self, column: str) -> int:
        """Where a column stands in a row."""
        return [name for name, _ in self.columns].index(column)


def shapes(tx: Tx) -> tuple[TableShape, ...]:
    """Every table that a backup holds, those first to which others refer."""
    found = inspect(tx)
    return tuple(
        [
            TableShape(
                name,
                tuple((each["name"], _kind(name, each)) for each in found.get_columns(name)),
                ORDERS.get(name) or tuple(found.get_pk_constraint(name)["constrained_columns"]),
            )
            for name, _ in found.get_sorted_table_and_fkc_names()
            if name is not None and is_kept(name)
        ]
    )


def is_kept(table: str) -> bool:
    """Whether a backup holds this table."""
    return table not in LEFT_OUT and table != VERSION and not table.startswith(SEARCH_INDEX)


def _kind(table: str, column: Mapping[str, Any]) -> Kind:
    for of_database, kind in _KINDS:
        if isinstance(column["type"], of_database):
            return kind
    raise TypeError(f"say here how {table}.{column['name']} ({column['type']!r}) is written")


def count(tx: Tx, shape: TableShape) -> int:
    """How many rows a table has."""
    return int(tx.execute(select(func.count()).select_from(sql_table(shape.name))).scalar_one())


def read(tx: Tx, shape: TableShape) -> Iterator[list[Any]]:
    """The rows of a table by its key, as JSON can hold them; JSON columns as their text."""
    columns = [sql_column(name, _TYPES[kind]) for name, kind in shape.columns]
    shown = [
        cast(each, Text) if kind == "json" else each
        for each, (_, kind) in zip(columns, shape.columns, strict=True)
    ]
    by_name = {each.name: each for each in columns}
    asked: Select[Any] = (
        select(*shown)
        .select_from(sql_table(shape.name, *columns))
        .order_by(*(by_name[name] for name in shape.key))
        .execution_options(yield_per=BATCH)
    )
    plain = [_PLAIN.get(kind) for _, kind in shape.columns]
    for row in tx.execute(asked):
        yield [
            value if change is None or value is None else change(value)
            for value, change in zip(row, plain, strict=True)
        ]


def stored_as(kind: Kind) -> TypeEngine[Any]:
    """How values that `parse` gave are handed to SQLite; JSON is text already."""
    return Text() if kind == "json" else _TYPES[kind]


def line(row: Sequence[Any]) -> bytes:
    """A row as a line of a part."""
    return to_json(row) + b"\n"


def parse(shape: TableShape, written: bytes) -> list[Any]:
    """The values of a line, as the drivers take them. Raises BackupError for any other line."""
    try:
        row = from_json(written, allow_inf_nan=False)
        if not isinstance(row, list) or len(row) != len(shape.columns):
            raise ValueError("not a row of this table")
        return [
            None if value is None else _PARSERS[kind](value)
            for value, (_, kind) in zip(row, shape.columns, strict=True)
        ]
    except ValueError as fault:
        raise damaged(
            N_("备份里 {table} 表有一行读不懂，备份已损坏。请换一份备份。"), table=shape.name
        ) from fault


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


_PLAIN: Mapping[Kind, Callable[[Any], Any]] = {"moment": _moment, "day": date.isoformat}


def _exactly(*types: type) -> Callable[[Any], Any]:
    def same(value: Any) -> Any:
        if type(value) not in types:
            raise ValueError("another type")
        return value

    return same


_text = _exactly(str)


def _parse_moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment


def _parse_day(value: Any) -> date:
    return date.fromisoformat(_text(value))


def _parse_json(value: Any) -> str:
    from_json(_text(value))
    return str(value)


_PARSERS: Mapping[Kind, Callable[[Any], Any]] = {
    "int": _exactly(int),
    "float": _exactly(float, int),
    "bool": _exactly(bool),
    "text": _text,
    "json": _parse_json,
    "moment": _parse_moment,
    "day": _parse_day,
}
