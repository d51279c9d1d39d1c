"""What a person reads: the work list of one unit with its counts, and a search in Chinese.

Raw is the same question written by hand for the driver: the fifty most urgent moves of a desk and a
count per state; for the search the bigram index and the exact substring on its candidates.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import partial
from typing import Any

from sqlalchemy import insert, text

from benchmarks import city, crowd, rows
from benchmarks.result import Result, against_raw
from benchmarks.rounds import alternate, timed
from benchmarks.rows import Raw
from benchmarks.servers import Server
from tests.world import World
from workflow import migrate
from workflow.issues import lists, search
from workflow.issues.views import Filters, IssueRow
from workflow.units import queries as units
from workflow.units.rules import Scope

SUBJECT = "reading"
LIST = (3.0, 2.0)
SEARCH = 4.0
UNITS = 40
EVERYTHING = Scope(everything=True, units=frozenset())
WORDS = (
    "砂石厂物料露天堆放",
    "河道排口污水直排",
    "秸秆露天焚烧",
    "餐饮油烟扰民",
    "矿山边坡未复绿",
    "散煤复燃",
    "工地扬尘未覆盖",
    "危废贮存不规范",
    "养殖粪污外溢",
    "监测数据异常",
    "渣土车未苫盖",
    "黑臭水体返黑",
    "噪声超标",
)
RARE = ("重金属镉超标", "古墓保护范围内取土")
QUERIES = ("镉超", "污水直排", "镉超标", "古墓", "无此词语")

_ROW = ", ".join(f"i.{each.name}" for each in fields(IssueRow))
_LIST: dict[str, tuple[str, ...]] = {
    "SQLite": (
        (
            f"SELECT {_ROW} FROM issue i WHERE owner_unit_id = ? AND owner_post = ?"
            " ORDER BY move_due_at, id LIMIT 51"
        ),
        (
            "SELECT loop, state, count(*) FROM issue WHERE owner_unit_id = ? AND owner_post = ?"
            " GROUP BY loop, state"
        ),
        (
            "SELECT r.*, i.number, i.title FROM request r JOIN issue i ON i.id = r.issue_id"
            " WHERE r.decider_unit_id = ? AND r.decider_post = ? AND r.state = 'open'"
        ),
        (
            "SELECT p.*, i.number, i.title FROM paper p JOIN issue i ON i.id = p.issue_id"
            " WHERE p.signer_unit_id = ? AND p.signer_post = ? AND p.state = 'draft'"
        ),
    ),
}
_LIST["PostgreSQL"] = tuple(each.replace("?", "%s") for each in _LIST["SQLite"])
_FOUND = {
    "SQLite": (
        f"SELECT {_ROW} FROM issue_search_fts f"
        " JOIN issue_search s ON s.issue_id = f.rowid JOIN issue i ON i.id = s.issue_id"
        " WHERE issue_search_fts MATCH ? AND s.content LIKE ? ORDER BY f.rowid DESC LIMIT 21"
    ),
    "PostgreSQL": (
        f"SELECT {_ROW} FROM issue_search s"
        " JOIN issue i ON i.id = s.issue_id"
        " WHERE string_to_array(s.grams, ' ') @> string_to_array(%s, ' ')"
        " AND s.content LIKE %s ORDER BY s.issue_id DESC LIMIT 21"
    ),
}


def run(server: Server, *, rounds: int, size: int, reads: int) -> list[Result]:
    """Read work lists and searches of a city with `size` issues of `UNITS` units."""
    with _city(server, size) as (world, raw):
        same_hits(world)
        return [
            _work_list(server.name, world, raw, rounds, reads),
            *_searches(server.name, world, raw, rounds, reads),
        ]


def _work_list(where: str, world: World, raw: Raw, rounds: int, reads: int) -> Result:
    by = world.actor("qs.handler")
    unit = world.unit("qingshan")

    def ours() -> None:
        for _ in range(reads):
            with world.database.reading() as tx:
                lists.work_list(tx, by)

    def by_hand() -> None:
        for _ in range(reads):
            for statement in _LIST[where]:
                raw.execute(statement, (unit, "handler")).fetchall()

    measured = alternate(_sides(ours, by_hand), rounds)
    return against_raw(
        measured,
        subject=SUBJECT,
        what="work list of one unit with counts",
        where=where,
        floor=LIST[0],
        aim=LIST[1],
        count=reads,
    )


def _searches(where: str, world: World, raw: Raw, rounds: int, reads: int) -> Iterator[Result]:
    with world.database.reading() as tx:
        directory = units.directory(tx)
    for query in QUERIES:
        values = search.parameters(query)

        def ours(query: str = query) -> None:
            for _ in range(reads):
                with world.database.reading() as tx:
                    _page(tx, query, world, directory)

        def by_hand(values: dict[str, str] = values) -> None:
            for _ in range(reads):
                raw.execute(_FOUND[where], (values["grams"], values["like"])).fetchall()

        yield against_raw(
            alternate(_sides(ours, by_hand), rounds),
            subject=SUBJECT,
            what=f"search of {len(query)} characters"
            + (", no hit" if query == QUERIES[-1] else ""),
            where=where,
            floor=SEARCH,
            aim=None,
            count=reads,
        )


def same_hits(world: World) -> None:
    """The hits are those of LIKE, for every query."""
    with world.database.reading() as tx:
        directory = units.directory(tx)
        for query in QUERIES:
            like = tx.execute(
                text("SELECT issue_id FROM issue_search WHERE content LIKE :like"),
                {"like": f"%{query}%"},
            )
            wanted = sorted(like.scalars(), reverse=True)[: lists.PAGE]
            assert [row.id for row in _page(tx, query, world, directory)] == wanted, query


def _page(tx: Any, query: str, world: World, directory: Any) -> Any:
    found = lists.page(tx, EVERYTHING, Filters(q=query), directory=directory, today=world.today())
    return found.rows


def _sides(ours: Callable[[], None], by_hand: Callable[[], None]) -> dict[str, Any]:
    return {"engine": lambda _: timed(ours), "raw": lambda _: timed(by_hand)}


def made(server: Server, size: int) -> str:
    """The name of a database with issues of many units, states and words, made if missing."""
    name = f"reading_{size}_{migrate.head()}_tidy"
    if not server.has(name):
        server.copy(crowd.found(server, size), name)
        with city.city(server, name) as world:
            _spread(world, size)
        server.tidy(name)
        server.settle()
    return name


@contextmanager
def _city(server: Server, size: int) -> Iterator[tuple[World, Raw]]:
    name = made(server, size)
    with city.city(server, name) as world:
        raw = rows.connect(server.url(name))
        try:
            yield world, raw
        finally:
            raw.close()


def _spread(world: World, size: int) -> None:
    """Give the copies to forty units, to several states, dates and words."""
    home = world.unit("qingshan")
    with world.database.transaction() as tx:
        columns = "code, name, aliases, kind, level, parent_id"
        for n in range(1, UNITS):
            tx.execute(
                text(
                    f"INSERT INTO unit (id, {columns}) SELECT 1000 + :n, 'u' || :n, '单位' || :n,"
                    " aliases, kind, level, parent_id FROM unit WHERE id = :home"
                ),
                {"n": n, "home": home},
            )
        tx.execute(
            text(
                "UPDATE issue SET owner_unit_id = CASE WHEN id % :units = 0 THEN :home"
                " ELSE 1000 + id % :units END,"
                " state = CASE WHEN id % 3 = 0 THEN 'planning' WHEN id % 3 = 1 THEN 'rectifying'"
                " ELSE 'investigating' END"
            ),
            {"units": UNITS, "home": home},
        )
    rnd = random.Random(7)
    make = partial(_text, rnd)
    for begin in range(0, size, 10_000):
        ids = range(crowd.FIRST + begin, crowd.FIRST + min(begin + 10_000, size))
        with world.database.transaction() as tx:
            tx.execute(insert(search.SEARCH), [search.row(each, make(each)) for each in ids])
    with world.database.transaction() as tx:
        tx.execute(text("ANALYZE"))


def _text(rnd: random.Random, issue_id: int) -> str:
    """A title and about a hundred characters; the rare words in one of some hundreds."""
    words = rnd.choices(WORDS, k=14)
    if issue_id % 300 == 0:
        words.append(RARE[0])
    if issue_id % 500 == 0:
        words.append(RARE[1])
    return f"WT-{issue_id}\n{'，'.join(words)}"
