"""Files lie under their hash, sealed; rows say what they are and which event brought them."""

import io
import os
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import text

from tests.flows.audit.records import add_issue, set_up
from workflow.db import Database
from workflow.errors import Invalid, NotFound
from workflow.evidence import actions
from workflow.evidence.storage import Storage

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
PDF = b"%PDF-1.4\n%%EOF"


def photo(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "evidence")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    set_up(database)
    with database.transaction() as tx:
        add_issue(tx, 1)
    yield database
    database.close()


def test_a_content_is_stored_once_and_comes_back(storage: Storage) -> None:
    digest = storage.put(b"one")
    assert digest == sha256(b"one").hexdigest() == storage.put(b"one")
    assert storage.get(digest) == b"one"
    (path,) = [path for path in storage.folder.rglob("*") if path.is_file()]
    assert path == storage.path(digest)
    assert stat.S_IMODE(path.stat().st_mode) == 0o440


def test_a_damaged_or_missing_file_is_not_handed_out(storage: Storage) -> None:
    digest = storage.put(b"one")
    storage.path(digest).chmod(0o600)
    storage.path(digest).write_bytes(b"two")
    with pytest.raises(NotFound, match="已损坏"):
        storage.get(digest)
    with pytest.raises(NotFound, match="不在存储目录"):
        storage.get("0" * 64)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "a" * 63, "A" * 64, "0" * 64 + "\n"])
def test_only_a_hash_is_a_name(storage: Storage, digest: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        storage.get(digest)


def test_many_may_store_the_same_at_once(storage: Storage) -> None:
    contents = [f"content {number % 3}".encode() * 10_000 for number in range(24)]
    threads = [threading.Thread(target=storage.put, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    files = [path for path in storage.folder.rglob("*") if path.is_file()]
    assert len(files) == 3
    assert all(sha256(path.read_bytes()).hexdigest() == path.name for path in files)


def test_a_failed_write_leaves_no_draft(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        storage.put(b"one")
    assert [path for path in storage.folder.rglob("*") if path.is_file()] == []


def test_an_upload_is_sealed_then_recorded_once(database: Database, storage: Storage) -> None:
    uploads = [
        actions.seal(storage, photo(), "现场.jpg", zone=ZONE),
        actions.seal(storage, PDF, "批复.pdf", zone=ZONE),
    ]
    for _ in range(2):
        with database.transaction() as tx:
            actions.record(tx, uploads, now=NOW)
    with database.reading() as tx:
        rows = tx.execute(text("SELECT sha256, size, mime, copy_sha256 FROM blob")).all()
    found = {row.mime: row for row in rows}
    assert set(found) == {"image/jpeg", "application/pdf"}
    assert found["image/jpeg"].sha256 == sha256(photo()).hexdigest()
    assert found["application/pdf"].copy_sha256 is None
    assert storage.get(found["image/jpeg"].sha256) == photo()
    assert storage.get(found["image/jpeg"].copy_sha256) != photo()


def test_what_is_refused_is_not_stored(storage: Storage) -> None:
    for content, name in ((b"x", "a.jpg"), (photo()[:200], "a.jpg"), (photo(), "a.pdf")):
        with pytest.raises(Invalid):
            actions.seal(storage, content, name, zone=ZONE)
    with pytest.raises(Invalid, match="超过上限"):
        actions.seal(storage, photo(), "a.jpg", zone=ZONE, most=100)
    assert not storage.folder.exists()


def test_files_are_tied_to_an_event_under_their_names(database: Database, storage: Storage) -> None:
    one = actions.seal(storage, photo("red"), "红.jpg", zone=ZONE)
    two = actions.seal(storage, photo("blue"), "蓝.jpg", zone=ZONE)
    with database.transaction() as tx:
        actions.record(tx, [one, two], now=NOW)
        actions.attach(
            tx,
            issue_id=1,
            event_seq=3,
            digests=[one.sha256, two.sha256, one.sha256],
            by_id=1,
            now=NOW,
        )
        long_name = "长" * 300 + ".jpg"
        names = {one.sha256: "红.jpg", two.sha256: long_name}
        actions.name_files(tx, issue_id=1, event_seq=3, names=names)
        rows = tx.execute(text("SELECT * FROM evidence ORDER BY id")).all()
    assert [(row.issue_id, row.event_seq, row.sha256) for row in rows] == [
        (1, 3, one.sha256),
        (1, 3, two.sha256),
    ]
    assert rows[0].name == "红.jpg"
    assert len(rows[1].name) == 200
    assert rows[1].name.endswith(".jpg")


def test_a_file_that_was_never_uploaded_cannot_be_tied(database: Database) -> None:
    with pytest.raises(Invalid, match="00000000…"), database.transaction() as tx:
        actions.attach(tx, issue_id=1, event_seq=1, digests=["0" * 64], by_id=1, now=NOW)
