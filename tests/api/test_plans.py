"""Plans over the API: filed once, seen by those whom they name, by nobody else."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import BOTH, V1, Program
from tests.api.test_scope import below, people_of
from tests.flows.plans.conftest import DISPATCHER, PLAN, Desk
from tests.world import World
from workflow.evidence.storage import Storage
from workflow.tokens import actions as tokens

NAMED = ("gongjian", "huanbao", "shuili", "qingshan", "hekou")
"""Whose plan it is, and the units that it names."""


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    """The dispatcher's desk."""
    return Desk(world, Storage(tmp_path / "evidence"))


def post(program: Program, login: str, data: bytes, key: str = "", **fields: str) -> Any:
    headers = program.headers(login) | ({"Idempotency-Key": key} if key else {})
    files = {"file": ("计划.txt", data, "text/plain")}
    return program.client.post(f"{V1}/plans", headers=headers, files=files, data=fields)


@dataclass
class Draft:
    """A draft that a program reviews, each step at the version that the one before has left."""

    program: Program
    id: int
    version: int

    def step(self, action: str, status: int = 200, by: str = DISPATCHER, **data: Any) -> Any:
        path = f"/plans/{self.id}/actions/{action}"
        body = {"version": self.version, "data": data}
        told = self.program.post(path, by, body, status).json()
        self.version = told.get("version", self.version)
        return told

    def shown(self) -> Any:
        return self.program.get(f"/plans/{self.id}", DISPATCHER)


REVISED = PLAN.replace("2024年12月底前", "2025年2月底前")


@BOTH
def test_a_revised_text_is_filed_reviewed_and_put_into_force(
    program: Program, desk: Desk, kind: str
) -> None:
    running, _ = desk.run()
    answer = post(program, DISPATCHER, REVISED.encode(), "k1", revises=str(running))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["state"], told["revision"], told["revises"]) == ("draft", 2, running)
    changes = [(c["how"], c["what"], c["field"], c["old"], c["new"]) for c in told["changes"]]
    assert ("changed", "milestone", "due", "2024-12-31", "2025-02-28") in changes
    assert post(program, DISPATCHER, REVISED.encode(), "k1", revises=str(running)).json() == told
    # The same key with another plan to revise is another request.
    other = post(program, DISPATCHER, REVISED.encode(), "k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    waits = post(program, DISPATCHER, REVISED.encode() + b"\n", revises=str(running))
    assert (waits.status_code, waits.json()["code"]) == (409, "refused")
    assert "修订草稿" in waits.json()["why"]
    draft = Draft(program, told["id"], told["version"])
    assert draft.shown()["changes"] == told["changes"]
    early = draft.step("activate", 409)
    assert early["why"]
    for name in draft.shown()["names"]:
        if name["decision"] == "open":
            draft.step("decide_unit", name=name["id"], decision="create")
    doubtful = next(task for task in draft.shown()["tasks"] if task["notes"])
    # What was settled in the plan before is settled here, and may be doubted again.
    note = doubtful["notes"][0]
    assert (note["resolved"], note["resolved_by"]["login"], told["doubts"]) == (True, DISPATCHER, 0)
    assert draft.step("reopen", note=note["id"])["doubts"] == 1
    assert draft.step("resolve", note=note["id"], resolution="已问明")["doubts"] == 0
    note = next(t for t in draft.shown()["tasks"] if t["id"] == doubtful["id"])["notes"][0]
    assert (note["resolved_by"]["login"], note["resolution"]) == (DISPATCHER, "已问明")
    draft.step("confirm")
    for task in draft.shown()["tasks"]:
        draft.step("confirm", task=task["code"])
    done = draft.step("activate")
    assert (done["state"], done["activated"]["changes"]) == ("running", len(changes))
    assert program.get(f"/plans/{running}", DISPATCHER)["state"] == "replaced"


def test_a_revision_or_a_step_that_cannot_be_gets_a_sentence(program: Program, desk: Desk) -> None:
    running, _ = desk.run()
    for revises, status in (("999", 404), ("x", 422), ("0", 422), ("-1", 422), ("1" * 12, 422)):
        answer = post(program, DISPATCHER, REVISED.encode(), revises=revises)
        assert (answer.status_code, bool(answer.json()["detail"])) == (status, True), revises
    refused = post(program, "hb.handler", REVISED.encode(), revises=str(running))
    assert refused.status_code == 403
    assert "交办员" in refused.json()["why"]
    assert post(program, DISPATCHER, REVISED.encode(), other="1").status_code == 422
    told = post(program, DISPATCHER, REVISED.encode(), revises=str(running)).json()
    draft = Draft(program, told["id"], told["version"])
    assert "activate" in draft.step("fly", 422)["fields"]["action"]
    assert draft.step("confirm", 422, task="JH-1")["fields"].keys() == {"task"}
    assert draft.step("resolve", 422, note="1")["fields"].keys() == {"note"}
    draft.step("resolve", 404, note=999_999)
    draft.step("discard", 404, by="hb.handler")
    assert Draft(program, running, 1).step("discard", 409)["why"]
    Draft(program, running, 1).step("discard", 403, by="hb.handler")
    task = draft.shown()["tasks"][0]
    target = {"subject": "task", "id": task["id"], "field": "title"}
    draft.step("correct", **target, value="推进河湖综合整治")
    draft.step("set_duty", task=task["code"], role="lead", names=["市生态环境局"])
    assert draft.shown()["tasks"][0]["title"] == "推进河湖综合整治"
    stale = Draft(program, draft.id, 1).step("confirm_clear", 409)
    assert stale["code"] == "conflict"
    assert draft.step("discard")["state"] == "discarded"


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


def test_a_platform_reports_the_figures_of_a_target(program: Program, desk: Desk) -> None:
    running, _ = desk.run()
    path = f"/plans/{running}/actions/observe"
    told = program.get(f"/plans/{running}", "hb.handler")
    own = told["tasks"][2]["targets"] or told["tasks"][0]["targets"]
    figure = {"target": own[0]["id"], "observed_on": "2024-09-20", "source": "监测平台"}
    for key, value in (("a", "2"), ("a", "2"), ("b", "3")):
        body = {"data": figure | {"value": value}}
        program.post(path, DISPATCHER, body, key=key)
    shown = program.get(f"/plans/{running}", "hb.handler")
    target = next(
        each
        for task in shown["tasks"]
        for each in task["targets"]
        if each["id"] == figure["target"]
    )
    assert sorted(each["value"] for each in target["observations"]) == ["2", "3"]
    wrong = {"data": figure | {"value": "2", "observed_on": "2030-01-01"}}
    assert program.post(path, DISPATCHER, wrong, 422).json()["fields"].keys() == {"observed_on"}
    foreign = {"data": figure | {"value": "2", "target": 99_999}}
    assert program.post(path, DISPATCHER, foreign, 422).json()["fields"].keys() == {"target"}
    assert program.post(path, "hk.handler", {"data": figure | {"value": "2"}}, 403).json()["why"]
    review = f"/plans/{running}/actions/discard"
    assert "version" in program.post(review, DISPATCHER, {"data": {}}, 422).json()["fields"]
