"""Units, people and posts are stored with their rules, on both databases."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest

from workflow.db import Database, Tx
from workflow.errors import Invalid, NotAllowed
from workflow.units import actions
from workflow.units.directory import Directory
from workflow.units.entries import Batch, Faulty, PersonEntry, PostEntry, RouteEntry, UnitEntry
from workflow.units.queries import directory, directory_at, version
from workflow.units.rules import SYSTEM, Actor

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
ON = date(2026, 3, 2)
BY = {"by": SYSTEM, "now": NOW, "door": "cli"}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def batch() -> Batch:
    """Rows in an order that no parent comes first."""
    return Batch(
        units=(
            UnitEntry(row="第2行", code="hw", name="河王村", level="village", under="青山镇"),
            UnitEntry(row="第3行", code="qs", name="青山镇", level="township", under="gov"),
            UnitEntry(row="第4行", code="gov", name="青川市人民政府", level="county"),
        ),
        people=(PersonEntry(login="qs.handler", name="某甲"),),
        posts=(PostEntry(login="qs.handler", unit="青山镇", post="handler", from_on=ON),),
        routes=(RouteEntry(issuer="gov", source="snapshot", place="qs"),),
    )


def stored(database: Database) -> Directory:
    with database.reading() as tx:
        return directory(tx)


def test_an_import_is_stored_once_and_brought_up_to_date(database: Database) -> None:
    with database.transaction() as tx:
        assert actions.import_units(tx, batch(), **BY) == actions.Stored(6, 0, 0)
    with database.transaction() as tx:
        assert actions.import_units(tx, batch(), **BY) == actions.Stored(0, 0, 6)
    known = stored(database)
    assert known.version == 1
    village, town = known.find("hw"), known.find("qs")
    assert village is not None
    assert town is not None
    assert village.parent_id == town.id
    assert len(known.holders(town.id, "handler", ON)) == 1
    route = known.route("snapshot", "coal", village.id)
    assert route is not None
    assert known.unit(route.issuer_unit_id).code == "gov"

    renamed = UnitEntry(
        code="qs", name="青山街道", level="township", under="gov", aliases=("青山镇",)
    )
    with database.transaction() as tx:
        assert actions.import_units(tx, Batch(units=(renamed,)), **BY).changed == 1
    changed = stored(database).find("青山镇")
    assert changed is not None
    assert (changed.id, changed.name) == (town.id, "青山街道")
    assert stored(database).version == 2


def test_an_import_with_a_fault_stores_nothing(database: Database) -> None:
    good = batch()
    bad = replace(
        good,
        units=(
            *good.units,
            UnitEntry(row="第5行", code="x1", name="甲村", level="village", under="无此镇"),
            UnitEntry(row="第6行", code="x2", name="青山镇", level="township"),
            UnitEntry(row="第7行", code="qs", name="乙镇"),
            UnitEntry(row="第8行", code="x3", name="丙", level="planet"),
            UnitEntry(row="第9行", code="x4", name="丁局", level="city", under="河王村"),
            UnitEntry(row="第10行", code="x5", name="戊", under="x5"),
        ),
        posts=(PostEntry(row="人1", login="nobody", unit="qs", post="king", from_on=ON),),
    )
    with pytest.raises(Faulty) as caught, database.transaction() as tx:
        actions.import_units(tx, bad, **BY)
    places = [fault.place for fault in caught.value.faults]
    assert places == [
        "第5行 under",
        "第6行 name",
        "第7行 code",
        "第8行 level",
        "第9行 under",
        "第10行 under",
        "人1 login",
        "人1 post",
    ]
    assert caught.value.text() == "有8处错误，未导入任何内容。请修改后重新导入。"
    assert stored(database).units == {}


def test_units_cannot_be_put_in_a_circle(database: Database) -> None:
    with database.transaction() as tx:
        actions.import_units(tx, batch(), **BY)
    moved = Batch(units=(UnitEntry(code="gov", name="青川市人民政府", level="county", under="hw"),))
    with pytest.raises(Faulty, match="自己的下级"), database.transaction() as tx:
        actions.import_units(tx, moved, **BY)


def city(tx: Tx) -> tuple[int, int, int]:
    """Two units below a third one, a person on a post in the second."""
    top = actions.add_unit(tx, code="gov", name="青川市人民政府", level="county", **BY)
    old = actions.add_unit(tx, code="hb", name="市环保局", level="county", under="gov", **BY)
    new = actions.add_unit(tx, code="eco", name="市生态环境局", level="county", under="gov", **BY)
    return top, old, new


def test_an_entry_by_hand_is_refused_beside_its_field(database: Database) -> None:
    with database.transaction() as tx:
        city(tx)
        for field, values in (
            ("code", {"code": "gov", "name": "别的单位"}),
            ("code", {"code": "不行", "name": "别的单位"}),
            ("name", {"code": "x", "name": "市环保局"}),
            ("aliases", {"code": "x", "name": "别的单位", "aliases": ["市 环保局"]}),
            ("under", {"code": "x", "name": "别的单位", "under": "市生态局"}),
        ):
            with pytest.raises(Invalid) as caught:
                actions.add_unit(tx, **values, **BY)  # type: ignore[arg-type]
            assert caught.value.field == field
    with pytest.raises(Invalid, match="市生态环境局"), database.transaction() as tx:
        actions.add_unit(tx, code="x", name="别的单位", under="市生态局", **BY)


def test_posts_are_given_and_ended(database: Database) -> None:
    with database.transaction() as tx:
        _, old, _ = city(tx)
        person = actions.add_person(tx, login="zhang", name="某张", **BY)
        post = {"person_id": person, "unit_id": old, "post": "handler"}
        actions.appoint(tx, **post, from_on=ON, **BY)
        with pytest.raises(Invalid, match="已任该岗位"):
            actions.appoint(tx, **post, from_on=ON + timedelta(days=9), **BY)
        with pytest.raises(Invalid, match="没有“king”"):
            actions.appoint(tx, **{**post, "post": "king"}, from_on=ON, **BY)
        with pytest.raises(Invalid, match="早于"):
            actions.appoint(
                tx, **{**post, "post": "deputy"}, from_on=ON, until_on=date(2026, 1, 1), **BY
            )
        actions.relieve(tx, **post, last_on=ON + timedelta(days=1), **BY)
        with pytest.raises(Invalid, match="无需免职"):
            actions.relieve(tx, **post, last_on=ON + timedelta(days=2), **BY)
        actions.appoint(tx, **post, from_on=ON + timedelta(days=5), **BY)
    known = stored(database)
    held = [len(known.holders(old, "handler", ON + timedelta(days=n))) for n in range(7)]
    assert held == [1, 1, 0, 0, 0, 1, 1]


def test_a_post_that_had_not_begun_disappears(database: Database) -> None:
    with database.transaction() as tx:
        _, old, _ = city(tx)
        person = actions.add_person(tx, login="zhang", name="某张", **BY)
        post = {"person_id": person, "unit_id": old, "post": "handler"}
        actions.appoint(tx, **post, from_on=ON + timedelta(days=5), **BY)
        actions.relieve(tx, **post, last_on=ON, **BY)
    assert stored(database).all_posts_of(person) == ()


def test_abolishing_a_unit_moves_what_hangs_on_it(database: Database) -> None:
    with database.transaction() as tx:
        top, old, new = city(tx)
        below = actions.add_unit(tx, code="st", name="监测站", level="county", under="hb", **BY)
        person = actions.add_person(tx, login="zhang", name="某张", **BY)
        actions.appoint(tx, person_id=person, unit_id=old, post="handler", from_on=ON, **BY)
        actions.add_route(tx, issuer="hb", **BY)
        for unit, successor in ((old, old), (top, below)):
            with pytest.raises(Invalid) as caught:
                actions.abolish(tx, unit_id=unit, successor_id=successor, on=ON, **BY)
            assert caught.value.field == "successor"
        done = actions.abolish(tx, unit_id=old, successor_id=new, on=ON, **BY)
        assert done == actions.Abolition(old, new, (below,), (person,))
        with pytest.raises(Invalid, match="早已撤销"):
            actions.abolish(tx, unit_id=old, successor_id=new, on=ON, **BY)
        with pytest.raises(Invalid, match="已撤销"):
            actions.appoint(tx, person_id=person, unit_id=old, post="deputy", from_on=ON, **BY)
    known = stored(database)
    assert known.find("市环保局") == known.unit(new)
    assert known.ancestors(below) == (new, top)
    assert known.all_posts_of(person) == ()
    route = known.route("a", "b", None)
    assert route is not None
    assert route.issuer_unit_id == new


def test_a_unit_may_be_replaced_by_the_one_below_it(database: Database) -> None:
    with database.transaction() as tx:
        top, old, new = city(tx)
        actions.abolish(tx, unit_id=top, successor_id=new, on=ON, **BY)
    known = stored(database)
    assert known.ancestors(old) == (new,)
    assert known.ancestors(new) == ()


def test_only_an_administrator_changes_units(database: Database) -> None:
    def somebody(post: str) -> Actor:
        return Actor(1, "x", "x", ON, frozenset({(1, post)}))

    with database.transaction() as tx:
        actions.add_unit(tx, code="a", name="甲", by=somebody("admin"), now=NOW, door="web")
    with pytest.raises(NotAllowed), database.transaction() as tx:
        actions.add_unit(tx, code="b", name="乙", by=somebody("leader"), now=NOW, door="web")


def test_each_write_leaves_a_line_with_ids_only(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "workflow.units"), database.transaction() as tx:
        actions.add_person(tx, login="zhang", name="某张", phone="13800000000", **BY)
    (record,) = caplog.records
    assert vars(record)["by"] == "system"
    assert "13800000000" not in str(vars(record))


def test_the_directory_is_kept_until_its_stamp_rises(database: Database) -> None:
    first = stored(database)
    assert stored(database) is first
    with database.transaction() as tx:
        actions.add_unit(tx, code="a", name="甲", **BY)
        assert len(directory(tx).units) == 1
    with database.reading() as tx:
        assert version(tx) == 1
        second = directory_at(tx, 1)
    assert len(second.units) == 1
    assert stored(database) is second


def test_what_was_rolled_back_is_not_remembered(database: Database) -> None:
    def fail_after_adding() -> None:
        with database.transaction() as tx:
            actions.add_unit(tx, code="a", name="甲", **BY)
            assert [unit.name for unit in directory(tx).units.values()] == ["甲"]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_adding()
    with database.transaction() as tx:
        actions.add_unit(tx, code="b", name="乙", **BY)
    assert [unit.name for unit in stored(database).units.values()] == ["乙"]


def test_threads_share_the_directory(database: Database) -> None:
    seen: list[tuple[int, int]] = []

    def look() -> None:
        for _ in range(30):
            known = stored(database)
            seen.append((known.version, len(known.units)))

    threads = [Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(10):
        with database.transaction() as tx:
            actions.add_unit(tx, code=f"u{number}", name=f"单位{number}", **BY)
    for thread in threads:
        thread.join()
    assert len(seen) == 90
    assert all(count >= stamp for stamp, count in seen)
    assert len(stored(database).units) == 10
