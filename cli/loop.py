"""`bihuan loop`: is a definition sound, and what does it look like in the formats of others."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer

from config.language import catalogue
from config.settings import Settings, SettingsError, load_settings
from workflow.errors import N_, ConfigError, WorkflowError
from workflow.loops import export as exports
from workflow.loops.problems import Problem
from workflow.loops.registry import Verdict, check, find

app = typer.Typer(no_args_is_help=True, help="流程定义：检查是否合理，导出成图。")

Lang = Annotated[Literal["zh", "en"] | None, typer.Option("--lang", help="语言；默认按设置。")]
Target = Annotated[
    str, typer.Argument(metavar="FILE|NAME", help="定义文件，或 config/loops 里的流程名")
]


@app.command("check")
def check_loop(
    target: Target,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
    lang: Lang = None,
) -> None:
    """检查流程定义：能否走到终结，处处有人办、有时限。不合理时给出走到问题所在的最短路径。"""
    settings = _settings()
    language = lang or settings.lang
    try:
        verdict = _check(target, settings)
    except ConfigError as fault:
        if as_json:
            _print({"sound": False, "problems": [_fault_as_json(fault, language)]})
            raise typer.Exit(1) from fault
        _stop(fault, language)
    except WorkflowError as fault:
        _stop(fault, language)
    if as_json:
        found = [_as_json(verdict, problem, language) for problem in verdict.problems]
        _print({"sound": verdict.is_sound, "problems": found})
    elif verdict.loop is not None and verdict.is_sound:
        loop = verdict.loop
        typer.echo(
            _say(
                N_(
                    "{label}（{name}）合理：{states}个环节、{actions}种操作、{clocks}个时钟，"
                    "版本 {version}。"
                ),
                language,
                label=loop.labels[language],
                name=loop.name,
                states=len(loop.states),
                actions=len(loop.actions),
                clocks=len(loop.clocks),
                version=loop.version[:12],
            )
        )
    else:
        for line in _lines(verdict, language):
            typer.echo(line, err=True)
    if not verdict.is_sound:
        raise typer.Exit(1)


@app.command("export")
def export_loop(
    target: Target,
    format_: Annotated[
        Literal["mermaid", "pnml", "scxml", "bpmn"], typer.Option("--format", help="导出格式。")
    ] = "mermaid",
    lang: Lang = None,
) -> None:
    """导出流程：Mermaid 状态图，或 PNML（Petri 网）。"""
    settings = _settings()
    language = lang or settings.lang
    if format_ in exports.NOT_YET:
        message = N_("还不能导出 {format}（not yet），目前可用：{known}。")
        known = "、".join(exports.FORMATS)
        typer.echo(_say(message, language, format=format_, known=known), err=True)
        raise typer.Exit(1)
    try:
        verdict = _check(target, settings)
    except WorkflowError as fault:
        _stop(fault, language)
    if verdict.loop is None:
        for line in _lines(verdict, language):
            typer.echo(line, err=True)
        raise typer.Exit(1)
    typer.echo(exports.FORMATS[format_](verdict.loop, language), nl=False)


def _check(target: str, settings: Settings) -> Verdict:
    folder = settings.config_dir / "loops"
    path = Path(target)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return check(path, folder)
    return check(find(folder, target), folder)


def _lines(verdict: Verdict, lang: str) -> list[str]:
    lines = [
        _say(
            N_("{file} 不合理，有 {count} 处问题："),
            lang,
            file=verdict.document.file,
            count=len(verdict.problems),
        )
    ]
    for problem in verdict.problems:
        mark = verdict.mark(problem)
        place = f"{verdict.document.file}:{mark.line}:{mark.column}"
        lines.append(f"{place} [{problem.code}] {problem.text(lang)}")
        if problem.trace:
            trace = " → ".join(problem.trace)
            lines.append("    " + _say(N_("最短路径：{trace}"), lang, trace=trace))
        if problem.given:
            given = ", ".join(problem.given)
            lines.append("    " + _say(N_("此时：{given}"), lang, given=given))
    return lines


def _as_json(verdict: Verdict, problem: Problem, lang: str) -> dict[str, Any]:
    mark = verdict.mark(problem)
    return {
        "code": problem.code,
        "state": problem.state,
        "trace": list(problem.trace),
        "given": list(problem.given),
        "line": mark.line,
        "column": mark.column,
        "message": problem.text(lang),
    }


def _fault_as_json(fault: ConfigError, lang: str) -> dict[str, Any]:
    return {
        "code": fault.code,
        "state": None,
        "trace": [],
        "given": [],
        "line": fault.line,
        "column": fault.column,
        "message": fault.text(catalogue(lang).gettext),
    }


def _print(shown: dict[str, Any]) -> None:
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))


def _settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from fault


def _say(msgid: str, lang: str, **params: object) -> str:
    return catalogue(lang).gettext(msgid).format_map(params)


def _stop(fault: WorkflowError, lang: str) -> NoReturn:
    place = ""
    if isinstance(fault, ConfigError):
        parts = (fault.file, fault.line, fault.column)
        place = ":".join(str(part) for part in parts if part is not None) + " "
    typer.echo(place + fault.text(catalogue(lang).gettext), err=True)
    raise typer.Exit(1) from fault
