"""Ladder files: what an office writes is read, what is wrong is named with its line."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from workflow.deadlines.ladder import Ladder, Rung, term_of
from workflow.deadlines.ladders import MESSAGES, load_ladders
from workflow.errors import ConfigError
from workflow.labels import load_labels
from workflow.loops import registry
from workflow.outbox import messages

CONFIG = Path(__file__).resolve().parents[3] / "config"
SHIPPED = sorted((CONFIG / "ladders").glob("*.yaml"))
LAMPS = load_labels(CONFIG / "labels").keys("lamps")
START = datetime(2025, 3, 3, tzinfo=UTC)


def read(tmp_path: Path, rung: str, clock: str = "rectify") -> Ladder | None:
    path = tmp_path / "test.yaml"
    path.write_text(f"ladders:\n  {clock}:\n    - {rung}\n", encoding="utf-8")
    return load_ladders(path, lamps=LAMPS).pick(clock, "short")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_ladders_load(path: Path) -> None:
    ladders = load_ladders(path, lamps=LAMPS)
    for clock in ("rectify", "accept", "verify", "sign", "answer", "something_new"):
        for term in ("short", "limited", "long"):
            assert ladders.pick(clock, term)
    assert not any(rung.paper for clock in ("sign", "answer") for rung in _rungs(ladders, clock))


def _rungs(ladders: object, clock: str) -> tuple[Rung, ...]:
    found = ladders.pick(clock, "short")  # type: ignore[attr-defined]
    return found.rungs if found else ()


def test_every_clock_of_the_shipped_loops_is_named_in_the_default_file() -> None:
    ladders = load_ladders(CONFIG / "ladders" / "default.yaml")
    for loop in registry.load_all(CONFIG / "loops").values():
        limits = [rule.name for rule in loop.clocks.values() if not rule.is_period]
        requests = [f"decide_{kind}" for kind in loop.requests]
        assert {*limits, *requests} <= set(ladders.by_clock)


def test_a_ladders_messages_are_messages_of_the_outbox() -> None:
    climbing = {kind for kind, each in messages.MESSAGES.items() if issubclass(each, messages.Rung)}
    assert climbing == set(MESSAGES)


def test_a_rung_is_read(tmp_path: Path) -> None:
    ladder = read(
        tmp_path,
        "{at: +1wd, level: 3, lamp: orange, paper: supervision, to: principal@owner, "
        "copy: deputy@owner, sign: deputy@issuer, answer_by: 3wd}",
    )
    assert ladder is not None
    assert ladder.rungs == (
        Rung(
            "+1wd",
            3,
            lamp="orange",
            paper="supervision",
            to="principal@owner",
            copy=("deputy@owner",),
            sign="deputy@issuer",
            answer_by="3wd",
        ),
    )
    assert Ladder.from_json(ladder.name, ladder.as_json()) == ladder
    assert Ladder.from_json(ladder.name, ladder.as_json()).hash == ladder.hash


def test_the_hash_depends_on_every_field() -> None:
    plain = Rung("0", 1)
    others = {"at": "+1wd", "level": 2, "copy": ("owner",)}
    hashes = {Ladder("t", (plain,)).hash, Ladder("u", (plain,)).hash}
    for each in fields(Rung):
        value = others.get(each.name, "x")
        changed = {name.name: getattr(plain, name.name) for name in fields(Rung)} | {
            each.name: value
        }
        hashes.add(Ladder("t", (Rung(**changed),)).hash)
    assert len(hashes) == 2 + len(fields(Rung))


@pytest.mark.parametrize(
    ("rung", "key", "said"),
    [
        ("{level: 1, message: reminder}", "ladders.rectify.0", "缺少 at"),
        ("{at: -1wd, message: reminder}", "ladders.rectify.0", "缺少 level"),
        ("{at: soon, level: 1, message: reminder}", "ladders.rectify.0.at", "看不懂时点"),
        ("{at: 0, level: 0, message: reminder}", "ladders.rectify.0.level", "1 至 9"),
        ("{at: 0, level: many, message: reminder}", "ladders.rectify.0.level", "1 至 9"),
        ("{at: 0, level: true, message: reminder}", "ladders.rectify.0.level", "1 至 9"),
        ("{at: 0, level: 1, message: hello}", "ladders.rectify.0.message", "没有“hello”"),
        (
            "{at: 0, level: 1, paper: letter, sign: deputy@issuer}",
            "ladders.rectify.0.paper",
            "没有",
        ),
        ("{at: 0, level: 1, paper: bulletin}", "ladders.rectify.0", "须有人签发"),
        ("{at: 0, level: 1, lamp: pink, message: urging}", "ladders.rectify.0.lamp", "blue"),
        ("{at: 0, level: 1}", "ladders.rectify.0", "什么也没做"),
        (
            "{at: 0, level: 1, message: urging, paper: urging, sign: deputy@issuer}",
            "ladders.rectify.0",
            "只能写 message 或 paper",
        ),
        ("{at: 0, level: 1, message: urging, to: boss}", "ladders.rectify.0.to", "看不懂收件人"),
        ("{at: 0, level: 1, message: urging, to: handler@mars}", "ladders.rectify.0.to", "看不懂"),
        (
            "{at: 0, level: 1, message: urging, copy: [owner, x]}",
            "ladders.rectify.0.copy.1",
            "看不懂收件人",
        ),
        ("{at: 0, level: 1, message: urging, sign: owner}", "ladders.rectify.0.sign", "只用于文书"),
        (
            "{at: 0, level: 1, message: urging, answer_by: 1wd}",
            "ladders.rectify.0.answer_by",
            "只用于文书",
        ),
        (
            "{at: 0, level: 1, paper: urging, sign: deputy@issuer, answer_by: due}",
            "ladders.rectify.0.answer_by",
            "应写时长",
        ),
        (
            "{at: 0, level: 1, message: urging, colour: red}",
            "ladders.rectify.0.colour",
            "没有“colour”",
        ),
        ("remind them", "ladders.rectify.0", "一级应写成"),
    ],
)
def test_a_wrong_rung_is_named(tmp_path: Path, rung: str, key: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, rung)
    assert caught.value.key == key
    assert caught.value.line == 3
    assert said in caught.value.text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sign_within: 1wd\n", "缺少 ladders"),
        ("ladders: {}\n", "缺少 ladders"),
        ("sign_within: due\nladders: {a: []}\n", "应写时长"),
        ("ladders:\n  rectify: 3wd\n", "应写成各级的列表"),
        ("ladders:\n  rectify:\n    short: []\n", "缺少 limited、long"),
        ("ladders:\n  rectify:\n    forever: []\n", "没有“forever”"),
        ("rungs:\n  rectify: []\n", "没有“rungs”"),
        ("ladders: *x\n", ""),
        ("ladders: [\n", "YAML"),
        (
            "ladders:\n  a: [{at: +1wd, level: 1, lamp: red}, {at: -1wd, level: 1, lamp: red}]\n",
            "早于上一级",
        ),
        (
            "ladders:\n  a: [{at: +2h, level: 1, lamp: red}, {at: +30min, level: 1, lamp: red}]\n",
            "早于上一级",
        ),
        (
            "ladders:\n  sign:\n    - {at: 0, level: 1, paper: urging, sign: deputy@issuer}\n",
            "只能发消息",
        ),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_ladders(path, lamps=LAMPS)
    assert caught.value.file == str(path)
    assert said in caught.value.text()


def test_an_empty_list_means_no_ladder(tmp_path: Path) -> None:
    path = tmp_path / "test.yaml"
    path.write_text(
        "ladders:\n  publish: []\n  otherwise:\n    - {at: 0, level: 1, message: urging}\n",
        encoding="utf-8",
    )
    ladders = load_ladders(path)
    assert ladders.pick("publish", "short") is None
    assert ladders.pick("anything", "long") is not None
    assert len(ladders.all()) == 1


def test_the_term_follows_the_length() -> None:
    day = START.date()
    assert term_of(START, None) == "short"
    assert term_of(START, day + timedelta(days=30)) == "short"
    assert term_of(START, day + timedelta(days=31)) == "limited"
    assert term_of(START, date(2026, 3, 3)) == "limited"
    assert term_of(START, date(2027, 3, 3)) == "long"


def test_the_example_of_the_manual_loads(tmp_path: Path) -> None:
    manual = (CONFIG.parent / "docs" / "ladders.md").read_text(encoding="utf-8")
    example = manual.partition("```yaml\n")[2].partition("```")[0]
    path = tmp_path / "example.yaml"
    path.write_text(example, encoding="utf-8")
    ladders = load_ladders(path, lamps=LAMPS)
    assert ladders.pick("publish", "short") is None
    assert len(ladders.all()) == 5
