"""Backups: taken while others write, the same from both databases, whole or not at all."""

import json
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.flows.issues.walks import assigned
from tests.operations.backups import (
    City,
    ask,
    back_up,
    back_up_of,
    column,
    members_of,
    rebuilt,
    restore,
    rewritten,
    settle,
    verified,
)
from tests.world import START
from workflow import migrate
from workflow.backup import rows
from workflow.backup.layout import LEFT_OUT, BackupError
from workflow.db import Database
from workflow.evidence.storage import Storage
from workflow.metadata import metadata


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def city(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """One city on each database; nobody changes it."""
    folder = tmp_path_factory.mktemp("city")
    maker = request.getfixturevalue(request.param)
    where = {"folder": folder} if request.param == "sqlite" else {}
    with maker.fresh(schema=False, **where) as url:
        database = Database(url, pool_size=5)
        yield settle(database, folder)
        database.close()


@pytest.fixture
def own(bare_database_url: str, tmp_path: Path) -> Iterator[City]:
    """A city of the test's own, on each database."""
    database = Database(bare_database_url, pool_size=5)
    yield settle(database, tmp_path / "city")
    database.close()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[City]:
    """A city of the test's own, where both databases do the same."""
    database = Database(f"sqlite:///{tmp_path}/city.db", pool_size=5)
    yield settle(database, tmp_path / "city")
    database.close()


def test_every_table_is_in_a_backup_or_left_out_by_name(city: City) -> None:
    with city.database.reading() as tx:
        kept = {shape.name for shape in rows.shapes(tx)}
    assert kept | LEFT_OUT == set(metadata.tables)
    assert not kept & LEFT_OUT


def test_a_backup_is_one_private_file_that_holds_everything(city: City, tmp_path: Path) -> None:
    path = tmp_path / "one.bihuan"
    taken = back_up(city, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir() if "one" in each.name] == ["one.bihuan"]
    manifest = verified(path).manifest
    assert manifest == taken.manifest
    assert manifest.revision == migrate.head()
    assert manifest.heads.broken == ()
    assert manifest.heads.issues == ask(city.database, "select count(*) from issue")[0][0] == 3
    assert manifest.heads.events == ask(city.database, "select count(*) from event")[0][0]
    assert manifest.files.count == 2
    assert {table.name: table.rows for table in manifest.tables} == {
        name: len(found) for name, found in city.rows().items()
    }
    assert {"config/settings.json", "config/loops/a.yaml"} <= members_of(path).keys()


def test_an_existing_file_is_replaced_only_by_force(city: City, tmp_path: Path) -> None:
    path = tmp_path / "one.bihuan"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        back_up(city, path)
    assert path.read_text() == "precious"
    back_up(city, path, force=True)
    verified(path)


def test_a_backup_that_fails_leaves_nothing(lite: City, tmp_path: Path) -> None:
    (digest,) = ask(lite.database, "select sha256 from blob limit 1")[0]
    file = lite.storage.path(digest)
    file.chmod(0o600)
    whole = file.read_bytes()
    for content in (whole[:-1], whole[:-1] + b"x", None):
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)
        with pytest.raises(BackupError):
            back_up(lite, tmp_path / "one.bihuan")
        assert [each.name for each in tmp_path.iterdir() if "one" in each.name] == []
    taken = back_up(lite, tmp_path / "one.bihuan", without_missing=True)
    assert taken.manifest.missing == (digest,)
    assert verified(tmp_path / "one.bihuan").manifest.missing == (digest,)


def test_what_others_write_meanwhile_is_wholly_in_it_or_not_at_all(
    own: City, tmp_path: Path
) -> None:
    stopping = threading.Event()
    written: list[str] = []

    def work() -> None:
        while not stopping.is_set():
            number = assigned(own.world, title=f"备份时登记 {len(written)}")
            own.file(b"evidence %d" % len(written))
            written.append(number)

    def run() -> None:
        try:
            work()
        except BaseException as fault:
            failed.append(fault)
            raise

    failed: list[BaseException] = []
    thread = threading.Thread(target=run)
    thread.start()
    try:
        for turn in range(3):
            back_up(own, tmp_path / f"{turn}.bihuan")
    finally:
        stopping.set()
        thread.join()
    assert not failed
    assert len(written) > 3
    found = [verified(tmp_path / f"{turn}.bihuan").manifest for turn in range(3)]
    assert all(each.heads.broken == () for each in found)
    # The last one is loaded: foreign keys and chains hold, each issue with all that belongs to it.
    target = Database(f"sqlite:///{tmp_path}/new.db")
    try:
        restore(tmp_path / "2.bihuan", target, tmp_path / "new", own.world.now)
        assert ask(target, "select count(*) from issue") == [(found[2].heads.issues,)]
        assert ask(target, "select count(*) from blob") == [(found[2].files.count,)]
        alone = "select count(*) from issue where not exists"
        assert ask(target, f"{alone} (select 1 from clock where issue_id = issue.id)") == [(0,)]
    finally:
        target.close()


def test_a_chain_that_was_broken_before_is_named_and_does_not_prevent_it(
    lite: City, tmp_path: Path
) -> None:
    with lite.database.transaction() as tx:
        ((issue, number),) = tx.exec_driver_sql(
            "select id, number from issue where title = '逾期的问题'"
        ).all()
        tx.exec_driver_sql(f"update issue set head = '{'0' * 64}' where id = {issue}")
    taken = back_up(lite, tmp_path / "one.bihuan")
    assert taken.manifest.heads.broken == (number,)
    assert verified(tmp_path / "one.bihuan").manifest.heads.broken == (number,)


def test_a_database_of_an_earlier_schema_is_backed_up_as_it_is(
    bare_database_url: str, tmp_path: Path
) -> None:
    database = Database(bare_database_url)
    with database.transaction() as tx:
        migrate.raise_to(tx, "0003")
        tx.exec_driver_sql(
            "insert into person (login, name, lang, active) values ('wang', '王', 'zh', true)"
        )
    storage = Storage(tmp_path / "evidence")
    taken = back_up_of(database, storage, tmp_path / "old.bihuan", START)
    database.close()
    assert taken.manifest.revision == "0003"
    assert verified(tmp_path / "old.bihuan").manifest.revision == "0003"


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
def shell(city: City, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    url = city.database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("BIHUAN_DATABASE_URL", url.replace("+psycopg", ""))
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(city.folder))
    monkeypatch.setenv("BIHUAN_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("BIHUAN_METRICS_TOKEN", "t" * 40)
    return CliRunner()


def test_the_command_writes_it_and_says_which_keys_to_keep(
    city: City, shell: CliRunner, tmp_path: Path
) -> None:
    path = tmp_path / "one.bihuan"
    done = shell.invoke(app, ["backup", str(path)])
    assert done.exit_code == 0, done.output
    assert "3 个问题" in done.stdout
    assert "BIHUAN_SECRET_KEY" in done.stdout
    assert "checkpoint.key" in done.stdout
    content = path.read_bytes()
    for secret in (b"s" * 40, b"t" * 40, b"PRIVATE KEY"):
        assert secret not in content
    members = members_of(path)
    assert "BEGIN PUBLIC KEY" in members["config/checkpoint.pub"].decode()
    assert "config/loops/rectification.yaml" in members
    said = json.loads(members["config/settings.json"])
    assert said["timezone"] == "Asia/Shanghai"
    assert not {"database_url", "secret_key", "metrics_token"} & said.keys()

    again = shell.invoke(app, ["backup", str(path)])
    assert (again.exit_code, "--force" in again.stderr) == (1, True)
    forced = shell.invoke(app, ["backup", str(path), "--force", "--json"])
    assert json.loads(forced.stdout)["issues"] == 3
    nowhere = shell.invoke(app, ["backup", str(tmp_path / "no" / "folder")])
    assert (nowhere.exit_code, "写不进" in nowhere.stderr) == (1, True)

    checked = shell.invoke(app, ["restore", str(path), "--verify-only"])
    assert checked.exit_code == 0, checked.output
    assert "备份完好" in checked.stdout


def test_without_a_key_nothing_is_written(
    city: City, shell: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BIHUAN_SECRET_KEY")
    refused = shell.invoke(app, ["backup", str(tmp_path / "one.bihuan")])
    assert (refused.exit_code, "密钥" in refused.stderr) == (1, True)
    assert not (tmp_path / "one.bihuan").exists()
    assert not (city.folder / "secret.key").exists()


def test_the_seal_of_another_key_is_told(lite: City, tmp_path: Path) -> None:
    path = tmp_path / "one.bihuan"
    back_up(lite, path)

    def change(members: dict[str, bytes], manifest: dict[str, object]) -> None:
        at = column(manifest, "person", "name")
        rewritten(members, manifest, "person", lambda found: found[0].__setitem__(at, "冒名"))

    forged = rebuilt(path, tmp_path / "forged.bihuan", change, key=b"z" * 32)
    with pytest.raises(BackupError, match="不是本系统封的"):
        verified(forged)
