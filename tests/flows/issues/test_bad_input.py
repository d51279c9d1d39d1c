"""Whatever a door passes on is answered with a sentence, on both databases, and nothing changes."""

import pytest

from tests.world import World
from workflow.errors import Conflict, Invalid, NotFound
from workflow.issues import actions, lists, queries
from workflow.issues.views import Filters
from workflow.units import queries as units
from workflow.units.rules import scope_of

STRANGE = ["", " ", "WT-2024-99999", "' or 1=1 --", "%", "长" * 5000, "\0", "WT\0", "\ud800"]


@pytest.mark.parametrize("number", STRANGE, ids=ascii)
def test_a_number_that_is_none_is_not_found(world: World, number: str) -> None:
    world.report()
    with pytest.raises(NotFound):
        world.act(number, "take_up", "gj.dispatcher")
    with world.database.reading() as tx:
        scope = scope_of(units.directory(tx), world.actor("gj.dispatcher"))
        with pytest.raises(NotFound):
            queries.get(tx, number, scope)


@pytest.mark.parametrize("text", STRANGE, ids=ascii)
def test_a_search_for_anything_finds_something_or_nothing(world: World, text: str) -> None:
    number = world.report()
    with world.database.reading() as tx:
        directory = units.directory(tx)
        scope = scope_of(directory, world.actor("gj.dispatcher"))
        for filters in (Filters(q=text), Filters(states=(text,)), Filters(category=text)):
            page = lists.page(
                tx, scope, filters, directory=directory, today=world.today(), limit=10
            )
            assert {row.number for row in page.rows} <= {number}


@pytest.mark.parametrize("action", ["", "fly", "\0", "长" * 5000, "take_up\ud800"], ids=ascii)
def test_an_action_that_is_none_is_named(world: World, action: str) -> None:
    number = world.report()
    with pytest.raises(Invalid) as caught:
        world.act(number, action, "gj.dispatcher")
    assert list(caught.value.fields) == ["action"]
    assert world.case(number).version == 1


@pytest.mark.parametrize(
    ("version", "error"), [(0, Conflict), (-1, Conflict), (2, Invalid), (10**30, Invalid)]
)
def test_a_version_that_is_not_the_current_one(
    world: World, version: int, error: type[Exception]
) -> None:
    number = world.report()
    with pytest.raises(error), world.database.transaction() as tx:
        actions.act(
            tx,
            world.office,
            number=number,
            action="take_up",
            data={},
            version=version,
            by=world.actor("gj.dispatcher"),
            now=world.now,
            door="test",
        )
    assert world.case(number).state == "reported"


@pytest.mark.parametrize("into", STRANGE, ids=ascii)
def test_a_merge_into_nothing_is_said_beside_its_field(world: World, into: str) -> None:
    number = world.report()
    with pytest.raises(Invalid) as caught:
        world.act(number, "merge", "gj.dispatcher", into=into, reason="同一问题。")
    assert list(caught.value.fields) == ["into"]


def test_a_merge_into_a_foreign_issue_finds_none(world: World) -> None:
    """Somebody who cannot see an issue does not learn that it exists."""
    number = world.report()
    foreign = world.report(category="water_limits")
    world.appoint("lw.handler", "liuwan", "dispatcher")
    with pytest.raises(NotFound):
        world.act(number, "merge", "lw.handler", into=foreign, reason="同一问题。")
    assert world.case(number).version == 1
