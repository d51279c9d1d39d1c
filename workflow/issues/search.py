"""Chinese text search: bigrams find the candidates, the exact substring decides.

Trigram indexes miss words of two characters, the usual length in Chinese.  Texts are folded (full
width made plain, lower case), every pair of adjacent letters or digits becomes a gram, and the hits
are exactly those of ``content LIKE '%query%'`` on folded text.  The grams are indexed beside the
table: FTS5 on SQLite, a GIN index on PostgreSQL.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from sqlalchemy import (
    DDL,
    ColumnElement,
    FromClause,
    Table,
    bindparam,
    column,
    event,
    func,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from workflow.db import Tx
from workflow.issues.models import Search
from workflow.prepared import Prepared

SEARCH = Search.__table__  # type: ignore[attr-defined]
_FTS = table("issue_search_fts", column("rowid"), column("issue_search_fts"))

MOST_GRAMS = 24
"""More grams than this narrow nothing further; the substring check decides anyway."""
MOST_QUERY = 100
"""Characters of a query that are looked at."""

_ADD = "INSERT INTO issue_search_fts (rowid, grams) VALUES (new.issue_id, new.grams)"
_DROP = (
    "INSERT INTO issue_search_fts (issue_search_fts, rowid, grams) "
    "VALUES ('delete', old.issue_id, old.grams)"
)

STATEMENTS: Mapping[str, tuple[str, ...]] = {
    "sqlite": (
        """CREATE VIRTUAL TABLE issue_search_fts USING fts5(grams, content='issue_search',
        content_rowid='issue_id', tokenize='ascii', detail='none', columnsize=0)""",
        f"""CREATE TRIGGER issue_search_added AFTER INSERT ON issue_search
        BEGIN {_ADD}; END""",
        f"""CREATE TRIGGER issue_search_removed AFTER DELETE ON issue_search
        BEGIN {_DROP}; END""",
        f"""CREATE TRIGGER issue_search_changed AFTER UPDATE ON issue_search
        BEGIN {_DROP}; {_ADD}; END""",
    ),
    "postgresql": (
        """CREATE INDEX ix_issue_search_grams ON issue_search
        USING gin (string_to_array(grams, ' ')) WITH (fastupdate = off)""",
    ),
}
"""What a migration runs after it has made ``issue_search``, by database."""

REMOVALS: Mapping[str, tuple[str, ...]] = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS issue_search_added",
        "DROP TRIGGER IF EXISTS issue_search_removed",
        "DROP TRIGGER IF EXISTS issue_search_changed",
        "DROP TABLE IF EXISTS issue_search_fts",
    ),
    "postgresql": ("DROP INDEX IF EXISTS ix_issue_search_grams",),
}
"""What undoes them, before ``issue_search`` goes."""

for _moment, _table in (("after_create", STATEMENTS), ("before_drop", REMOVALS)):
    for _dialect, _statements in _table.items():
        for _statement in _statements:
            _ddl = DDL(_statement)
            event.listen(SEARCH, _moment, _ddl.execute_if(dialect=_dialect))


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def fold(content: str) -> str:
    """The form in which texts and queries are compared: NFKC, lower case, no control characters."""
    folded = unicodedata.normalize("NFKC", content).casefold()
    # A second pass: folding can leave what NFKC would compose differently.
    return _CONTROL.sub(" ", unicodedata.normalize("NFKC", folded))


def grams(folded: str) -> tuple[str, ...]:
    """The distinct pairs of adjacent letters or digits, each as an index word of plain ASCII."""
    pairs = pairwise(map(_code, folded))
    return tuple(dict.fromkeys([f"{one}x{two}" for one, two in pairs if one and two]))


@lru_cache(maxsize=20_000)
def _code(char: str) -> str:
    """What stands for a letter or digit in an index word; nothing for any other character."""
    return f"{ord(char):x}" if char.isalnum() else ""


def row(issue_id: int, content: str) -> dict[str, object]:
    """The row of ``issue_search`` for an issue."""
    folded = fold(content)
    return {"issue_id": issue_id, "content": folded, "grams": " ".join(grams(folded))}


def index(tx: Tx, issue_id: int, content: str) -> None:
    """Write the search text of an issue, or replace it."""
    _UPSERT.run(tx, row(issue_id, content))


def index_many(tx: Tx, contents: Iterable[tuple[int, str]]) -> None:
    """Write the search texts of several issues."""
    _UPSERT.run_many(tx, [row(issue_id, content) for issue_id, content in contents])


@dataclass(frozen=True, slots=True)
class Hits:
    """Where a statement finds the issues that match: tables to read from, conditions, their id.

    On SQLite the index itself gives the ids in order, so that a page ends the search when it is
    full; ordering must be by `key`.
    """

    tables: FromClause
    conditions: tuple[ColumnElement[bool], ...]
    key: ColumnElement[int]


def hits(issue: Table, dialect: str, *, by_grams: bool) -> Hits:
    """The issues whose text contains the query; binds ``grams`` and ``like``.

    Without grams (a query of one character) every text is looked at.
    """
    key = issue.c.id
    content = SEARCH.c.content.like(bindparam("like"), escape="\\")
    texts = issue.join(SEARCH, SEARCH.c.issue_id == key)
    if not by_grams:
        return Hits(texts, (content,), key)
    if dialect == "sqlite":
        by_index = _FTS.join(SEARCH, SEARCH.c.issue_id == _FTS.c.rowid).join(
            issue, key == _FTS.c.rowid
        )
        found = text("issue_search_fts MATCH :grams").bindparams(bindparam("grams"))
        return Hits(by_index, (found, content), _FTS.c.rowid)  # type: ignore[arg-type]
    wanted = func.string_to_array(bindparam("grams"), text("' '"))
    indexed = func.string_to_array(SEARCH.c.grams, text("' '"))
    return Hits(texts, (indexed.op("@>")(wanted), content), key)


def parameters(query: str) -> dict[str, str]:
    """The values that `hits` binds for a query; no ``grams`` where the query has none."""
    folded = fold(query.strip())[:MOST_QUERY]
    escaped = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    words = grams(folded)[:MOST_GRAMS]
    values = {"like": f"%{escaped}%"}
    if words:
        values["grams"] = " ".join(words)
    return values


_UPSERT = Prepared(
    {
        name: statement.values(
            {name: bindparam(name) for name in ("issue_id", "content", "grams")}
        ).on_conflict_do_update(
            index_elements=["issue_id"],
            set_={"content": statement.excluded.content, "grams": statement.excluded.grams},
        )
        for name, statement in (
            ("sqlite", sqlite_insert(SEARCH)),
            ("postgresql", postgresql_insert(SEARCH)),
        )
    }
)
