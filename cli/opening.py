"""The database for commands that need no office: opened, its schema checked, closed after."""

from collections.abc import Iterator
from contextlib import contextmanager

from cli.lines import refuse, say, stop
from config.settings import Settings
from tasks.installation import open_database
from workflow import migrate
from workflow.db import Database
from workflow.errors import N_, WorkflowError


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database; what the engine refuses inside ends the command with its sentence."""
    database = open_database(settings)
    try:
        if migrate.state(database) != "current":
            raise stop(say(N_("数据库尚未建好或结构不是最新。请先运行 bihuan migrate。"), settings))
        yield database
    except WorkflowError as fault:
        refuse(fault, settings)
    finally:
        database.close()
