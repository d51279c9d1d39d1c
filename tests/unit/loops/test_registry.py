"""Definitions are found, refused with their place, and found again by version."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from workflow.errors import ConfigError, NotFound
from workflow.loops.loop import Loop
from workflow.loops.registry import check, find, load_all

LOOPS = Path(__file__).parents[3] / "config" / "loops"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped definitions to spoil."""
    shutil.copytree(LOOPS, tmp_path / "loops")
    return tmp_path / "loops"


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_definitions_are_read_once_a_process(shipped: Mapping[str, Loop]) -> None:
    assert load_all(LOOPS) is shipped


def test_an_unsound_definition_stops_the_start_with_place_reason_and_trace(folder: Path) -> None:
    path = folder / "snapshot.yaml"
    spoil(path, "to: verify, held_by: {submit: [reject]}", "to: submit")
    spoil(path, "held_to: [resubmit, rectify]", "held_to: rectify")
    with pytest.raises(ConfigError) as caught:
        load_all(folder)
    error = caught.value
    assert (error.code, error.file) == ("no_clock", str(path))
    assert error.line == 11
    assert "report → assign → accept → submit → reject" in error.text()


def test_a_definition_with_unknown_words_stops_the_start(folder: Path) -> None:
    spoil(folder / "part.yaml", "do: merge", "do: marge")
    with pytest.raises(ConfigError, match="是否想写“merge”") as caught:
        load_all(folder)
    assert caught.value.code == "unknown_kind"


def test_a_definition_lies_in_the_file_of_its_name(folder: Path) -> None:
    (folder / "snapshot.yaml").rename(folder / "photo.yaml")
    with pytest.raises(ConfigError, match=r"请改名为 snapshot\.yaml") as caught:
        load_all(folder)
    assert caught.value.code == "misnamed"


def test_the_loop_of_parts_has_to_be_one(folder: Path) -> None:
    spoil(folder / "petition.yaml", "part_loop: part", "part_loop: snapshot")
    assert "no_part_loop" in {p.code for p in check(folder / "petition.yaml", folder).problems}
    (folder / "part.yaml").unlink()
    found = check(folder / "rectification.yaml", folder)
    assert {problem.code for problem in found.problems} == {"no_part_loop"}
    assert not found.is_sound
    # A file on its own finds the loop of its parts among those of the installation.
    assert check(folder / "rectification.yaml", LOOPS).is_sound


def test_names_that_do_not_exist_get_a_proposal() -> None:
    assert find(LOOPS, "petition").name == "petition.yaml"
    with pytest.raises(NotFound, match="是否指“petition”"):
        find(LOOPS, "petitoin")
    with pytest.raises(
        NotFound, match="现有：ledger、milestone、part、petition、rectification、snapshot"
    ):
        find(LOOPS, "xyz")
