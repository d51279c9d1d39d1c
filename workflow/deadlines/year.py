"""One year of the State Council's holiday notice: which days rest, which weekend days work.

Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from workflow.errors import N_, Invalid

Status = Literal["published", "provisional"]
KEYS = {"year", "status", "notices", "holidays"}
HOLIDAY_KEYS = {"name", "en", "rest", "work"}
FIRST_YEAR, LAST_YEAR = 1950, 2199
DAY_FORM = N_("“{value}”不是日期。请写成 2024-10-01；连续几天写成 2024-10-01..2024-10-07。")


@dataclass(frozen=True, slots=True)
class Holiday:
    """One line of a notice: the days off and the weekend days worked in exchange."""

    name: str
    en: str
    rest: tuple[date, ...]
    work: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """What is on file for one year. Only a published year makes due dates firm."""

    year: int
    status: Status
    notices: tuple[str, ...]
    holidays: tuple[Holiday, ...]

    @property
    def published(self) -> bool:
        return self.status == "published"


def parse_year(data: object) -> CalendarYear:
    """Read one year's mapping, all scalars as text.

    Raises Invalid whose `field` is the dotted path of the fault, for example ``holidays.6.work.0``.
    """
    table = _mapping(data, "", KEYS)
    year = _year(table.get("year"))
    status = table.get("status")
    if status not in ("published", "provisional"):
        raise Invalid.at(
            "status",
            N_("status 只能写 published（已公布）或 provisional（尚未公布，暂按此计算）。"),
        )
    notices = tuple(
        _text(_mapping(item, f"notices.{i}", {"number", "issued_on"}), "number", f"notices.{i}")
        for i, item in enumerate(_list(table.get("notices"), "notices"))
    )
    if status == "published" and not notices:
        raise Invalid.at("notices", N_("已公布的年份要写明通知文号（notices 下的 number）。"))
    holidays = tuple(
        _holiday(item, f"holidays.{i}", year)
        for i, item in enumerate(_list(table.get("holidays"), "holidays"))
    )
    _refuse_contradictions(holidays)
    return CalendarYear(
        year=year,
        status="published" if status == "published" else "provisional",
        notices=notices,
        holidays=holidays,
    )


def _year(value: object) -> int:
    text = str(value) if isinstance(value, (str, int)) else ""
    if text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return int(text)
    raise Invalid.at("year", N_("year 要写四位年份，例如 2024。"))


def _holiday(item: object, path: str, year: int) -> Holiday:
    table = _mapping(item, path, HOLIDAY_KEYS)
    name = _text(table, "name", path)
    rest = tuple(_days(table.get("rest"), f"{path}.rest", year))
    work = tuple(_days(table.get("work"), f"{path}.work", year))
    if not rest:
        raise Invalid.at(f"{path}.rest", N_("“{name}”没有写放假日期（rest）。"), name=name)
    for i, day in enumerate(work):
        if day.weekday() < 5:
            raise Invalid.at(
                f"{path}.work.{i}",
                N_("{day} 本来就是周一至周五，不能是调休上班日。请核对通知。"),
                day=day.isoformat(),
            )
    en = _text(table, "en", path) if "en" in table else name
    return Holiday(name=name, en=en, rest=rest, work=work)


def _days(value: object, path: str, year: int) -> Iterator[date]:
    items = [value] if isinstance(value, (str, date)) else _list(value, path)
    for i, item in enumerate(items):
        where = path if len(items) == 1 and not isinstance(value, list) else f"{path}.{i}"
        first, last = _span(item, where)
        if not (date(year - 1, 12, 1) <= first <= last <= date(year, 12, 31)):
            raise Invalid.at(
                where,
                N_("“{value}”不在 {year} 年（可含上年12月的最后几天），或起止颠倒。请核对通知。"),
                value=_short(item),
                year=year,
            )
        for offset in range((last - first).days + 1):
            yield first + timedelta(days=offset)


def _span(item: object, path: str) -> tuple[date, date]:
    if isinstance(item, date):
        return item, item
    parts = item.split("..") if isinstance(item, str) else []
    if len(parts) in (1, 2):
        try:
            return date.fromisoformat(parts[0].strip()), date.fromisoformat(parts[-1].strip())
        except ValueError:
            pass
    raise Invalid.at(path, DAY_FORM, value=_short(item))


def _refuse_contradictions(holidays: tuple[Holiday, ...]) -> None:
    seen: dict[date, tuple[str, str]] = {}
    for i, holiday in enumerate(holidays):
        for kind, days in (("rest", holiday.rest), ("work", holiday.work)):
            for day in days:
                if day in seen:
                    raise Invalid.at(
                        f"holidays.{i}.{kind}",
                        N_("{day} 在“{first}”和“{second}”中重复。一天只能写一次。"),
                        day=day.isoformat(),
                        first=seen[day][1],
                        second=holiday.name,
                    )
                seen[day] = (kind, holiday.name)


def _mapping(data: object, path: str, keys: set[str]) -> Mapping[str, object]:
    if not isinstance(data, Mapping):
        raise Invalid.at(
            path or "year",
            N_("这里要写“名称: 值”的形式，可用的名称是：{keys}。"),
            keys="、".join(sorted(keys)),
        )
    for key in data:
        if key not in keys:
            raise Invalid.at(
                f"{path}.{_short(key)}" if path else _short(key),
                N_("不认识“{key}”。可用的名称是：{keys}。"),
                key=_short(key),
                keys="、".join(sorted(keys)),
            )
    return data


def _list(value: object, path: str) -> list[object]:
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise Invalid.at(path, N_("这里要写成列表：每行一个“- ”，或者写在方括号里。"))
    return value


def _text(table: Mapping[str, object], key: str, path: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > 60:
        raise Invalid.at(f"{path}.{key}", N_("请填写 {key}（不超过60个字）。"), key=key)
    return value.strip()


def _short(value: object) -> str:
    return value[:40] if isinstance(value, str) else type(value).__name__
