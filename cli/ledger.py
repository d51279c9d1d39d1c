"""`bihuan ledger`: an office's workbook in, and out again."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.desk import Desk, at_desk
from cli.lines import WRONG_USAGE, read_settings, refuse, say, stop
from config.settings import Settings
from workflow.db import Tx
from workflow.errors import N_, WorkflowError
from workflow.evidence import actions as evidence
from workflow.evidence.storage import Storage
from workflow.issues.views import Filters
from workflow.ledger import actions, export, kinds, mapping, queries, staging, store
from workflow.ledger.cells import read_book
from workflow.ledger.mapping import Given
from workflow.ledger.progress import Progress, nothing
from workflow.ledger.reading import Reading, read
from workflow.ledger.tools import PLAN_WORDS, Tools, open_tools
from workflow.ledger.views import ImportView, Preview
from workflow.ledger.vocabulary import FILE, load_ledger_words
from workflow.plans.readers.limits import MOST_BYTES
from workflow.plans.vocabulary import load_words
from workflow.units import queries as units
from workflow.units.rules import Scope, scope_of

app = typer.Typer(no_args_is_help=True, help="台账：导入 Excel 台账，按原模板导出。")


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
    login: Annotated[str, typer.Option("--as", metavar="LOGIN", help="以谁的身份：登录名。")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="不再询问，直接导入；不在终端里运行时必须写明。")
    ] = False,
    claimed: Annotated[
        str, typer.Option("--done", help="只写明“已完成”的行：check 送验收，archive 归档。")
    ] = "check",
) -> None:
    """导入一份台账：先列出读到的列、行和读不懂的地方，确认后才生效。"""
    settings = read_settings()
    if dry_run:
        found, given = _read(file, map_file, settings)
        if as_json:
            typer.echo(json.dumps(found.as_json(given), ensure_ascii=False, indent=1))
        else:
            _show(found, settings)
        return
    if not login:
        raise stop(say(N_("请用 --as 写明以谁的身份导入。"), settings), code=WRONG_USAGE)
    data, content = _bytes(file, settings), _content(map_file, settings)
    with at_desk("ledger import") as desk:
        _bring_in(desk, file.name, data, content, login, claimed, yes, as_json)


def _bring_in(
    desk: Desk,
    name: str,
    data: bytes,
    content: Any,
    login: str,
    claimed: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Stage, show, ask, confirm, make the issues."""
    database, tools = desk.installation.database, _tools(desk)
    with database.reading() as tx:
        by = desk.person(tx, login)
    kinds.workbook(data, name)
    storage = Storage(desk.settings.data_dir / "evidence")
    with _bar(desk, N_("读取")) as progress:
        staged = staging.stage(
            database,
            tools,
            data=data,
            upload=evidence.seal(storage, data, name, zone=desk.settings.zone),
            name=name,
            given=content,
            by=by,
            now=desk.now,
            progress=progress,
        )
    with database.reading() as tx:
        found = store.find(tx, staged.import_id)
        seen = queries.preview(tx, tools, found, by, desk.now)
    if found.state == "staged":
        if not as_json:
            _show_preview(desk, found, seen)
        if not yes and not _agreed(desk, as_json):
            if as_json:
                _as_json(found, seen, 0)
            raise stop(
                desk.say(
                    N_(
                        "没有导入。确认无误后加上 --yes 再运行一次，"
                        "或到“台账”页确认；已读取的内容保留。"
                    )
                )
            )
        with database.transaction() as tx:
            actions.confirm(tx, tools, found.id, options={"claimed": claimed}, by=by, now=desk.now)
    with _bar(desk, N_("导入")) as progress:
        made = actions.activate(database, tools, found.id, now=desk.now, progress=progress)
    if as_json:
        _as_json(found, seen, made)
        return
    if staged.again:
        typer.echo(
            desk.say(N_("这个文件以前导入过（第{number}次），没有重复登记。"), number=found.id)
        )
    typer.echo(
        desk.say(
            N_("第{number}次台账导入：{rows}行，新登记{made}件，{doubles}行以前导入过。"),
            number=found.id,
            rows=found.rows,
            made=made,
            doubles=seen.doubles,
        )
    )


def _agreed(desk: Desk, as_json: bool) -> bool:
    """Whether somebody at a terminal says yes; a program says so beforehand, with --yes."""
    if as_json or not sys.stdin.isatty():
        return False
    return typer.confirm(desk.say(N_("确认导入？")), err=True)


def _as_json(found: ImportView, seen: Preview, made: int) -> None:
    told = {
        "import": found.id,
        "rows": found.rows,
        "made": made,
        "doubles": seen.doubles,
        "ways": dict(seen.ways),
        "problems": [[cell, text.format_map(params)] for cell, text, params in found.problems],
    }
    typer.echo(json.dumps(told, ensure_ascii=False))


def _show_preview(desk: Desk, found: ImportView, seen: Preview) -> None:
    for table in found.mapping["tables"]:
        _show_table(table, desk.settings)
    for cell, text, params in (*found.problems, *found.skipped):
        typer.echo(f"! {cell}  {desk.say(text, **params)}")
    for unit in seen.unknown:
        near = "、".join(each.name for each in unit.near) or "—"
        sentence = N_("没有“{name}”这个单位（{rows}行），相近的有：{near}。")
        typer.echo("? " + desk.say(sentence, name=unit.name, rows=unit.rows, near=near))
    for way, label in WAYS.items():
        if n := seen.ways.get(way):
            typer.echo(f"{n:>6}  {desk.say(label)}")


WAYS = {
    "run": N_("未到期，由责任单位整改"),
    "ask": N_("已过期，请责任单位答复是否已经完成"),
    "check": N_("写明已完成，送验收单位核验"),
    "closed": N_("写明已销号、已办结，归档"),
    "triage": N_("单位或时限不明，由交办员研判"),
}


@app.command("export")
def export_ledger(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="写到哪个文件（.xlsx）")],
    login: Annotated[
        str, typer.Option("--as", metavar="LOGIN", help="以谁的身份：登录名；不写则为全部。")
    ] = "",
    number: Annotated[
        int | None,
        typer.Option("--import", metavar="N", help="哪一次导入的模板；不写则为最近一次。"),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="不用模板，全部问题写成新表。")] = False,
) -> None:
    """导出台账：填回导入时的模板，样式不变；没有导入过则写成新表。"""
    with at_desk("ledger export") as desk:
        tools = _tools(desk)
        with desk.installation.database.reading() as tx:
            scope = Scope(True, frozenset())
            if login:
                scope = scope_of(units.directory(tx), desk.person(tx, login))
            found = None if new else _template(tx, scope, number)
            if found is not None:
                storage = Storage(desk.settings.data_dir / "evidence")
                data = export.into_template(tx, found, storage.get(found.sha256))
            else:
                today = desk.now.astimezone(desk.settings.zone).date()
                title = desk.say(N_("问题整改台账"))
                data = export.into_new(
                    tx, tools, desk.labels, scope, Filters(), title=title, today=today
                )
        try:
            file.write_bytes(data)
        except OSError as fault:
            sentence = N_("写不了文件 {file}：{problem}。请检查路径和权限。")
            problem = fault.strerror or type(fault).__name__
            raise stop(desk.say(sentence, file=file, problem=problem)) from fault
        typer.echo(desk.say(N_("已写入 {file}。"), file=file))


def _template(tx: Tx, scope: Scope, number: int | None) -> ImportView | None:
    """The import whose workbook is to be filled: the one asked for, else the newest."""
    if number is not None:
        return queries.get(tx, number, scope)
    return next((each for each in queries.imports(tx, scope) if each.state == "active"), None)


def _tools(desk: Desk) -> Tools:
    return open_tools(desk.installation.office, desk.settings.config_dir)


@contextmanager
def _bar(desk: Desk, label: str) -> Iterator[Progress]:
    """A progress bar on a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        yield nothing
        return
    with typer.progressbar(length=1, label=desk.say(label), file=sys.stderr) as bar:

        def show(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        yield show


def _bytes(file: Path, settings: Settings) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            kinds.too_large(file.stat().st_size)
        return file.read_bytes()
    except OSError as fault:
        problem = fault.strerror or type(fault).__name__
        sentence = N_("读不到文件 {file}：{problem}。请检查路径和权限。")
        raise stop(say(sentence, settings, file=file, problem=problem)) from fault
    except WorkflowError as fault:
        refuse(fault, settings)


def _content(map_file: Path | None, settings: Settings) -> Any:
    """The mapping in a file; of the whole output of a dry run its part `mapping`."""
    if map_file is None:
        return None
    try:
        content = json.loads(_bytes(map_file, settings))
    except ValueError:
        return {"": None}  # which no mapping is; the sentence about it comes with the others
    if isinstance(content, dict) and isinstance(content.get("mapping"), dict):
        return content["mapping"]
    return content


def _read(file: Path, map_file: Path | None, settings: Settings) -> tuple[Reading, Given]:
    try:
        given = mapping.given(_content(map_file, settings))
        words = load_ledger_words(settings.config_dir / FILE)
        plan_words = load_words(settings.config_dir / PLAN_WORDS)
        return read(read_book(_bytes(file, settings), file.name), words, plan_words, given), given
    except WorkflowError as fault:
        refuse(fault, settings)


def _show(found: Reading, settings: Settings) -> None:
    for table in found.tables:
        _show_table(table, settings)
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


def _show_table(table: Mapping[str, Any], settings: Settings) -> None:
    first, last = table["head"][0], table["head"][-1]
    where = f"{first}—{last}" if last > first else str(first)
    sentence = N_("工作表“{sheet}”，表头在第{where}行：")
    typer.echo(say(sentence, settings, sheet=table["sheet"], where=where))
    for letter, label in table["headings"].items():
        typer.echo(f"  {letter}  {label}  →  {table['columns'].get(letter) or '—'}")
