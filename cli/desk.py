"""Who acts at the command line, in which installation, and how a refusal is told there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import typer
from sqlalchemy.exc import SQLAlchemyError

from cli.lines import REFUSED, read_settings, refuse, say, stop
from cli.opening import opened
from config.language import catalogue
from config.settings import Settings, SettingsError
from tasks.installation import Installation, open_installation
from tasks.loop import first_line
from workflow.db import Tx
from workflow.errors import N_, ConfigError, Invalid, NotAllowed, NotFound, WorkflowError
from workflow.labels import Labels, load_labels
from workflow.operations import denials
from workflow.units import queries as units
from workflow.units.rules import Actor, actor


@dataclass(frozen=True)
class Desk:
    """One installation, and the person who acts at this command line."""

    settings: Settings
    installation: Installation
    now: datetime
    labels: Labels
    asked: str
    """The command, without what it brings: for the record of what was denied."""
    acting: list[int] = field(default_factory=list)
    """Whoever this command has acted for so far."""

    def person(self, tx: Tx, login: str) -> Actor:
        """The person of a login, with today's posts. Raises NotFound."""
        directory = units.directory(tx)
        found = directory.person_by_login(login)
        if found is None:
            raise NotFound(N_("没有“{login}”这个登录名。"), params={"login": login})
        self.acting.append(found.id)
        return actor(directory, found.id, self.now.astimezone(self.settings.zone).date())

    def say(self, msgid: str, **params: object) -> str:
        """A sentence in the language of the settings."""
        return say(msgid, self.settings, **params)


@contextmanager
def at_desk(asked: str) -> Iterator[Desk]:
    """Open the installation; what the engine refuses ends the command with its reason.

    `asked` is the command with what it is about; it goes on record if that is denied.
    """
    settings = read_settings()
    installation = None
    try:
        with opened(settings):
            pass
        installation = open_installation(settings, now=datetime.now(UTC))
        labels = load_labels(settings.config_dir / "labels")
        desk = Desk(settings, installation, datetime.now(UTC), labels, asked)
        with _on_record(desk):
            yield desk
    except (ConfigError, SettingsError) as fault:
        refuse(fault, settings)
    except WorkflowError as fault:
        raise _refusal(fault, settings) from fault
    except SQLAlchemyError as fault:
        sentence = N_("数据库没有答应：{error}。没有办理；如有服务在写入，请稍后再试。")
        raise stop(say(sentence, settings, error=first_line(fault))) from fault
    finally:
        if installation is not None:
            installation.close()


@contextmanager
def _on_record(desk: Desk) -> Iterator[None]:
    """Write down what a person was denied, as the other doors do, before it is told."""
    try:
        yield
    except (NotAllowed, NotFound) as fault:
        if desk.acting:
            with desk.installation.database.transaction() as tx:
                denials.record(
                    tx,
                    person_id=desk.acting[-1],
                    door="cli",
                    method="RUN",
                    path="".join(each if each.isprintable() else "?" for each in desk.asked),
                    code=fault.code,
                    now=desk.now,
                )
        raise


def _refusal(fault: WorkflowError, settings: Settings) -> typer.Exit:
    """What is wrong, why, and for each field of the form its own sentence; all on stderr."""
    translate = catalogue(settings.lang).gettext
    lines = [fault.text(translate)]
    if why := fault.why_text(translate):
        lines.append(why)
    if isinstance(fault, Invalid):
        lines += [f"  {name}: {text}" for name, text in fault.field_texts(translate).items()]
    return stop("\n".join(dict.fromkeys(lines)), code=REFUSED)
