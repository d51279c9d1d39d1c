"""A process that waits for requests has not loaded what only some of them need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checks import LATER, ROOT

_BUILD = """
import json, sys
from pathlib import Path
import cli.main
from config.settings import load_settings
from tasks.installation import open_database
from tasks.runtime import build
from web.app import create_app
from workflow import migrate

settings = load_settings(env_file=None, demo=True, data_dir=Path(sys.argv[1]), mail_url=None)
database = open_database(settings)
migrate.upgrade(database)
database.close()
create_app(build(settings))
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.mark.long
def test_large_libraries_are_not_loaded_at_the_start(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _BUILD, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(json.loads(run.stdout.splitlines()[-1]))
    assert "fastapi" in loaded
    assert not loaded & LATER
