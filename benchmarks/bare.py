"""A bare Starlette server that runs recorded SQL: what HTTP and the database alone cost."""

import multiprocessing
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from socket import socket
from typing import Any

import psycopg
import uvicorn
from sqlalchemy import make_url
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from workflow.db import json_text

Statements = Sequence[tuple[str, Any]]
"""The statements of one transaction, each with its values."""
Recorded = Mapping[str, Sequence[Statements]]
"""Path → the transactions of a request to it."""


@dataclass
class Bare:
    """Answers a path with the rows of the last SELECT that was recorded for it."""

    url: str
    recorded: Recorded

    def __post_init__(self) -> None:
        self._mine = threading.local()

    def app(self) -> Starlette:
        """One route for everything; the SQL runs in a thread, as the product's does."""
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    def _answer(self, request: Request) -> Response:
        found: list[Any] = []
        for statements in self.recorded[request.path_params["path"]]:
            with self._connection() as connection:
                for text, values in statements:
                    cursor = connection.execute(text, values)
                    found = cursor.fetchall() if cursor.description else found
        return Response(json_text([list(row) for row in found]), media_type="application/json")

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        """The thread's own connection; what runs in the block is one transaction."""
        if not hasattr(self._mine, "connection"):
            plain = make_url(self.url).set(drivername="postgresql")
            self._mine.connection = psycopg.connect(
                plain.render_as_string(hide_password=False), prepare_threshold=2
            )
        with self._mine.connection.transaction():
            yield self._mine.connection


@contextmanager
def served(url: str, recorded: Recorded, processes: int) -> Iterator[list[int]]:
    """Ports of that many servers, for as long as the block runs."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket()) for _ in range(processes)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
            each.listen(128)
        # Forked, so that the recorded values need not be written down.
        context = multiprocessing.get_context("fork")
        started = [context.Process(target=_serve, args=(each, url, recorded)) for each in sockets]
        for process in started:
            process.start()
        try:
            yield [each.getsockname()[1] for each in sockets]
        finally:
            for process in started:
                process.terminate()
                process.join(10)


def _serve(listener: socket, url: str, recorded: Recorded) -> None:
    app = Bare(url, recorded).app()
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])
