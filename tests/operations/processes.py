"""Parts of the product as real processes, started and always ended by the test that wants them."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEY = "0123456789abcdef0123456789abcdef"
PATIENCE = 60.0
"""Seconds; the machine may be busy with other things."""
PROXYLESS = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PROGRAM = (sys.executable, "-c", "from cli.main import main; main()")


def command(words: Sequence[str]) -> list[str]:
    """`bihuan …` or `python …` as this very interpreter runs it."""
    program, *rest = words
    return [*PROGRAM, *rest] if program == "bihuan" else [sys.executable, *rest]


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """What a process is given besides what every process has."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BIHUAN_")}
    return {**kept, "PYTHONPATH": str(ROOT), "BIHUAN_LOG_FORMAT": "text", **extra}


def until(condition: Callable[[], object], seconds: float = PATIENCE, what: str = "it") -> float:
    """Wait for it; how long it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"{what} did not happen in {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began


def answers(url: str) -> bool:
    """Whether a page answers with 200."""
    try:
        with PROXYLESS.open(url, timeout=10) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


@dataclass
class Started:
    """One process of ours."""

    name: str
    process: subprocess.Popen[str]
    output: Path

    def said(self) -> str:
        """Everything that it has said so far."""
        return self.output.read_text("utf-8")

    def send(self, number: signal.Signals) -> None:
        """A signal to the process alone."""
        self.process.send_signal(number)

    def send_all(self, number: signal.Signals) -> None:
        """A signal to the process and its children."""
        os.killpg(self.process.pid, number)

    def ended(self, seconds: float = PATIENCE) -> int:
        """Its exit code."""
        return self.process.wait(seconds)


class Parts:
    """Starts parts; at the end of the test none is left, frozen ones included."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.env = dict(env)
        self.started: list[Started] = []

    def start(self, *words: str, name: str = "", **env: str) -> Started:
        """Start a part in a group of its own."""
        name = name or f"{len(self.started)}-{words[1]}"
        output = self.folder / f"{name}.txt"
        with output.open("w", encoding="utf-8") as file:
            process = subprocess.Popen(
                command(words),
                cwd=self.folder,
                env=environment({**self.env, **env}),
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        started = Started(name, process, output)
        self.started.append(started)
        return started

    def run(self, *words: str, stdin: str = "") -> str:
        """A command that ends by itself; what it printed."""
        done = subprocess.run(
            command(words),
            cwd=self.folder,
            env=environment(self.env),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def end(self) -> None:
        """Kill whatever is left, children that outlived their part included."""
        for one in self.started:
            with suppress(ProcessLookupError):
                os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait()


@contextmanager
def parts(folder: Path, env: Mapping[str, str]) -> Iterator[Parts]:
    """Parts that share an environment."""
    found = Parts(folder, env)
    try:
        yield found
    finally:
        found.end()
