"""A ledger of ten thousand rows on SQLite: reading, importing, how long anybody waits, memory.

The import runs in a process of its own, so that its memory is its own too.
"""

import io
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import xlsxwriter

from benchmarks.result import Result
from config.settings import load_settings
from tasks.installation import open_database, open_installation
from workflow import migrate
from workflow.db import Database, Tx
from workflow.evidence import actions as evidence
from workflow.evidence.storage import Storage
from workflow.ledger import actions, export, staging
from workflow.ledger.mapping import Given
from workflow.ledger.store import find
from workflow.ledger.tools import open_tools
from workflow.units import actions as unit_actions
from workflow.units import queries as units
from workflow.units.importing import read_units
from workflow.units.rules import actor

SUBJECT = "ledger"
WORLD = Path(__file__).parents[1] / "tests" / "world.yaml"
PREVIEW, IMPORT, EXPORT = 5.0, 20.0, 20.0
"""Seconds."""
WAIT = 100.0
"""Milliseconds that another writer may wait."""
MEMORY = 400.0
"""MB of the whole process."""


def run(*, rounds: int, size: int) -> list[Result]:
    """Import a ledger of `size` rows `rounds` times."""
    found = [_in_a_process(size) for _ in range(rounds)]
    note = f"{size:,} rows, 12 columns"
    figures = (
        ("read a ledger", "preview", PREVIEW, "s", note),
        ("import it", "import", IMPORT, "s", "laid down, confirmed, every issue made"),
        (
            "longest transaction",
            "wait",
            WAIT,
            "ms",
            f"of the whole import; batches of {actions.BATCH} issues",
        ),
        ("fill its template", "export", EXPORT, "s", ""),
        ("memory", "memory", MEMORY, "MB", "the whole process, template filled"),
    )
    return [
        Result(
            SUBJECT,
            what,
            "SQLite",
            median(one[key] for one in found),
            floor,
            unit=unit,
            note=told,
        )
        for what, key, floor, unit, told in figures
    ]


def ledger(size: int) -> bytes:
    """A workbook of so many problems."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("台账")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    heads = ("序号", "问题来源", "问题类型", "具体问题", "点位", "整改目标", "整改措施", "整改时限",
             "责任单位", "责任人", "是否完成", "备注")  # fmt: skip
    towns = ("青山镇人民政府", "河口镇人民政府", "石岭镇人民政府", "市水利局、生态环境局")
    sheet.write_row(0, 0, ["整改台账"])
    sheet.write_row(1, 0, heads)
    for n in range(size):
        text = (
            f"第{n + 1}处砂石厂物料露天堆放，未苫盖，车辆进出带泥，厂区道路未硬化，喷淋设施停用。"
        )
        values = (n + 1, ("日常巡查", "省级督察")[n % 2], "扬尘", text, f"青山镇{n}号点位", "达标",
                  "全面苫盖，安装喷淋设施，硬化道路。")  # fmt: skip
        sheet.write_row(n + 2, 0, values)
        if n % 3:
            sheet.write_datetime(n + 2, 7, datetime(2027, 1, 1) + timedelta(days=n % 300), day)  # noqa: DTZ001
        else:
            sheet.write(n + 2, 7, f"2027年{n % 12 + 1}月底前")
        sheet.write_row(n + 2, 8, (towns[n % 4], "张某", "是" if n % 10 == 0 else "否", ""))
    book.close()
    return file.getvalue()


def _in_a_process(size: int) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.ledger", folder, str(size)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measure(folder: Path, size: int) -> dict[str, float]:
    now = datetime.now(UTC)
    settings = load_settings(env_file=None, data_dir=folder)
    database = open_database(settings)
    migrate.upgrade(database)
    with database.transaction() as tx:
        unit_actions.import_units(tx, read_units(WORLD, on=now.date()), now=now, door="bench")
    database.close()
    installation = open_installation(settings, now=now)
    database, tools = installation.database, open_tools(installation.office, settings.config_dir)
    data = ledger(size)
    began = perf_counter()
    read = tools.read(data, Given())
    preview = perf_counter() - began
    assert len(read.rows) == size
    with database.reading() as tx:
        directory = units.directory(tx)
    person = directory.person_by_login("gj.dispatcher")
    assert person is not None
    by = actor(directory, person.id, installation.office.timing.day(now))
    storage = Storage(settings.data_dir / "evidence")
    began = perf_counter()
    with _watched(database) as waits:
        upload = evidence.seal(storage, data, "台账.xlsx", zone=settings.zone)
        staged = staging.stage(
            database, tools, data=data, upload=upload, name="台账.xlsx", given=None, by=by, now=now
        )
        with database.transaction() as tx:
            actions.confirm(tx, tools, staged.import_id, options={}, by=by, now=now)
        actions.activate(database, tools, staged.import_id, now=now)
    whole = perf_counter() - began
    began = perf_counter()
    with database.reading() as tx:
        found = find(tx, staged.import_id)
        assert (found.state, found.made) == ("active", size)
        export.into_template(tx, found, data)
    exported = perf_counter() - began
    installation.close()
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "preview": preview,
        "import": whole,
        "wait": max(waits) * 1e3,
        "export": exported,
        "memory": kilobytes / 1024,
    }


@contextmanager
def _watched(database: Database) -> Iterator[list[float]]:
    """Seconds of each writing transaction, its commit included: nobody else waits for longer."""
    found: list[float] = []
    plain = database.transaction

    @contextmanager
    def watched() -> Iterator[Tx]:
        began = perf_counter()
        with plain() as tx:
            yield tx
        found.append(perf_counter() - began)

    database.transaction = watched  # type: ignore[method-assign]
    try:
        yield found
    finally:
        database.transaction = plain  # type: ignore[method-assign]


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), int(sys.argv[2]))))
