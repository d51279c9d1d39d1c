"""The house keeps its rules, and each check fires where a rule is broken."""

import pytest

from tests.house.checks import CHECKS, LONGEST, PURE, Check, Source, pure, sources

BAD: dict[str, tuple[tuple[str, str], ...]] = {
    "no_clock": (
        ("workflow/x/actions.py", "import datetime\nat = datetime.datetime.now()"),
        ("workflow/x/actions.py", "from datetime import datetime as dt\nat = dt.now(tz)"),
        ("workflow/x/models.py", "from datetime import date\nfield(default_factory=date.today)"),
        ("config/x.py", "from time import time\nat = time()"),
        ("config/x.py", "import time as t\nt.monotonic()"),
        ("workflow/x/queries.py", "from sqlalchemy import func\nselect(func.now())"),
    ),
    "one_commit": (
        ("workflow/x/actions.py", "session.commit()"),
        ("web/pages/x.py", "tx.rollback()"),
        ("tasks/jobs.py", "tx.exec_driver_sql('commit;')"),
    ),
    "imports_at_top": (
        ("cli/x.py", "def f():\n    import json"),
        (
            "web/x.py",
            "class A:\n    async def f(self):\n        if x:\n            from a import b",
        ),
    ),
    "loaded_later": (
        ("workflow/x/cells.py", "import openpyxl"),
        ("workflow/x/cells.py", "from openpyxl.cell.cell import Cell"),
        ("web/x.py", "if TYPE_CHECKING:\n    import docx\nelse:\n    import docx"),
    ),
    "no_eta": (
        ("tasks/jobs.py", "job.apply_async(args, eta=at)"),
        ("workflow/x/actions.py", "job.apply_async(countdown=5)"),
        ("tasks/app.py", "@app.task(autoretry_for=(OSError,))\ndef f(): ..."),
    ),
    "short": (("web/x.py", "x = 1\n" * (LONGEST + 1)),),
    "own_models": (
        ("workflow/reports/queries.py", "from workflow.issues.models import Issue"),
        ("workflow/reports/queries.py", "from workflow.issues import models"),
        ("web/pages/x.py", "import workflow.units.models"),
    ),
    "pure": (
        (PURE[-1], "import sqlalchemy"),
        (PURE[-1], "from workflow.db import Tx"),
        (PURE[-1], "from workflow import db"),
        (PURE[-1], "import config.settings"),
    ),
    "empty_package": (("workflow/x/__init__.py", '"""X."""\nfrom workflow.x import y'),),
    "live_annotations": (("workflow/x/models.py", "from __future__ import annotations"),),
}
GOOD = (
    ("tasks/clock.py", "from datetime import datetime, UTC\nnow = datetime.now(UTC)"),
    ("workflow/db.py", "tx.commit()"),
    ("workflow/x/actions.py", "def act(tx, *, now):\n    return now.date(), now.time()"),
    ("workflow/issues/actions.py", "from workflow.issues.models import Issue"),
    ("workflow/metadata.py", "from workflow.issues import models"),
    (PURE[-1], "import json\nfrom pydantic import BaseModel\nfrom workflow.errors import Invalid"),
    ("web/x.py", "x = 1\n" * LONGEST),
    ("workflow/x/cells.py", "if TYPE_CHECKING:\n    import openpyxl"),
)


def name_of(check: Check) -> str:
    return check.__name__


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_the_product_keeps(check: Check) -> None:
    found = [
        f"{source.path}:{line}: {text}" for source in sources() for line, text in check(source)
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
def test_fires(check: Check) -> None:
    for path, text in BAD[name_of(check)]:
        assert list(check(Source(path, text))), f"{path}: {text[:80]}"


@pytest.mark.parametrize(("path", "text"), GOOD)
def test_leaves_alone(path: str, text: str) -> None:
    assert [found for check in CHECKS for found in check(Source(path, text))] == []


def test_purity_is_followed_through_other_files() -> None:
    """`config.logging` itself imports nothing but the standard library and `config.settings`."""
    found = list(pure(Source(PURE[-1], "x = 1\nfrom config.logging import request_id")))
    assert (2, "reaches pydantic_settings") in {(line, text[:25]) for line, text in found}
