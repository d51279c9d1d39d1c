"""Fresh databases for tests: each a copy of one prepared database, dropped afterwards."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import URL, create_engine, make_url

from workflow.metadata import metadata

_numbers = itertools.count()

Filling = Callable[[str], None]
"""Fills the database at a URL. It runs once a process; what it made is copied from then on."""


def create_schema(url: str) -> None:
    """Make every table in the database at `url`."""
    engine = create_engine(url)
    with engine.begin() as connection:
        metadata.create_all(connection)
    engine.dispose()


class SQLite:
    """Database files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.templates: dict[Filling, Path] = {}

    @contextmanager
    def fresh(
        self, folder: Path, *, schema: bool = True, filling: Filling = create_schema
    ) -> Iterator[str]:
        """The URL of a database that holds what `filling` made, or no tables at all."""
        path = folder / f"bihuan-{next(_numbers)}.db"
        if schema:
            shutil.copyfile(self._template(filling), path)
        yield f"sqlite:///{path}"

    def _template(self, filling: Filling) -> Path:
        if filling not in self.templates:
            path = self.folder / f"template-{len(self.templates)}.db"
            filling(f"sqlite:///{path}")
            self.templates[filling] = path
        return self.templates[filling]


class PostgreSQL:
    """Databases on the server at `url`, whose names begin with `prefix`."""

    def __init__(self, url: str, prefix: str) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.prefix = prefix
        self.templates: dict[Filling, str] = {}

    @contextmanager
    def fresh(self, *, schema: bool = True, filling: Filling = create_schema) -> Iterator[str]:
        """The URL of a database that holds what `filling` made, or no tables at all."""
        name = f"{self.prefix}_{next(_numbers)}"
        if schema:
            # Copying files writes half of what the default does, which logs every page.
            copied = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
            self._do(copied, name, self._template(filling))
        else:
            self._do("CREATE DATABASE {}", name)
        try:
            yield self._at(name)
        finally:
            self._do("DROP DATABASE {} WITH (FORCE)", name)

    def close(self) -> None:
        """Drop the templates."""
        for name in self.templates.values():
            self._do("DROP DATABASE {} WITH (FORCE)", name)

    def _template(self, filling: Filling) -> str:
        if filling not in self.templates:
            name = f"{self.prefix}_template_{len(self.templates)}"
            self._do("CREATE DATABASE {}", name)
            filling(self._at(name))
            self.templates[filling] = name
        return self.templates[filling]

    def _at(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def _do(self, statement: LiteralString, *names: str) -> None:
        with closing(psycopg.connect(_plain(self.url), autocommit=True)) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def prefix(worker: str) -> str:
    """A name that no other run and no other worker uses."""
    return f"bihuan_test_{os.getpid()}_{worker}"
