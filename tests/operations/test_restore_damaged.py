"""A backup that is damaged or forged is refused by what is wrong; nothing is written."""

import os
import random
import zlib
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.operations.backups import (
    Change,
    Members,
    column,
    rebuilt,
    resealed,
    restore,
    rewritten,
    verified,
)
from tests.operations.restores import LATER, untouched
from workflow.backup.layout import TRAILER_LENGTH, BackupError
from workflow.db import Database


def refused(path: Path, folder: Path) -> str:
    """Why a backup is refused; nothing may have been written."""
    database = Database(f"sqlite:///{folder}/bihuan.db")
    try:
        with pytest.raises(BackupError) as caught:
            restore(path, database, folder, LATER)
    finally:
        database.close()
    assert untouched(folder)
    said = caught.value.text()
    assert said.endswith("。")
    return said


def flipped(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    other = content[at] ^ chance.randrange(1, 256)
    return content[:at] + bytes([other]) + content[at + 1 :]


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def swapped(content: bytes, chance: random.Random) -> bytes:
    """Two blocks change places."""
    one, other = sorted(chance.sample(range(0, len(content) - 1024, 512), 2))
    moved = bytearray(content)
    moved[one : one + 512], moved[other : other + 512] = (
        content[other : other + 512],
        content[one : one + 512],
    )
    return bytes(moved) if bytes(moved) != content else cut(content, chance)


def lengthened(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + chance.randbytes(chance.randrange(1, 600)) + content[at:]


DAMAGES = (flipped, cut, swapped, lengthened)


def damage_many(backup: Path, folder: Path, seed: int, count: int) -> None:
    chance, content = random.Random(seed), backup.read_bytes()
    path = folder / "damaged.bihuan"
    for number in range(count):
        # Half of them are byte flips, since those are the hardest to see.
        damage = flipped if number % 2 else chance.choice(DAMAGES[1:])
        path.write_bytes(damage(content, chance))
        said = refused(path, folder / "new")
        assert "备份" in said, (seed, number, damage.__name__, said)


def test_fifty_damaged_backups_are_refused(backup: Path, tmp_path: Path) -> None:
    damage_many(backup, tmp_path, 20_241_122, 50)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_thousand_damaged_backups_are_refused(backup: Path, tmp_path: Path, seed: int) -> None:
    damage_many(backup, tmp_path, seed, 250)


@pytest.mark.long
def test_every_byte_of_the_structure_counts_even_with_a_right_trailer(
    backup: Path, tmp_path: Path
) -> None:
    """Who recomputes the file's hash still meets the hashes inside."""
    chance, content = random.Random(7), backup.read_bytes()
    path, body = tmp_path / "damaged.bihuan", len(content) - TRAILER_LENGTH
    for number in range(1000):
        at = chance.randrange(body)
        changed = bytearray(content)
        changed[at] ^= chance.randrange(1, 256)
        path.write_bytes(resealed(bytes(changed)))
        try:
            verified(path)
        except BackupError:
            continue
        # What no hash covers is filler, and the words of the manifest about itself.
        manifest = content.index(b"manifest.json") < at
        assert manifest or content[at] == 0, (number, at)


def without(name: str) -> Change:
    def change(members: Members, manifest: dict[str, Any]) -> None:
        found = next(each for each in members if each.startswith(name))
        del members[found]

    return change


def extra(name: str, content: bytes = b"x") -> Change:
    def change(members: Members, manifest: dict[str, Any]) -> None:
        members[name] = content

    return change


def told(*path: Any, value: Any) -> Change:
    """The manifest says something else."""

    def change(members: Members, manifest: dict[str, Any]) -> None:
        place: Any = manifest
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def other_event(members: Members, manifest: dict[str, Any]) -> None:
    at = column(manifest, "event", "data")
    rewritten(
        members, manifest, "event", lambda found: found[3].__setitem__(at, '{"note": "假的"}')
    )


def tail_cut(members: Members, manifest: dict[str, Any]) -> None:
    rewritten(members, manifest, "event", lambda found: found.pop())


def other_file(members: Members, manifest: dict[str, Any]) -> None:
    name = next(each for each in members if each.startswith("files/"))
    members[name] = b"y" * len(members[name])


def other_row(members: Members, manifest: dict[str, Any]) -> None:
    rewritten(members, manifest, "unit", lambda found: found[0].pop())


def bomb(members: Members, manifest: dict[str, Any]) -> None:
    """A part that says it is small and unpacks to twenty megabytes."""
    (entry,) = [each for each in manifest["tables"] if each["name"] == "unit"]
    part = entry["parts"][0]
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(20)) + packer.flush()
    members[part["name"]] = packed
    part.update(size=len(packed), sha256=sha256(packed).hexdigest())


TAMPERED: dict[str, tuple[Change, str]] = {
    "part is missing": (without("tables/event"), "缺少 tables/event"),
    "attachment is missing": (without("files/"), "附件"),
    "configuration is missing": (without("config/"), "缺少 config/"),
    "attachment too many": (
        extra(f"files/{sha256(b'x').hexdigest()}"),
        "附件",
    ),
    "part too many": (extra("tables/issue/000009.jsonl.gz"), "不该有"),
    "way out": (extra("../../etc/cron.d/x"), "不该有"),
    "way out below": (extra("config/../../x.yaml"), "不该有"),
    "absolute": (extra("/tmp/x.yaml"), "不该有"),
    "program": (extra("config/x.py"), "不该有"),
    "another attachment": (other_file, "附件"),
    "another event": (other_event, "办理记录"),
    "last event is gone": (tail_cut, "办理记录"),
    "another head": (told("heads", "sha256", value="0" * 64), "办理记录"),
    "another checkpoint": (told("heads", "checkpoint", value=[1, "0" * 64]), "办理记录"),
    "fewer rows": (told("tables", 0, "rows", value=0), "行数"),
    "a row is short": (other_row, "读不懂"),
    "bomb": (bomb, "不符"),
    "bomb that is told": (told("tables", 0, "parts", 0, "raw", value=1 << 40), "大得不合理"),
    "newer schema": (told("revision", value="9999"), "9999"),
    "newer format": (told("format", value="bihuan-backup/2"), "bihuan-backup/2"),
    "no manifest": (lambda members, _: members.update({"manifest.json": b"[1]"}), "格式"),
    "manifest without end": (
        lambda members, _: members.update({"manifest.json": b"[" * 100_000}),
        "读不懂",
    ),
    "earlier schema than its tables": (told("revision", value="0003"), "不符"),
    "kind of a column": (told("tables", 0, "columns", 0, 1, value="int"), "备份"),
    "no zone": (told("taken_at", value="2024-01-01T00:00:00"), "读不懂"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampered_backups_are_refused_by_what_is_wrong(
    backup: Path, tmp_path: Path, name: str
) -> None:
    change, reason = TAMPERED[name]
    path = rebuilt(backup, tmp_path / "tampered.bihuan", change)
    assert reason in refused(path, tmp_path / "new")


def test_other_files_are_no_backups(tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04", os.urandom(5000), b"\n" * TRAILER_LENGTH):
        path = tmp_path / "x"
        path.write_bytes(content)
        assert "不是完整的备份文件" in refused(path, tmp_path / "new")
