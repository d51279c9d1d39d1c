"""Restoring: everything comes back, across databases too, or nothing is touched at all."""

import json
import os
import random
import shutil
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from typer.testing import CliRunner

from cli.main import app
from tests.databases import PostgreSQL
from tests.operations.backups import (
    Change,
    City,
    Members,
    ask,
    back_up,
    back_up_of,
    column,
    counts,
    rebuilt,
    resealed,
    restore,
    rewritten,
    rows_of,
    settle,
    verified,
)
from tests.operations.processes import command, environment, until
from tests.world import START
from workflow import migrate
from workflow.backup.layout import TRAILER_LENGTH, BackupError
from workflow.backup.load import UNFINISHED
from workflow.db import Database
from workflow.evidence.storage import Storage
from workflow.metadata import metadata
from workflow.operations import quarantine

LATER = START + timedelta(days=60)
KILLS = 10
OWN = ("quarantine",)
"""What a restore adds itself."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """One small city for all tests of this file; nobody changes it."""
    folder = tmp_path_factory.mktemp("city")
    database = Database(f"sqlite:///{folder}/bihuan.db", pool_size=5)
    yield settle(database, folder)
    database.close()


@pytest.fixture(scope="module")
def backup(city: City) -> Path:
    """Its backup."""
    path = city.folder / "city.bihuan"
    back_up(city, path)
    return path


@pytest.fixture
def target(bare_database_url: str) -> Iterator[Database]:
    """An empty database of each kind."""
    database = Database(bare_database_url, pool_size=5)
    yield database
    database.close()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Database]:
    """An SQLite database that is not even a file yet."""
    (tmp_path / "new").mkdir()
    database = Database(f"sqlite:///{tmp_path}/new/bihuan.db", pool_size=5)
    yield database
    database.close()


def rows(database: Database) -> dict[str, list[bytes]]:
    with database.reading() as tx:
        found = rows_of(tx)
    return {name: lines for name, lines in found.items() if name not in OWN}


def as_before(city: City) -> dict[str, list[bytes]]:
    """What is expected: claims of relays end with the installation that made them."""
    return {name: lines for name, lines in city.rows().items() if name not in OWN}


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in (folder / "evidence").rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


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


def untouched(folder: Path) -> bool:
    """Nothing of a restore is there: no file, no folder."""
    return not folder.exists() or list(folder.iterdir()) == []


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


# -- damaged backups -------------------------------------------------------------------------------


def refused(path: Path, folder: Path) -> str:
    """Why a backup is refused; nothing may have been written."""
    database = Database(f"sqlite:///{folder}/bihuan.db")
    try:
        with pytest.raises(BackupError) as caught:
            restore(path, database, folder, LATER)
    finally:
        database.close()
    assert untouched(folder)
    said = caught.value.text()
    assert said.endswith("。")
    return said


def flipped(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    other = content[at] ^ chance.randrange(1, 256)
    return content[:at] + bytes([other]) + content[at + 1 :]


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def swapped(content: bytes, chance: random.Random) -> bytes:
    """Two blocks change places."""
    one, other = sorted(chance.sample(range(0, len(content) - 1024, 512), 2))
    moved = bytearray(content)
    moved[one : one + 512], moved[other : other + 512] = (
        content[other : other + 512],
        content[one : one + 512],
    )
    return bytes(moved) if bytes(moved) != content else cut(content, chance)


def lengthened(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + chance.randbytes(chance.randrange(1, 600)) + content[at:]


DAMAGES = (flipped, cut, swapped, lengthened)


def damage_many(backup: Path, folder: Path, seed: int, count: int) -> None:
    chance, content = random.Random(seed), backup.read_bytes()
    path = folder / "damaged.bihuan"
    for number in range(count):
        # Half of them are byte flips, since those are the hardest to see.
        damage = flipped if number % 2 else chance.choice(DAMAGES[1:])
        path.write_bytes(damage(content, chance))
        said = refused(path, folder / "new")
        assert "备份" in said, (seed, number, damage.__name__, said)


def test_fifty_damaged_backups_are_refused(backup: Path, tmp_path: Path) -> None:
    damage_many(backup, tmp_path, 20_241_122, 50)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_thousand_damaged_backups_are_refused(backup: Path, tmp_path: Path, seed: int) -> None:
    damage_many(backup, tmp_path, seed, 250)


@pytest.mark.long
def test_every_byte_of_the_structure_counts_even_with_a_right_trailer(
    backup: Path, tmp_path: Path
) -> None:
    """Who recomputes the file's hash still meets the hashes inside."""
    chance, content = random.Random(7), backup.read_bytes()
    path, body = tmp_path / "damaged.bihuan", len(content) - TRAILER_LENGTH
    for number in range(1000):
        at = chance.randrange(body)
        changed = bytearray(content)
        changed[at] ^= chance.randrange(1, 256)
        path.write_bytes(resealed(bytes(changed)))
        try:
            verified(path)
        except BackupError:
            continue
        # What no hash covers is filler, and the words of the manifest about itself.
        manifest = content.index(b"manifest.json") < at
        assert manifest or content[at] == 0, (number, at)


def without(name: str) -> Change:
    def change(members: Members, manifest: dict[str, Any]) -> None:
        found = next(each for each in members if each.startswith(name))
        del members[found]

    return change


def extra(name: str, content: bytes = b"x") -> Change:
    def change(members: Members, manifest: dict[str, Any]) -> None:
        members[name] = content

    return change


def told(*path: Any, value: Any) -> Change:
    """The manifest says something else."""

    def change(members: Members, manifest: dict[str, Any]) -> None:
        place: Any = manifest
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def other_event(members: Members, manifest: dict[str, Any]) -> None:
    at = column(manifest, "event", "data")
    rewritten(
        members, manifest, "event", lambda found: found[3].__setitem__(at, '{"note": "假的"}')
    )


def tail_cut(members: Members, manifest: dict[str, Any]) -> None:
    rewritten(members, manifest, "event", lambda found: found.pop())


def other_file(members: Members, manifest: dict[str, Any]) -> None:
    name = next(each for each in members if each.startswith("files/"))
    members[name] = b"y" * len(members[name])


def other_row(members: Members, manifest: dict[str, Any]) -> None:
    rewritten(members, manifest, "unit", lambda found: found[0].pop())


def bomb(members: Members, manifest: dict[str, Any]) -> None:
    """A part that says it is small and unpacks to twenty megabytes."""
    (entry,) = [each for each in manifest["tables"] if each["name"] == "unit"]
    part = entry["parts"][0]
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(20)) + packer.flush()
    members[part["name"]] = packed
    part.update(size=len(packed), sha256=sha256(packed).hexdigest())


TAMPERED: dict[str, tuple[Change, str]] = {
    "part is missing": (without("tables/event"), "缺少 tables/event"),
    "attachment is missing": (without("files/"), "附件"),
    "configuration is missing": (without("config/"), "缺少 config/"),
    "attachment too many": (
        extra(f"files/{sha256(b'x').hexdigest()}"),
        "附件",
    ),
    "part too many": (extra("tables/issue/000009.jsonl.gz"), "不该有"),
    "way out": (extra("../../etc/cron.d/x"), "不该有"),
    "way out below": (extra("config/../../x.yaml"), "不该有"),
    "absolute": (extra("/tmp/x.yaml"), "不该有"),
    "program": (extra("config/x.py"), "不该有"),
    "another attachment": (other_file, "附件"),
    "another event": (other_event, "办理记录"),
    "last event is gone": (tail_cut, "办理记录"),
    "another head": (told("heads", "sha256", value="0" * 64), "办理记录"),
    "another checkpoint": (told("heads", "checkpoint", value=[1, "0" * 64]), "办理记录"),
    "fewer rows": (told("tables", 0, "rows", value=0), "行数"),
    "a row is short": (other_row, "读不懂"),
    "bomb": (bomb, "不符"),
    "bomb that is told": (told("tables", 0, "parts", 0, "raw", value=1 << 40), "大得不合理"),
    "newer schema": (told("revision", value="9999"), "9999"),
    "newer format": (told("format", value="bihuan-backup/2"), "bihuan-backup/2"),
    "no manifest": (lambda members, _: members.update({"manifest.json": b"[1]"}), "格式"),
    "manifest without end": (
        lambda members, _: members.update({"manifest.json": b"[" * 100_000}),
        "读不懂",
    ),
    "earlier schema than its tables": (told("revision", value="0003"), "不符"),
    "kind of a column": (told("tables", 0, "columns", 0, 1, value="int"), "备份"),
    "no zone": (told("taken_at", value="2024-01-01T00:00:00"), "读不懂"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampered_backups_are_refused_by_what_is_wrong(
    backup: Path, tmp_path: Path, name: str
) -> None:
    change, reason = TAMPERED[name]
    path = rebuilt(backup, tmp_path / "tampered.bihuan", change)
    assert reason in refused(path, tmp_path / "new")


def test_other_files_are_no_backups(tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04", os.urandom(5000), b"\n" * TRAILER_LENGTH):
        path = tmp_path / "x"
        path.write_bytes(content)
        assert "不是完整的备份文件" in refused(path, tmp_path / "new")


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """A terminal at a new machine."""
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(tmp_path / "new"))
    monkeypatch.setenv("BIHUAN_SECRET_KEY", "s" * 40)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_restores_and_says_what_is_still_to_be_done(
    city: City, shell: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "city.bihuan"
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(city.folder))
    assert shell("backup", path).exit_code == 0
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(tmp_path / "new"))

    done = shell("restore", path)
    assert done.exit_code == 0, done.output
    assert "3 个问题" in done.stdout
    assert "隔离" in done.stdout
    assert "checkpoint.key" in done.stdout
    assert "印记也未查验" not in done.stdout
    held = shell("quarantine", "--json")
    assert held.exit_code == 1
    assert json.loads(held.stdout)["quarantine"]["channels"]["mail"]["before"] > 0
    again = shell("restore", path)
    assert (again.exit_code, "已有附件" in again.stderr) == (1, True)

    monkeypatch.setenv("BIHUAN_SECRET_KEY", "t" * 40)
    other = shell("restore", path, "--verify-only")
    assert other.exit_code == 0
    assert "不是做备份时的密钥" in other.stdout
    monkeypatch.delenv("BIHUAN_SECRET_KEY")
    keyless = shell("restore", path, "--verify-only", "--json")
    assert json.loads(keyless.stdout)["same_key"] is False
    assert not (tmp_path / "new" / "secret.key").exists()


def test_another_key_is_refused_unless_it_is_asked_for(
    city: City, shell: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, new = tmp_path / "city.bihuan", tmp_path / "new"
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(city.folder))
    assert shell("backup", path).exit_code == 0
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(new))
    for key, said in (("t" * 40, "不是做备份时的密钥"), ("", "这里没有密钥")):
        monkeypatch.setenv("BIHUAN_SECRET_KEY", key)
        if not key:
            monkeypatch.delenv("BIHUAN_SECRET_KEY")
        done = shell("restore", path)
        assert (done.exit_code, said in done.stderr) == (1, True), done.output
        assert "--other-key" in done.stderr
        assert not (new / "bihuan.db").exists()
        assert not (new / "secret.key").exists()

    monkeypatch.setenv("BIHUAN_SECRET_KEY", "t" * 40)
    (new / "keys").mkdir(mode=0o700)
    shutil.copy(city.folder / "keys" / "checkpoint.key", new / "keys")
    done = shell("restore", path, "--other-key")
    assert done.exit_code == 0, done.output
    assert "印记将无法查验" in done.stdout
    assert "checkpoint.key" not in done.stdout  # it is back in its place


def test_the_command_refuses_with_one_sentence(
    backup: Path, shell: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "cut.bihuan"
    path.write_bytes(backup.read_bytes()[:-1])
    for words in (("restore", path), ("restore", path, "--verify-only")):
        done = shell(*words)
        assert done.exit_code == 1
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
    assert shell("restore", tmp_path / "none").exit_code == 2
    left = [each.name for each in (tmp_path / "new").iterdir()]
    assert left == ["bihuan.db.lock"]
