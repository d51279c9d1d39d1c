"""Plans over the API: filed once, seen by those whom they name, by nobody else."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import V1, Program
from tests.api.test_scope import below, people_of
from tests.flows.plans.conftest import PLAN, Desk
from tests.world import World
from workflow.evidence.storage import Storage
from workflow.tokens import actions as tokens

NAMED = ("gongjian", "huanbao", "shuili", "qingshan", "hekou")
"""Whose plan it is, and the units that it names."""


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    """The dispatcher's desk."""
    return Desk(world, Storage(tmp_path / "evidence"))


def post(program: Program, login: str, data: bytes, key: str = "") -> Any:
    headers = program.headers(login) | ({"Idempotency-Key": key} if key else {})
    files = {"file": ("计划.txt", data, "text/plain")}
    return program.client.post(f"{V1}/plans", headers=headers, files=files)


def test_a_document_is_filed_once_and_followed(program: Program, desk: Desk) -> None:
    answer = post(program, "gj.dispatcher", PLAN.encode(), "k1")
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["state"], told["tasks"], told["milestones"], told["open_units"]) == (
        "draft", 4, 5, 1,
    )  # fmt: skip
    assert answer.headers["location"] == f"{V1}/plans/{told['id']}"
    assert post(program, "gj.dispatcher", PLAN.encode(), "k1").json() == told
    assert post(program, "gj.dispatcher", PLAN.encode()).json()["is_new"] is False
    draft = program.get(f"/plans/{told['id']}", "gj.dispatcher")
    assert draft["obstacles"]
    assert draft["tasks"][2]["notes"][0]["sentence"]
    desk.confirm_all(told["id"])
    desk.act("activate", told["id"])
    running = program.get(f"/plans/{told['id']}", "hb.handler")
    assert (running["state"], running["obstacles"]) == ("running", [])
    own = running["tasks"][2]["milestones"][0]
    assert (own["state"], own["due"]) == ("asked", "2024-06-30")
    assert program.get(f"/issues/{own['issue']}", "hb.handler")["loop"] == "milestone"
    assert program.get("/issues", "gj.dispatcher")["issues"] == []
    assert program.get("/stats", "gj.dispatcher")["total"] == 0
    [line] = program.get("/plans", "sl.handler")["plans"]
    assert (line["tasks"], line["milestones"], line["accepted"]) == (4, 5, 0)


def test_what_cannot_be_filed_gets_a_sentence(program: Program, world: World) -> None:
    refused = post(program, "hb.handler", PLAN.encode())
    assert refused.status_code == 403
    assert "交办员" in refused.text
    for data in (
        b"",
        b"%PDF-1.7 nothing",
        b"PK\x03\x04 nothing",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ):
        answer = post(program, "gj.dispatcher", data)
        assert answer.status_code == 422, data
        assert answer.json()["title"]
    for path in ("/plans/7", "/plans/x", "/plans/99999999999999999999"):
        headers = program.headers("gj.dispatcher")
        assert program.client.get(V1 + path, headers=headers).status_code == 404


def test_every_post_in_every_place_sees_its_own_plans_only(
    program: Program, world: World, desk: Desk
) -> None:
    running, _ = desk.run()
    draft = desk.stage(PLAN.replace("河湖", "水库")).id
    people = people_of(world)
    with world.database.transaction() as tx:
        for login in people:
            made = tokens.add(tx, login=login, days=1, now=world.now, door="test")
            program.tokens[login] = made.secret
    named = {world.unit(code) for code in NAMED}
    seen = 0
    for login, (post_name, unit) in people.items():
        scope = below(world, unit) if unit and post_name != "admin" else frozenset()
        wanted = {running} if scope & named else set()
        headers = program.headers(login)
        answer = program.client.get(f"{V1}/plans", headers=headers).json()
        assert {plan["id"] for plan in answer["plans"]} == wanted, login
        shown = program.client.get(f"{V1}/plans/{running}", headers=headers)
        assert shown.status_code == (200 if wanted else 404), login
        if not wanted:
            assert "河湖" not in shown.text
        assert program.client.get(f"{V1}/plans/{draft}", headers=headers).status_code == 404
        seen += len(wanted)
    assert 0 < seen < len(people)
