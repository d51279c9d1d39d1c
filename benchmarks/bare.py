"""A bare Starlette server that runs recorded SQL: what HTTP and the database alone cost.

It is as lean as such a server can be: the driver alone, a connection for each thread, a cursor for
each statement (a new one would have to learn the types of its values anew), JSON columns left as
they come, several rows in the driver's own pipeline where the product sends them so, and one
route.  Threads, since the driver's coroutines cost half as much again (55 µs to 81 µs a statement
with four at once).  It checks nobody's rights but by the statements that do, and reads no body.  It
answers with the same JSON as the product does, made anew for every request by the same serializer.
"""

import gc
import multiprocessing
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from socket import IPPROTO_TCP, TCP_NODELAY, socket
from typing import Any

import psycopg
import uvicorn
from sqlalchemy import make_url
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from workflow.db import json_text

_TEXT = 25
"""PostgreSQL's number of the type ``text``."""


@dataclass(frozen=True)
class Statement:
    """One call of the driver; `many`: the values are those of several rows."""

    text: str
    values: Any
    many: bool


@dataclass(frozen=True)
class Replay:
    """What one request asked of the database, transaction by transaction, and was answered."""

    transactions: Sequence[Sequence[Statement]]
    answer: Any


Recorded = Mapping[str, Replay]
"""By path."""


@dataclass
class Bare:
    """Runs what was recorded for a path, and answers as was answered then."""

    url: str
    recorded: Recorded

    def __post_init__(self) -> None:
        self._mine = threading.local()

    def app(self) -> Starlette:
        """One route for everything; the SQL runs in a thread, as the product's does."""
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])

    def _answer(self, request: Request) -> Response:
        recorded = self.recorded[request.path_params["path"]]
        connection, cursors = self._held()
        for statements in recorded.transactions:
            for each in statements:
                cursor = cursors.get(each.text)
                if cursor is None:
                    cursor = cursors[each.text] = connection.cursor()
                if each.many:
                    cursor.executemany(each.text, each.values)
                else:
                    cursor.execute(each.text, each.values)
                    if cursor.description:
                        cursor.fetchall()
            connection.commit()
        return Response(json_text(recorded.answer), media_type="application/json")

    def _held(self) -> tuple[psycopg.Connection, dict[str, Any]]:
        """The thread's own connection and cursors."""
        if not hasattr(self._mine, "held"):
            plain = make_url(self.url).set(drivername="postgresql")
            connection = psycopg.connect(
                plain.render_as_string(hide_password=False), prepare_threshold=2
            )
            as_text = connection.adapters.get_loader(_TEXT, psycopg.pq.Format.TEXT)
            assert as_text is not None
            for name in ("json", "jsonb"):
                connection.adapters.register_loader(name, as_text)
            self._mine.held = connection, {}
        held: tuple[psycopg.Connection, dict[str, Any]] = self._mine.held
        return held


@dataclass(frozen=True)
class Served:
    """Servers on this machine."""

    ports: Sequence[int]
    pids: Sequence[int]


@contextmanager
def served(url: str, recorded: Recorded, processes: int) -> Iterator[Served]:
    """That many servers, for as long as the block runs."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket()) for _ in range(processes)]
        for each in sockets:
            # Without it an answer in two writes waits for the visitor's system to say that it has
            # the first one; asyncio sets it only where a socket names its protocol.
            each.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            each.bind(("127.0.0.1", 0))
            each.listen(128)
        # Forked, so that the recorded values need not be written down.
        context = multiprocessing.get_context("fork")
        started = [context.Process(target=_serve, args=(each, url, recorded)) for each in sockets]
        for process in started:
            process.start()
        try:
            pids = [process.pid or 0 for process in started]
            yield Served([each.getsockname()[1] for each in sockets], pids)
        finally:
            for process in started:
                process.terminate()
                process.join(10)


def _serve(listener: socket, url: str, recorded: Recorded) -> None:
    gc.freeze()  # as every process of the product does when it starts
    app = Bare(url, recorded).app()
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])
