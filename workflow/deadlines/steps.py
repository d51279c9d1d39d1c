"""The explanation of a due date, step by step, as data and as sentences in Chinese and English.

Pure. A step is a code with plain values, so it can be stored as JSON and told in either language.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from workflow.deadlines.limits import EN, ZH, Language

WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ROLLS_ZH = {
    "next_working": "顺延至其后第一个工作日",
    "previous_working": "提前至其前最后一个工作日",
    "second_working_after": "按节假日报送规则，顺延至其后第二个工作日",
}
ROLLS_EN = {
    "next_working": "moved to the next working day",
    "previous_working": "moved to the working day before",
    "second_working_after": "moved to the second working day after, the rule for reports",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an explanation. `params` are JSON values: dates and times ISO text, local to
    the clock's zone; `year`, if there, is the year that goes without saying."""

    code: str
    params: Mapping[str, Any]

    @property
    def zh(self) -> str:
        return SENTENCES[self.code][0](_Zh(self.params))

    @property
    def en(self) -> str:
        return SENTENCES[self.code][1](_En(self.params))

    def text(self, language: Language = "zh") -> str:
        return self.zh if language == "zh" else self.en

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads back."""
        return {"code": self.code, "params": dict(self.params)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Step":
        return cls(data["code"], data["params"])


class _Told:
    """The values of a step in the manner of one language."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.p = params

    def __getitem__(self, name: str) -> Any:
        return self.p[name]

    def on(self, name: str) -> date:
        return date.fromisoformat(self.p[name])

    def at(self, name: str) -> datetime:
        return datetime.fromisoformat(self.p[name])

    def clock(self, at: datetime) -> str:
        # Seconds matter where the limit itself is given in seconds.
        return f"{at:%H:%M:%S}" if self.p.get("exact") else f"{at:%H:%M}"

    def year(self) -> int | None:
        """The year that goes without saying; None where a step names its year."""
        year: int | None = self.p.get("year")
        return year


class _Zh(_Told):
    def plain(self, day: date, known: int | None) -> str:
        year = "" if day.year == known else f"{day.year}年"
        return f"{year}{day.month}月{day.day}日"

    def day(self, name: str) -> str:
        day = self.on(name)
        return f"{self.plain(day, self.year())}（周{WEEKDAYS_ZH[day.weekday()]}）"

    def moment(self, name: str) -> str:
        at = self.at(name)
        return (
            f"{self.plain(at.date(), self.year())}（周{WEEKDAYS_ZH[at.weekday()]}）{self.clock(at)}"
        )

    def days(self) -> str:
        first, last = self.on("first"), self.on("last")
        if first == last:
            return self.day("first")
        end = f"{last.day}日" if _same_month(first, last) else self.plain(last, first.year)
        return f"{self.plain(first, self.year())}—{end}"

    def span(self) -> str:
        return f"{self['count']}{ZH[self['unit']]}"

    def duration(self) -> str:
        hours, minutes = divmod(self["minutes"], 60)
        return (f"{hours}小时" if hours else "") + (
            f"{minutes}分钟" if minutes or not hours else ""
        )


class _En(_Told):
    def plain(self, day: date, known: int | None) -> str:
        year = "" if day.year == known else f" {day.year}"
        return f"{day.day} {MONTHS_EN[day.month - 1]}{year}"

    def day(self, name: str) -> str:
        day = self.on(name)
        return f"{WEEKDAYS_EN[day.weekday()]} {self.plain(day, self.year())}"

    def moment(self, name: str) -> str:
        at = self.at(name)
        return f"{WEEKDAYS_EN[at.weekday()]} {self.plain(at.date(), self.year())} {self.clock(at)}"

    def days(self) -> str:
        first, last = self.on("first"), self.on("last")
        if first == last:
            return self.day("first")
        begin = str(first.day) if _same_month(first, last) else self.plain(first, last.year)
        return f"{begin}–{self.plain(last, self.year())}"

    def span(self) -> str:
        return f"{self['count']} {EN[self['unit']]}{_s(self['count'])}"

    def duration(self) -> str:
        hours, minutes = divmod(self["minutes"], 60)
        return " ".join(
            ([f"{hours} h"] if hours else []) + ([f"{minutes} min"] if minutes or not hours else [])
        )


def day_params(year: int | None, **values: date | datetime | str | int | bool) -> dict[str, Any]:
    """Params of a step, dates and times as ISO text; `year` is the one that goes without saying."""
    params: dict[str, Any] = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }
    return params if year is None else params | {"year": year}


def tell(steps: tuple[Step, ...], language: Language = "zh") -> str:
    """The whole explanation as one paragraph."""
    if language == "zh":
        return "；".join(step.zh for step in steps) + "。"
    return "; ".join(step.en for step in steps) + "."


def _same_month(first: date, last: date) -> bool:
    return (first.year, first.month) == (last.year, last.month)


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _ordinals(t: _Told) -> str:
    return str(t["from"]) if t["from"] == t["to"] else f"{t['from']}—{t['to']}"


def _noted(days: str, note: str) -> str:
    """`note` in brackets after the days, within those that are there."""
    if not note:
        return days
    return f"{days[:-1]}，{note}）" if days.endswith("）") else f"{days}（{note}）"


def _reason_zh(t: _Zh) -> str:
    # 周六 says by itself that it is a weekend; 10月5日—6日 does not.
    return "" if t["zh"] == "周末" and t["first"] == t["last"] else str(t["zh"])


def _working_zh(t: _Zh) -> str:
    how = ""
    if t["makeup"]:
        how = "均为调休上班" if t["first"] != t["last"] else "调休上班"
    elif t["weekend_days"]:
        how = f"其间周末{t['weekend_days']}天不计"
    return f"第{_ordinals(t)}个工作日：{_noted(t.days(), how)}"


def _working_en(t: _En) -> str:
    how = ""
    if t["makeup"]:
        how = " (weekend worked in exchange)"
    elif t["weekend_days"]:
        how = f" ({t['weekend_days']} weekend days not counted)"
    number = _ordinals(t).replace("—", "–")
    return f"working day{_s(t['to'] - t['from'] + 1)} {number}: {t.days()}{how}"


def _roll_zh(t: _Zh) -> str:
    held = "，其间挂起的日子不计" if t["held"] else ""
    return (
        f"{t.moment('was') if t['timed'] else t.day('was')}是{t['zh']}，{ROLLS_ZH[t['rule']]}{held}"
    )


def _roll_en(t: _En) -> str:
    held = ", suspended days left out" if t["held"] else ""
    was = t.moment("was") if t["timed"] else t.day("was")
    return f"{was} is a day off ({t['en']}), {ROLLS_EN[t['rule']]}{held}"


def _pause_zh(t: _Zh) -> str:
    told = f"挂起（{t['reason']}）：{t.days()}，{t['days']}日不计"
    return f"{told}，期限顺延至{t.day('moved')}" if "moved" in t.p else told


def _pause_en(t: _En) -> str:
    told = f"suspended ({t['reason']}): {t.days()}, {t['days']} day{_s(t['days'])} not counted"
    return f"{told}, which moves the limit to {t.day('moved')}" if "moved" in t.p else told


def _until_zh(t: _Zh) -> str:
    return f"到期日：{t.day('day')}，至当日{t['until']}止"


def _until_en(t: _En) -> str:
    return f"due on {t.day('day')}, until {t['until']}"


SENTENCES: dict[str, tuple[Callable[[_Zh], str], Callable[[_En], str]]] = {
    "start": (
        lambda t: f"自{t.day('day')}起算，当日{'计入' if t['counted'] else '不计'}",
        lambda t: f"from {t.day('day')}, that day {'' if t['counted'] else 'not '}counted",
    ),
    "start_at": (
        lambda t: f"自{t.moment('at')}起算",
        lambda t: f"from {t.moment('at')}",
    ),
    "working": (_working_zh, _working_en),
    "rest": (
        lambda t: f"{_noted(t.days(), _reason_zh(t))}不计",
        lambda t: f"{t.days()} not counted ({t['en']})",
    ),
    "natural": (
        lambda t: f"自然日（含节假日）数{t['count']}日：{t.days()}",
        lambda t: f"{t.span()}, days off included: {t.days()}",
    ),
    "months": (
        lambda t: (
            f"计{t.span()}：至{t.day('day')}{'（当月没有对应日，取月末）' if t['clipped'] else ''}"
        ),
        lambda t: (
            f"{t.span()}: to {t.day('day')}"
            f"{', the last of a shorter month' if t['clipped'] else ''}"
        ),
    ),
    "date": (
        lambda t: f"规定日期：{t.day('day')}，含当日",
        lambda t: f"fixed date: {t.day('day')}, that day included",
    ),
    "yearly": (
        lambda t: f"未写年份，取起算日之后最近的一次：{t.day('day')}，含当日",
        lambda t: f"no year given, so the first from the start: {t.day('day')}, that day included",
    ),
    "elapsed": (
        lambda t: f"计{t.span()}：至{t.moment('at')}",
        lambda t: f"{t.span()}: to {t.moment('at')}",
    ),
    "pause": (_pause_zh, _pause_en),
    "pause_time": (
        lambda t: (
            f"挂起（{t['reason']}）：{t.moment('first')}至{t.moment('last')}，"
            f"{t.duration()}不计，顺延至{t.moment('moved')}"
        ),
        lambda t: (
            f"suspended ({t['reason']}): {t.moment('first')} to {t.moment('last')}, {t.duration()} "
            f"not counted, which moves the limit to {t.moment('moved')}"
        ),
    ),
    "pause_idle": (
        lambda t: f"挂起（{t['reason']}）：自{t.moment('first')}，不影响本期限",
        lambda t: (
            f"suspended ({t['reason']}) from {t.moment('first')}, which leaves this limit as it is"
        ),
    ),
    "roll": (_roll_zh, _roll_en),
    "unknown": (
        lambda t: (
            f"{'、'.join(map(str, t['years']))}年的放假安排尚未录入日历，"
            "暂按周六、周日休息计算，录入后重新计算"
        ),
        lambda t: (
            f"no holiday notice on file for {', '.join(map(str, t['years']))}: provisional, "
            "Saturdays and Sundays off, to be recomputed"
        ),
    ),
    "due_day": (_until_zh, _until_en),
    "due_time": (
        lambda t: f"到期时间：{t.moment('at')}",
        lambda t: f"due at {t.moment('at')}",
    ),
}
