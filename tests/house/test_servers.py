"""The fixtures give what they promise: real servers, fresh and empty."""

import os
import smtplib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page
from redis import Redis
from sqlalchemy import create_engine, inspect, text

from tests import servers
from tests.mail import Sink


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_its_database_empty(database_url: str, turn: int) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_behind (turn integer)"))
        connection.execute(text(f"INSERT INTO left_behind VALUES ({turn})"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT turn FROM left_behind")).scalars().all() == [turn]
    engine.dispose()


def test_bare_database_has_no_tables(bare_database_url: str) -> None:
    engine = create_engine(bare_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_redis_empty(redis_url: str, turn: int) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("turn", turn)


def test_mail_arrives_and_can_be_refused(mail_sink: Sink) -> None:
    port = int(mail_sink.url.split(":")[2].split("/")[0])
    mail_sink.refusals.append("451 later")
    with smtplib.SMTP("127.0.0.1", port) as client:
        with pytest.raises(smtplib.SMTPDataError):
            client.sendmail("a@example.cn", "b@example.cn", "Subject: one\r\n\r\none")
        client.sendmail("a@example.cn", "b@example.cn", "Subject: two\r\n\r\ntwo")
    assert [message["Subject"] for message in mail_sink.to("b@example.cn")] == ["two"]


@pytest.mark.browser
def test_browser_shows_chinese(page: Page) -> None:
    page.set_content("<title>闭环</title><p lang=zh>整改</p>")
    assert page.title() == "闭环"


def test_no_server_outlives_its_run(tmp_path: Path) -> None:
    """The run is killed outright; the keeper notices and stops the server that it started."""
    script = (
        "import time; from tests import servers; keeper = servers.Servers();"
        "print(keeper.process.pid, servers.server_url('redis'), flush=True); time.sleep(60)"
    )
    environment = {key: value for key, value in os.environ.items() if key != servers.GIVEN["redis"]}
    run = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    with run:
        assert run.stdout is not None
        _, url = run.stdout.readline().split()
        with Redis.from_url(url) as client:
            assert client.ping()
        run.kill()
    port = int(url.rsplit(":", 1)[1])
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.05)
    pytest.fail("the server is still there")
