"""Logs on standard error: lines for a person at a terminal, JSON lines for everything else.

Each record carries the id of the request or task it belongs to. Log ids, never personal data or
secrets.
"""

import contextlib
import json
import logging
import secrets
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO
from zoneinfo import ZoneInfo

from config.settings import Settings

_request: ContextVar[str | None] = ContextVar("request_id", default=None)
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def request_id() -> str | None:
    """The id of what is being worked on, None outside of it."""
    return _request.get()


@contextlib.contextmanager
def bound_request_id(value: str | None = None) -> Iterator[str]:
    """Give every record within the block the id `value`, or a new one."""
    chosen = value or secrets.token_hex(8)
    token = _request.set(chosen)
    try:
        yield chosen
    finally:
        _request.reset(token)


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _PLAIN}


class JsonLines(logging.Formatter):
    """One JSON object a line; what was passed as `extra` stands beside the fixed keys."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_extra(record),
        }
        if (request := request_id()) is not None:
            line["request_id"] = request
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class Lines(logging.Formatter):
    """Time of the installation's zone, level, logger, message, extras."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, self.zone)
        request = request_id()
        extras = "".join(f" {key}={value}" for key, value in _extra(record).items())
        line = (
            f"{at:%H:%M:%S} {record.levelname:<7} {record.name}"
            f"{f' [{request}]' if request else ''}: {record.getMessage()}{extras}"
        )
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send all logs to `stream` (standard error), once; may be called again.

    uvicorn and Celery must be told to leave logging alone (`log_config=None`,
    `worker_hijack_root_logger=False`).
    """
    stream = stream or sys.stderr
    as_text = settings.log_format == "text" or (settings.log_format == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines(settings.zone) if as_text else JsonLines())
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in ("alembic", "apscheduler", "celery", "kombu", "httpx2", "httpcore2", "PIL"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.root.level))
    for name in settings.unknown_names:
        logging.getLogger(__name__).warning("不认识的设置，已忽略：%s", name)
