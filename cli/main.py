"""The `bihuan` command: one sub-command per file of this package."""

from importlib.metadata import version

import typer

from cli import calendar, loop
from cli.migrate import migrate
from cli.parts import clock, worker
from cli.serve import serve, web

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("serve")(serve)
app.command("web")(web)
app.command("worker")(worker)
app.command("clock")(clock)
app.command("migrate")(migrate)
app.add_typer(loop.app, name="loop")
app.add_typer(calendar.app, name="calendar")


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
