"""The `bihuan` command: one sub-command per file of this package."""

from importlib.metadata import version

import typer

from cli import audit, calendar, issue, ledger, loop, plan, token, units
from cli.backup import backup
from cli.doctor import doctor
from cli.migrate import migrate
from cli.parts import clock, worker
from cli.quarantine import quarantine_
from cli.restore import restore
from cli.serve import serve, web

# What a crash shows must not hold what variables held: passwords, people.
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
app.command("serve")(serve)
app.command("web")(web)
app.command("worker")(worker)
app.command("clock")(clock)
app.command("migrate")(migrate)
app.command("doctor")(doctor)
app.command("quarantine")(quarantine_)
app.command("backup")(backup)
app.command("restore")(restore)
app.add_typer(loop.app, name="loop")
app.add_typer(plan.app, name="plan")
app.add_typer(ledger.app, name="ledger")
app.add_typer(calendar.app, name="calendar")
app.add_typer(issue.app, name="issue")
app.add_typer(audit.app, name="audit")
app.add_typer(units.unit, name="unit")
app.add_typer(units.user, name="user")
app.add_typer(token.app, name="token")


@app.callback()
def bihuan() -> None:
    """闭环：问题整改全流程管理。"""


@app.command("version")
def show_version() -> None:
    """打印版本号。"""
    typer.echo(version("bihuan"))


def main() -> None:
    """Entry point of the installed command."""
    app()
