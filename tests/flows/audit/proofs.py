"""A record is signed, checked, damaged, and shown to a stranger."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from tests.flows.audit.records import KEY, NOW, opened
from workflow.audit import actions, guards, queries
from workflow.audit.keys import public_bytes
from workflow.audit.proof import Report
from workflow.db import Database

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


STRANGER = Path(__file__).resolve().parents[3] / "docs" / "verify_export.py"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with opened(database_url) as database:
        yield database


def sign(database: Database, minutes: int = 0) -> None:
    with database.transaction() as tx:
        actions.checkpoint(tx, key=SIGNER, now=NOW + timedelta(days=1, minutes=minutes))


def check(database: Database) -> Report:
    with database.reading() as tx:
        return queries.verify(tx, key=KEY, public_key=SIGNER.public_key())


def damage(database: Database, *statements: str) -> None:
    """What somebody does who owns the database: drop the guards, write, put them up again."""
    with database.transaction() as tx:
        guards.take_down(tx)
        if not database.is_sqlite:
            tx.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        for statement in statements:
            tx.execute(text(statement))
        guards.put_up(tx)


def first(report: Report) -> tuple[str | None, int | None]:
    assert not report.is_sound
    return report.findings[0].issue, report.findings[0].seq


def lines(database: Database) -> list[str]:
    with database.reading() as tx:
        return list(queries.export(tx, now=NOW))


def stranger(tmp_path: Path, record: list[str], *more: str) -> tuple[int, str]:
    """The verdict of the verifier that shares no code."""
    (tmp_path / "record.jsonl").write_text("".join(record), encoding="utf-8")
    (tmp_path / "key.pub").write_bytes(public_bytes(SIGNER.public_key()))
    run = subprocess.run(
        [sys.executable, "-I", STRANGER, tmp_path / "record.jsonl", tmp_path / "key.pub", *more],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.stderr == ""
    return run.returncode, run.stdout
