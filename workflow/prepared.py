"""Statements of the hot paths: compiled once a database, then run by the driver itself.

SQLAlchemy builds a statement and knows its types; its machinery for running one costs as much again
as the database does.  A prepared statement leaves the machinery out and keeps the rest: the same
transaction, the same values, the same errors.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from operator import itemgetter
from typing import Any

from pydantic_core import from_json
from sqlalchemy import JSON, Boolean, Date, Dialect, String, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine
from sqlmodel import UTCDateTime

from workflow.db import Tx, driver_execute, json_text, utc

Values = Mapping[str, Any]
Row = tuple[Any, ...]
Convert = Callable[[Any], Any]
_NOTHING: Any = object()
_MANY = 10
"""Rows from which on it pays to go column by column."""
_VALUES = re.compile(r"VALUES (?P<one>\(.*\))(?= ON CONFLICT|$)", re.DOTALL)
_MOST_PARAMETERS = 60_000
_MOST_TEXTS = 200
_SEVERAL = 6
_REMEMBERED = 50
"""The most parameters of a text that psycopg remembers."""


class Prepared:
    """One Core statement; `values` fill its bind parameters by name.

    Where the databases differ, the statement of each by the name of its dialect.  Not for
    statements whose text depends on their values, such as lists with ``expanding``.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def rows(self, tx: Tx, values: Values) -> list[Row]:
        """Every row that a SELECT or a RETURNING yields."""
        form = self._forms.get(tx.dialect.name) or self._form(tx.dialect)
        return form.read(driver_execute(tx, form.text, form.bind(values)).fetchall())

    def first(self, tx: Tx, values: Values) -> Row | None:
        """The first of these rows, or None."""
        found = self.rows(tx, values)
        return found[0] if found else None

    def run(self, tx: Tx, values: Values) -> int:
        """Write; how many rows were touched."""
        form = self._forms.get(tx.dialect.name) or self._form(tx.dialect)
        return int(driver_execute(tx, form.text, form.bind(values)).rowcount)

    def run_many(self, tx: Tx, many: Sequence[Values]) -> int:
        """Write once for each set of values; how many rows were touched in all."""
        if len(many) == 1:
            return self.run(tx, many[0])
        form = self._forms.get(tx.dialect.name) or self._form(tx.dialect)
        if form.is_cheap_alone(len(many)):
            return sum([self.run(tx, values) for values in many])
        bound = form.bind_many(many)
        if not form.is_foldable:
            return int(driver_execute(tx, form.text, bound, many=True).rowcount)
        touched = 0
        for begin in range(0, len(bound), form.most_rows):
            part = bound[begin : begin + form.most_rows]
            values = list(chain.from_iterable(part))
            touched += driver_execute(tx, form.folded(len(part)), values).rowcount
        return touched

    def _form(self, dialect: Dialect) -> "_Form":
        statement = self._statement
        if isinstance(statement, Mapping):
            statement = statement[dialect.name]
        form = self._forms[dialect.name] = _Form(statement, dialect)
        return form


def inserting(table: Any, columns: Iterable[str] | None = None, *, returning: str = "") -> Prepared:
    """A prepared INSERT of some columns, by default of all but a generated ``id``."""
    if columns is None:
        columns = [column.name for column in table.c if column.name != "id"]
    statement = insert(table).inline().values({name: bindparam(name) for name in columns})
    return Prepared(statement.returning(table.c[returning]) if returning else statement)


def listed(column: Any, name: str) -> dict[str, Any]:
    """``column IN (…)`` with the whole list as one parameter, by the name of the dialect.

    The statement is the same for lists of any length; `as_list` makes the value.
    """
    in_json = select(func.json_each(bindparam(name, type_=String)).table_valued("value").c.value)
    return {
        "sqlite": column.in_(in_json),
        "postgresql": column == func.any(bindparam(name, type_=ARRAY(column.type))),
    }


def as_list(tx: Tx, ids: Iterable[int]) -> Any:
    """Ids as the one parameter that `listed` wants."""
    found = list(ids)
    return str(found) if tx.dialect.name == "sqlite" else found


class _Form:
    """A statement in the words of one database."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        own: Any = type(dialect)
        positional = dialect if dialect.positional else own(paramstyle="format")
        compiled = statement.compile(dialect=positional)
        self.text = str(compiled)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        self._names: tuple[str, ...] = tuple(compiled.positiontup)
        self._pick: Convert = (
            itemgetter(*self._names) if len(self._names) > 1 else _few(self._names)
        )
        self._plan = tuple((name, _to_driver(binds[name].type, dialect)) for name in self._names)
        self._writes = tuple(
            (at, convert) for at, (_, convert) in enumerate(self._plan) if convert is not None
        )
        self._fixed = {name: bind.value for name, bind in binds.items() if not bind.required}
        for column in getattr(compiled, "insert_prefetch", ()):
            self._fixed[column.key] = column.default.arg
        self._reads = tuple(
            (at, convert)
            for at, column in enumerate(getattr(statement, "exported_columns", ()))
            if (convert := _from_driver(column, dialect)) is not None
        )

        self._values = _VALUES.search(self.text)
        self._is_server = dialect.name == "postgresql"
        self.is_foldable = bool(
            self._is_server and compiled.isinsert and self._values and not self._reads
        )
        """Whether many rows can be one statement, which spares PostgreSQL a message a row."""
        self.most_rows = _MOST_PARAMETERS // max(len(self._names), 1)
        self._folded: dict[int, str] = {}

    def is_cheap_alone(self, rows: int) -> bool:
        """Whether so many rows had better go one by one.

        psycopg's ``executemany`` has a price of its own, and it takes a text with many parameters
        apart at every call.
        """
        if not self._is_server or rows >= _SEVERAL:
            return False
        return not self.is_foldable or rows * len(self._names) > _REMEMBERED

    def folded(self, rows: int) -> str:
        """The text of an INSERT of so many rows."""
        text = self._folded.get(rows)
        if text is None:
            assert self._values is not None
            one, end = self._values["one"], self._values.end()
            text = self.text[:end] + f", {one}" * (rows - 1) + self.text[end:]
            if len(self._folded) < _MOST_TEXTS:
                self._folded[rows] = text
        return text

    def bind(self, values: Values) -> list[Any]:
        """The values as the driver takes them."""
        if self._fixed:
            values = {**self._fixed, **values}
        bound = list(self._pick(values))
        for at, convert in self._writes:
            if (value := bound[at]) is not None:
                bound[at] = convert(value)
        return bound

    def bind_many(self, many: Sequence[Values]) -> list[tuple[Any, ...]]:
        """The same for many, a column at a time; a value that repeats is converted once."""
        if self._fixed:
            many = [{**self._fixed, **values} for values in many]
        columns = [
            [values[name] for values in many]
            if convert is None
            else _converted([values[name] for values in many], convert)
            for name, convert in self._plan
        ]
        return list(zip(*columns, strict=True))

    def read(self, rows: list[Row]) -> list[Row]:
        """The driver's rows with the values that the columns promise."""
        if not self._reads or not rows:
            return rows
        if len(rows) < _MANY:
            return [self._row(row) for row in rows]
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for at, convert in self._reads:
            columns[at] = _converted(columns[at], convert)
        return list(zip(*columns, strict=True))

    def _row(self, row: Row) -> Row:
        cells = list(row)
        for at, convert in self._reads:
            if (value := cells[at]) is not None:
                cells[at] = convert(value)
        return tuple(cells)


def _few(names: tuple[str, ...]) -> Convert:
    """``itemgetter`` gives no tuple for less than two names."""
    return lambda values: [values[name] for name in names]


def _converted(values: Sequence[Any], convert: Convert) -> list[Any]:
    """Each value converted; one that is the very one before it is not converted again."""
    found: list[Any] = []
    last = result = _NOTHING
    for value in values:
        if value is not last:
            last, result = value, None if value is None else convert(value)
        found.append(result)
    return found


def _to_driver(type_: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if isinstance(type_, JSON):
        return json_text
    if isinstance(type_, UTCDateTime):
        return _moment_text if dialect.name == "sqlite" else utc
    if isinstance(type_, Boolean):
        return None  # both drivers take it as it is
    if isinstance(type_, Date) and dialect.name == "sqlite":
        return date.isoformat
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _from_driver(column: Any, dialect: Dialect) -> Convert | None:
    type_: TypeEngine[Any] = column.type
    if isinstance(type_, JSON):
        return from_json
    if isinstance(type_, UTCDateTime):
        return _moment if dialect.name == "sqlite" else _in_utc
    return type_.dialect_impl(dialect).result_processor(dialect, None)


# What the column types do, in a third of the time; nothing stays nothing and never comes here.

_last: tuple[datetime | None, str] = (None, "")
"""The moment that was written last: most of a transaction's moments are one and the same."""


def _moment_text(at: datetime) -> str:
    global _last
    last, text = _last
    if last is not at:
        in_utc = at if at.tzinfo is UTC else utc(at).astimezone(UTC)
        text = in_utc.isoformat(" ", "microseconds")[:26]
        _last = (at, text)
    return text


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def _in_utc(at: datetime) -> datetime:
    return at if at.tzinfo is UTC else at.astimezone(UTC)
