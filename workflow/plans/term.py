"""One date, period or rhythm as a plan prints it. Pure."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Term:
    """One date as printed, at [start, end) of its text.

    `kind`: date, recurring, relative, immediate, standing, season, start. `due` only with date.
    `doubt` names what a person should confirm: year_only, year_taken, before, no_year, no_such_day.
    `every` (month:25) goes with recurring, `limit` (30wd) and `anchor` (印发) with relative. `years`
    marks a date without a year: how many years after the one that goes before.
    """

    start: int
    end: int
    printed: str
    kind: str
    due: date | None = None
    doubt: str | None = None
    begins: date | None = None
    every: str | None = None
    limit: str | None = None
    anchor: str | None = None
    years: int | None = None
