"""The database: one engine, and the only place in the product that commits.

Work happens inside :meth:`Database.transaction` (one writer at a time on SQLite) or
:meth:`Database.reading`.  Below the doors a transaction is a plain SQLAlchemy connection, called
``tx``; statements are Core statements built once at import.
"""

import gc
import select
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import BigInteger, Connection, Integer, create_engine, event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import QueuePool
from sqlmodel import Field, SQLModel

Tx = Connection
"""One open transaction."""

BIG = BigInteger().with_variant(Integer, "sqlite")
"""64-bit on PostgreSQL; on SQLite the plain INTEGER that makes a row id."""

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Set before the first table, so that both databases and every migration use the same names."""

_HAS_MESSAGES = "bihuan.has_messages"
_WRITES = "bihuan.writes"
_CURSORS = "bihuan.cursors"
_MOST_CURSORS = 500
_TEXT = 25
"""PostgreSQL's number of the type ``text``."""
_BUSY_TIMEOUT_MS = 10_000
_MOST_LOG_PAGES = 8_000
"""Pages of SQLite's log (32 MB) at which a commit itself moves them into the file."""


def big_id() -> Any:
    """A generated 64-bit primary key."""
    return Field(default=None, primary_key=True, sa_type=BIG)


def ref(table: str, *, nullable: bool = False, index: bool = False) -> Any:
    """A 64-bit foreign key to ``table.id``."""
    default: Any = None if nullable else ...
    return Field(
        default=default,
        sa_type=BIG,
        foreign_key=f"{table}.id",
        nullable=nullable,
        index=index,
    )


def expect_messages(tx: Tx) -> None:
    """Tell the transaction that it holds outbox rows, so that its commit wakes the relay."""
    tx.info[_HAS_MESSAGES] = True


def driver_execute(tx: Tx, text: str, values: Any = (), *, many: bool = False) -> Any:
    """Run a statement by the driver alone, in its own words, and return the driver's cursor.

    A connection keeps a cursor for each text, since a new one would have to learn the types of its
    values anew; fetch before the text is run again.  JSON comes as text on both databases.  Who
    listens at the engine for SQLAlchemy's statements hears of it; errors are SQLAlchemy's.
    """
    try:
        cursor = tx.info[_CURSORS][text]
    except KeyError:
        cursor = _cursor(tx, text)
    if tx.engine.dispatch.before_cursor_execute:
        tx.dispatch.before_cursor_execute(tx, cursor, text, values, None, many)
    try:
        if many:
            cursor.executemany(text, values)
        else:
            cursor.execute(text, values)
    except tx.dialect.loaded_dbapi.Error as error:
        dialect = tx.dialect
        raised = DBAPIError.instance(
            text, values, error, dialect.loaded_dbapi.Error, dialect=dialect
        )
        raise raised from error
    return cursor


def _cursor(tx: Tx, text: str) -> Any:
    """A new cursor for a text, kept with the connection."""
    cursors = tx.info.setdefault(_CURSORS, {})
    if len(cursors) == _MOST_CURSORS:
        cursors.clear()
    cursor = cursors[text] = tx.connection.cursor()
    if tx.dialect.name == "postgresql":
        as_text = cursor.adapters.get_loader(_TEXT, 0)
        cursor.adapters.register_loader("json", as_text)
    return cursor


class Database:
    """One database, SQLite or PostgreSQL, with the same promises on both."""

    def __init__(self, url: str | URL, *, pool_size: int = 20) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = (
            _sqlite(self.url, pool_size) if self.is_sqlite else _server(self.url, pool_size)
        )
        self.nudge: Callable[[], None] | None = None
        """Called after a commit that left messages to send; a hint that may fail or be lost."""
        self._idle: deque[Connection] = deque()
        self._inherited: tuple[Connection, ...] = ()

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Open the one writing transaction; commit at the end, roll back on any error."""
        tx = self._awake() or self.engine.connect()
        try:
            self._announce(tx, writes=True)
            transaction = tx.begin()
            yield tx
            transaction.commit()
            has_messages = tx.info.pop(_HAS_MESSAGES, False)
        except BaseException:
            tx.close()  # which rolls back
            raise
        self._lay_down(tx)
        if has_messages and self.nudge is not None:
            self.nudge()

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """Open a view for reading; what it writes is refused (PostgreSQL) or thrown away."""
        tx = self._awake() or self.engine.connect()
        try:
            self._announce(tx, writes=False)
            view = tx.begin()
            yield tx
            if self.is_sqlite:
                view.rollback()
            else:
                view.commit()
        except BaseException:
            tx.close()
            raise
        self._lay_down(tx)

    @contextmanager
    def brief_transaction(self) -> Iterator[Tx]:
        """Open a writing transaction that is too short for a pause of the garbage collector.

        A full collection takes longer than a batch, and every other writer would wait for it.
        """
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            with self.transaction() as tx:
                yield tx
        finally:
            if was_enabled:
                gc.enable()

    def tidy(self) -> None:
        """Move SQLite's log into its file while nobody waits for it.

        Left to commits it is done by whoever fills the thousandth page, with every other writer
        behind: a tenth of a second among a million issues.
        """
        if self.is_sqlite:
            with self.engine.connect() as connection:
                driver_execute(connection, "PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Close every pooled connection."""
        while self._idle:
            self._idle.pop().close()
        self.engine.dispose()

    def forked(self) -> None:
        """Leave the parent's connections to the parent; for a process that was just forked."""
        # Kept for good: to let go of one would speak to the server in the parent's name.
        self._inherited = tuple(self._idle)
        self._idle.clear()
        self.engine.dispose(close=False)

    def _announce(self, tx: Tx, *, writes: bool) -> None:
        """Say before it begins what a transaction is for.

        On PostgreSQL one that only reads may end with a commit: after a rollback the driver forgets
        every statement that the server has prepared.
        """
        info = tx.info
        info.pop(_HAS_MESSAGES, None)
        if self.is_sqlite:
            info[_WRITES] = writes
            return
        driver: Any = tx.connection.driver_connection
        if bool(driver.read_only) is writes:
            driver.read_only = not writes

    def _awake(self) -> Connection | None:
        """An idle connection that the server has not closed."""
        with suppress(IndexError):  # another thread may take the last one
            while True:
                tx = self._idle.pop()
                if self.is_sqlite or _is_open(tx.connection.driver_connection):
                    return tx
                tx.invalidate()
                tx.close()
        return None

    def _lay_down(self, tx: Connection) -> None:
        """Keep a connection at hand; to fetch one from the pool costs as much as to begin."""
        pool: Any = self.engine.pool
        if pool.overflow() > 0:  # somebody may be waiting for the pool
            tx.close()
        else:
            self._idle.append(tx)


def json_text(value: Any) -> str:
    """What a JSON column holds."""
    return to_json(value).decode()


_JSON: Any = {"json_serializer": json_text, "json_deserializer": from_json}
"""pydantic's own JSON: half the time of the standard library's, and Chinese stays legible."""


def _is_open(connection: Any) -> bool:
    """What the server has closed while it lay idle can be read; asking costs no round trip."""
    if connection.closed:
        return False
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return not waiting.poll(0)


def _server(url: URL, pool_size: int) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        isolation_level="READ COMMITTED",
        **_JSON,
    )

    @event.listens_for(engine, "checkout")
    def _is_alive(connection: Any, _record: Any, _proxy: Any) -> None:
        if not _is_open(connection):
            raise DisconnectionError
        connection.read_only = False

    return engine


def _sqlite(url: URL, pool_size: int) -> Engine:
    """WAL, every commit on disk, writers queue at BEGIN.

    The driver's own transaction handling silently loses updates between two writers (measured:
    70 of 400 kept); ``BEGIN IMMEDIATE`` for every writer keeps all of them.
    """
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=pool_size, max_overflow=pool_size, **_JSON
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "temp_store=MEMORY",
            "cache_size=-16000",
            f"wal_autocheckpoint={_MOST_LOG_PAGES}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(tx: Connection) -> None:
        driver_execute(tx, "BEGIN IMMEDIATE" if tx.info.pop(_WRITES, False) else "BEGIN")

    return engine


def utc(moment: datetime) -> datetime:
    """Refuse a naive time: every stored time is aware."""
    if moment.tzinfo is None:
        raise ValueError("a time without zone reached the database layer")
    return moment
