"""Numbers with their units as a clause writes them, and which of them belong together. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from workflow.plans import figure_forms as forms
from workflow.plans.characters import number
from workflow.plans.words import Words


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit at [start, end), the suffix (以上) included."""

    start: int
    end: int
    value: str
    unit: str
    suffix: str
    about: bool = False


def quantities(outer: str, words: Words) -> list[Quantity]:
    found: list[Quantity] = []
    for named in forms.NAMED.finditer(outer):
        if _is_name(named["inner"], words):
            outer = (
                outer[: named.start("inner")]
                + "〇" * len(named["inner"])
                + outer[named.end("inner") :]
            )
    for match in forms.NUMBER.finditer(outer):
        unit = words.measure.match(outer, match.end())
        if unit is None:
            if forms.LISTED.match(outer, match.start()):
                found.append(Quantity(match.start(), match.end(), match["value"], "", ""))
            continue
        if unit[0] in (
            "类",
            "级",
            "分",
            "段",
            "期",
            "次",
            "度",
            "位",
            "名",
            "米",
            "场",
            "批",
        ) and outer[match.start() - 1 : match.start()] in ("第", "前", "后"):
            continue
        aside = forms.INCLUDED.match(outer, unit.end())
        suffix = forms.SUFFIX.match(outer, aside.end() if aside else unit.end())
        end = suffix.end() if suffix else unit.end()
        found.append(
            Quantity(
                match.start(),
                end,
                match["value"],
                unit[0],
                suffix[0] if suffix else "",
                bool(match["about"]),
            )
        )
    found += _in_words(outer, words)
    return sorted(found, key=lambda quantity: quantity.start)


def _is_name(inner: str, words: Words) -> bool:
    number = forms.NUMBER.match(inner)
    measure = words.measure.match(inner, number.end()) if number else None
    return (
        measure is not None
        and measure.end() < len(inner)
        and forms.SUFFIX.match(inner, measure.end()) is None
    )


def _in_words(outer: str, words: Words) -> Iterator[Quantity]:
    for match in forms.IN_WORDS.finditer(outer):
        if match["grade"]:
            yield Quantity(match.start(), match.end(), match["grade"], "", "")
        elif match["hundredth"]:
            value = number(match["hundredth"][3:])
            suffix = forms.SUFFIX.match(outer, match.end())
            end = suffix.end() if suffix else match.end()
            yield Quantity(match.start(), end, str(value), "%", suffix[0] if suffix else "")
        else:
            unit = words.measure.match(outer, match.end())
            if unit is not None:
                yield Quantity(match.start(), unit.end(), match["value"], unit[0], "")


def grouped(found: Sequence[Quantity], outer: str) -> list[list[Quantity]]:
    """Values that only 、 or 和 parts belong together; those without a unit take the last one's."""
    groups: list[list[Quantity]] = []
    for quantity in found:
        if groups and outer[groups[-1][-1].end : quantity.start] in ("、", "和", "及", "与"):
            groups[-1].append(quantity)
        else:
            groups.append([quantity])
    whole = []
    for group in groups:
        unit = group[-1].unit
        if unit or group[-1].value.endswith("级"):
            whole.append([q if q.unit or not unit else replace(q, unit=unit) for q in group])
    return whole
