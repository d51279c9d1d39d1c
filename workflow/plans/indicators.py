"""Rows of a table of indicators → targets of the plan. Pure."""

import re
from collections.abc import Iterable
from datetime import date

from workflow.plans.characters import fold
from workflow.plans.figures import find_figures
from workflow.plans.found import Target
from workflow.plans.tables import Indicator
from workflow.plans.words import Words

_SIGN = re.compile("^(?P<sign>≥|≤|＞|＜|>=|<=|>|<|不低于|不高于|不少于|不超过|达到|低于|高于)?")
_VALUE = re.compile(r"\d{1,9}(?:\.\d{1,4})?")
_SIGNS = {
    "≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "不低于": ">=", "不高于": "<=", "不少于": ">=", "不超过": "<=",
    "达到": ">=", "低于": "<", "高于": ">",
}  # fmt: skip


def of_indicators(rows: Iterable[Indicator], year: int | None, words: Words) -> list[Target]:
    """One target a value; its date is the year in the heading of the column."""
    found: list[Target] = []
    for row in rows:
        name = fold(row.name)
        unit = fold(row.unit)
        bracketed = re.search("（(?P<unit>[^（）]{1,16})）$", name)
        if not unit and bracketed is not None and words.measure.fullmatch(bracketed["unit"]):
            unit, name = bracketed["unit"], name[: bracketed.start()]
        for head, value in row.values:
            found += _targets(row, name, unit, head, fold(value), year, words)
    return found


def _targets(
    row: Indicator, name: str, unit: str, head: str, value: str, year: int | None, words: Words
) -> list[Target]:
    printed = re.search(r"20\d\d", head)
    due_year = int(printed[0]) if printed else year
    due = date(due_year, 12, 31) if due_year else None
    sentence = f"{row.name} {row.unit} {head}：{value}".replace("  ", " ")
    if value in ("—", "/", "-", "－", ""):
        return []
    number = _VALUE.search(value)
    if number is None:
        return [Target(name, "=", value, "", due, "state", sentence)]
    sign = _SIGN.match(value)
    if number[0] == value.strip("%") or (sign and sign["sign"]):
        shown = _SIGNS.get(sign["sign"] or "", sign["sign"] or "") if sign else ""
        if not shown:
            shown = "<=" if any(word in name for word in words.lower_is_better) else ">="
        if value.endswith(("以上", "以下")):
            shown = ">=" if value.endswith("以上") else "<="
        own = words.measure.match(value, number.end())
        return [Target(name, shown, number[0], own[0] if own else unit, due, "number", sentence)]
    read = find_figures(
        f"{name}{value}" + ("" if words.measure.match(value, number.end()) else unit), (), words
    )
    return [
        Target(
            t.name,
            t.comparator,
            t.value,
            t.unit,
            due,
            t.kind,
            sentence,
            t.soft,
            t.baseline,
            t.scope,
            t.doubts,
        )
        for t in read
    ]
