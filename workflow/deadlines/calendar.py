"""Working days: weekends, the State Council's holidays, and the weekend days worked in exchange.

Pure. A year without a published notice has plain weekends and nothing invented; never an error.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Literal, NamedTuple

from workflow.deadlines.year import CalendarYear
from workflow.errors import N_, Invalid

KindCode = Literal["workday", "weekend", "holiday", "makeup"]


class DayKind(NamedTuple):
    """What a civil day is. Holidays and make-up days carry the holiday's own name."""

    code: KindCode
    zh: str
    en: str

    @property
    def working(self) -> bool:
        return self.code in ("workday", "makeup")


WORKDAY = DayKind("workday", "工作日", "working day")
WEEKEND = DayKind("weekend", "周末", "weekend")


@dataclass(frozen=True)
class Calendar:
    """Which civil days are worked. Immutable; answers cost microseconds.

    `version` is a hash of everything that can move a due date; holiday names are not part of it.
    Raises Invalid if two years contradict each other or one is given twice.
    """

    years: tuple[CalendarYear, ...]
    version: str = field(init=False)
    _marked: dict[date, DayKind] = field(init=False, repr=False, compare=False)
    _tables: dict[int, tuple[int, ...]] = field(init=False, repr=False, compare=False)
    _published: frozenset[int] = field(init=False, repr=False, compare=False)

    def __init__(self, years: Iterable[CalendarYear] = ()) -> None:
        ordered = tuple(sorted(years, key=lambda entry: entry.year))
        marked = _marks(ordered)
        published = frozenset(entry.year for entry in ordered if entry.published)
        object.__setattr__(self, "years", ordered)
        object.__setattr__(self, "_marked", marked)
        object.__setattr__(self, "_published", published)
        object.__setattr__(self, "_tables", _tables(marked))
        object.__setattr__(self, "version", _version(marked, published))

    def __hash__(self) -> int:
        return hash(self.version)

    def known(self, year: int) -> bool:
        """Whether the notice for `year` is on file. If not, it has plain weekdays and weekends."""
        return year in self._published

    def unknown_years(self, first: date, last: date) -> tuple[int, ...]:
        """The years without a notice that the days from `first` to `last` touch."""
        return tuple(
            year for year in range(first.year, last.year + 1) if year not in self._published
        )

    def kind(self, day: date) -> DayKind:
        """Workday, weekend, holiday or make-up day, with the holiday's name."""
        return self._marked.get(day) or (WORKDAY if day.weekday() < 5 else WEEKEND)

    def is_working(self, day: date) -> bool:
        mark = self._marked.get(day)
        return day.weekday() < 5 if mark is None else mark.code == "makeup"

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after `day`, or before it if `n` is negative; `day` itself for 0.

        `day` is not counted, whether worked or not.
        """
        year = day.year
        table = self._table(year)
        if n > 0:
            index = bisect_right(table, day.toordinal()) + n - 1
            while index >= len(table):
                index -= len(table)
                year += 1
                table = self._table(year)
        elif n < 0:
            index = bisect_left(table, day.toordinal()) + n
            while index < 0:
                year -= 1
                table = self._table(year)
                index += len(table)
        else:
            return day
        return date.fromordinal(table[index])

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        return self.add_working_days(day, 1)

    def previous_working_day(self, day: date) -> date:
        """The last working day before `day`."""
        return self.add_working_days(day, -1)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days counting from `start` takes to reach `end`.

        Counts the days after `start` up to and including `end`; negative, and counting `end` up to
        the day before `start`, if `end` is earlier. So `add_working_days(start, n)` is n away.
        """
        if end >= start:
            return self._up_to(end, start.year) - self._up_to(start, start.year)
        before_end = self._up_to(end, end.year) - self.is_working(end)
        before_start = self._up_to(start, end.year) - self.is_working(start)
        return before_end - before_start

    def changed_days(self, other: "Calendar") -> tuple[date, ...]:
        """The days that are worked in one of the two calendars only, in order."""
        days = self._marked.keys() | other._marked.keys()
        return tuple(sorted(day for day in days if self.is_working(day) != other.is_working(day)))

    def _up_to(self, day: date, from_year: int) -> int:
        """Working days from 1 January of `from_year` to `day`, both included."""
        whole = sum(len(self._table(year)) for year in range(from_year, day.year))
        return whole + bisect_right(self._table(day.year), day.toordinal())

    def _table(self, year: int) -> tuple[int, ...]:
        return self._tables.get(year) or _weekdays(year)


def _marks(years: tuple[CalendarYear, ...]) -> dict[date, DayKind]:
    marked: dict[date, DayKind] = {}
    seen: set[int] = set()
    for entry in years:
        if entry.year in seen:
            raise Invalid.at(
                "year", N_("{year} 年的安排写了两次。一年只能有一个文件。"), year=entry.year
            )
        seen.add(entry.year)
        for holiday in entry.holidays:
            for code, days in (("holiday", holiday.rest), ("makeup", holiday.work)):
                for day in days:
                    mark = DayKind(
                        "holiday" if code == "holiday" else "makeup", holiday.name, holiday.en
                    )
                    if marked.setdefault(day, mark).code != mark.code:
                        raise Invalid.at(
                            "holidays",
                            N_("{day} 在一年的安排里放假、在另一年的安排里上班。请核对两份通知。"),
                            day=day.isoformat(),
                        )
    return marked


def _tables(marked: dict[date, DayKind]) -> dict[int, tuple[int, ...]]:
    """Per year with special days, the ordinals of its working days in order."""
    tables: dict[int, tuple[int, ...]] = {}
    for year in {day.year for day in marked}:
        days = set(_weekdays(year))
        for day, mark in marked.items():
            if day.year == year:
                (days.add if mark.working else days.discard)(day.toordinal())
        tables[year] = tuple(sorted(days))
    return tables


@lru_cache(maxsize=256)
def _weekdays(year: int) -> tuple[int, ...]:
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    # Ordinal 1 was a Monday, so ordinals 6 and 0 modulo 7 are Saturdays and Sundays.
    return tuple(ordinal for ordinal in range(first, last + 1) if ordinal % 7 not in (6, 0))


def _version(marked: dict[date, DayKind], published: frozenset[int]) -> str:
    lines = [f"{day.isoformat()} {marked[day].code}" for day in sorted(marked)]
    lines += [f"published {year}" for year in sorted(published)]
    return sha256("\n".join(lines).encode()).hexdigest()[:16]
