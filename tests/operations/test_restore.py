"""Restoring: everything comes back, across databases too, or nothing is touched at all."""

import random
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from tests.databases import PostgreSQL
from tests.operations import restores
from tests.operations.backups import (
    City,
    Members,
    ask,
    back_up_of,
    column,
    counts,
    rebuilt,
    restore,
    rewritten,
    verified,
)
from tests.operations.processes import command, environment, until
from tests.operations.restores import LATER, as_before, files, rows, untouched
from tests.world import START
from workflow import migrate
from workflow.backup.layout import BackupError
from workflow.backup.load import UNFINISHED
from workflow.db import Database
from workflow.evidence.storage import Storage
from workflow.metadata import metadata
from workflow.operations import quarantine

target, lite = restores.target, restores.lite

KILLS = 10


# -- everything comes back -------------------------------------------------------------------------


def test_every_row_and_every_file_comes_back(
    city: City, backup: Path, target: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    held = restore(backup, target, folder, LATER)
    assert rows(target) == as_before(city)
    assert files(folder) == files(city.folder)
    assert all(path.stat().st_mode & 0o222 == 0 for path in folder.glob("evidence/*/*"))
    assert (folder / "restored" / "loops" / "a.yaml").read_text() == "a: 1\n"
    assert sorted(each.name for each in folder.iterdir() if each.suffix != ".db") == [
        "evidence",
        "restored",
    ]
    assert migrate.state(target) == "current"
    assert (held.taken_at, held.began_at) == (city.world.now, LATER)
    with target.reading() as tx:
        assert quarantine.is_on(tx)


def test_from_a_laptop_to_a_server_and_back(
    city: City, backup: Path, postgresql: PostgreSQL, lite: Database, tmp_path: Path
) -> None:
    with postgresql.fresh(schema=False) as url:
        server = Database(url, pool_size=5)
        try:
            restore(backup, server, tmp_path / "server", LATER)
            there = tmp_path / "server.bihuan"
            taken = back_up_of(server, Storage(tmp_path / "server/evidence"), there, LATER)
        finally:
            server.close()
    assert taken.manifest.database == "postgresql"
    assert taken.manifest.heads == verified(backup).manifest.heads
    restore(there, lite, tmp_path / "new", LATER)
    assert rows(lite) == as_before(city)
    assert files(tmp_path / "new") == files(city.folder)
    assert counts(lite)["quarantine"] == 2


def test_the_restored_city_goes_on(
    city: City, backup: Path, target: Database, tmp_path: Path
) -> None:
    restore(backup, target, tmp_path / "new", LATER)
    ((number,),) = ask(target, "select number from issue where title = '新交办的问题'")
    world = type(city.world)(target, city.world.office, LATER)
    world.act(number, "accept", "qs.handler")
    assert world.chain_is_whole(number)
    fresh = world.report(title="恢复以后登记的问题")
    assert fresh not in [row[0] for row in ask(city.database, "select number from issue")]
    found = ask(target, "select number from issue where title = '恢复以后登记的问题'")
    assert found == [(fresh,)]
    # The search index is filled as well.
    if target.is_sqlite:
        hits = "select count(*) from issue_search_fts"
        assert ask(target, hits) == ask(target, "select count(*) from issue")
    for table in ("issue", "event", "clock", "outbox", "person"):
        ((before, now),) = ask(
            target, f"select (select max(id) from {table}), (select count(*) from {table})"
        )
        assert before >= now - 1


def test_a_database_that_is_migrated_but_empty_will_do(
    city: City, backup: Path, target: Database, tmp_path: Path
) -> None:
    migrate.upgrade(target)
    restore(backup, target, tmp_path / "new", LATER)
    assert rows(target) == as_before(city)


def test_an_earlier_schema_is_migrated_after_loading(
    target: Database, bare_database_url: str, tmp_path: Path
) -> None:
    old = Database(f"sqlite:///{tmp_path}/old.db")
    with old.transaction() as tx:
        migrate.raise_to(tx, "0001")
        tx.exec_driver_sql(
            "insert into person (login, name, lang, active) values ('wang', '王', 'zh', true)"
        )
        tx.exec_driver_sql(
            "insert into outbox (key, person_id, channel, message, urgent, payload, created_at,"
            " not_before, state, token, attempts) values ('a:1:mail', 1, 'mail', 'reminder',"
            " false, '{}', '2024-09-23 01:00:00.000000', '2024-09-23 01:00:00.000000',"
            " 'leased', 7, 0)"
        )
    path = tmp_path / "old.bihuan"
    back_up_of(old, Storage(tmp_path / "evidence"), path, START)
    old.close()
    held = restore(path, target, tmp_path / "new", LATER)
    assert migrate.state(target) == "current"
    assert held.pending == {"mail": [1, 1]}
    assert ask(target, "select key, state, token from outbox") == [("a:1:mail", "waiting", 8)]
    assert ask(target, "select login from person") == [("wang",)]


# -- migrations on data ----------------------------------------------------------------------------


def test_down_and_up_again_keeps_the_data(
    city: City, backup: Path, target: Database, tmp_path: Path
) -> None:
    restore(backup, target, tmp_path / "new", LATER)
    before = rows(target)
    assert counts(target)["event"] > 20
    for revision in ("0003", "0002", "0001"):
        migrate.downgrade(target, revision)
        migrate.upgrade(target)
        assert migrate.state(target) == "current"
    after = rows(target)
    kept = [name for name in before if after[name]]
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert {"issue", "event", "clock", "outbox", "person", "unit", "blob", "source"} <= {*kept}
    with target.transaction() as tx:
        tx.execute(text("update outbox set state = 'void' where id = 1"))
    migrate.downgrade(target, "0004")
    assert ask(target, "select state from outbox where id = 1") == [("dead",)]
    with pytest.raises(Exception, match=r"(?i)check"), target.transaction() as tx:
        tx.execute(text("update outbox set state = 'void' where id = 1"))


# -- only into an empty place ----------------------------------------------------------------------


def test_a_database_with_data_is_refused_and_stays_as_it_is(
    backup: Path, target: Database, tmp_path: Path
) -> None:
    migrate.upgrade(target)
    stamp = metadata.tables["stamp"]
    with target.transaction() as tx:
        tx.execute(insert(stamp).values(name="directory", value=7))
    with pytest.raises(BackupError, match="stamp"):
        restore(backup, target, tmp_path / "new", LATER)
    assert ask(target, "select name, value from stamp") == [("directory", 7)]
    assert not (tmp_path / "new").exists()


def test_tables_of_somebody_else_are_refused(
    backup: Path, target: Database, tmp_path: Path
) -> None:
    with target.transaction() as tx:
        tx.exec_driver_sql("create table theirs (id integer)")
    with pytest.raises(BackupError, match="theirs"):
        restore(backup, target, tmp_path / "new", LATER)
    assert ask(target, "select count(*) from theirs") == [(0,)]


def test_a_folder_with_attachments_is_refused(backup: Path, lite: Database, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    digest = Storage(folder / "evidence").put(b"precious")
    with pytest.raises(BackupError, match="evidence"):
        restore(backup, lite, folder, LATER)
    assert Storage(folder / "evidence").get(digest) == b"precious"
    assert not (folder / "bihuan.db").exists()


def test_what_a_killed_restore_left_is_no_obstacle(
    city: City, backup: Path, lite: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    Storage(folder / "evidence").put(b"half of it")
    Storage(folder / ".restore-123" / "evidence").put(b"the other half")
    (folder / "evidence" / UNFINISHED).touch()
    restore(backup, lite, folder, LATER)
    assert files(folder) == files(city.folder)
    assert not (folder / ".restore-123").exists()


@pytest.mark.long
def test_a_restore_may_be_killed_at_any_moment_and_begun_again(
    city: City, backup: Path, tmp_path: Path
) -> None:
    """kill -9 at some moments; each time either all of it is there or the next one succeeds."""
    chance = random.Random(20_241_122)
    for turn in range(KILLS):
        folder = tmp_path / f"new{turn}"
        env = environment({"BIHUAN_DATA_DIR": str(folder), "BIHUAN_SECRET_KEY": "s" * 40})
        words = command(["bihuan", "restore", str(backup), "--other-key"])
        killed(words, env, folder, chance.uniform(0, 1.5))
        again = subprocess.run(words, env=env, cwd=tmp_path, capture_output=True, text=True)
        if again.returncode:
            assert "已有数据" in again.stderr or "已有附件" in again.stderr, again.stderr
        database = Database(f"sqlite:///{folder}/bihuan.db")
        try:
            assert rows(database) == as_before(city), turn
        finally:
            database.close()
        assert {*files(folder)} - {f"evidence/{UNFINISHED}"} == {*files(city.folder)}, turn


def killed(words: list[str], env: dict[str, str], folder: Path, seconds: float) -> None:
    """Start it, and kill it so many seconds after it has begun."""
    process = subprocess.Popen(words, env=env, cwd=folder.parent, stdout=-1, stderr=-1)
    lock = folder / "bihuan.db.lock"
    until(lambda: lock.exists() or process.poll() is not None)
    time.sleep(seconds)
    process.kill()
    process.communicate()


# -- all or nothing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        "workflow.operations.quarantine.begin",
        "workflow.backup.load.Staging.move",
        "workflow.backup.load._check_shapes",
    ],
)
def test_a_restore_that_fails_half_way_leaves_nothing(
    backup: Path, lite: Database, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails_and_leaves_nothing(backup, lite, tmp_path, place, monkeypatch)


def test_a_restore_that_fails_on_a_server_leaves_no_table(
    backup: Path, postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgresql.fresh(schema=False) as url:
        server = Database(url, pool_size=5)
        try:
            place = "workflow.backup.load.Staging.move"
            fails_and_leaves_nothing(backup, server, tmp_path, place, monkeypatch)
        finally:
            server.close()


def fails_and_leaves_nothing(
    backup: Path, target: Database, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fault(Exception):
        pass

    def fail(*_: object, **__: object) -> None:
        raise Fault

    monkeypatch.setattr(place, fail)
    with pytest.raises(Fault):
        restore(backup, target, tmp_path / "new", LATER)
    assert untouched(tmp_path / "new")
    if target.is_sqlite:
        assert not Path(target.url.database or "").exists()
    else:
        with target.reading() as tx:
            tables = "select count(*) from information_schema.tables where table_schema = 'public'"
            assert tx.exec_driver_sql(tables).scalar() == 0
    monkeypatch.undo()
    restore(backup, target, tmp_path / "new", LATER)
    assert migrate.state(target) == "current"


def test_a_row_that_the_database_does_not_take_undoes_everything(
    backup: Path, target: Database, tmp_path: Path
) -> None:
    def change(members: Members, manifest: dict[str, Any]) -> None:
        at = column(manifest, "post", "person_id")
        rewritten(members, manifest, "post", lambda found: found[0].__setitem__(at, 987_654))

    bad = rebuilt(backup, tmp_path / "bad.bihuan", change)
    with pytest.raises(BackupError, match="没有接受"):
        restore(bad, target, tmp_path / "new", LATER)
    assert untouched(tmp_path / "new")
