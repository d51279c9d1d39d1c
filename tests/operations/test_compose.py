"""docker-compose.yml, read by the real Compose and rehearsed on this machine without an engine."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from redis import Redis

from tests.conftest import own_server
from tests.operations.processes import KEY, ROOT, Parts, Started, answers, parts, until
from tests.servers import free_port, start_postgres, start_valkey
from workflow.db import Database
from workflow.operations import queries
from workflow.operations.findings import CLOCK_LEASE, LeaseRow, ProcessRow

COMPOSE = Path(sys.executable).with_name("docker-compose")
SECRETS = {"POSTGRES_PASSWORD": "p" * 32, "BIHUAN_SECRET_KEY": KEY}
OURS = ("migrate", "web", "worker", "clock")
PASSWORD = "correct horse battery staple"
LEASE = 3.0


def compose(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The real Compose on the real file; no `.env` of whoever runs the tests."""
    return subprocess.run(
        [COMPOSE, "--env-file", os.devnull, "-f", ROOT / "docker-compose.yml", *words],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """Every service as Compose understands it."""
    read = compose("config", "--format", "json", **SECRETS)
    assert read.returncode == 0, read.stderr
    found: dict[str, dict[str, Any]] = json.loads(read.stdout)["services"]
    return found


def test_compose_accepts_the_file() -> None:
    assert compose("config", "-q", **SECRETS).returncode == 0


@pytest.mark.parametrize("name", SECRETS)
def test_compose_refuses_to_start_without_a_secret(name: str) -> None:
    given = {key: value for key, value in SECRETS.items() if key != name}
    refused = compose("config", "-q", **given)
    assert refused.returncode != 0
    assert f"required variable {name} is missing" in refused.stderr


def test_the_shape_is_the_promised_one(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == {*OURS, "db", "redis"}
    for name in ("web", "worker", "clock"):
        assert services[name]["deploy"]["replicas"] == 2
        waits = services[name]["depends_on"]
        assert waits["migrate"]["condition"] == "service_completed_successfully"
        assert waits["redis"]["condition"] == "service_healthy"
        assert services[name]["healthcheck"]["test"][:4] == ["CMD", "python", "-m", "tasks.alive"]
    assert services["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    assert services["migrate"]["restart"] == "no"
    for name in OURS:
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
    for name in ("db", "redis"):
        assert services[name]["healthcheck"]["test"]
        assert services[name]["volumes"][0]["type"] == "volume"


def test_nothing_is_open_to_other_machines(services: dict[str, dict[str, Any]]) -> None:
    ports = {name: one.get("ports", []) for name, one in services.items()}
    assert [port["host_ip"] for found in ports.values() for port in found] == ["127.0.0.1"]
    assert [name for name, found in ports.items() if found] == ["web"]


def test_no_secret_stands_in_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    for line in text.splitlines():
        if re.search(r"PASSWORD|SECRET|TOKEN", line) and not line.strip().startswith("#"):
            assert "${" in line, line


def test_a_worker_may_end_its_task_before_it_is_killed(services: dict[str, dict[str, Any]]) -> None:
    said = services["worker"]["stop_grace_period"]
    minutes, seconds = re.fullmatch(r"(?:(\d+)m)?(\d+)s", said).groups()  # type: ignore[union-attr]
    assert int(minutes or 0) * 60 + int(seconds) > 120


def test_redis_starts_with_these_words_and_evicts_nothing(
    services: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    program, *words = services["redis"]["command"]
    assert program == "valkey-server"
    asked = dict(zip(words[::2], words[1::2], strict=True))
    with (
        own_server(lambda: start_valkey(tmp_path)) as url,
        Redis.from_url(url, decode_responses=True) as client,
    ):
        for name, value in asked.items():
            assert client.config_set(name.removeprefix("--"), value)
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.ping()


def test_postgresql_starts_with_these_words(
    services: dict[str, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, *words = services["db"]["command"]
    assert (program, set(words[::2])) == ("postgres", {"-c"})
    asked = dict(word.split("=") for word in words[1::2])
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # the starter sets it for good
    settings = "".join(f"\n{name} = {value}" for name, value in asked.items())
    with (
        own_server(lambda: start_postgres(tmp_path, settings)) as url,
        psycopg.connect(url.replace("+psycopg", "")) as connection,
    ):
        for name, value in asked.items():
            assert connection.execute(f"SHOW {name}").fetchone() == (value,)


# -- the rehearsal ---------------------------------------------------------------------------------


@dataclass
class Stage:
    """The services of the file as processes of this machine."""

    parts: Parts
    services: dict[str, dict[str, Any]]
    database: Database
    folder: Path
    urls: list[str]

    def words(self, name: str, port: int = 0) -> list[str]:
        """A service's own command, but for the address that it listens on."""
        found = [str(word) for word in self.services[name]["command"]]
        for option, value in (("--host", "127.0.0.1"), ("--port", str(port))):
            if option in found:
                found[found.index(option) + 1] = value
        return found

    def env(self, name: str, number: int) -> dict[str, str]:
        """A service's own environment, its names and folders those of this machine."""
        given = dict(self.services[name]["environment"])
        given["BIHUAN_DATABASE_URL"] = self.database.url.render_as_string(hide_password=False)
        given["BIHUAN_BROKER_URL"] = self.parts.env["BIHUAN_BROKER_URL"]
        given["BIHUAN_DATA_DIR"] = str(self.folder / "data")
        given["BIHUAN_CONFIG_DIR"] = str(ROOT / "config")
        given["BIHUAN_LEASE_SECONDS"] = str(LEASE)
        given["BIHUAN_TICK_SECONDS"] = "1"
        if "BIHUAN_ALIVE_FILE" in given:
            given["BIHUAN_ALIVE_FILE"] = str(self.alive(name, number))
        return given

    def alive(self, name: str, number: int) -> Path:
        return self.folder / f"{name}-{number}.alive"

    def start(self, name: str) -> list[Started]:
        """Every replica of a service."""
        found = []
        for number in range(self.services[name]["deploy"]["replicas"]):
            port = free_port()
            if name == "web":
                self.urls.append(f"http://127.0.0.1:{port}")
            words, env = self.words(name, port), self.env(name, number)
            found.append(self.parts.start(*words, name=f"{name}-{number}", **env))
        return found

    def processes(self) -> tuple[ProcessRow, ...]:
        with self.database.reading() as tx:
            return queries.processes(tx)

    def lease(self) -> LeaseRow | None:
        """The lease of the clock, if somebody holds it at this moment."""
        with self.database.reading() as tx:
            found = queries.lease(tx, CLOCK_LEASE)
        return found if found is not None and found.until > datetime.now(UTC) else None

    def leader(self) -> ProcessRow | None:
        found = self.lease()
        holders = (one for one in self.processes() if found and one.id == found.holder)
        return next(holders, None)

    def healthy(self, name: str, number: int) -> bool:
        """What the container's health check would say."""
        *words, where = self.services[name]["healthcheck"]["test"][1:]
        if name == "web":
            where = where.replace("http://127.0.0.1:8000", self.urls[number])
        else:
            where = str(self.alive(name, number))
        done = subprocess.run([sys.executable, *words[1:], where], cwd=ROOT, check=False)
        return done.returncode == 0


@pytest.fixture
def stage(
    services: dict[str, dict[str, Any]], postgresql: Any, redis_url: str, tmp_path: Path
) -> Iterator[Stage]:
    """PostgreSQL and Valkey from wheels; nothing of ours runs yet."""
    with (
        postgresql.fresh(schema=False) as url,
        parts(tmp_path, {"BIHUAN_BROKER_URL": redis_url}) as started,
    ):
        database = Database(url)
        yield Stage(started, services, database, tmp_path, [])
        database.close()


def test_all_parts_run_one_clock_leads_people_work_and_all_of_it_stops(stage: Stage) -> None:
    migrated = stage.parts.start(*stage.words("migrate"), **stage.env("migrate", 0))
    assert migrated.ended() == 0, migrated.said()
    stage.parts.env |= stage.env("migrate", 0)
    enrol(stage.parts)

    running = {name: stage.start(name) for name in ("web", "worker", "clock")}
    until(lambda: all(answers(f"{url}/healthz") for url in stage.urls), what="answering")
    until(lambda: len(stage.processes()) == 6, what="six signs of life")
    until(lambda: stage.leader() is not None, what="leading")
    counted = sorted(one.part for one in stage.processes())
    assert counted == ["clock"] * 2 + ["web"] * 2 + ["worker"] * 2
    leader = stage.leader()
    assert leader is not None
    assert leader.part == "clock"
    for name in running:
        assert [stage.healthy(name, number) for number in range(2)] == [True, True]
    until(lambda: answers(f"{stage.urls[0]}/readyz"), what="readiness")

    number = work(*stage.urls)
    kill_leader(stage, running["clock"], leader)
    read_inbox(stage.urls[1], number)

    for name in ("clock", "worker", "web"):
        for one in running[name]:
            if one.process.poll() is None:
                one.send(signal.SIGTERM)
    ended = {one.name: one.ended() for found in running.values() for one in found}
    assert sorted(ended.values()) == [-signal.SIGKILL, 0, 0, 0, 0, 0]
    # Whoever ended as one should is not missed, and has left the lease to the next.
    assert [one.pid for one in stage.processes()] == [leader.pid]
    assert stage.lease() is None
    for found in running.values():
        for one in found:
            assert "Traceback" not in one.said(), one.said()


def enrol(started: Parts) -> None:
    """The small city, and passwords for two of its people."""
    started.run("bihuan", "unit", "import", str(ROOT / "tests" / "world.yaml"))
    for login, unit, post in (
        ("xun", "huanbao", "inspector"),
        ("jiao", "gongjian", "dispatcher"),
    ):
        words = ("--name", login, "--unit", unit, "--post", post, "--password-stdin")
        started.run("bihuan", "user", "add", login, *words, stdin=f"{PASSWORD}\n")


@contextmanager
def enter(url: str, login: str) -> Iterator[httpx2.Client]:
    """Logged in as a browser would be."""
    headers = {"sec-fetch-site": "same-origin"}
    with httpx2.Client(base_url=url, headers=headers, trust_env=False, timeout=30) as client:
        answer = client.post("/login", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        yield client


def work(one: str, two: str) -> str:
    """An inspector logs in at one process and goes on at the other, with the same cookie."""
    with enter(one, "xun") as first:
        cookies = dict(first.cookies)
        with httpx2.Client(base_url=two, cookies=cookies, trust_env=False, timeout=30) as second:
            assert second.get("/").status_code == 200
            answer = second.post(
                "/report",
                data={
                    "title": "砂石厂物料露天堆放",
                    "description": "未苫盖。",
                    "category": "dust",
                    "source": "patrol",
                    "place": "东沟",
                    "place_unit": "青山镇",
                },
                headers={"sec-fetch-site": "same-origin"},
            )
        assert answer.status_code == 303, answer.text
        number = answer.headers["location"].rpartition("/")[2].partition("?")[0]
        assert first.get(f"/issues/{number}").status_code == 200
    return str(number)


def read_inbox(url: str, number: str) -> None:
    """The dispatcher has been told: commit, hint, worker and relay have done their part."""
    with enter(url, "jiao") as dispatcher:
        until(lambda: number in dispatcher.get("/inbox").text, what="the message")


def kill_leader(stage: Stage, clocks: list[Started], leader: ProcessRow) -> None:
    """The other clock takes over within two leases, under a higher token."""
    before = stage.lease()
    assert before is not None
    killed = next(one for one in clocks if one.process.pid == leader.pid)
    killed.send_all(signal.SIGKILL)

    def _is_replaced() -> bool:
        found = stage.leader()
        return found is not None and found.id != leader.id

    waited = until(_is_replaced, what="taking over")
    after = stage.lease()
    assert after is not None
    assert after.token == before.token + 1
    assert waited <= 2 * LEASE + 1
