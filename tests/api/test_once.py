"""A request with an ``Idempotency-Key`` is carried out once, whatever happens to its answer."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from tests.api.conftest import BOTH, Program
from tests.api.test_walk import REPORT, reported
from tests.world import World
from workflow.tokens import replies
from workflow.tokens.models import KeptReply

ROOT = Path(__file__).resolve().parents[2]
KEPT = KeptReply.__table__
REPLAYED = "idempotency-replayed"


def issues_of(program: Program) -> int:
    """How many issues there are."""
    return int(program.get("/stats", "gj.dispatcher")["total"])


@BOTH
def test_a_retry_gets_the_first_answer_and_does_nothing(program: Program, world: World) -> None:
    first = program.post("/issues", "hb.inspector", REPORT, 201, key="k1")
    again = program.post("/issues", "hb.inspector", REPORT, 201, key="k1")
    assert (again.content, again.headers["location"]) == (first.content, first.headers["location"])
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    assert issues_of(program) == 1

    number = first.json()["number"]
    path = f"/issues/{number}/actions/take_up"
    body: dict[str, Any] = {"version": 1, "data": {}}
    taken = program.post(path, "gj.dispatcher", body, key="k2")
    assert program.post(path, "gj.dispatcher", body, key="k2").content == taken.content
    assert program.post(path, "gj.dispatcher", body, 409, key="k3").json()["code"] == "conflict"
    assert world.events(number) == 2


def test_files_too(program: Program) -> None:
    first = program.upload(
        "a.txt.pdf", b"%PDF-1.4\n%%EOF", "hb.inspector", **{"idempotency-key": "f"}
    )
    again = program.upload(
        "a.txt.pdf", b"%PDF-1.4\n%%EOF", "hb.inspector", **{"idempotency-key": "f"}
    )
    assert (again.content, again.headers[REPLAYED]) == (first.content, "true")
    program.upload("b.pdf", b"%PDF-1.5\n%%EOF", "hb.inspector", 422, **{"idempotency-key": "f"})


@BOTH
def test_the_key_of_another_request_is_refused(program: Program, world: World) -> None:
    number = reported(program)
    program.post("/issues", "hb.inspector", REPORT, 201, key="k")
    for path, body in (
        ("/issues", {**REPORT, "title": "另一件"}),
        (f"/issues/{number}/actions/withdraw", {"version": 1, "data": {"reason": "误报"}}),
    ):
        told = program.post(path, "hb.inspector", body, 422, key="k").json()
        assert told["code"] == "idempotency_mismatch"
    assert (issues_of(program), world.case(number).version) == (2, 1)
    # Another person's key is another key.
    other = program.post("/issues", "gj.dispatcher", REPORT, 201, key="k")
    assert REPLAYED not in other.headers


def test_what_was_refused_may_be_mended_under_its_key(program: Program, world: World) -> None:
    number = reported(program)
    path = f"/issues/{number}/actions/dismiss"
    program.post(path, "gj.dispatcher", {"version": 1, "data": {}}, 422, key="k")
    program.post(path, "gj.dispatcher", {"version": 1, "data": {"reason": "误报"}}, key="k")
    assert world.events(number) == 2


@BOTH
def test_an_answer_is_kept_for_a_day(
    program: Program, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = program.post("/issues", "hb.inspector", REPORT, 201, key="k").json()
    program.post("/issues", "hb.inspector", REPORT, 201, key="old")
    world.after(hours=23, minutes=59)
    assert program.post("/issues", "hb.inspector", REPORT, 201, key="k").json() == first
    world.after(minutes=1)
    monkeypatch.setattr(replies, "SWEPT_EVERY", 1)
    second = program.post("/issues", "hb.inspector", REPORT, 201, key="k").json()
    assert second != first
    assert program.post("/issues", "hb.inspector", REPORT, 201, key="k").json() == second
    with world.database.reading() as tx:
        assert tx.execute(select(KEPT.c.key)).scalars().all() == ["k"]


@pytest.mark.parametrize("key", ["a b", "é", "x" * 256, "\x7f"])
def test_a_key_that_cannot_be_kept_is_refused(program: Program, key: str) -> None:
    headers = program.headers("hb.inspector") | {"idempotency-key": key.encode("latin-1")}
    response = program.client.post("/api/v1/issues", json=REPORT, headers=headers)  # type: ignore[arg-type]
    assert response.status_code == 422
    assert list(response.json()["fields"]) == ["Idempotency-Key"]


@BOTH
def test_requests_at_once_are_one(program: Program, world: World) -> None:
    program.token("hb.inspector")

    def send(_: int) -> httpx2.Response:
        return program.post("/issues", "hb.inspector", REPORT, 201, key="k")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(24)))
    assert len({answer.content for answer in answers}) == 1
    assert sum(REPLAYED not in answer.headers for answer in answers) == 1
    assert issues_of(program) == 1


@BOTH
def test_actions_at_once_without_keys_are_one_and_conflicts(program: Program, world: World) -> None:
    number = reported(program)
    body = {"version": 1, "data": {}}

    def send(_: int) -> int:
        response = program.client.post(
            f"/api/v1/issues/{number}/actions/take_up",
            json=body,
            headers=program.headers("gj.dispatcher"),
        )
        return response.status_code

    program.token("gj.dispatcher")
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(send, range(16)))
    assert statuses == [200] + [409] * 15
    assert world.events(number) == 2


@contextmanager
def dying(url: str, folder: Path, when: str) -> Iterator[str]:
    """A server that dies at its first write; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.api.dying", url, str(folder), when],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        assert process.wait(30) == -9
    finally:
        process.kill()
        process.communicate()


@BOTH
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_between_commit_and_answer(
    program: Program, world: World, tmp_path: Path, when: str
) -> None:
    number = reported(program)
    program.act(number, "take_up", "gj.dispatcher")
    data = {"responsible": "青山镇", "acceptance": "市生态环境局", "due": world.day(40)}
    path, body = f"/issues/{number}/actions/assign", {"version": 2, "data": data}
    headers = program.headers("gj.dispatcher", **{"idempotency-key": "k"})
    url = world.database.url.render_as_string(hide_password=False)
    with dying(url, tmp_path, when) as server, pytest.raises(httpx2.HTTPError):
        httpx2.post(f"{server}/api/v1{path}", json=body, headers=headers, timeout=30)
    assert world.events(number) == (3 if when == "after" else 2)

    retried = program.post(path, "gj.dispatcher", body, key="k")
    assert (REPLAYED in retried.headers) == (when == "after")
    assert retried.json() == {
        "number": number,
        "version": 3,
        "state": "assigned",
        "action": "assign",
    }
    assert world.events(number) == 3
    assert world.chain_is_whole(number)
    with world.database.reading() as tx:
        kept = tx.execute(select(func.count()).select_from(KEPT).where(KEPT.c.key == "k"))
        assert kept.scalar_one() == 1
