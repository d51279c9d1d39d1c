"""Chinese search finds what LIKE finds, on both databases, and uses its index."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, insert, select, text

from workflow.db import Database, Tx
from workflow.issues import search
from workflow.issues.models import Issue
from workflow.loops.models import LoopVersion

ISSUE = Issue.__table__
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
ALPHABET = "散煤污水处理厂镉超标一二 ABaß12%_\\，。ＡＢ１ﬁ㎡垚𠮷'\"\n"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def add_issues(tx: Tx, count: int) -> None:
    tx.execute(
        insert(LoopVersion), [{"hash": "v", "name": "snapshot", "definition": {}, "loaded_at": NOW}]
    )
    tx.execute(
        insert(Issue),
        [
            {
                "id": number,
                "number": f"S{number}",
                "loop": "snapshot",
                "loop_version": "v",
                "state": "reported",
                "head": "0" * 64,
                "title": "t",
                "description": "d",
                "category": "coal",
                "source": "patrol",
                "created_at": NOW,
                "updated_at": NOW,
            }
            for number in range(1, count + 1)
        ],
    )


def statement(tx: Tx, query: str) -> tuple[Select[Any], dict[str, str]]:
    values = search.parameters(query)
    found = search.hits(ISSUE, tx.dialect.name, by_grams="grams" in values)
    asked = select(ISSUE.c.id).select_from(found.tables).where(*found.conditions)
    return asked.order_by(found.key.desc()), values


def found(tx: Tx, query: str) -> set[int]:
    asked, values = statement(tx, query)
    return set(tx.execute(asked, values).scalars())


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    texts=st.lists(st.text(alphabet=ALPHABET, max_size=30), min_size=1, max_size=8),
    query=st.text(alphabet=ALPHABET, min_size=1, max_size=6),
    cut=st.tuples(st.integers(0, 7), st.integers(0, 29), st.integers(1, 6)),
)
def test_hits_are_those_of_like(
    database: Database, texts: list[str], query: str, cut: tuple[int, int, int]
) -> None:
    taken = texts[cut[0] % len(texts)][cut[1] % 30 :][: cut[2]]
    with database.transaction() as tx:
        example = tx.begin_nested()
        add_issues(tx, len(texts))
        for number, content in enumerate(texts, 1):
            search.index(tx, number, content)
        for wanted in (query, taken):
            needle = search.fold(wanted.strip())
            if needle:
                expected = {n for n, t in enumerate(texts, 1) if needle in search.fold(t)}
                assert found(tx, wanted) == expected
        example.rollback()


def test_a_rewritten_text_is_found_by_its_new_words_only(database: Database) -> None:
    with database.transaction() as tx:
        add_issues(tx, 1)
        search.index(tx, 1, "镉超标")
        search.index(tx, 1, "散煤复燃")
        assert found(tx, "散煤") == {1}
        assert found(tx, "镉超") == set()


def test_two_characters_are_looked_up_in_the_index(database: Database) -> None:
    with database.transaction() as tx:
        add_issues(tx, 2000)
        for number in range(1, 2001):
            search.index(
                tx, number, f"第{number}号沿街商铺油烟直排" + ("散煤" if number == 7 else "")
            )
        if not database.is_sqlite:
            tx.execute(text("ANALYZE issue_search"))
            tx.execute(text("SET LOCAL enable_seqscan = off"))
        assert found(tx, "散煤") == {7}
        asked, values = statement(tx, "散煤")
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        plan = str(tx.execute(text(explain + str(asked.compile())), values).all())
        assert ("VIRTUAL TABLE" if database.is_sqlite else "ix_issue_search_grams") in plan
