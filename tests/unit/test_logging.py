"""Logs: JSON lines for machines, text for people, the request's id on both."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from config.logging import bound_request_id, configure_logging, request_id
from config.settings import load_settings


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def written(log_format: str, log_level: str = "INFO") -> io.StringIO:
    stream = io.StringIO()
    settings = load_settings(env_file=None, log_format=log_format, log_level=log_level)
    configure_logging(settings, stream)
    return stream


def test_json_lines() -> None:
    stream = written("auto")  # a buffer is no terminal
    with bound_request_id("r1"):
        logging.getLogger("workflow.x").info("取了 %d 级", 3, extra={"issue": 7})
    try:
        raise ValueError("坏")
    except ValueError:
        logging.getLogger("workflow.x").exception("失败\n第二行")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "INFO",
        "logger": "workflow.x",
        "message": "取了 3 级",
        "issue": 7,
        "request_id": "r1",
    }
    assert "request_id" not in second
    assert second["exception"].endswith("ValueError: 坏")


def test_text() -> None:
    stream = written("text")
    with bound_request_id() as chosen:
        assert request_id() == chosen
        logging.getLogger("web").warning("慢", extra={"ms": 12})
    assert request_id() is None
    assert stream.getvalue().endswith(f" WARNING web [{chosen}]: 慢 ms=12\n")


def test_level_and_no_doubles() -> None:
    written("json")
    stream = written("json", "warning")
    logging.getLogger("a").info("no")
    logging.getLogger("a").warning("yes")
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["yes"]


def test_unknown_settings_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_LANGUAGE", "en")
    assert "BIHUAN_LANGUAGE" in written("json").getvalue()
