"""A hundred thousand issues, each with its whole chain, from one database into the other."""

import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select, text, update

from tests.databases import PostgreSQL
from tests.operations.backups import City, ask, back_up_of, restore, verified
from tests.world import START
from workflow import migrate
from workflow.audit import guards
from workflow.audit.chain import GENESIS, Entry, link, seal
from workflow.db import Database, Tx
from workflow.evidence.storage import Storage
from workflow.metadata import metadata

SIZE = 100_000
LIMIT = 900.0
"""Seconds in which an office that size wants to be back."""
EVENT = metadata.tables["event"]
ISSUE = metadata.tables["issue"]


@dataclass
class Place:
    """What the generator of big databases asks of a server: one migrated database."""

    address: str

    def has(self, _name: str) -> bool:
        return False

    def url(self, _name: str) -> str:
        return self.address

    def make(self, _name: str) -> str:
        database = Database(self.address)
        migrate.upgrade(database)
        database.close()
        return self.address

    def settle(self) -> None:
        """Nothing to do."""


def generator() -> Any:
    """The generator of big databases, loaded by whoever wants one: it brings a server along."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("benchmarks.crowd")


def chains(tx: Tx, logins: dict[int, str], codes: dict[int, str]) -> Iterator[list[dict[str, Any]]]:
    """For each copy the events of the issue that was walked, chained under its own number."""
    first: int = generator().FIRST
    walked = tx.execute(select(EVENT).where(EVENT.c.issue_id < first).order_by(EVENT.c.seq)).all()
    copies = tx.execute(
        select(ISSUE.c.id, ISSUE.c.number).where(ISSUE.c.id >= first).order_by(ISSUE.c.id)
    ).all()
    for copy in copies:
        prev, made = GENESIS, []
        for row in walked:
            entry = Entry(
                issue=copy.number,
                seq=row.seq,
                at=row.at,
                by=logins[row.by_id] if row.by_id else "system",
                door=row.door,
                action=row.action,
                kind=row.kind,
                data=row.data,
                unit=codes.get(row.by_unit_id, ""),
            )
            digest = link(prev, entry)
            values = row._asdict() | {
                "issue_id": copy.id,
                "prev": prev,
                "hash": digest,
                "mac": seal(digest, b"k" * 32),
            }
            values.pop("id")
            made.append(values)
            prev = digest
        yield made


def whole_chains(database: Database) -> None:
    """Give each of the generator's copies its chain."""
    with database.transaction() as tx:
        guards.take_down(tx)
        tx.execute(EVENT.delete().where(EVENT.c.issue_id >= generator().FIRST))
        logins = dict(tuple(row) for row in tx.execute(text("select id, login from person")))
        codes = dict(tuple(row) for row in tx.execute(text("select id, code from unit")))
        found = chains(tx, logins, codes)
        while batch := list(islice(found, 500)):
            tx.execute(insert(EVENT), [event for made in batch for event in made])
            heads = [
                {"of": made[-1]["issue_id"], "to": made[-1]["hash"], "seq": len(made)}
                for made in batch
            ]
            tx.execute(_head(ISSUE), heads)
        guards.put_up(tx)


def _head(issue: Table) -> Any:
    wanted = text("id = :of")
    return update(issue).where(wanted).values(head=text(":to"), version=text(":seq"))


@pytest.mark.long
@pytest.mark.parametrize("way", ["SQLite to PostgreSQL", "PostgreSQL to SQLite"])
def test_an_office_with_100_000_issues_is_back_within_a_quarter_of_an_hour(
    way: str, postgresql: PostgreSQL, tmp_path: Path, record_property: Any
) -> None:
    with postgresql.fresh(schema=False) as server:
        file = f"sqlite:///{tmp_path}/bihuan.db"
        source, target = (file, server) if way.startswith("SQLite") else (server, file)
        generator().found(Place(source), SIZE)
        database, other = Database(source, pool_size=5), Database(target, pool_size=5)
        try:
            whole_chains(database)
            with database.transaction() as tx:
                tx.execute(text("delete from blob"))  # the generator's has no file
            city = City(None, tmp_path / "city")  # type: ignore[arg-type]
            for number in range(200):
                digest = city.storage.put(b"%06d" % number * 20_000)
                with database.transaction() as tx:
                    row = {"sha256": digest, "size": 120_000, "mime": "image/jpeg"}
                    tx.execute(insert(metadata.tables["blob"]), row | {"stored_at": START})
            path = tmp_path / "city.bihuan"
            began = time.monotonic()
            taken = back_up_of(database, Storage(tmp_path / "city/evidence"), path, START)
            backed_up = time.monotonic()
            assert taken.manifest.heads.broken == ()
            assert taken.manifest.heads.issues == SIZE + 1
            verified(path)
            checked = time.monotonic()
            restore(path, other, tmp_path / "new", START + timedelta(days=1))
            seconds = time.monotonic() - checked
            said = (
                f"{way}: {taken.manifest.rows} rows, {taken.manifest.heads.events} events, "
                f"{path.stat().st_size / 1e6:.0f} MB: backup {backed_up - began:.0f} s, "
                f"verification {checked - backed_up:.0f} s, restore {seconds:.0f} s"
            )
            print(said)
            record_property("figures", said)
            for table in ("issue", "event", "clock", "issue_unit", "blob"):
                same = f"select count(*) from {table}"
                assert ask(other, same) == ask(database, same), table
            assert seconds < LIMIT
        finally:
            database.close()
            other.close()
