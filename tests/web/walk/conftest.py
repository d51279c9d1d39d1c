"""A demo city for the walks, served by a process of its own; each worker of the run has one."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.walk.city import ROOT, City, city, edit, own_config

SHIPPED = "zh: 签收时限, en: Acceptance, limit: 4h"
QUICK = (
    ("at: -60s", "at: -3s"),
    ("at: +30s", "at: +1s"),
    ("at: +2min", "at: +2s"),
    ("answer_by: 2min", "answer_by: 2s"),
)
"""An office that lets a rejected unit climb within seconds, where the demo takes minutes."""


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an office has edited: step 1 of the README's "Change a limit and see it act", the
    acceptance limit of a snapshot report from 4h to 90s; and the ladder after a rejection.
    """
    own = own_config(tmp_path_factory.mktemp("office") / "config")
    edit(own / "loops" / "snapshot.yaml", SHIPPED, SHIPPED.replace("4h", "90s"))
    demo = own / "ladders" / "demo.yaml"
    rungs = re.search(r"\n  resubmit:\n(?:    .+\n)+", demo.read_text("utf-8"))
    assert rungs
    quick = rungs[0]
    for before, after in QUICK:
        assert quick.count(before) == 1
        quick = quick.replace(before, after)
    edit(demo, rungs[0], quick)
    return own


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, config: Path) -> Iterator[City]:
    """The city. In the end Ctrl+C stops it in time, and its record is found whole."""
    check = [sys.executable, "-c", "from cli.main import main; main()", "loop", "check", "snapshot"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "BIHUAN_CONFIG_DIR": str(config)}
    checked = subprocess.run(check, env=env, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with city(tmp_path_factory.mktemp("town"), config=config) as found:
        yield found
        found.stop()
        verified = found.bihuan("audit", "verify")
        assert verified.returncode == 0, verified.stderr


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where pictures of the pages go; a folder of your choice with BIHUAN_TEST_SHOTS."""
    kept = os.environ.get("BIHUAN_TEST_SHOTS")
    return Path(kept) if kept else tmp_path / "shots"
