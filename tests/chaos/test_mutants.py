"""Every guard is proved by a mutant: without it, a test fails.

A mutant is the product with one guard taken out by a patch of its text.  The tests that are named
beside it pass on the product and fail on the mutant; a patch that no longer fits the text fails in
the ordinary run.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    "cli",
    "config",
    "docs",
    "tasks",
    "templates",
    "tests",
    "web",
    "workflow",
    "pyproject.toml",
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", "samples", "golden", "*.db")
PATIENCE = 120
"""Seconds for one mutant's tests on a busy machine; it ends in a few."""
FAILED = re.compile(r"^(\d+) failed", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """A guard that is missing, and the smallest tests that notice."""

    name: str
    file: str
    guard: str
    """The text that stands there, exactly once."""
    without: str
    tests: tuple[str, ...]


OUTBOX = "tests/flows/test_outbox.py"
LAST = "tests/operations/test_invariants_guards.py"
TICK = "tests/flows/escalation/test_tick.py"
QUERIES = "tests/flows/test_issue_queries.py"
CLOCK = "tests/operations/test_clock.py"
RECORD = "tests/flows/audit/test_record.py"
PAPERS = "tests/flows/escalation/test_papers.py"

MUTANTS = (
    Mutant(
        "fencing-check",
        "workflow/outbox/actions.py",
        "for row_id, token in rows if token == tokens[row_id])",
        "for row_id, token in rows)",
        (f"{OUTBOX}::test_a_zombie_with_an_old_token_records_nothing[sqlite]",),
    ),
    Mutant(
        "lease-of-a-message",
        "workflow/outbox/actions.py",
        '.values(state="leased", token=_OUTBOX.c.token + 1, not_before=bindparam("until"))',
        '.values(state="leased", token=_OUTBOX.c.token + 1)',
        (f"{OUTBOX}::test_a_claimed_message_is_nobody_elses_until_its_lease_ends[sqlite]",),
    ),
    Mutant(
        "unique-event",
        "workflow/audit/models.py",
        '__table_args__ = (UniqueConstraint("issue_id", "seq"),)',
        "__table_args__ = ()",
        (f"{RECORD}::test_two_events_cannot_have_one_number[sqlite]",),
    ),
    Mutant(
        "unique-rung",
        "workflow/deadlines/models.py",
        'UniqueConstraint("clock_id", "round", "rung"),',
        "",
        (f"{LAST}::test_a_rung_is_not_recorded_twice_in_its_round[sqlite]",),
    ),
    Mutant(
        "version-check",
        "workflow/issues/store.py",
        'ISSUE.c.version == bindparam("at_version"))',
        'bindparam("at_version", type_=ISSUE.c.id.type) > 0)',
        (f"{LAST}::test_who_loaded_an_issue_before_it_changed_does_not_save_it[sqlite]",),
    ),
    Mutant(
        "version-check-of-the-tick",
        "workflow/issues/heads.py",
        'ISSUE.c.version == bindparam("at_version"))',
        'bindparam("at_version", type_=ISSUE.c.id.type) > 0)',
        (f"{LAST}::test_a_tick_that_read_an_issue_before_it_changed_does_not_save_it[sqlite]",),
    ),
    Mutant(
        "begin-immediate",
        "workflow/db.py",
        '"BEGIN IMMEDIATE" if self._writes else "BEGIN"',
        '"BEGIN" if self._writes else "BEGIN"',
        (f"{LAST}::test_who_reads_in_order_to_write_holds_the_others_off",),
    ),
    Mutant(
        "scope-filter",
        "workflow/issues/visible.py",
        "ISSUE_UNIT.c.unit_id.in_(_UNITS)\n    )",
        "ISSUE_UNIT.c.unit_id > 0\n    )",
        (f"{QUERIES}::test_a_person_sees_what_their_units_stand_to[sqlite]",),
    ),
    Mutant(
        "scope-of-lists",
        "workflow/issues/visible.py",
        ".where(ISSUE_UNIT.c.unit_id.in_(_UNITS))",
        ".where(ISSUE_UNIT.c.unit_id > 0)",
        (f"{QUERIES}::test_a_person_sees_what_their_units_stand_to[sqlite]",),
    ),
    Mutant(
        "scope-of-an-action",
        "workflow/issues/store.py",
        "    if case.root_id is None or not scope.units:\n        return False",
        "    if case.root_id is None or not scope.units:\n        return True",
        ("tests/flows/issues/test_loop.py::test_a_foreign_person_finds_nothing[sqlite]",),
    ),
    Mutant(
        "chain-hash",
        "workflow/audit/proof.py",
        "        if one.hash != _link(one):\n",
        "        if _link(one) is None:\n",
        ("tests/unit/audit/test_proof.py::test_damage_is_found_and_located",),
    ),
    Mutant(
        "chain-link",
        "workflow/audit/chain.py",
        '"prev": prev,\n',
        '"prev": GENESIS,\n',
        (f"{RECORD}::test_a_record_as_it_was_written_is_proved[sqlite]",),
    ),
    Mutant(
        "leader-lease",
        "workflow/operations/leases.py",
        'LEASE.c.until <= bindparam("free"),',
        'or_(LEASE.c.until <= bindparam("free"), LEASE.c.token > 0),',
        ("tests/operations/test_leases.py::test_the_first_leads_and_the_second_stands_by[sqlite]",),
    ),
    Mutant(
        "only-the-leader-ticks",
        "tasks/clock.py",
        "        if not self.leads():\n            return\n        self.before()",
        "        self.before()",
        (f"{CLOCK}::test_only_the_leader_ticks_and_a_new_one_at_once[sqlite]",),
    ),
    Mutant(
        "late-tick",
        "workflow/escalation/rungs.py",
        "if at <= now and (not frozen or",
        "if now - 600 <= at <= now and (not frozen or",
        (f"{TICK}::test_after_a_long_outage_messages_merge_and_papers_keep_their_order[sqlite]",),
    ),
    Mutant(
        "papers-keep-their-order",
        "workflow/escalation/rungs.py",
        "    waits = clock.blocked_by is not None\n    for index",
        "    waits = False\n    for index",
        ("tests/unit/escalation/test_rungs.py::test_a_blocked_paper_is_not_due",),
    ),
    Mutant(
        "signers-clock",
        "workflow/escalation/batch.py",
        "            waiting.append(clock)\n",
        "",
        (f"{PAPERS}::test_the_silence_of_the_signer_goes_to_the_signers_superior[sqlite]",),
    ),
    Mutant(
        "leap-of-time",
        "workflow/escalation/rungs.py",
        "paper = index if at <= now and not frozen else None",
        "paper = index if at <= now else None",
        (
            "tests/operations/test_time.py::test_a_wrong_clock_reminds_and_admonishes_nobody[sqlite]",
        ),
    ),
    Mutant(
        "quarantine-of-messages",
        "tasks/relay.py",
        "if not channel.is_inbox and quarantine.is_on(tx):",
        "if not channel.is_inbox and not quarantine:",
        ("tests/operations/test_quarantine.py::test_nothing_leaves_and_the_inbox_goes_on[sqlite]",),
    ),
    Mutant(
        "quarantine-of-rungs",
        "tasks/sweep.py",
        "        with self.installation.database.reading() as tx:\n"
        "            return quarantine.is_on(tx)",
        "        return False",
        ("tests/operations/test_quarantine.py::test_no_rung_is_taken_and_no_period_ends[sqlite]",),
    ),
    Mutant(
        "idempotency-key",
        "web/api/router.py",
        "if (key := once.key_of(request)) is None:",
        "if (key := once.key_of(request)) is None or key:",
        ("tests/api/test_once.py::test_a_retry_gets_the_first_answer_and_does_nothing",),
    ),
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_patch_fits_the_text_and_its_tests_are_there(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.guard) == 1
    assert mutant.guard != mutant.without
    for each in mutant.tests:
        file, _, name = each.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / file).read_text(encoding="utf-8")


def test_there_are_enough() -> None:
    assert len(MUTANTS) >= 10
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@dataclass(frozen=True)
class Copy:
    """The product and its tests in a folder of their own."""

    folder: Path

    def run(self, *tests: str) -> subprocess.CompletedProcess[str]:
        """Run tests on what stands in the folder, and nowhere else."""
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
        }
        environment["PYTHONPATH"] = str(self.folder)
        command = (sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider")
        return subprocess.run(
            [*command, *tests],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The tree as it stands, each mutant a file of it for a while."""
    folder = tmp_path_factory.mktemp("mutants")
    for name in COPIED:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, folder / name, ignore=LEFT_OUT)
        else:
            shutil.copyfile(place, folder / name)
    return Copy(folder)


@pytest.fixture
def mutated(copy: Copy, request: pytest.FixtureRequest) -> Iterator[Mutant]:
    """The copy without the guard, until the test ends."""
    mutant: Mutant = request.param
    file = copy.folder / mutant.file
    whole = file.read_text(encoding="utf-8")
    assert whole.count(mutant.guard) == 1
    file.write_text(whole.replace(mutant.guard, mutant.without), encoding="utf-8")
    yield mutant
    file.write_text(whole, encoding="utf-8")


@pytest.mark.long
def test_with_every_guard_the_tests_pass(copy: Copy) -> None:
    place = subprocess.run(
        [sys.executable, "-c", "import workflow; print(workflow.__file__)"],
        cwd=copy.folder,
        env={**os.environ, "PYTHONPATH": str(copy.folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(place.stdout.strip()).is_relative_to(copy.folder)
    tests = dict.fromkeys(each for mutant in MUTANTS for each in mutant.tests)
    done = copy.run(*tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " skipped" not in done.stdout


@pytest.mark.long
@pytest.mark.parametrize("mutated", MUTANTS, indirect=True, ids=lambda mutant: mutant.name)
def test_without_the_guard_a_test_fails(copy: Copy, mutated: Mutant) -> None:
    done = copy.run(*mutated.tests)
    assert done.returncode == 1, f"{mutated.name} lives:\n{done.stdout}{done.stderr}"
    assert FAILED.search(done.stdout), done.stdout
    assert "error" not in done.stdout.splitlines()[-1], done.stdout
