"""Dates, moments and time left as people write them, in Chinese and English. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from workflow.deadlines.calendar import Calendar

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SOON_DAYS = 3
Urgency = Literal["ok", "soon", "late"]


@dataclass(frozen=True, slots=True)
class Left:
    """How much time is left, in words, and how urgent that is."""

    text: str
    urgency: Urgency


def day_text(day: date, lang: str, *, today: date | None = None) -> str:
    """2025年10月15日; without the year where `today` is given and the year is the same."""
    same = today is not None and day.year == today.year
    if lang == "en":
        return f"{day.day} {_MONTHS[day.month - 1]}" + ("" if same else f" {day.year}")
    return ("" if same else f"{day.year}年") + f"{day.month}月{day.day}日"


def moment_text(local: datetime, lang: str, *, today: date | None = None) -> str:
    """The day and the minute of a local time."""
    return f"{day_text(local.date(), lang, today=today)} {local:%H:%M}"


def days_left(due: date, today: date, calendar: Calendar, lang: str) -> Left:
    """Working days until a due day, natural days after it; the due day lasts until 24:00."""
    if due < today:
        n = (today - due).days
        return Left(_say(lang, f"已超期 {n} 天", f"{n} day{_s(n)} overdue"), "late")
    if due == today:
        return Left(_say(lang, "今天到期", "due today"), "soon")
    n = calendar.working_days_between(today, due)
    text = (
        _say(lang, f"还有 {n} 个工作日", f"{n} working day{_s(n)} left")
        if n
        else _say(lang, "到期前已无工作日", "no working day left")
    )
    return Left(text, "soon" if n <= _SOON_DAYS else "ok")


def time_left(due: datetime, now: datetime, lang: str) -> Left:
    """Minutes, hours or days until a moment, or since."""
    span = due - now
    text = span_text(abs(span), lang)
    if span < timedelta(0):
        return Left(_say(lang, f"已超时 {text}", f"{text} late"), "late")
    soon = span <= timedelta(hours=8)
    return Left(_say(lang, f"还有 {text}", f"{text} left"), "soon" if soon else "ok")


def span_text(span: timedelta, lang: str) -> str:
    """A length of time in its largest sensible unit."""
    seconds = int(span.total_seconds())
    for size, zh, en in ((86400, "天", "day"), (3600, "小时", "hour"), (60, "分钟", "minute")):
        if seconds >= size:
            n = seconds // size
            return _say(lang, f"{n} {zh}", f"{n} {en}{_s(n)}")
    return _say(lang, f"{seconds} 秒", f"{seconds} second{_s(seconds)}")


def _say(lang: str, zh: str, en: str) -> str:
    return en if lang == "en" else zh


def _s(n: int) -> str:
    return "" if n == 1 else "s"
