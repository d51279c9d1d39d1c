"""Who gets in, and how the API says that something is wrong."""

import json
import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from config.language import catalogue
from config.settings import Settings
from tests.api.conftest import V1, Program, ServingWorld
from tests.world import World
from web.api import errors, openapi
from web.api.app import create_api
from web.api.route import PERMISSIONS
from web.api.routes import ROUTES
from workflow.tokens import actions as tokens
from workflow.units import actions as units
from workflow.units import sessions

OPEN = {("GET", "/openapi.json"), ("GET", "/docs")}
"""Addresses below /api that tell nothing but how the API is used."""


def undeclared(places: list[BaseRoute]) -> set[tuple[str, str]]:
    """Methods and addresses that answer without standing in the table of routes."""
    declared = {(route.method, "/v1" + route.path) for route in ROUTES} | OPEN
    found: set[tuple[str, str]] = set()
    for place in places:
        assert isinstance(place, Route), place
        found |= {(method, place.path) for method in (place.methods or set()) - {"HEAD"}}
    return found - declared


def api_of(client: TestClient) -> Starlette:
    """The application below /api."""
    [mount] = [r for r in client.app.routes if isinstance(r, Mount)]  # type: ignore[attr-defined]
    assert mount.path == "/api"
    assert isinstance(mount.app, Starlette)
    return mount.app


def test_every_route_is_declared_with_its_permission(client: TestClient) -> None:
    places = api_of(client).routes
    assert undeclared(places) == set()
    assert len(places) == len({route.path for route in ROUTES}) + len(OPEN)
    assert {route.permission for route in ROUTES} <= set(PERMISSIONS)
    assert len({route.name for route in ROUTES}) == len(ROUTES)


def test_an_undeclared_route_is_noticed(
    client: TestClient, world: World, settings: Settings
) -> None:
    app = client.app
    api = create_api(ServingWorld(world, settings), app.state.labels, app.state.pages)  # type: ignore[attr-defined]
    api.routes.append(Route("/v1/secrets", lambda _: None, methods=["GET", "POST"]))
    assert undeclared(api.routes) == {("GET", "/v1/secrets"), ("POST", "/v1/secrets")}


def asked(client: TestClient, method: str, path: str, **headers: str) -> Any:
    """A request that carries these headers only."""
    full = V1 + re.sub(r"\{\w+\}", "x", path)
    return client.request(method, full, json={} if method == "POST" else None, headers=headers)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_without_a_token_nothing_opens(
    client: TestClient, program: Program, world: World, route: Any
) -> None:
    good = program.token("gj.dispatcher")
    with world.database.transaction() as tx:
        person = world.actor("gj.dispatcher").person_id
        assert person is not None
        cookie = sessions.start(tx, person_id=person, now=world.now)
    client.cookies.set("bihuan", cookie)
    for header in (
        None,
        "",
        "Bearer",
        f"Basic {good}",
        good,
        f"Bearer {good}x",
        f"Bearer {cookie}",
        f"Bearer {good} {good}",
        "Bearer " + "a" * 4000,
    ):
        headers = {} if header is None else {"authorization": header}
        response = asked(client, route.method, route.path, **headers)
        assert response.status_code == 401, (header, response.text)
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert response.json()["code"] == "unauthorized"
    response = asked(client, route.method, route.path, authorization=f"bearer {good}")
    assert response.status_code != 401


def test_tokens_end(program: Program, world: World) -> None:
    person = world.actor("qs.handler").person_id
    assert person is not None
    with world.database.transaction() as tx:
        made = tokens.add(tx, login="qs.handler", days=1, now=world.now, door="test")
    program.tokens["qs.handler"] = made.secret
    program.get("/me/work", "qs.handler")
    with world.database.transaction() as tx:
        units.set_active(tx, person_id=person, active=False, now=world.now, door="test")
    program.get("/me/work", "qs.handler", 401)
    with world.database.transaction() as tx:
        units.set_active(tx, person_id=person, active=True, now=world.now, door="test")
    program.get("/me/work", "qs.handler")
    world.after(days=1)
    program.get("/me/work", "qs.handler", 401)
    world.after(seconds=-1)
    program.get("/me/work", "qs.handler")
    with world.database.transaction() as tx:
        tokens.revoke(tx, token_id=made.id, now=world.now, door="test")
    program.get("/me/work", "qs.handler", 401)


def test_a_token_follows_the_posts_of_its_person(program: Program, world: World) -> None:
    number = world.report()
    program.get(f"/issues/{number}", "qs.handler", 404)
    world.appoint("qs.handler", "gongjian", "dispatcher")
    program.get(f"/issues/{number}", "qs.handler")
    program.act(number, "take_up", "qs.handler")


def test_the_table_keeps_no_token(program: Program, world: World) -> None:
    secret = program.token("qs.handler")
    with world.database.engine.connect() as tx:
        row = tx.exec_driver_sql("SELECT * FROM api_token").one()
    assert secret not in str(row)
    assert secret.removeprefix("bihuan_") not in str(row)


def test_problems_have_one_shape_and_the_askers_language(program: Program, world: World) -> None:
    number = world.report()
    headers = program.headers("hk.handler")
    for lang, sentence in (("zh-CN", "或您无权查看"), ("en-GB,en;q=0.9", "none that you may see")):
        response = program.client.get(
            f"{V1}/issues/{number}", headers=headers | {"accept-language": lang}
        )
        told = response.json()
        assert response.headers["content-type"] == errors.MEDIA_TYPE
        assert set(told) == {"type", "title", "status", "detail", "code", "why", "fields"}
        assert (told["status"], told["type"]) == (404, "urn:bihuan:problem:not_found")
        assert sentence in told["detail"], told


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"title": "\\ud800"}', "application/json", 400),
        (b'{"lat": NaN}', "application/json", 400),
        (b"[" * 5000 + b"]" * 5000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json; charset=utf-8", 422),
        (b"{}", "text/plain", 415),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b"{}", "", 415),
        (b'"' + b"x" * 1024 * 1024 + b'"', "application/json", 413),
        (b"x" * 4 * 1024 * 1024, "application/json", 413),
    ],
)
def test_rough_content(program: Program, content: bytes, media: str, status: int) -> None:
    headers = program.headers("hb.inspector") | {"content-type": media}
    response = program.client.post(f"{V1}/issues", content=content, headers=headers)
    assert (response.status_code, response.json()["status"]) == (status, status), response.text
    assert response.headers["content-type"] == errors.MEDIA_TYPE


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"x", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=a", 400),
        (b"--a--\r\n", "multipart/form-data; boundary=a", 422),
        (b"{}", "application/json", 415),
        (b"x" * 4 * 1024 * 1024, "multipart/form-data; boundary=a", 413),
    ],
)
def test_rough_forms(program: Program, content: bytes, media: str, status: int) -> None:
    headers = program.headers("hb.inspector") | {"content-type": media}
    response = program.client.post(f"{V1}/evidence", content=content, headers=headers)
    assert (response.status_code, response.json()["status"]) == (status, status), response.text


def test_addresses_and_methods_that_there_are_not(program: Program) -> None:
    headers = program.headers("hb.inspector")
    for path in ("/api/v1", "/api/v2/issues", f"{V1}/issues/", f"{V1}/issues/a/b/c", "/api/"):
        response = program.client.get(path, headers=headers)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    response = program.client.delete(f"{V1}/issues", headers=headers)
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert program.client.head(f"{V1}/issues", headers=headers).status_code == 200
    for number in ("%00", "x" * 33, "a%0Ab", "%EF%BF%BF", "..", "%2e%2e"):
        response = program.client.get(f"{V1}/issues/{number}/events", headers=headers)
        assert response.status_code == 404, number


def test_the_page_and_the_description_are_complete_and_load_nothing_from_outside(
    client: TestClient,
) -> None:
    for lang in ("zh", "en"):
        described = client.get("/api/openapi.json", headers={"accept-language": lang}).json()
        assert described == json.loads(json.dumps(openapi.document(lang), default=str))
        html = client.get(f"/api/docs?lang={lang}").text
        for route in ROUTES:
            assert f"{route.method} {V1}{route.path}" in html
            assert catalogue(lang).gettext(route.summary) in html
        assert not re.search(r'(src|href)="(https?:)?//', html)
        assert not re.search(r"<script(?! src=)|<style|style=| on\w+=|Undefined", html)
    assert "{" not in re.sub(r"\{\w+\}", "", "".join(openapi.document("en")["paths"]))
