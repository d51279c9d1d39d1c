"""The `bihuan` command: one sub-command per file of this package."""

from importlib.metadata import version

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False)


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
