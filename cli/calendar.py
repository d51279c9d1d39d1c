"""`bihuan calendar`: due dates with their explanation, and the state of the calendar files."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, NoReturn

import typer

from config.language import catalogue
from config.settings import Settings, SettingsError, load_settings
from workflow.deadlines.calendar import Calendar
from workflow.deadlines.calendars import load_calendar
from workflow.deadlines.counting import Due, Roll, Starts
from workflow.deadlines.due import due as due_of
from workflow.deadlines.limits import Language, parse_limit
from workflow.deadlines.steps import Step
from workflow.errors import N_, ConfigError, WorkflowError

app = typer.Typer(no_args_is_help=True, help="工作日日历：计算期限，检查放假安排。")

START_FORMS = N_("看不懂起算时间“{text}”。请写成 2024-09-27 或 2024-09-27T16:30。")
ROLLS: dict[str, Roll] = {
    "none": "none",
    "next": "next_working",
    "previous": "previous_working",
    "second": "second_working_after",
}
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")]
Lang = Annotated[Language | None, typer.Option("--lang", help="说明的语言；默认按设置。")]


@app.command("due")
def due(
    start: Annotated[str, typer.Argument(metavar="START", help="起算日或时刻：2024-09-27")],
    limit: Annotated[
        str, typer.Argument(metavar="LIMIT", help="期限：3wd、7nd、4h、2mo、2025-12-31、3个工作日")
    ],
    as_json: AsJson = False,
    roll: Annotated[
        Literal["none", "next", "previous", "second"],
        typer.Option(
            help="到期日是休息日时：不动、到下一工作日、到上一工作日、到其后第二个工作日。"
        ),
    ] = "none",
    starts: Annotated[Starts, typer.Option(help="从次日起算，或当日计入。")] = "next_day",
    lang: Lang = None,
) -> None:
    """计算期限：从 START 起算 LIMIT，何时到期，怎么算出来的。"""
    settings = _settings()
    language = lang or settings.lang
    try:
        begin = _moment(start, settings)
        bound = parse_limit(limit)
    except WorkflowError as fault:
        _stop(fault, language, usage=True)
    try:
        calendar = load_calendar(settings.config_dir / "calendars")
        found = due_of(begin, bound, calendar, zone=settings.zone, roll=ROLLS[roll], starts=starts)
    except WorkflowError as fault:
        _stop(fault, language)
    if as_json:
        shown = _as_json(found, settings) | {"start": begin.isoformat(), "limit": str(bound)}
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        typer.echo(_headline(found, language))
        for step in found.steps[:-1]:
            typer.echo(f"  {step.text(language)}")


@app.command("check")
def check(as_json: AsJson = False, lang: Lang = None) -> None:
    """检查放假安排文件：哪些年份已录入，各有多少工作日，哪一年还缺。"""
    settings = _settings()
    language = lang or settings.lang
    try:
        calendar = load_calendar(settings.config_dir / "calendars")
    except WorkflowError as fault:
        _stop(fault, language)
    today = datetime.now(UTC).astimezone(settings.zone).date()
    missing = [year for year in (today.year, today.year + 1) if not calendar.known(year)]
    years = [_year_summary(calendar, entry.year) for entry in calendar.years]
    if as_json:
        shown = {"version": calendar.version, "years": years, "missing": missing}
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for year in years:
        typer.echo(
            _say(
                N_(
                    "{year}年：{status}，工作日{working}天，放假{holiday}天，调休上班{makeup}天，"
                    "依据{notices}"
                ),
                language,
                **year
                | {
                    "status": _say(
                        N_("已公布") if year["status"] == "published" else N_("暂定"), language
                    ),
                    "notices": "、".join(year["notices"]) or "—",
                },
            )
        )
    for absent in missing:
        typer.echo(
            _say(
                N_(
                    "{year}年的放假安排尚未录入：涉及该年的期限标为暂定，暂按周六、周日休息计算。"
                    "通知公布后请在 {folder} 增加 {year}.yaml。"
                ),
                language,
                year=absent,
                folder=settings.config_dir / "calendars",
            ),
            err=True,
        )


def _moment(text: str, settings: Settings) -> datetime:
    """START in the installation's zone unless it names another; a bare date is its first moment."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise WorkflowError(START_FORMS, field="start", params={"text": text[:40]}) from None
    return at if at.tzinfo else at.replace(tzinfo=settings.zone)


def _as_json(found: Due, settings: Settings) -> dict[str, Any]:
    local = found.at.astimezone(settings.zone)
    return {
        "due": found.on.isoformat() if found.on else local.isoformat(),
        "at": found.at.isoformat().replace("+00:00", "Z"),
        "provisional": found.provisional,
        "calendar": found.calendar_version,
        "steps": [_step(step) for step in found.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    return step.as_json() | {"zh": step.zh, "en": step.en}


def _headline(found: Due, language: Language) -> str:
    """The due day or time, as the last step of the explanation has it."""
    last = found.steps[-1].text(language)
    if not found.provisional:
        return last
    return last + _say(N_("（暂定：日历尚缺放假安排）"), language)


def _year_summary(calendar: Calendar, year: int) -> dict[str, Any]:
    entry = next(entry for entry in calendar.years if entry.year == year)
    first, last = date(year, 1, 1), date(year, 12, 31)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    kinds = Counter(calendar.kind(day).code for day in days)
    return {
        "year": year,
        "status": entry.status,
        "notices": list(entry.notices),
        "working": kinds["workday"] + kinds["makeup"],
        "holiday": kinds["holiday"],
        "makeup": kinds["makeup"],
    }


def _settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from fault


def _say(msgid: str, language: Language, **params: object) -> str:
    return catalogue(language).gettext(msgid).format_map(params)


def _stop(fault: WorkflowError, language: Language, *, usage: bool = False) -> NoReturn:
    """The reason on stderr; exit 2 for what was typed wrongly, 1 for what is refused."""
    place = f"{fault.file}:{fault.line or ''} " if isinstance(fault, ConfigError) else ""
    typer.echo(place + fault.text(catalogue(language).gettext), err=True)
    raise typer.Exit(2 if usage else 1) from fault
