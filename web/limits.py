"""How much a request may bring: what is too much is read to its end, and answered with a page."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATIENCE = 8
"""So many times the limit is read and thrown away, since a browser shows no answer before it has
sent everything; whoever sends more is cut off."""


class BodyLimit:
    """Raises 413 from the application's own reading, so that the page of errors can say it."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting what it brings."""
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total <= self.most:
                return message
            while message.get("more_body") and total <= self.most * _PATIENCE:
                message = await receive()
                total += len(message.get("body", b""))
            raise HTTPException(413)

        await self.app(scope, counted if scope["type"] == "http" else receive, send)
