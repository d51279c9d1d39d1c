"""A real SMTP server in a thread of the test, which keeps what it is given."""

import logging
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Sink:
    """Collects messages. Replies in `refusals`, such as "451 later", are given to the next ones."""

    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    controller: Controller | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """What aiosmtpd calls for each message."""
        del server, session
        if self.refusals:
            return self.refusals.pop(0)
        content: Any = envelope.content
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.envelopes.append(envelope)
        self.messages.append(message)
        return "250 OK"

    @property
    def url(self) -> str:
        """For BIHUAN_MAIL_URL."""
        assert self.controller is not None
        port = self.controller.server.sockets[0].getsockname()[1]
        return f"smtp://127.0.0.1:{port}/?from=bihuan@example.gov.cn"

    def to(self, address: str) -> list[EmailMessage]:
        """The messages that were handed in for `address`."""
        pairs = zip(self.envelopes, self.messages, strict=True)
        return [message for envelope, message in pairs if address in envelope.rcpt_tos]

    def __enter__(self) -> Self:
        # It would tell every line of every letter to whatever the test at hand makes of logs.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        self.controller = _AnyPort(self, hostname="127.0.0.1", port=0)
        self.controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.controller is not None
        self.controller.stop()


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        # The original connects to the port that was asked for, which is 0 here.
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
