"""Reads of issues: a foreign row is not found, pages cost a constant number of statements."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update

from tests.flows.issue_rows import (
    BUREAU,
    CITY,
    GREEN,
    NOW,
    OFFICE,
    TODAY,
    VILLAGE,
    WHITE,
    add_city,
    add_issue,
    scratch,
)
from workflow.db import Database, Tx
from workflow.errors import Invalid, NotAllowed, NotFound
from workflow.issues import counts, lists, queries, reporters
from workflow.issues.models import Issue, LookAccess, Reporter, Request, Source
from workflow.issues.views import Filters
from workflow.units.queries import directory
from workflow.units.rules import Actor, Scope, actor, scope_of


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    with database.transaction() as tx:
        add_city(tx)
    yield database
    database.close()


def person(tx: Tx, key: int) -> Actor:
    return actor(directory(tx), key, TODAY)


def scope(tx: Tx, key: int) -> Scope:
    return scope_of(directory(tx), person(tx, key))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def numbers(tx: Tx, key: int, **filters: Any) -> list[str]:
    found = lists.page(tx, scope(tx, key), Filters(**filters), directory=directory(tx), today=TODAY)
    return [row.number for row in found.rows]


def test_a_person_sees_what_their_units_stand_to(database: Database) -> None:
    with database.transaction() as tx:
        add_issue(tx, 1)
        add_issue(tx, 2, units={"issuer": [OFFICE], "responsible": [WHITE]})
        add_issue(tx, 3, units={"issuer": [BUREAU], "responsible": [VILLAGE]})
        assert numbers(tx, CITY) == ["ZG-0003", "ZG-0002", "ZG-0001"]
        assert numbers(tx, OFFICE) == ["ZG-0002", "ZG-0001"]
        assert numbers(tx, GREEN) == ["ZG-0003", "ZG-0001"]
        assert numbers(tx, WHITE) == ["ZG-0002"]
        assert numbers(tx, VILLAGE) == ["ZG-0003"]
        assert queries.get(tx, "ZG-0001", scope(tx, GREEN)).title == "第1号问题"
        for number in ("ZG-0001", "ZG-9999"):
            with pytest.raises(NotFound) as refused:
                queries.get(tx, number, scope(tx, WHITE))
            assert number in refused.value.text()


def test_sisters_show_no_number_and_parts_are_seen_from_the_root(database: Database) -> None:
    with database.transaction() as tx:
        add_issue(tx, 1, units={"issuer": [OFFICE], "responsible": [BUREAU]}, part_count=2)
        tree = {"parent_id": 1, "root_id": 1, "loop": "part"}
        add_issue(tx, 2, units={"issuer": [BUREAU], "responsible": [GREEN]}, **tree)
        add_issue(tx, 3, units={"issuer": [BUREAU], "responsible": [WHITE]}, **tree)

        own = queries.get(tx, "ZG-0002", scope(tx, GREEN))
        assert {(r.relation, r.number) for r in own.relatives} == {
            ("parent", None),
            ("sister", None),
        }
        sister = next(r for r in own.relatives if r.relation == "sister")
        assert (sister.title, sister.responsible_unit_id) == ("第3号问题", WHITE)
        with pytest.raises(NotFound):
            queries.get(tx, "ZG-0003", scope(tx, GREEN))

        root = queries.get(tx, "ZG-0001", scope(tx, OFFICE))
        assert [r.number for r in root.relatives] == ["ZG-0002", "ZG-0003"]
        assert queries.get(tx, "ZG-0003", scope(tx, OFFICE)).number == "ZG-0003"
        assert numbers(tx, OFFICE) == ["ZG-0003", "ZG-0002", "ZG-0001"]


def test_issues_that_are_linked_find_each_other(database: Database) -> None:
    with scratch(database) as tx:
        add_issue(tx, 1)
        add_issue(tx, 2, recurs_of_id=1, units={"issuer": [OFFICE], "reporting": [WHITE]})
        add_issue(tx, 3, merged_into_id=1)

        def kin(number: str, key: int) -> set[tuple[str, str | None]]:
            view = queries.get(tx, number, scope(tx, key))
            return {(each.relation, each.number) for each in view.relatives}

        assert kin("ZG-0001", OFFICE) == {("recurrence", "ZG-0002"), ("merged", "ZG-0003")}
        assert kin("ZG-0002", OFFICE) == {("recurs_of", "ZG-0001")}
        assert kin("ZG-0003", OFFICE) == {("merged_into", "ZG-0001")}
        assert kin("ZG-0001", GREEN) == {("recurrence", None), ("merged", "ZG-0003")}


def test_admins_see_nothing_by_that_post(database: Database) -> None:
    with database.transaction() as tx:
        add_issue(tx, 1)
        tx.execute(text("UPDATE post SET post = 'admin' WHERE person_id = :p"), {"p": CITY})
        tx.execute(text("INSERT INTO stamp (name, value) VALUES ('directory', 99)"))
        assert numbers(tx, CITY) == []


def test_filters_and_search_narrow(database: Database) -> None:
    with database.transaction() as tx:
        add_issue(tx, 1, lamp="red", due_on=TODAY - timedelta(days=1))
        add_issue(tx, 2, category="dust", due_on=TODAY)
        add_issue(tx, 3, is_open=False, state="closed", due_on=TODAY - timedelta(days=9))
        assert numbers(tx, CITY, lamp="red") == ["ZG-0001"]
        assert numbers(tx, CITY, category="dust") == ["ZG-0002"]
        assert numbers(tx, CITY, overdue=True) == ["ZG-0001"]
        assert numbers(tx, CITY, is_open=False) == ["ZG-0003"]
        assert numbers(tx, CITY, unit=GREEN) == ["ZG-0003", "ZG-0002", "ZG-0001"]
        assert numbers(tx, CITY, unit=WHITE) == []
        assert numbers(tx, CITY, q="散煤", states=("closed",)) == ["ZG-0003"]
        assert numbers(tx, CITY, q="2") == ["ZG-0002"]
        assert numbers(tx, CITY, q="zg-0002 第") == ["ZG-0002"]
        assert numbers(tx, WHITE, q="散煤") == []


def test_pages_follow_each_other_without_gaps(database: Database) -> None:
    with database.transaction() as tx:
        for key in range(1, 46):
            add_issue(tx, key)
        seen: list[str] = []
        after: str | None = None
        while True:
            found = lists.page(
                tx,
                scope(tx, GREEN),
                Filters(),
                directory=directory(tx),
                today=TODAY,
                after=after,
                limit=20,
            )
            seen += [row.number for row in found.rows]
            if (after := found.after) is None:
                break
        assert seen == [f"ZG-{key:04}" for key in range(45, 0, -1)]
        with pytest.raises(Invalid):
            lists.page(
                tx, scope(tx, GREEN), Filters(), directory=directory(tx), today=TODAY, after="x"
            )


def test_the_work_list_is_in_order_of_urgency_and_pages(database: Database) -> None:
    with database.transaction() as tx:
        for key in range(1, 131):
            add_issue(tx, key)
        add_issue(tx, 131, owner_unit_id=VILLAGE, owner_post="handler")
        mine = person(tx, GREEN)
        first = lists.work_list(tx, mine, limit=100)
        dues = [row.move_due_at for row in first.moves]
        assert dues == sorted(dues, key=lambda due: due or NOW)
        rest = lists.work_list(tx, mine, after=first.after, limit=100)
        assert rest.after is None
        got = [row.number for row in (*first.moves, *rest.moves)]
        assert sorted(got) == [f"ZG-{key:04}" for key in range(1, 131)]
        assert first.states == {("rectification", "fixing"): 130}
        assert lists.work_list(tx, person(tx, WHITE)).total == 0
        assert lists.waiting(tx) == {(GREEN, "handler"): 130, (VILLAGE, "handler"): 1}


def test_requests_wait_for_their_decider(database: Database) -> None:
    with database.transaction() as tx:
        add_issue(tx, 1)
        asked = {
            "issue_id": 1,
            "kind": "extension",
            "state": "open",
            "asked_at": NOW,
            "reason": "汛期无法施工",
            "data": {},
            "decider_unit_id": OFFICE,
            "decider_post": "dispatcher",
            "due_at": NOW,
        }
        tx.execute(insert(Request), [asked, asked | {"kind": "objection", "state": "refused"}])
        (waits,) = lists.work_list(tx, person(tx, OFFICE)).requests
        assert (waits.kind, waits.number, waits.reason) == ("extension", "ZG-0001", "汛期无法施工")
        assert lists.work_list(tx, person(tx, GREEN)).requests == ()
        assert len(queries.get(tx, "ZG-0001", scope(tx, GREEN)).requests) == 2


def test_a_reporter_is_seen_by_the_dispatcher_only_and_the_look_is_kept(database: Database) -> None:
    with database.transaction() as tx:
        add_issue(tx, 1)
        tx.execute(
            insert(Source),
            [
                {
                    "id": 1,
                    "issue_id": 1,
                    "kind": "hotline",
                    "received_at": NOW,
                    "has_contact": True,
                },
                {
                    "id": 2,
                    "issue_id": 1,
                    "kind": "patrol",
                    "received_at": NOW,
                    "has_contact": False,
                },
            ],
        )
        tx.execute(insert(Reporter), [{"source_id": 1, "name": "来电人", "contact": "13800000000"}])
        asked = {"number": "ZG-0001", "directory": directory(tx), "now": NOW}
        seen = reporters.look(tx, source_id=1, by=person(tx, OFFICE), **asked)
        assert seen.contact == "13800000000"
        assert tx.execute(select(LookAccess.__table__)).one().person_id == OFFICE
        for source_id, key, error in (
            (1, GREEN, NotAllowed),
            (1, WHITE, NotFound),
            (2, OFFICE, NotFound),
        ):
            with pytest.raises(error):
                reporters.look(tx, source_id=source_id, by=person(tx, key), **asked)
        view = queries.get(tx, "ZG-0001", scope(tx, OFFICE))
        assert "13800000000" not in repr(view)


def test_the_overview_counts_problems_once_and_parts_as_load(database: Database) -> None:
    with database.transaction() as tx:
        add_issue(
            tx, 1, lamp="red", due_on=TODAY - timedelta(days=1), category="mine", part_count=1
        )
        add_issue(
            tx,
            2,
            parent_id=1,
            root_id=1,
            units={"issuer": [GREEN], "responsible": [WHITE]},
            due_on=TODAY,
        )
        add_issue(tx, 3, is_open=False, state="closed", counts_as="closed")
        add_issue(tx, 4, due_on=TODAY + timedelta(days=3))
        seen = counts.overview(tx, scope(tx, CITY), TODAY)
        assert (seen.total, seen.open, seen.overdue, seen.due_this_week) == (3, 2, 1, 1)
        assert seen.outcomes == {"closed": 1}
        assert seen.lamps == {"red": 1, "none": 1}
        assert seen.categories["mine"] == (1, 1, 1)
        assert [(u.unit_id, u.open, u.overdue) for u in seen.units] == [
            (GREEN, 2, 1),
            (WHITE, 1, 0),
        ]
        assert counts.overview(tx, scope(tx, WHITE), TODAY).total == 0
        assert counts.next_rung(tx, scope(tx, CITY)) is None


@pytest.mark.parametrize("many", [2, 60])
def test_a_page_costs_the_same_number_of_statements(database: Database, many: int) -> None:
    with database.transaction() as tx:
        add_issue(tx, 1, part_count=many)
        for key in range(2, many + 2):
            add_issue(tx, key, parent_id=1, root_id=1)
    with statements(database) as seen, database.transaction() as tx:
        who, mine = person(tx, GREEN), scope(tx, GREEN)
        known = directory(tx)
        seen.clear()
        assert len(queries.get(tx, "ZG-0001", mine).relatives) == many
        one = len(seen)
        lists.page(tx, mine, Filters(q="散煤"), directory=known, today=TODAY)
        two = len(seen)
        lists.work_list(tx, who)
        three = len(seen)
        counts.overview(tx, mine, TODAY)
        four = len(seen)
        assert (one, two - one, three - two, four - three) == (8, 2, 4, 2)


def test_lists_read_their_indexes(database: Database) -> None:
    with database.transaction() as tx:
        for key in range(1, 400):
            add_issue(tx, key, owner_unit_id=GREEN if key % 10 else WHITE)
        tx.execute(update(Issue.__table__).where(text("id % 7 = 0")).values(owner_unit_id=VILLAGE))
    plans: list[str] = []
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "

    def note(conn: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            other = conn.connection.cursor()
            other.execute(explain + statement, parameters)
            plans.append(str(other.fetchall()))
            other.close()

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        with database.transaction() as tx:
            tx.execute(text("ANALYZE"))
            if not database.is_sqlite:
                tx.execute(text("SET LOCAL enable_seqscan = off"))
            who, known = person(tx, WHITE), directory(tx)
            narrow = Scope(everything=False, units=frozenset({WHITE}))
            plans.clear()
            lists.work_list(tx, who)
            lists.page(tx, narrow, Filters(), directory=known, today=TODAY)
            queries.get(tx, "ZG-0001", scope(tx, CITY))
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    assert "ix_issue_owner" in plans[0]
    assert "ix_issue_unit_unit" in plans[4]
    assert "ix_issue_unit_unit" in plans[5]
    scans = [plan for plan in plans if "SCAN issue'" in plan or "Seq Scan on issue " in plan]
    assert not scans
