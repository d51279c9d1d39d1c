"""`bihuan ledger`, as somebody types it: tried, imported, imported again, taken out."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from tests.flows.ledger.ledgers import ALL, workbook

Run = Callable[..., Result]
WORLD = Path(__file__).parents[2] / "world.yaml"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an installation with the small city, to be copied."""
    folder = tmp_path_factory.mktemp("city")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("BIHUAN_DATA_DIR", str(folder))
        for command in (("migrate",), ("unit", "import", str(WORLD))):
            assert CliRunner().invoke(app, command).exit_code == 0
    return folder


@pytest.fixture
def run(city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Types a command in a folder of its own, with a ledger in it."""
    shutil.copytree(city, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BIHUAN_DATA_DIR", str(tmp_path))
    (tmp_path / "ledger.xlsx").write_bytes(workbook())
    return lambda *arguments: CliRunner().invoke(app, ["ledger", *arguments])


def test_a_dry_run_needs_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ledger.xlsx").write_bytes(workbook())

    tried = CliRunner().invoke(app, ["ledger", "import", "ledger.xlsx", "--dry-run", "--json"])

    found = json.loads(tried.output)
    assert set(found) == {"mapping", "rows", "problems"}
    assert len(found["rows"]) == len(ALL)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.xlsx"]


def test_in_once_and_out(run: Run, tmp_path: Path) -> None:
    told = ("import", "ledger.xlsx", "--as", "gj.dispatcher", "--json", "--yes")
    first = json.loads(run(*told).output)
    again = run("import", "ledger.xlsx", "--as", "gj.dispatcher", "--yes")
    out = run("export", "out.xlsx")
    tried = run("import", "out.xlsx", "--dry-run", "--json")

    assert (first["rows"], first["made"]) == (len(ALL), len(ALL))
    assert "没有重复登记" in again.output
    assert out.exit_code == 0
    before = run("import", "ledger.xlsx", "--dry-run", "--json")
    assert json.loads(tried.output)["rows"] == json.loads(before.output)["rows"]


def test_without_a_terminal_nothing_is_imported_unasked(run: Run) -> None:
    told = ("import", "ledger.xlsx", "--as", "gj.dispatcher")

    shown = run(*told)
    as_json = run(*told, "--json")

    for refused in (shown, as_json):
        assert refused.exit_code == 1
        assert "加上 --yes" in refused.stderr
    assert "未到期，由责任单位整改" in shown.stdout
    assert json.loads(as_json.stdout)["made"] == 0


def test_a_new_workbook(run: Run) -> None:
    run("import", "ledger.xlsx", "--as", "gj.dispatcher", "--yes")
    assert run("export", "new.xlsx", "--new", "--as", "gj.dispatcher").exit_code == 0
    rows = json.loads(run("import", "new.xlsx", "--dry-run", "--json").output)["rows"]
    assert {row["description"] for row in rows} == {row[3] for row in ALL}


def test_the_mapping_of_a_dry_run_is_one_for_map(run: Run, tmp_path: Path) -> None:
    found = json.loads(run("import", "ledger.xlsx", "--dry-run", "--json").output)
    found["mapping"]["tables"][0]["columns"] = {"A": "number", "F": "description"}
    (tmp_path / "map.json").write_text(json.dumps(found), encoding="utf-8")

    tried = run("import", "ledger.xlsx", "--map", "map.json", "--dry-run", "--json")

    assert [row["description"] for row in json.loads(tried.output)["rows"]] == ["苫盖"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("import", "none.xlsx", "--dry-run"), 1, "读不到文件"),
        (("import", "ledger.xlsx"), 2, "--as"),
        (("import", "ledger.xlsx", "--as", "nobody"), 1, "nobody"),
        (("import", "ledger.xlsx", "--as", "qs.handler"), 1, "不能导入台账"),
        (("import", "text.xlsx", "--dry-run"), 1, "不是 Excel"),
        (("import", "ledger.xlsx", "--map", "text.xlsx", "--dry-run"), 1, "对应关系"),
        (("import", "ledger.xlsx", "--as", "gj.dispatcher", "--yes", "--done", "x"), 1, "请选择"),
        (("import", "text.xlsx", "--as", "gj.dispatcher"), 1, "不是 Excel"),
        (("export", "out.xlsx", "--import", "9"), 1, "没有第9次"),
        (("export", "/no/such/folder/out.xlsx"), 1, "写不了文件"),
    ],
)
def test_a_refusal_says_why(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "text.xlsx").write_text("not a workbook", encoding="utf-8")
    done = run(*arguments)
    assert done.exit_code == code
    assert said in done.output
    assert "Traceback" not in done.output
