"""``make demo-reset`` throws away the demo's folder and nothing else."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_reset_removes_the_demo_folder_only() -> None:
    told = subprocess.run(
        ["make", "--dry-run", "demo-reset"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    removed = [line for line in told.splitlines() if "rm " in line]
    assert [line.partition("&&")[0].strip() for line in removed] == ["rm -rf data/demo"]
