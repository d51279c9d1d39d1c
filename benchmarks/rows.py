"""The rows that a piece of work writes, and the least SQL that writes the same rows again.

`Watch` looks at every table before and after the work.  `statements` turns the difference into
statements as somebody would write them by hand: one INSERT a table, one UPDATE a row with the
columns that changed and nothing else, every value known beforehand.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import psycopg
from psycopg.adapt import Loader
from pydantic_core import from_json
from sqlalchemy import JSON, Column, Table, make_url
from sqlmodel import UTCDateTime

from workflow.db import json_text
from workflow.metadata import metadata

Row = tuple[Any, ...]
Convert = Callable[[Any], Any]
Key = tuple[Any, ...]
Snapshot = dict[str, dict[Key, Row]]


class Raw(Protocol):
    """A driver's connection that opens and ends transactions itself."""

    def execute(self, statement: Any, values: Any = ..., /) -> Any: ...
    def close(self) -> None: ...


class _Text(Loader):
    def load(self, data: Any) -> str:
        return bytes(data).decode()


def connect(url: str) -> Raw:
    """A plain driver connection, as durable as the product's own."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        lite = sqlite3.connect(str(where.database), isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            lite.execute(f"PRAGMA {pragma}")
        lite.execute("PRAGMA temp_store=MEMORY")
        lite.execute("PRAGMA cache_size=-16000")
        lite.execute("PRAGMA wal_autocheckpoint=8000")
        return lite
    plain = where.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(plain, autocommit=True)
    connection.adapters.register_loader("json", _Text)
    return connection


def begin(raw: Raw) -> str:
    """How a writing transaction begins."""
    return "BEGIN IMMEDIATE" if isinstance(raw, sqlite3.Connection) else "BEGIN"


@dataclass(frozen=True)
class Statement:
    """One statement with its values: one round trip.

    The values are those of a program, hashes among them. What the driver does not take, JSON and on
    SQLite moments, is made into text when the statement runs, as in anybody's own SQL.
    """

    text: str
    values: tuple[Any, ...]
    texts: tuple[tuple[int, Convert], ...] = ()
    """Where among the values text has to be made, and how."""

    def bound(self) -> Sequence[Any]:
        """The values as the driver takes them."""
        if not self.texts:
            return self.values
        bound = list(self.values)
        for at, convert in self.texts:
            bound[at] = convert(bound[at])
        return bound


class Watch:
    """The rows of some issues and of the tables that belong to no issue."""

    APART = frozenset({"stamp"})
    """Tables without an issue that an action may write."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.mark = "?" if isinstance(raw, sqlite3.Connection) else "%s"
        self.tables = {
            table.name: table
            for table in metadata.sorted_tables
            if "issue_id" in table.c or table.name in self.APART or table.name == "issue"
        }

    def snapshot(self, issue_id: int) -> Snapshot:
        """Every row that belongs to the issue."""
        return {name: dict(self._rows(table, issue_id)) for name, table in self.tables.items()}

    def statements(self, before: Snapshot, after: Snapshot) -> list[Statement]:
        """What makes `after` out of `before`, parents first."""
        found: list[Statement] = []
        for name, table in self.tables.items():
            old, new = before.get(name, {}), after[name]
            changed = [key for key in new if key in old and new[key] != old[key]]
            found += [self._update(table, key, old[key], new[key]) for key in changed]
            if fresh := [row for key, row in new.items() if key not in old]:
                found.append(self._insert(table, fresh))
            if gone := [key for key in old if key not in new]:
                found += [self._delete(table, key) for key in gone]
        return found

    def _rows(self, table: Table, issue_id: int) -> Iterator[tuple[Key, Row]]:
        keys = [table.c.keys().index(column.name) for column in table.primary_key]
        where, values = self._of_issue(table, issue_id)
        columns = ", ".join(table.c.keys())
        for row in self.raw.execute(f"SELECT {columns} FROM {table.name}{where}", values):
            yield tuple(row[at] for at in keys), tuple(row)

    def _of_issue(self, table: Table, issue_id: int) -> tuple[str, tuple[int, ...]]:
        if table.name in self.APART:
            return "", ()
        column = "id" if table.name == "issue" else "issue_id"
        return f" WHERE {column} = {self.mark}", (issue_id,)

    def _insert(self, table: Table, rows: Sequence[Row]) -> Statement:
        one = f"({', '.join([self.mark] * len(table.c))})"
        return self._statement(
            f"INSERT INTO {table.name} ({', '.join(table.c.keys())}) "
            f"VALUES {', '.join([one] * len(rows))}",
            [(column, value) for row in rows for column, value in zip(table.c, row, strict=True)],
        )

    def _update(self, table: Table, key: Key, old: Row, new: Row) -> Statement:
        columns = list(table.c)
        changed = [at for at in range(len(columns)) if old[at] != new[at]]
        assigned = ", ".join(f"{columns[at].name} = {self.mark}" for at in changed)
        where, values = self._at(table, key)
        if table.name == "issue":  # two writers never both succeed: part of the work itself
            where += f" AND version = {self.mark}"
            values = (*values, old[table.c.keys().index("version")])
        known = [*table.primary_key, *([table.c.version] if table.name == "issue" else [])]
        return self._statement(
            f"UPDATE {table.name} SET {assigned} WHERE {where}",
            [(columns[at], new[at]) for at in changed] + list(zip(known, values, strict=True)),
        )

    def _statement(self, text: str, cells: Sequence[tuple[Column[Any], Any]]) -> Statement:
        """The statement, its values as a program has them."""
        ways = [_way(column, value) for column, value in cells]
        return Statement(
            text,
            tuple(value for value, _ in ways),
            tuple((at, convert) for at, (_, convert) in enumerate(ways) if convert is not None),
        )

    def _delete(self, table: Table, key: Key) -> Statement:
        where, values = self._at(table, key)
        return Statement(f"DELETE FROM {table.name} WHERE {where}", values)

    def _at(self, table: Table, key: Key) -> tuple[str, tuple[Any, ...]]:
        names = [column.name for column in table.primary_key]
        return " AND ".join(f"{name} = {self.mark}" for name in names), key


def _way(column: Column[Any], stored: Any) -> tuple[Any, Convert | None]:
    """A stored value as a program has it, and how it becomes what is stored."""
    if stored is None:
        return None, None
    if isinstance(column.type, JSON):
        return from_json(stored), json_text
    if isinstance(column.type, UTCDateTime) and isinstance(stored, str):
        return datetime.fromisoformat(stored).replace(tzinfo=UTC), _moment_text
    return stored, None


def _moment_text(at: datetime) -> str:
    return at.isoformat(" ", "microseconds")[:26]


def replay(raw: Raw, transactions: Iterable[Sequence[Statement]]) -> None:
    """Run each transaction: one statement a round trip, one commit."""
    first = begin(raw)
    for statements in transactions:
        raw.execute(first)
        for statement in statements:
            raw.execute(statement.text, statement.bound())
        raw.execute("COMMIT")


def difference(one: Raw, other: Raw, issue_ids: Iterable[int]) -> Mapping[str, int]:
    """Table → how many rows of these issues are not the same in both databases."""
    first, second = Watch(one), Watch(other)
    counts: dict[str, int] = {}
    for issue_id in issue_ids:
        here, there = first.snapshot(issue_id), second.snapshot(issue_id)
        for name in here:
            unlike = len(set(here[name].items()) ^ set(there[name].items()))
            if unlike:
                counts[name] = counts.get(name, 0) + unlike
    return counts
