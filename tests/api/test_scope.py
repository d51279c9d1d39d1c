"""Every post × every place in the tree × every route: nothing foreign is read or changed.

Who may see what is worked out here from the tree and the relations alone, without the product's
own conditions.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api import city
from tests.api.city import City
from tests.api.conftest import V1, Program
from tests.api.wire import Wire
from tests.world import World
from web.api.route import Route
from web.api.routes import ROUTES
from workflow.tokens import actions as tokens
from workflow.units import actions as units
from workflow.units import queries
from workflow.units.entries import Batch, PersonEntry, PostEntry, UnitEntry
from workflow.units.posts import POSTS

PLACES = {
    "own": "qingshan",
    "parent": "city",
    "child": "liuwan",
    "sibling": "hekou",
    "foreign": "kongcun",
}
"""Relation to the responsible unit, and a unit that stands in it."""
NOBODY = "x.nobody"
FORM: Mapping[str, Any] = {
    "responsible": "青山镇",
    "acceptance": "市生态环境局",
    "reason": "理由充分。",
    "finding": "现场核查属实。",
    "plan": "建设料棚。",
    "result": "料棚已建成。",
    "opinion": "符合要求。",
    "note": "正在推进。",
    "text": "公示。",
    "phone": "0371-60000000",
    "field": "place",
    "value": "东沟",
}


def people_of(world: World) -> dict[str, tuple[str, str]]:
    """Appoint somebody to every post in every place; login → post and unit."""
    made = {f"x.{post}.{unit}": (post, unit) for unit in PLACES.values() for post in sorted(POSTS)}
    batch = Batch(
        people=tuple(PersonEntry(login=login, name=login) for login in (*made, NOBODY)),
        posts=tuple(
            PostEntry(login=login, unit=unit, post=post, from_on=date(2024, 1, 1))
            for login, (post, unit) in made.items()
        ),
    )
    with world.database.transaction() as tx:
        units.import_units(tx, batch, now=world.now, door="test")
    return made | {NOBODY: ("", "")}


@dataclass(frozen=True)
class Target:
    """One issue as the matrix meets it."""

    number: str
    title: str
    version: int
    related: frozenset[int]
    """Units that stand in any relation to it or to its root."""
    actions: tuple[str, ...]
    forms: Mapping[str, dict[str, Any]]
    files: tuple[str, ...]


def targets(city: City) -> list[Target]:
    """The issues of the city, with a marked title each, and the parts of the one that was split."""
    world = city.program.world
    root = world.case(city.numbers["split"])
    numbers = [*city.numbers.values(), *(part.number for part in root.parts)]
    return [_target(city, number) for number in numbers]


def _target(city: City, number: str) -> Target:
    world = city.program.world
    case = world.case(number)
    related = {unit for ids in case.units.values() for unit in ids}
    if case.root_id is not None and case.root_id != case.id:
        root = next(c for n in city.numbers.values() if (c := world.case(n)).id == case.root_id)
        related |= {unit for ids in root.units.values() for unit in ids}
    shown = city.program.get(f"/issues/{number}", "city.leader")
    actions = case.loop.by_state[case.state]
    return Target(
        number,
        case.title,
        case.version,
        frozenset(related),
        tuple(actions),
        {name: _filled(city, transition.needs) for name, transition in actions.items()},
        tuple(each["sha256"] for each in shown["evidence"]),
    )


def _filled(city: City, needs: tuple[str, ...]) -> dict[str, Any]:
    day = city.program.world.day
    special = {
        "due": day(20),
        "until": day(60),
        "evidence": [city.photo],
        "parts": [{"responsible": "河口镇", "title": "一段", "due": day(10)}],
        "into": city.numbers["reported"],
        "cause": "不可抗力",
        "source_id": 1,
    }
    return {name: special.get(name, FORM.get(name, "x")) for name in needs}


def below(world: World, code: str) -> frozenset[int]:
    """A unit and everything under it, by the parents alone."""
    with world.database.reading() as tx:
        known = queries.directory(tx).units
    [top] = [unit.id for unit in known.values() if unit.code == code]
    found = {top}
    while more := {u.id for u in known.values() if u.parent_id in found} - found:
        found |= more
    return frozenset(found)


class Matrix:
    """Asks every route for every person about every issue, and counts."""

    def __init__(self, city: City, wire: Wire) -> None:
        self.city = city
        self.program = city.program
        self.wire = wire
        self.cells = self.foreign = 0
        self.faults: list[str] = []

    def run(self, people: Mapping[str, tuple[str, str]], found: list[Target]) -> None:
        """Fill the matrix for these people."""
        for login, (post, unit) in people.items():
            scope = below(self.program.world, unit) if unit and post != "admin" else frozenset()
            seen = [target for target in found if scope & target.related]
            for route in ROUTES:
                self._lists(login, route, found, seen)
                for target in found:
                    for request in self._requests(route, target, target in seen):
                        self._ask(login, route, target, target in seen, seen, *request)

    def _requests(
        self, route: Route, target: Target, is_seen: bool
    ) -> Iterator[tuple[str, dict[str, Any] | None]]:
        path = route.path.replace("{number}", target.number)
        if "{sha256}" in path:
            yield from ((path.replace("{sha256}", digest), None) for digest in target.files)
        elif "{number}" in route.path and "{action}" in path:
            for action in target.actions:
                # What is seen is not changed either: the form does not fit.
                data = {"no_such_field": 1} if is_seen else target.forms[action]
                body = {"version": target.version, "data": data}
                yield path.replace("{action}", action), body
        elif "{number}" in path:
            yield path, None

    def _ask(
        self,
        login: str,
        route: Route,
        target: Target,
        is_seen: bool,
        seen: list[Target],
        path: str,
        body: dict[str, Any] | None,
    ) -> None:
        headers = self.program.headers(login)
        response = self.wire.ask(route.method, V1 + path, headers, body)
        self.cells += 1
        if "{sha256}" in route.path:
            digest = path.rpartition("/")[2]
            is_seen = any(digest in other.files for other in seen)
        self.foreign += not is_seen
        if not is_seen:
            good = response.status_code == 404 and target.title not in response.text
        elif route.method == "POST":
            good = response.status_code in (403, 409, 422)
        else:
            good = response.status_code == 200
        if not good:
            self.faults.append(f"{login} {route.method} {path}: {response.status_code}")

    def _lists(self, login: str, route: Route, found: list[Target], seen: list[Target]) -> None:
        if route.path not in ("/issues", "/me/work", "/stats") or route.method != "GET":
            return
        self.cells += 1
        query = "?limit=100" if route.path == "/issues" else ""
        text = self.wire.ask("GET", V1 + route.path + query, self.program.headers(login))
        assert text.status_code == 200, text.text
        told = {target.number for target in found if f'"{target.number}"' in text.text}
        wanted = {target.number for target in seen}
        if route.path == "/issues":
            good = told == wanted
        elif route.path == "/me/work":
            good = told <= wanted
        else:
            parts = {
                part.number
                for part in self.city.program.world.case(self.city.numbers["split"]).parts
            }
            good = text.json()["total"] == len(wanted - parts)
        if not good:
            self.faults.append(f"{login} {route.path}: {sorted(told ^ wanted)}")


@pytest.fixture
def wire(client: TestClient) -> Iterator[Wire]:
    """The application, asked without a client's ado."""
    with closing(Wire(client.app)) as wire:
        yield wire


@pytest.mark.parametrize(
    "kind", ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.long)]
)
def test_nothing_foreign_is_read_or_changed(
    program: Program, world: World, wire: Wire, kind: str
) -> None:
    small = city.build(program)
    people = people_of(world)
    with world.database.transaction() as tx:
        for login in people:
            made = tokens.add(tx, login=login, days=1, now=world.now, door="test")
            program.tokens[login] = made.secret
    found = targets(small)
    matrix = Matrix(small, wire)
    if kind == "postgres_url":  # the same conditions: one post in each place is enough
        people = {k: v for k, v in people.items() if v[0] in ("handler", "admin", "")}
    before = {target.number: world.case(target.number).head for target in found}

    matrix.run(people, found)
    # A village goes over to the other township; from now on that one is above it.
    moved = UnitEntry(
        code="liuwan", name="青山镇柳湾村", kind="village", level="village", under="河口镇"
    )
    with world.database.transaction() as tx:
        units.import_units(tx, Batch(units=(moved,)), now=world.now, door="test")
    again = {k: v for k, v in people.items() if v[0] in ("handler", "principal", "admin")}
    matrix.run(again, found)

    assert matrix.faults == []
    assert {target.number: world.case(target.number).head for target in found} == before
    print(f"{matrix.cells} cells, {matrix.foreign} of them foreign")
    assert matrix.cells >= (5000 if kind == "sqlite_url" else 500)
    assert matrix.foreign >= matrix.cells / 2


def test_of_sister_parts_little_is_told(program: Program, world: World) -> None:
    small = city.build(program)
    parts = world.case(small.numbers["split"]).parts
    [own] = [part for part in parts if part.responsible_unit_id == world.unit("hekou")]
    shown = program.get(f"/issues/{own.number}", "hk.handler")
    kin = {each["relation"]: each for each in shown["relatives"]}
    sister = kin["sister"]
    assert (sister["number"], sister["title"]) == (None, "柳湾段")
    assert set(sister) == {
        *("relation", "relation_label", "number", "title", "state", "state_label"),
        *("is_open", "due_on", "responsible"),
    }
    other = next(part.number for part in parts if part.number != own.number)
    assert (
        other
        not in program.client.get(
            f"{V1}/issues/{own.number}", headers=program.headers("hk.handler")
        ).text
    )


def test_who_reported_is_told_to_nobody(program: Program, world: World) -> None:
    data = {"reporter_name": "某某某", "reporter_contact": "13800001234", "source": "hotline"}
    number = world.report("gj.dispatcher", **data)
    for login in ("gj.dispatcher", "city.leader"):
        for path in ("", "/actions", "/events"):
            headers = program.headers(login)
            text = program.client.get(f"{V1}/issues/{number}{path}", headers=headers).text
            assert "version" in text or "events" in text
            assert "某某某" not in text
            assert "13800001234" not in text
