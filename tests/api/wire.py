"""The least that it takes to ask an ASGI application: for tests that ask thousands of times."""

import asyncio
import json
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status_code: int
    text: str

    def json(self) -> Any:
        """The content as a JSON value."""
        return json.loads(self.text)


class Wire:
    """One application, asked from one event loop.

    The loop runs in a thread of its own: in this one a browser's may be running.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self.loop = asyncio.new_event_loop()
        self.thread = ThreadPoolExecutor(max_workers=1)

    def close(self) -> None:
        """End the loop."""
        self._run(self.loop.shutdown_default_executor())
        self.thread.shutdown()
        self.loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.thread.submit(self.loop.run_until_complete, work).result()

    def ask(self, method: str, target: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        """One request and its answer."""
        path, _, query = target.partition("?")
        content = b"" if body is None else json.dumps(body).encode()
        sent = {"host": "127.0.0.1", "content-type": "application/json", **headers}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8000),
            "state": {},
        }
        answer: Answer = self._run(self._ask(scope, content))
        return answer

    async def _ask(self, scope: dict[str, Any], content: bytes) -> Answer:
        status, parts = 0, [b""]

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            parts.append(message.get("body", b""))

        await self.app(scope, receive, send)
        return Answer(status, b"".join(parts).decode(errors="replace"))
