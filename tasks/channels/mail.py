"""Mail over SMTP."""

import hashlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import ClassVar

from config.mail import MailServer
from tasks.channels import UNREACHABLE, Letter
from workflow.errors import N_, DeliveryError
from workflow.units.directory import PersonInfo

SENDER_NAME = "闭环"
_GIVEN_UP = range(500, 600)
_CLOSING = 421


class Mail:
    """Hands mail to one server."""

    name: ClassVar[str] = "mail"
    is_inbox: ClassVar[bool] = False
    timeout: ClassVar[float] = 10.0
    in_flight: ClassVar[int] = 1

    def __init__(self, server: MailServer) -> None:
        self.server = server

    def address(self, person: PersonInfo) -> str | None:
        """The person's mail address."""
        return person.email or None

    @contextmanager
    def session(self) -> Iterator["MailSession"]:
        """Log in once for a batch."""
        with _faults():
            smtp = self._connect()
        try:
            yield MailSession(self.server, smtp)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        # The default is the full domain name, which asks a name server that may be slow.
        ours = socket.gethostname()
        if server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host,
                server.port,
                local_hostname=ours,
                timeout=self.timeout,
                context=ssl.create_default_context(),
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, local_hostname=ours, timeout=self.timeout)
        try:
            if server.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if server.user:
                smtp.login(server.user, server.password or "")
        except BaseException:
            smtp.close()
            raise
        return smtp


class MailSession:
    """One open connection."""

    def __init__(self, server: MailServer, smtp: smtplib.SMTP) -> None:
        self.server = server
        self.smtp = smtp

    def send(self, letter: Letter) -> None:
        """Hand one mail in."""
        message = compose(letter, self.server.sender)
        with _faults():
            try:
                self.smtp.send_message(message)
            except smtplib.SMTPRecipientsRefused as error:
                ((code, reply),) = error.recipients.values()
                raise smtplib.SMTPResponseException(code, reply) from error

    def flush(self) -> None:
        """The server answered each mail when it took it."""


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The mail of a letter; its Message-ID is the same however often it is sent."""
    message = EmailMessage()
    message["Subject"] = letter.subject
    message["From"] = formataddr((SENDER_NAME, sender))
    message["To"] = formataddr((letter.name, letter.address or ""))
    message["Date"] = format_datetime(letter.at)
    digest = hashlib.sha256(letter.key.encode()).hexdigest()[:40]
    message["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.urgent:
        message["Importance"] = "high"
    tail = f"\n\n{letter.url}\n" if letter.url else "\n"
    message.set_content(letter.body + tail)
    return message


@contextmanager
def _faults() -> Iterator[None]:
    """Tell refusals of this one mail from a server that is away or does not want us now."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise _away(error, N_("邮件服务器拒绝登录：{error}")) from error
    except smtplib.SMTPSenderRefused as error:
        raise _away(error, N_("邮件服务器不接受发件地址：{error}")) from error
    except smtplib.SMTPConnectError as error:
        raise _away(error, N_("邮件服务器暂不接受连接：{error}")) from error
    except smtplib.SMTPResponseException as error:
        if error.smtp_code == _CLOSING:
            raise _away(error, N_("邮件服务器正在关闭：{error}")) from error
        raise DeliveryError(
            N_("邮件服务器拒收：{error}"),
            permanent=error.smtp_code in _GIVEN_UP,
            params={"error": _reply(error)},
        ) from error
    except (smtplib.SMTPNotSupportedError, ValueError) as error:
        # An address that no mail can carry; it will not get better by waiting.
        raise DeliveryError(
            N_("写不成邮件：{error}"), permanent=True, params={"error": error}
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise _away(error, N_("连不上邮件服务器：{error}")) from error


def _away(error: Exception, text: str) -> DeliveryError:
    params = {"error": _reply(error)}
    return DeliveryError(text, permanent=False, code=UNREACHABLE, params=params)


def _reply(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        shown = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        return f"{error.smtp_code} {shown}"
    return str(error) or type(error).__name__
