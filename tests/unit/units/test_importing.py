"""A file of units becomes entries, or sentences that name row and column."""

import re
from datetime import date
from pathlib import Path

import pytest

from workflow.errors import ConfigError
from workflow.units.directory import Directory
from workflow.units.entries import Batch, Faulty
from workflow.units.importing import read_units
from workflow.units.register import Register

ON = date(2026, 3, 2)
YAML = """
units:
  - code: gov
    name: 青川市人民政府
    kind: government
    level: county
    people:
      - {name: 甲, posts: [principal, leader]}
      - {name: 乙, login: gov.yi, posts: [handler], from_on: 2026-01-01, until_on: 2026-12-31}
  - {code: qs, name: 青山镇, level: 乡镇, under: gov, aliases: [青山]}
routes:
  - {issuer: gov, sources: [central, snapshot], categories: [coal]}
"""
CSV = "编码,名称,级别,上级,别名\nqs,青山镇,乡镇,gov,青山、青山镇政府\n\nst,石滩村,village,qs,\n"


def read(tmp_path: Path, text: str | bytes, name: str = "units.yaml") -> Batch:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_units(path, on=ON)


def test_yaml_holds_units_with_their_people_and_routes(tmp_path: Path) -> None:
    batch = read(tmp_path, YAML)
    assert [(unit.code, unit.level, unit.under) for unit in batch.units] == [
        ("gov", "county", None),
        ("qs", "township", "gov"),
    ]
    assert [(person.login, person.name) for person in batch.people] == [
        ("gov.principal", "甲"),
        ("gov.yi", "乙"),
    ]
    assert [(post.login, post.post, post.from_on, post.until_on) for post in batch.posts] == [
        ("gov.principal", "principal", ON, None),
        ("gov.principal", "leader", ON, None),
        ("gov.yi", "handler", date(2026, 1, 1), date(2026, 12, 31)),
    ]
    assert [(route.source, route.category) for route in batch.routes] == [
        ("central", "coal"),
        ("snapshot", "coal"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_holds_a_unit_a_row(tmp_path: Path, encoding: str) -> None:
    batch = read(tmp_path, CSV.encode(encoding), "units.csv")
    assert [(unit.row, unit.code, unit.aliases) for unit in batch.units] == [
        ("第2行", "qs", ("青山", "青山镇政府")),
        ("第4行", "st", ()),
    ]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("units:\n  - {name: 甲}", ["units[1] code"]),
        ("units:\n  - {code: a b, name: 甲}", ["units[1] code"]),
        ("units:\n  - {code: 12, name: 甲}", ["units[1] code"]),
        ("units:\n  - {code: a, name: ''}", ["units[1] name"]),
        ("units:\n  - {code: a, name: 甲, nam: 乙}", ["units[1] nam"]),
        ("units:\n  - {code: a, name: 甲, level: [x]}", ["units[1] level"]),
        ("units:\n  - 甲", ["units[1]"]),
        ("units: 甲", ["units"]),
        ("unit: []", ["unit"]),
        ("units:\n  - {code: a, name: 甲, people: 乙}", ["units[1] people"]),
        ("units:\n  - {code: a, name: 甲, people: [乙]}", ["units[1].people[1]"]),
        ("units:\n  - {code: a, name: 甲, people: [{name: 乙}]}", ["units[1].people[1] posts"]),
        (
            "units:\n  - {code: a, name: 甲, people: [{name: 乙, posts: [handler], from_on: x}]}",
            ["units[1].people[1] from_on"],
        ),
        ("units:\n  - {code: a, name: 甲, 1: 2}", ["units[1] 1"]),
        ("routes:\n  - {issuer: a, sources: {x: 1}}", ["routes[1] source"]),
        ("units:\n  - {code: +, name: 甲}\n  - {code: b}", ["units[1] code", "units[2] name"]),
    ],
)
def test_every_fault_is_named_with_its_row(tmp_path: Path, text: str, places: list[str]) -> None:
    with pytest.raises(Faulty) as caught:
        read(tmp_path, text)
    assert [fault.place for fault in caught.value.faults] == places
    for sentence in caught.value.field_texts().values():
        assert "{" not in sentence
        assert sentence.endswith(("。", "？"))


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("units: }", "a.yaml", 1),
        ("units:\n  - &a {code: x}\n  - *a", "a.yaml", 3),
        ("[]", "a.yaml", None),
        ("", "a.yaml", None),
        ("[" * 20_000, "a.yaml", None),
        ("名称\n甲", "a.csv", 1),
        ("", "a.csv", None),
        (b"\xff\xff\xff", "a.yaml", None),
        ("x", "a.docx", None),
    ],
)
def test_a_file_that_cannot_be_read_says_where(
    tmp_path: Path, text: str | bytes, name: str, line: int | None
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text, name)
    assert caught.value.file == name
    if line is not None:
        assert caught.value.line == line


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_units(tmp_path / "none.yaml", on=ON)
    assert "none.yaml" in str(caught.value)


@pytest.mark.parametrize("kind", ["yaml", "csv"])
def test_the_examples_of_the_documentation_are_right(tmp_path: Path, kind: str) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "units.md").read_text(encoding="utf-8")
    (example,) = re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)
    batch = read(tmp_path, example, f"units.{kind}")
    assert Register(Directory(0, []), batch, update=True).changes().faults == []
    assert len(batch.units) == 2
