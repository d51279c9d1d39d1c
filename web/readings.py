"""Plans and ledgers that take long: read beside the request, how far they are in a small file.

The file lies in the installation's data folder, so that every process that serves can answer for a
reading, whichever of them carries it out. A reading whose process has ended leaves nothing behind
and says so.
"""

import json
import logging
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from web.visit import Runtime, Visit
from workflow.errors import N_, Refused, WorkflowError

LOG = logging.getLogger("bihuan.readings")
SILENT = timedelta(minutes=3)
"""A reading that has said nothing for so long has ended with its process."""
KEPT = timedelta(days=1)
MOST = 8
"""Documents that one process reads or has waiting; each is held in memory."""
_AT_ONCE = threading.BoundedSemaphore(2)
_WAITING = threading.BoundedSemaphore(MOST)
Told = Callable[[str, int, int], None]
"""Is told the stage, how much of it is done, and of how much."""
Work = Callable[[Told], Mapping[str, Any]]
"""Reads and files a document; returns the fields of `Reading` that say what it has become."""
_ID = re.compile(r"[0-9a-f]{24}")
LOST = N_("读取中断了，没有留下任何内容。请重新读入这份文件。")
SURPRISE = N_("系统出现意外，这份文件没有读成。请稍后再试；如反复出现，请联系管理员。")


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a document is: waiting, the stages of its subject, then done or failed."""

    id: str
    person_id: int
    name: str
    revises: int | None
    at: datetime
    stage: str = "waiting"
    done: int = 0
    total: int = 0
    subject: str = "plan"
    plan_id: int | None = None
    """The draft that it has become."""
    import_id: int | None = None
    """The import of a ledger that it has become."""
    is_new: bool = True
    message: str = ""
    """Why it failed, a msgid for `params`; `why` is the rule behind it."""
    why: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def goes_on(self) -> bool:
        """Whether there is something to wait for."""
        return self.stage not in ("done", "failed")


class Readings:
    """The readings of an installation, a file each."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "readings"

    def write(self, reading: Reading) -> None:
        """Put down how far a reading is; whoever looks sees the old words or the new ones."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{reading.id}"
        told = asdict(reading) | {"at": reading.at.isoformat()}
        draft.write_text(json.dumps(told, ensure_ascii=False, default=str), "utf-8")
        draft.replace(self._path(reading.id))

    def find(self, key: str, *, now: datetime) -> Reading | None:
        """One reading, as failed if its process has ended; None if there is none."""
        if not _ID.fullmatch(key):
            return None
        try:
            told = json.loads(self._path(key).read_text("utf-8"))
        except FileNotFoundError:
            return None
        reading = Reading(**(told | {"at": datetime.fromisoformat(told["at"])}))
        if reading.goes_on and now - reading.at > SILENT:
            return replace(reading, stage="failed", message=LOST)
        return reading

    def of(self, person_id: int, subject: str, *, now: datetime) -> list[Reading]:
        """What somebody waits for."""
        mine = (r for r in self._all(now) if r.person_id == person_id and r.subject == subject)
        return [reading for reading in mine if reading.goes_on]

    def sweep(self, now: datetime) -> None:
        """Forget what is over since a day."""
        for reading in self._all(now):
            if now - reading.at > KEPT:
                self._path(reading.id).unlink(missing_ok=True)

    def _all(self, now: datetime) -> Iterator[Reading]:
        for path in sorted(self.folder.glob("*.json")):
            reading = self.find(path.stem, now=now)
            if reading is not None:
                yield reading

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def begin(
    runtime: Runtime,
    *,
    work: Work,
    name: str,
    person_id: int,
    subject: str,
    revises: int | None = None,
) -> Reading:
    """Start reading a document for a person.

    Raises Refused: too many documents wait already.
    """
    if not _WAITING.acquire(blocking=False):
        raise Refused(
            N_("现在不能读入。"),
            action=subject,
            state="reading",
            why=N_("正在读取的文件较多，请过一会儿再读入。"),
        )
    readings = Readings(runtime.settings.data_dir)
    now = runtime.now()
    readings.sweep(now)
    reading = Reading(secrets.token_hex(12), person_id, name, revises, now, subject=subject)
    readings.write(reading)
    # A daemon: whoever stops the process need not wait for a document.
    threading.Thread(
        target=_carry_out, args=(runtime, readings, reading, work), daemon=True
    ).start()
    return reading


def _carry_out(runtime: Runtime, readings: Readings, reading: Reading, work: Work) -> None:
    def told(stage: str, done: int, total: int) -> None:
        now = runtime.now()
        readings.write(replace(reading, stage=stage, done=done, total=total, at=now))

    ended: dict[str, Any]
    try:
        with _AT_ONCE:
            ended = {"stage": "done", **work(told)}
    except WorkflowError as error:
        ended = {
            "stage": "failed", "message": error.message, "why": error.why or "",
            "params": error.params,
        }  # fmt: skip
    except Exception:
        LOG.exception("reading.failed", extra={"subject": reading.subject})
        ended = {"stage": "failed", "message": SURPRISE}
    finally:
        _WAITING.release()
    readings.write(replace(reading, at=runtime.now(), **ended))


def sentences(visit: Visit, reading: Reading) -> list[str]:
    """Why a reading has failed, in the language of the visit."""
    gettext = visit.catalogue.gettext
    return [
        gettext(said).format_map(reading.params) if reading.params else gettext(said)
        for said in (reading.message, reading.why)
        if said
    ]
