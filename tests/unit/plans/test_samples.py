"""Plans of invented cities in many layouts, each against facts written by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plans.measure import ROOT, Score, load, measure, table
from tests.plans.papers import ledger_plan, pdf_plan, table_plan
from workflow.plans.parse import parse
from workflow.plans.readers.reading import read_file
from workflow.plans.words import Words

SAMPLES = ROOT / "tests" / "plans" / "samples"
STORED = sorted([*SAMPLES.glob("*.txt"), *SAMPLES.glob("*.html")])
ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")
"""Each is tried with a third of the samples."""
MADE: dict[str, Callable[[Path], Path]] = {
    "made.docx": table_plan,
    "made.xlsx": ledger_plan,
    "made.pdf": pdf_plan,
}


def verdict(scores: dict[str, Score]) -> str:
    """Nothing if all facts were read, else the table and what differs."""
    low = [k for k, s in scores.items() if s.precision < 1 or s.recall < 1]
    differs = {kind: (scores[kind].missing, scores[kind].wrong) for kind in low}
    return f"\n{table(scores)}\n{differs}" if low else ""


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_stored(path: Path, words: Words) -> None:
    scores = measure(parse(read_file(path), words), load(path.with_suffix(".yaml")))
    assert not verdict(scores)


@pytest.mark.parametrize("name", MADE)
def test_made(name: str, words: Words, tmp_path: Path) -> None:
    path = MADE[name](tmp_path / name)
    scores = measure(parse(read_file(path), words), load(SAMPLES / f"{name}.yaml"))
    assert not verdict(scores)


@pytest.mark.parametrize(
    ("path", "encoding"),
    [pytest.param(path, ENCODINGS[n % 3], id=path.stem) for n, path in enumerate(STORED)],
)
def test_in_every_encoding(path: Path, encoding: str, words: Words, tmp_path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace('charset="utf-8"', f'charset="{encoding}"')
    other = tmp_path / path.name
    other.write_bytes(text.encode(encoding))
    assert parse(read_file(other), words).as_json() == parse(read_file(path), words).as_json()


@pytest.mark.parametrize("path", [p for p in STORED if p.suffix == ".txt"], ids=lambda p: p.stem)
def test_half_width_signs_and_inner_spaces_change_nothing(
    path: Path, words: Words, tmp_path: Path
) -> None:
    """What another office's typing habits do to a text changes no fact."""
    if path.stem in ("wrapped", "tabbed"):
        pytest.skip("widths and tabs are what these two are about")
    text = path.read_text(encoding="utf-8")
    table = str.maketrans("，；：（）％", ",;:()%")
    spaced = "".join(
        f" {c} "
        if c.isdigit() and not text[n - 1].isalnum() and not text[n + 1 : n + 2].isalnum()
        else c
        for n, c in enumerate(text)
    )
    other = tmp_path / path.name
    other.write_text(spaced.translate(table), encoding="utf-8")
    scores = measure(parse(read_file(other), words), load(path.with_suffix(".yaml")))
    assert not verdict(scores)
