"""The two real plans, read from where they are kept, against facts written by hand.

The plans themselves are no part of the repository; where they are absent the tests say so.
"""

import time
from pathlib import Path

import pytest

from tests.plans.measure import ROOT, load, measure, table
from workflow.plans.found import Plan
from workflow.plans.parse import parse
from workflow.plans.readers.reading import read_file
from workflow.plans.words import Words

KEPT = ROOT.parent / "shared" / "plans"
GOLDEN = ROOT / "tests" / "plans" / "golden"
PLANS = {"xingyang": "000_", "luoyang": "003_"}
BEST = 0.99


def found(name: str) -> Path:
    """The file of a plan; skips where it is not kept beside the repository."""
    path = next(KEPT.glob(f"{PLANS[name]}*.txt"), None) if KEPT.is_dir() else None
    if path is None:
        pytest.skip(f"the plan {name} is not kept beside the repository (shared/plans)")
    return path


def read(name: str, words: Words) -> Plan:
    return parse(read_file(found(name)), words)


@pytest.mark.parametrize("name", PLANS)
def test_facts_are_those_written_by_hand(name: str, words: Words) -> None:
    scores = measure(read(name, words), load(GOLDEN / f"{name}.yaml"))
    low = [k for k, s in scores.items() if s.precision < BEST or s.recall < BEST]
    missing = {kind: (scores[kind].missing, scores[kind].wrong) for kind in low}
    assert not low, f"\n{table(scores)}\n{missing}"


def test_what_is_doubtful_is_said(words: Words) -> None:
    """The defects of the texts that domain knowledge lists (7D), each beside its task."""
    plan = read("luoyang", words)
    tasks = {task.no: " ".join(note.text() for note in task.notes) for task in plan.tasks}
    assert "早于发文日期" in tasks[8]
    assert "31台" in tasks[7]
    assert "9个名称" in tasks[7]
    assert "百分点还是百分比" in tasks[13]
    assert "30%" in tasks[15]
    assert "误印" in tasks[15]
    assert "6489亩" in tasks[16]
    assert "对象" in tasks[16]
    assert all("汇总" in tasks[no] for no in (7, 9, 10, 11, 15, 16))
    document = " ".join(note.text() for note in plan.notes)
    assert "各具区政府" in document
    assert "各县区政府" in document
    assert "市发展和改革委、市发展改革委" in document
    assert "督察" in document
    assert "督查" in document


def test_coupled_percentages_stay_two(words: Words) -> None:
    task = next(task for task in read("luoyang", words).tasks if task.no == 14)
    staged = [(t.value, t.due.year if t.due else None) for t in task.targets if t.unit == "%"]
    assert staged == [("80", 2023), ("30", 2023), ("70", 2024)]


@pytest.mark.parametrize("name", PLANS)
def test_nothing_is_dropped_in_silence(name: str, words: Words) -> None:
    """Every sentence of the file stands in a task, a section, the head or a clause."""
    lines = read_file(found(name))
    plan = parse(lines, words)
    kept = "".join(
        [
            *(task.title + task.text for task in plan.tasks),
            *(section.title + section.text for section in plan.sections),
            *(action.title for action in plan.actions),
            *(unit for task in plan.tasks for duty in task.duties for unit in duty.units),
            *(duty.printed for task in plan.tasks for duty in task.duties),
        ]
    )
    pairs = {kept[n : n + 2] for n in range(len(kept) - 1)}
    body = "".join(line.text for line in lines[10:])
    chinese = [
        body[n : n + 2]
        for n in range(len(body) - 1)
        if all("\u4e00" <= char <= "\u9fff" for char in body[n : n + 2])
    ]
    lost = [pair for pair in chinese if pair not in pairs]
    assert len(lost) < len(chinese) * 0.02, sorted(set(lost))[:40]


@pytest.mark.parametrize("name", PLANS)
def test_thirty_pages_take_less_than_a_second(name: str, words: Words) -> None:
    lines = list(read_file(found(name))) * 3
    start = time.process_time()
    parse(lines, words)
    assert time.process_time() - start < 1
