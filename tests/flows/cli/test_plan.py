"""`bihuan plan import|list|show`, as somebody types it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from tests.flows.plans.conftest import PLAN

Run = Callable[..., Result]
WORLD = Path(__file__).parents[2] / "world.yaml"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Types a command for an installation with the small city."""
    folder = tmp_path_factory.mktemp("plans")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("BIHUAN_DATA_DIR", str(folder))
        runner = CliRunner()
        for command in (("migrate",), ("unit", "import", str(WORLD))):
            assert runner.invoke(app, command).exit_code == 0
        (folder / "plan.txt").write_text(PLAN, encoding="utf-8")
        yield lambda *arguments: runner.invoke(app, arguments)


def test_a_plan_is_filed_looked_at_and_put_into_force(run: Run) -> None:
    filed = run("plan", "import", "plan.txt")
    assert filed.exit_code == 0, filed.output
    assert "草稿" in filed.output
    assert "单位未对应：市水文中心" in filed.output
    assert "还有2处疑问未处理。" in filed.output

    refused = run("plan", "import", "plan.txt", "--yes")
    assert refused.exit_code == 1
    assert "尚未导入执行" in refused.output

    done = run(
        "plan", "import", "plan.txt", "--as", "gj.dispatcher", "--yes", "--accept-doubts",
        "--create-units", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert (told["is_new"], told["state"], told["activated"]["milestones"]) == (False, "running", 5)
    assert told["doubts"] == []

    listed = json.loads(run("plan", "list", "--as", "hb.handler", "--json").output)
    assert [plan["code"] for plan in listed["plans"]] == [told["code"]]
    shown = run("plan", "show", told["code"], "--as", "hb.handler")
    assert "整治入河排污口" in shown.output
    assert "JD-" in shown.output
    page = json.loads(run("plan", "show", str(told["id"]), "--as", "sl.handler", "--json").output)
    assert len(page["actions"]) == 2

    revised = PLAN.replace("2024年12月底前", "2025年3月底前")
    Path("revised.txt").write_text(revised, encoding="utf-8")
    again = run("plan", "import", "revised.txt", "--revises", str(told["id"]))
    assert again.exit_code == 0, again.output
    assert "与执行中的计划相比，有3处不同" in again.output
    assert "节点：2024-12-31 → 2025-03-31" in again.output


def test_what_is_wrong_is_said_in_a_sentence(run: Run) -> None:
    Path("empty.txt").write_text("", encoding="utf-8")
    for arguments, said in (
        (("import", "nothing.txt"), "读不到文件"),
        (("import", "empty.txt"), "没有读到文字"),
        (("import", "plan.txt", "--as", "hb.handler"), "须由"),
        (("import", "plan.txt", "--as", "nobody"), "没有“nobody”"),
        (("import", "plan.txt", "--revises", "9"), "没有这份计划"),
        (("show", "JH-1", "--as", "root"), "没有这份计划"),
        (("show", "99999999999999999999999", "--as", "root"), "没有这份计划"),
    ):
        result = run("plan", *arguments)
        assert result.exit_code == 1, arguments
        assert said in result.output, arguments
    assert "没有看得到的计划" in run("plan", "list", "--as", "root").output
