"""Fresh databases for tests: each a copy of one prepared database, dropped afterwards."""

import importlib.util
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import URL, create_engine, make_url

_numbers = itertools.count()


def create_schema(url: str) -> None:
    """Make every table in the database at `url`."""
    if importlib.util.find_spec("workflow.metadata") is None:
        return
    metadata = importlib.import_module("workflow.metadata").metadata
    engine = create_engine(url)
    with engine.begin() as connection:
        metadata.create_all(connection)
    engine.dispose()


class SQLite:
    """Database files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.db"
        create_schema(f"sqlite:///{self.template}")

    @contextmanager
    def fresh(self, folder: Path, *, schema: bool = True) -> Iterator[str]:
        """The URL of a database without rows, or without tables as well."""
        path = folder / f"bihuan-{next(_numbers)}.db"
        if schema and self.template.exists():
            shutil.copyfile(self.template, path)
        yield f"sqlite:///{path}"


class PostgreSQL:
    """Databases on the server at `url`, whose names begin with `prefix`."""

    def __init__(self, url: str, prefix: str) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.prefix = prefix
        self.template = f"{prefix}_template"
        self._do("CREATE DATABASE {}", self.template)
        create_schema(self._at(self.template))

    @contextmanager
    def fresh(self, *, schema: bool = True) -> Iterator[str]:
        """The URL of a database without rows, or without tables as well."""
        name = f"{self.prefix}_{next(_numbers)}"
        if schema:
            self._do("CREATE DATABASE {} TEMPLATE {}", name, self.template)
        else:
            self._do("CREATE DATABASE {}", name)
        try:
            yield self._at(name)
        finally:
            self._do("DROP DATABASE {} WITH (FORCE)", name)

    def close(self) -> None:
        """Drop the template."""
        self._do("DROP DATABASE {} WITH (FORCE)", self.template)

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
