"""Schemathesis: every route, every post, no server error, nothing that is not described.

Its pytest plugin is not loaded (``pyproject.toml``): it would cost every run of any test seconds.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient

from config.settings import Settings
from tests.api import city, fuzzing
from tests.api.city import City
from tests.api.conftest import V1, Program, ServingWorld
from tests.world import World
from web.app import create_app
from workflow.db import Database, Tx
from workflow.units import actions as units
from workflow.units.posts import POSTS

PEOPLE = {
    "inspector": "hb.inspector",
    "dispatcher": "gj.dispatcher",
    "handler": "qs.handler",
    "section_head": "qs.head",
    "deputy": "qs.deputy",
    "principal": "qs.principal",
    "party_principal": "qs.party",
    "supervisor": "db.supervisor",
    "acceptor": "hb.acceptor",
    "leader": "city.leader",
    "auditor": "sj.auditor",
    "admin": "root",
    "": "x.nobody",
}
"""Every post, and none."""
ERRORS = "server errors"
LEAST = 2_000
"""Cases that are sent by the tests of this file that are not long."""


@pytest.fixture(scope="module")
def sent() -> Counter[str]:
    """How many cases each test has sent, and how many answers were server errors."""
    return Counter()


def count(sent: Counter[str], found: fuzzing.Found, who: str) -> None:
    """Add what one test has sent."""
    sent[who] += found.cases
    sent[ERRORS] += sum(n for (_, status), n in found.statuses.items() if status >= 500)
    print(f"{who}: {found.cases} cases")


@pytest.fixture
def small(program: Program, world: World) -> City:
    """The city with its issues, and the people that it lacked."""
    with world.database.transaction() as tx:
        for login in ("qs.head", "x.nobody"):
            units.add_person(tx, login=login, name=login, now=world.now, door="test")
    world.appoint("qs.head", "qingshan", "section_head")
    return city.build(program)


def told(found: fuzzing.Found) -> str:
    """Every failure with how to send it again."""
    return "\n\n".join("\n".join((*failure, how)) for failure, how in found.failures.items())


def test_every_post_has_its_person(world: World) -> None:
    assert set(PEOPLE) == {*POSTS, ""}


@pytest.mark.parametrize("post", PEOPLE, ids=lambda post: post or "none")
def test_what_is_described_is_what_happens(
    small: City, client: TestClient, sent: Counter[str], post: str
) -> None:
    token = small.program.token(PEOPLE[post])
    found = fuzzing.run(client.app, fuzzing.narrowed(small), token, seed=len(post), examples=7)
    count(sent, found, f"post {post or 'none'}")
    assert not found.failures, told(found)
    assert found.cases >= 100
    assert {route for route, _ in found.statuses} == {
        f"{method.upper()} {path}"
        for path, methods in fuzzing.published()["paths"].items()
        for method in methods
    }


@pytest.mark.long
@pytest.mark.parametrize("post", PEOPLE, ids=lambda post: post or "none")
def test_at_length(small: City, client: TestClient, post: str) -> None:
    token = small.program.token(PEOPLE[post])
    phases = ("coverage", "fuzzing", "stateful")
    document = fuzzing.narrowed(small)
    found = fuzzing.run(client.app, document, token, seed=11, examples=60, phases=phases)
    print(f"{post or 'none'}: {found.cases} cases")
    assert not found.failures, told(found)
    assert found.cases >= 1500


@pytest.mark.parametrize("post", ["dispatcher", "admin"])
def test_every_edge_of_the_document_as_published(
    small: City, client: TestClient, sent: Counter[str], post: str
) -> None:
    token = small.program.token(PEOPLE[post])
    found = fuzzing.run(
        client.app,
        fuzzing.published(),
        token,
        seed=1,
        examples=1,
        phases=("coverage",),
        accept=False,  # any text fits a field of the document, not every text is a unit
    )
    count(sent, found, f"edges {post}")
    assert not found.failures, told(found)
    assert found.cases >= 400


class Forgetful(Database):
    """Carries out every write and throws it away, so that each case meets the same city."""

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        with super().reading() as tx:
            yield tx


def forms(small: City, login: str) -> dict[str, Any]:
    """A document of the actions that one person can take somewhere, each with its own form."""
    paths: dict[str, Any] = {}
    known: set[str] = set()
    for number in small.numbers.values():
        response = small.program.client.get(
            f"{V1}/issues/{number}/actions", headers=small.program.headers(login)
        )
        for offer in response.json().get("actions", ()):
            if offer["allowed"] and offer["action"] not in known:
                known.add(offer["action"])
                path = f"{V1}/issues/{number}/actions/{offer['action']}"
                paths[path] = {"post": _operation(small, offer, response.json()["version"])}
    return {**fuzzing.published(), "paths": paths}


def _operation(small: City, offer: dict[str, Any], version: int) -> dict[str, Any]:
    published = fuzzing.published()["paths"][f"{V1}/issues/{{number}}/actions/{{action}}"]["post"]
    form = offer["form"]
    defs = form.pop("$defs", {})
    for name, schema in form["properties"].items():
        form["properties"][name] = _inline(schema, defs)
    fuzzing.narrow_form(small, form)
    content = {
        "type": "object",
        "properties": {"version": {"const": version}, "data": form},
        "required": ["version", "data"],
        "additionalProperties": False,
    }
    return {
        "operationId": offer["action"],
        "security": published.get("security", [{"token": []}]),
        "responses": published["responses"],
        "requestBody": {"required": True, "content": {"application/json": {"schema": content}}},
    }


def _inline(schema: Any, defs: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return defs[schema["$ref"].rpartition("/")[2]]
        return {key: _inline(each, defs) for key, each in schema.items()}
    return [_inline(each, defs) for each in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("login", ["gj.dispatcher", "qs.handler", "hb.acceptor"])
def test_every_form_that_is_offered(
    small: City, world: World, settings: Settings, sent: Counter[str], login: str
) -> None:
    token, document = small.program.token(login), forms(small, login)
    before = city.versions(small)
    forgetful = World(Forgetful(world.database.url), world.office, now=world.now)
    app = create_app(ServingWorld(forgetful, settings))
    found = fuzzing.run(app, document, token, seed=2, examples=6, accept=False)
    forgetful.database.close()
    done = sum(n for (_, status), n in found.statuses.items() if status == 200)
    count(sent, found, f"forms {login}")
    print(f"{len(document['paths'])} forms, {done} done")
    assert not found.failures, told(found)
    assert done >= 4
    assert city.versions(small) == before


def test_two_thousand_cases_were_sent(request: pytest.FixtureRequest, sent: Counter[str]) -> None:
    """Counted, since the tests above send as many as they like; the last one of this file."""
    tests = {
        item.name
        for item in request.session.items
        if item.path == request.path and "sent" in getattr(item, "fixturenames", ())
    }
    if len(tests) - 1 < len(PEOPLE) + 2 + 3:
        pytest.skip("only some tests of this file were asked for")
    cases = sent.total() - sent[ERRORS]
    print(f"{cases} cases in all, {sent[ERRORS]} server errors: {dict(sent)}")
    assert sent[ERRORS] == 0
    assert cases >= LEAST
