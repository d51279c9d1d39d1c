"""What every rung of one transaction shares: the day, the directory, the words."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from workflow.db import Tx
from workflow.deadlines.desk import Timing
from workflow.escalation.reach import Reach
from workflow.issues.office import Office
from workflow.units import queries as units

Words = Mapping[str, str]
_OWN: Mapping[str, Words] = {
    "sign": {"zh": "签发", "en": "signature"},
    "answer": {"zh": "回复", "en": "answer"},
}
_REQUEST = "decide_"


@dataclass
class Scene:
    """One moment at one office, seen by one transaction."""

    tx: Tx
    office: Office
    now: datetime
    reach: Reach
    patterns: dict[object, Any] = field(default_factory=dict)
    """What looks that are alike have come to."""
    _words: dict[tuple[str, str], Words] = field(default_factory=dict)

    @classmethod
    def of(cls, tx: Tx, office: Office, now: datetime, before: "Scene | None" = None) -> "Scene":
        """The scene that a transaction sees; it keeps what one of the same moment has found out."""
        directory = units.directory(tx)
        if before is not None and before.reach.directory is directory and before.now == now:
            return replace(before, tx=tx)
        return cls(tx, office, now, Reach(directory, office.timing.day(now)))

    @cached_property
    def today(self) -> date:
        """The civil day of the moment."""
        return self.office.timing.day(self.now)

    @cached_property
    def worst_lamp(self) -> str:
        """The lamp whose messages know no quiet hours."""
        return self.office.worst(tuple(self.office.lamps))

    def clock_words(self, loop_version: str, kind: str) -> Words:
        """What a clock is called: in its loop, by its request, or as the clock of a paper."""
        key = (loop_version, kind)
        if key not in self._words:
            self._words[key] = _OWN.get(kind) or self._of_loop(loop_version, kind)
        return self._words[key]

    def _of_loop(self, loop_version: str, kind: str) -> Words:
        loop = self.office.loop_of(self.tx, loop_version)
        if (rule := loop.clocks.get(kind)) is not None:
            return dict(rule.labels)
        if (request := loop.requests.get(kind.removeprefix(_REQUEST))) is not None:
            return dict(request.labels)
        return {"zh": kind, "en": kind}


def moment_text(at: datetime | None, on: date | None) -> str:
    """A due time for a message: the civil day, else the moment, in ISO form."""
    found = on or at
    return "" if found is None else found.isoformat()


def day_zh(day: date) -> str:
    """2025年9月29日."""
    return f"{day.year}年{day.month}月{day.day}日"


def due_zh(at: datetime, on: date | None, timing: Timing) -> str:
    """A due time as a paper writes it; an hour limit with its time of day."""
    if on is not None:
        return day_zh(on)
    local = at.astimezone(timing.zone)
    return f"{day_zh(local.date())}{local.hour}时{local.minute:02d}分"


def late_zh(at: datetime, on: date | None, now: datetime, today: date) -> str:
    """How late it is, or how long is left, in the unit of the limit."""
    if on is not None:
        days = (today - on).days
        return f"已逾期{days}日" if days > 0 else f"距到期还有{-days}日" if days else "今日到期"
    minutes = int((now.astimezone(UTC) - at).total_seconds() // 60)
    if minutes < 0:
        return f"距到期还有{_length_zh(-minutes)}"
    return f"已逾期{_length_zh(minutes)}"


def _length_zh(minutes: int) -> str:
    if minutes >= 60:
        return f"{minutes // 60}小时"
    return f"{minutes}分钟" if minutes else "不足1分钟"
