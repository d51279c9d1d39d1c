"""What every command says in the same way: settings, refusals, sentences in the chosen language."""

from typing import Any, NoReturn

import typer

from config.language import catalogue
from config.settings import Settings, SettingsError, load_settings
from workflow.errors import ConfigError, WorkflowError

REFUSED = 1
WRONG_USAGE = 2


def read_settings(**overrides: Any) -> Settings:
    """The settings, or one line per variable at fault and exit 2."""
    try:
        return load_settings(**overrides)
    except SettingsError as fault:
        raise stop(str(fault), code=WRONG_USAGE) from fault


def say(msgid: str, settings: Settings, **params: object) -> str:
    """A sentence in the language of the settings, places filled."""
    return catalogue(settings.lang).gettext(msgid).format_map(params)


def stop(sentence: str, *, code: int = REFUSED) -> typer.Exit:
    """Say on stderr why it ends; raise what this returns."""
    typer.echo(sentence, err=True)
    return typer.Exit(code)


def refuse(fault: WorkflowError | SettingsError, settings: Settings) -> NoReturn:
    """End with the reason of an error, and with the place for a file of the office."""
    if isinstance(fault, SettingsError):
        raise stop(str(fault), code=WRONG_USAGE) from fault
    place = f"{fault.file}:{fault.line or ''} " if isinstance(fault, ConfigError) else ""
    raise stop(place + fault.text(catalogue(settings.lang).gettext)) from fault
