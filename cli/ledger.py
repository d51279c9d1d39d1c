"""`bihuan ledger`: an office's workbook in, and out again."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.lines import read_settings, refuse, say, stop
from config.settings import Settings
from workflow.errors import N_, WorkflowError
from workflow.ledger import mapping
from workflow.ledger.cells import read_book
from workflow.ledger.mapping import Given
from workflow.ledger.reading import Reading, read
from workflow.ledger.vocabulary import FILE, load_ledger_words
from workflow.plans.vocabulary import load_words

app = typer.Typer(no_args_is_help=True, help="台账：导入 Excel 台账，按原模板导出。")

PLAN_WORDS = Path("plans") / "words.yaml"
MOST_MAP = 4_000_000


@app.callback()
def ledger() -> None:
    """台账。"""


@app.command("import")
def import_ledger(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="台账文件（.xlsx）")],
    map_file: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="列的对应关系（JSON）。")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试读，不写入数据库。")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
) -> None:
    """导入一份台账：先列出读到的列、行和读不懂的地方，确认后才生效。"""
    settings = read_settings()
    found, given = _read(file, map_file, settings)
    if as_json:
        typer.echo(json.dumps(found.as_json(given), ensure_ascii=False, indent=1))
    else:
        _show(found, settings)


def _read(file: Path, map_file: Path | None, settings: Settings) -> tuple[Reading, Given]:
    try:
        given = mapping.given(_map(map_file)) if map_file else Given()
        words = load_ledger_words(settings.config_dir / FILE)
        plan_words = load_words(settings.config_dir / PLAN_WORDS)
        return read(read_book(file.read_bytes()), words, plan_words, given), given
    except OSError as fault:
        problem = fault.strerror or type(fault).__name__
        sentence = N_("读不到文件 {file}：{problem}。请检查路径和权限。")
        raise stop(say(sentence, settings, file=file, problem=problem)) from fault
    except WorkflowError as fault:
        refuse(fault, settings)


def _map(file: Path) -> Any:
    """The mapping in a file; of the whole output of a dry run its part `mapping`."""
    try:
        content = json.loads(file.read_bytes()[:MOST_MAP])
    except ValueError:
        return {"": None}
    if isinstance(content, dict) and isinstance(content.get("mapping"), dict):
        return content["mapping"]
    return content


def _show(found: Reading, settings: Settings) -> None:
    for table in found.tables:
        first, last = table["head"][0], table["head"][-1]
        where = f"{first}—{last}" if last > first else str(first)
        sentence = N_("工作表“{sheet}”，表头在第{where}行：")
        typer.echo(say(sentence, settings, sheet=table["sheet"], where=where))
        for letter, label in table["headings"].items():
            typer.echo(f"  {letter}  {label}  →  {table['columns'].get(letter, '—')}")
    for row in found.rows:
        due = row.due.isoformat() if row.due else row.due_text or "—"
        units = "、".join((*row.units.get("lead", ()), *row.units.get("responsible", ()))) or "—"
        text = row.description.replace("\n", " ")
        typer.echo(f"{row.cell}  {row.number or '—'}  {due}  {units}  {text[:40]}")
        for note in row.notes:
            typer.echo(f"    ! {say(note.sentence, settings, **note.params)}")
    for problem in (*found.problems, *found.skipped):
        remark = problem.remark
        typer.echo(f"! {problem.cell}  {say(remark.sentence, settings, **remark.params)}")
    sentence = N_("读到{rows}行问题，{problems}处未读，{notes}行需要核对。")
    typer.echo(
        say(
            sentence,
            settings,
            rows=len(found.rows),
            problems=len(found.problems),
            notes=sum(1 for row in found.rows if row.notes),
        )
    )
