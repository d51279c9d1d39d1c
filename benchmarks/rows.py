"""The rows that a piece of work writes, and the least SQL that writes the same rows again.

`Watch` looks at every table before and after the work.  `statements` turns the difference into
statements as somebody would write them by hand: one INSERT a table, one UPDATE a row with the
columns that changed and nothing else, every value known beforehand.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from psycopg.adapt import Loader
from sqlalchemy import Table, make_url

from workflow.metadata import metadata

Row = tuple[Any, ...]
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
    """One statement with its values: one round trip."""

    text: str
    values: tuple[Any, ...]


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
        return Statement(
            f"INSERT INTO {table.name} ({', '.join(table.c.keys())}) "
            f"VALUES {', '.join([one] * len(rows))}",
            tuple(value for row in rows for value in row),
        )

    def _update(self, table: Table, key: Key, old: Row, new: Row) -> Statement:
        names = table.c.keys()
        changed = [at for at, name in enumerate(names) if old[at] != new[at]]
        assigned = ", ".join(f"{names[at]} = {self.mark}" for at in changed)
        where, values = self._at(table, key)
        if table.name == "issue":  # two writers never both succeed: part of the work itself
            where += f" AND version = {self.mark}"
            values = (*values, old[names.index("version")])
        text = f"UPDATE {table.name} SET {assigned} WHERE {where}"
        return Statement(text, (*(new[at] for at in changed), *values))

    def _delete(self, table: Table, key: Key) -> Statement:
        where, values = self._at(table, key)
        return Statement(f"DELETE FROM {table.name} WHERE {where}", values)

    def _at(self, table: Table, key: Key) -> tuple[str, tuple[Any, ...]]:
        names = [column.name for column in table.primary_key]
        return " AND ".join(f"{name} = {self.mark}" for name in names), key


def replay(raw: Raw, transactions: Iterable[Sequence[Statement]]) -> None:
    """Run each transaction: one statement a round trip, one commit."""
    first = begin(raw)
    for statements in transactions:
        raw.execute(first)
        for statement in statements:
            raw.execute(statement.text, statement.values)
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
