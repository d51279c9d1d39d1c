"""The product as a newcomer starts it: `bihuan serve --demo` in a folder of its own, as a process.

Its mail goes to a real SMTP server of the test; what it prints is kept in a file.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from tests.mail import Sink
from tests.servers import free_port

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "config"
STARTS_WITHIN = 120.0
STOPS_WITHIN = 3.0
"""Seconds; the first is a guard for a busy machine, the second is promised."""
MAILED_WITHIN = 90.0
"""Messages of one minute leave together, so the last of them may take more than a minute."""

_PROXYLESS = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class City:
    """A demo city that runs."""

    process: subprocess.Popen[str]
    port: int
    folder: Path
    mail: Sink
    env: dict[str, str]

    @property
    def address(self) -> str:
        """Where it answers, as it said itself."""
        found = re.search(r"^地址：(\S+)/$", self.said(), re.MULTILINE)
        assert found, self.said()
        return found[1]

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def said(self) -> str:
        """What it has printed so far."""
        return (self.folder / "output.txt").read_text("utf-8")

    def stop(self) -> None:
        """Press Ctrl+C; it must end well and in time. A machine with many jobs is given longer."""
        patience = STOPS_WITHIN * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(patience)
        assert code == 0, self.said()
        assert not re.search(r"Traceback|\bERROR\b|CRITICAL", self.said()), self.said()

    def bihuan(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the product on the same installation."""
        return subprocess.run(
            _command(*words),
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )

    def letters(self, login: str, subject: str) -> list[EmailMessage]:
        """The mail that somebody got, whose subject or text says `subject`."""
        return [
            message
            for message in self.mail.to(f"{login}@tongze.example")
            if subject in str(message["subject"]) or subject in _text(message)
        ]

    def letter(self, login: str, subject: str) -> EmailMessage:
        """Wait for a mail to somebody."""
        ends = time.monotonic() + MAILED_WITHIN
        while not (found := self.letters(login, subject)):
            assert time.monotonic() < ends, [str(m["subject"]) for m in self.mail.messages]
            time.sleep(0.2)
        return found[0]


@contextmanager
def city(folder: Path, *, config: Path | None = None) -> Iterator[City]:
    """Serve a city that nobody has seen yet; whatever happens, it has ended afterwards.

    `config` is an office's own folder of loops, ladders, calendars and labels.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with Sink() as mail:
        env = environment(mail.url, config)
        with (folder / "output.txt").open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                _command("serve", "--demo", "--data-dir", "data", "--port", str(port)),
                cwd=folder,
                env=env,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        found = City(process, port, folder, mail, env)
        try:
            _wait(found)
            yield found
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def environment(mail_url: str, config: Path | None = None) -> dict[str, str]:
    """The environment of a person who has set what the README names, and nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BIHUAN_")}
    own = {"BIHUAN_CONFIG_DIR": str(config)} if config else {}
    return {
        **kept,
        **own,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "BIHUAN_LOG_FORMAT": "text",
        "BIHUAN_MAIL_URL": mail_url,
    }


def own_config(folder: Path) -> Path:
    """A copy of what an office edits."""
    return shutil.copytree(CONFIG, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))


def edit(path: Path, before: str, after: str) -> None:
    """Change one place of a file, as a person with an editor would."""
    text = path.read_text("utf-8")
    assert text.count(before) == 1, (path, before, text.count(before))
    path.write_text(text.replace(before, after), "utf-8")


def _command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from cli.main import main; main()", *words]


def _wait(city: City) -> None:
    ends = time.monotonic() + STARTS_WITHIN
    while not _answers(city.port):
        assert city.process.poll() is None, city.said()
        assert time.monotonic() < ends, city.said()
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with _PROXYLESS.open(f"http://127.0.0.1:{port}/healthz", timeout=5) as reply:
            return bool(reply.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()) if body else ""
