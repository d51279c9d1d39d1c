"""The database: one engine, and the only place in the product that commits.

Work happens inside :meth:`Database.transaction` (one writer at a time on SQLite) or
:meth:`Database.reading`.  Below the doors a transaction is a plain SQLAlchemy connection, called
``tx``; statements are Core statements built once at import.
"""

import gc
import select
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
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
_IS_HEARD = "bihuan.is_heard"
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
    vars(tx)[_HAS_MESSAGES] = True


def driver_execute(tx: Tx, text: str, values: Any = (), *, many: bool = False) -> Any:
    """Run a statement by the driver alone, in its own words, and return the driver's cursor.

    A connection keeps a cursor for each text, since a new one would have to learn the types of its
    values anew; fetch before the text is run again.  JSON comes as text on both databases.  Who
    listens at the engine when a transaction begins hears of it; errors are SQLAlchemy's.
    """
    own = vars(tx)
    try:
        cursor = own[_CURSORS][text]
    except KeyError:
        cursor = _cursor(tx, text)
    if own.get(_IS_HEARD, True) and tx.engine.dispatch.before_cursor_execute:
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
    cursors = vars(tx).setdefault(_CURSORS, {})
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

    def transaction(self) -> AbstractContextManager[Tx]:
        """Open the one writing transaction; commit at the end, roll back on any error."""
        return _Use(self, writes=True)

    def reading(self) -> AbstractContextManager[Tx]:
        """Open a view for reading; what it writes is refused (PostgreSQL) or thrown away."""
        return _Use(self, writes=False)

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

    def awake(self) -> Connection:
        """A connection for one use, an idle one if the server has not closed it."""
        try:  # another thread may take the last one
            while True:
                tx = self._idle.pop()
                if self.is_sqlite or _is_open(tx.connection.driver_connection):
                    return tx
                tx.invalidate()
                tx.close()
        except IndexError:
            return self.engine.connect()

    def lay_down(self, tx: Connection) -> None:
        """Keep a connection at hand; to fetch one from the pool costs as much as to begin."""
        pool: Any = self.engine.pool
        if pool.overflow() > 0:  # somebody may be waiting for the pool
            tx.close()
        else:
            self._idle.append(tx)


class _Use(AbstractContextManager[Tx]):
    """One use of a connection, from BEGIN to COMMIT: a class, since a generator costs thrice."""

    __slots__ = ("_database", "_transaction", "_tx", "_writes")

    def __init__(self, database: Database, *, writes: bool) -> None:
        self._database, self._writes = database, writes

    def __enter__(self) -> Tx:
        database = self._database
        tx = self._tx = database.awake()
        try:
            # Asked once: SQLAlchemy's answer costs a call, and a transaction has many statements.
            vars(tx)[_IS_HEARD] = bool(database.engine.dispatch.before_cursor_execute)
            if not database.is_sqlite:
                self._announce(tx.connection.driver_connection)
            self._transaction = tx.begin()
            if database.is_sqlite:
                driver_execute(tx, "BEGIN IMMEDIATE" if self._writes else "BEGIN")
        except BaseException:
            tx.close()
            raise
        return tx

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        tx, database = self._tx, self._database
        if kind is not None:
            tx.close()  # which rolls back
            return
        try:
            if self._writes or not database.is_sqlite:
                self._transaction.commit()
            else:
                self._transaction.rollback()
        except BaseException:
            tx.close()
            raise
        has_messages = vars(tx).pop(_HAS_MESSAGES, False)
        database.lay_down(tx)
        if has_messages and self._writes and database.nudge is not None:
            database.nudge()

    def _announce(self, driver: Any) -> None:
        """Tell PostgreSQL's driver what the transaction is for.

        One that only reads may end with a commit: after a rollback the driver forgets every
        statement that the server has prepared.
        """
        if bool(driver.read_only) is self._writes:
            driver.read_only = not self._writes


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

    return engine


def utc(moment: datetime) -> datetime:
    """Refuse a naive time: every stored time is aware."""
    if moment.tzinfo is None:
        raise ValueError("a time without zone reached the database layer")
    return moment
