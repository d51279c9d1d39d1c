"""Each file in ``broken/`` has one thing wrong, says which code it expects, and gets it.

The head of a file: what is wrong; ``expect``: the code; ``trace``: the shortest walk that the proof
has to print for it; ``also``: codes that follow from the same mistake.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from workflow.errors import ConfigError
from workflow.loops import registry
from workflow.loops.graph import endings_of
from workflow.loops.registry import check
from workflow.loops.sentences import SENTENCES
from workflow.loops.walk import replay

FOLDER = Path(__file__).parent / "broken"
LOOPS = Path(__file__).parents[3] / "config" / "loops"
FILES = sorted(FOLDER.glob("*.yaml"))
REQUIRED = {
    "unreachable",
    "no_end",
    "no_owner",
    "no_clock",
    "unknown_role",
    "unbound_relation",
    "guarded_stuck",
    "dead_clock",
    "final_left",
    "duplicate",
    "unknown_kind",
}
UNREADABLE = {"alias", "bad_yaml"}


@dataclass(frozen=True)
class Expected:
    code: str
    trace: tuple[str, ...] | None
    also: frozenset[str]


def expected(path: Path) -> Expected:
    head = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, colon, value = line.removeprefix("# ").partition(": ")
        if line.startswith("# ") and colon and key in ("expect", "trace", "also"):
            head[key] = value.strip()
    trace = tuple(head["trace"].split()) if "trace" in head else None
    return Expected(head["expect"], trace, frozenset(head.get("also", "").split()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_broken_definition_is_refused_with_its_code(path: Path) -> None:
    wanted = expected(path)
    if wanted.code in UNREADABLE or path.stem == "duplicate_key":
        with pytest.raises(ConfigError) as caught:
            check(path, LOOPS)
        error = caught.value
        assert (error.code, error.file) == (wanted.code, str(path))
        assert error.line
        assert error.column
        return
    verdict = check(path, LOOPS)
    found = [problem for problem in verdict.problems if problem.code == wanted.code]
    assert found, [problem.code for problem in verdict.problems]
    assert {problem.code for problem in verdict.problems} <= {wanted.code} | wanted.also
    if wanted.trace is not None:
        assert wanted.trace in [problem.trace for problem in found]
    for problem in verdict.problems:
        assert verdict.mark(problem).line > 1
        for lang in ("zh", "en"):
            assert "{" not in problem.text(lang)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_printed_trace_can_be_walked_to_its_state(path: Path) -> None:
    try:
        verdict = check(path, LOOPS)
    except ConfigError:
        return
    endings = endings_of(registry.load_all(LOOPS)["part"])
    for problem in verdict.problems:
        if problem.trace:
            assert verdict.loop is not None
            end = replay(verdict.loop, problem.trace, given=problem.given, endings=endings)
            assert end.state == problem.state


def test_the_corpus_covers_every_code_that_a_definition_can_get() -> None:
    codes = {expected(path).code for path in FILES}
    assert len(FILES) >= 25
    assert codes >= REQUIRED
    # Too large to lie here as a file; see test_soundness.
    assert codes >= {key.partition("/")[0] for key in SENTENCES} - {"too_large"}
