"""What a person was denied is on record; what nobody in particular asked for is not."""

from sqlalchemy import text
from starlette.testclient import TestClient

from tests.api.conftest import BOTH, V1, Program
from tests.flows.issues.walks import assigned
from tests.world import World
from web.visit import COOKIE
from workflow.operations.invariants import check
from workflow.units import sessions

SAME = {"sec-fetch-site": "same-origin"}


def denied(world: World) -> list[tuple[str, str, str, str, str]]:
    asked = text(
        "select p.login, d.door, d.method, d.path, d.code from denied_access d"
        " join person p on p.id = d.person_id order by d.no"
    )
    with world.database.reading() as tx:
        assert check(tx, world.now) == ()
        return [tuple(row) for row in tx.execute(asked)]  # type: ignore[misc]


@BOTH
def test_what_a_program_is_denied_is_on_record(program: Program, world: World, kind: str) -> None:
    del kind
    number = assigned(world)
    program.get(f"/issues/{number}", "lw.handler", 404)
    program.get(f"/issues/{number}", "qs.handler")
    body = {"version": world.case(number).version, "data": {}}
    program.post(f"/issues/{number}/actions/accept", "gj.dispatcher", body, 403)
    assert denied(world) == [
        ("lw.handler", "api", "GET", f"{V1}/issues/{number}", "not_found"),
        ("gj.dispatcher", "api", "POST", f"{V1}/issues/{number}/actions/accept", "not_allowed"),
    ]


def test_without_a_person_nothing_is(client: TestClient, world: World) -> None:
    number = assigned(world)
    assert client.get(f"{V1}/issues/{number}").status_code == 401
    assert client.get(f"{V1}/nothing").status_code == 404
    assert client.get("/issues/x", headers=SAME, follow_redirects=False).status_code == 303
    assert denied(world) == []


def test_what_a_page_denies_is_too(client: TestClient, world: World) -> None:
    number = assigned(world)
    person = world.actor("lw.handler").person_id
    assert person is not None
    with world.database.transaction() as tx:
        client.cookies.set(COOKIE, sessions.start(tx, person_id=person, now=world.now))
    assert client.get(f"/issues/{number}", headers=SAME).status_code == 404
    assert client.get("/health", headers=SAME).status_code == 403
    assert [(login, door, path) for login, door, _, path, _ in denied(world)] == [
        ("lw.handler", "web", f"/issues/{number}"),
        ("lw.handler", "web", "/health"),
    ]
