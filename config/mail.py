"""The mail server as one URL."""

from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

Security = Literal["none", "starttls", "tls"]
SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("none", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in and whom it comes from."""

    host: str
    port: int
    sender: str
    security: Security = "none"
    user: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read `smtp[s|+starttls]://user:password@host:port/?from=address`; raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise ValueError(
                "写成 smtp://用户:密码@主机:端口/?from=发件地址（加密用 smtps 或 smtp+starttls）"
            )
        security, default_port = SCHEMES[parts.scheme]
        try:
            port = parts.port or default_port
        except ValueError:
            raise ValueError("端口须是 1 到 65535 之间的整数") from None
        user = unquote(parts.username) if parts.username else None
        # A plus sign in an address is a plus sign, not a blank.
        sender = parse_qs(parts.query.replace("+", "%2B")).get("from", [user or ""])[0]
        if "@" not in sender:
            raise ValueError("缺少发件地址：在末尾加 ?from=notice@example.gov.cn")
        return cls(
            host=parts.hostname,
            port=port,
            sender=sender,
            security=security,
            user=user,
            password=unquote(parts.password) if parts.password else None,
        )

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port}, from {self.sender})"
