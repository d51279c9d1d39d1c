"""Reads a file of units, YAML or CSV, into a batch of entries; every fault names its row.

YAML holds ``units`` (each with its ``people``) and ``routes``; CSV holds one unit a row, under the
Chinese or English headings of `HEADINGS`. Several aliases stand in one cell, separated by 、or ;.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from workflow import yamltext
from workflow.errors import N_, ConfigError
from workflow.units.entries import (
    Batch,
    Entry,
    Fault,
    Faulty,
    PersonEntry,
    PostEntry,
    RouteEntry,
    UnitEntry,
    form_sentence,
)

LARGEST = 4 * 1024 * 1024
HEADINGS: Mapping[str, str] = {
    "编码": "code",
    "代码": "code",
    "名称": "name",
    "单位名称": "name",
    "类别": "kind",
    "级别": "level",
    "上级": "under",
    "上级单位": "under",
    "别名": "aliases",
    "简称": "aliases",
}
LEVEL_WORDS: Mapping[str, str] = {
    "市级": "city",
    "县级": "county",
    "乡镇": "township",
    "乡镇（街道）": "township",
    "村": "village",
    "村（社区）": "village",
    "组": "group",
    "村民小组": "group",
}
_PARTS = re.compile(r"[、;；,，]")

E = TypeVar("E", bound=Entry)


def read_units(path: Path, *, on: date) -> Batch:
    """The entries of a file; posts without a first day begin `on`. Raises Faulty, ConfigError."""
    text = _text(path)
    if path.suffix.lower() in (".yaml", ".yml"):
        return _Reader(on).yaml(text, path.name)
    if path.suffix.lower() == ".csv":
        return _Reader(on).csv(text, path.name)
    raise ConfigError(
        N_("不认识这种文件。请使用 .yaml 或 .csv 文件（Excel 请另存为 CSV UTF-8）。"),
        file=path.name,
    )


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise ConfigError(
            N_("读不出这个文件：{problem}"), file=path.name, params={"problem": fault.strerror}
        ) from fault
    if len(content) > LARGEST:
        raise ConfigError(N_("文件过大。请拆成几个文件。"), file=path.name)
    for encoding in ("utf-8-sig", "gb18030"):  # spreadsheets in China still save as GBK
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ConfigError(N_("文件不是 UTF-8 编码。请另存为 UTF-8。"), file=path.name)


class _Reader:
    def __init__(self, on: date) -> None:
        self.on = on
        self.faults: list[Fault] = []

    def csv(self, text: str, name: str) -> Batch:
        reader = csv.reader(io.StringIO(text, newline=""))
        try:
            lines = list(reader)
        except csv.Error as fault:
            raise ConfigError(
                N_("CSV 写法有误：{problem}。"),
                file=name,
                line=reader.line_num,
                params={"problem": fault},
            ) from fault
        if not lines:
            raise ConfigError(N_("文件是空的。"), file=name)
        columns = [HEADINGS.get(cell.strip(), cell.strip()) for cell in lines[0]]
        if "code" not in columns or "name" not in columns:
            raise ConfigError(N_("第一行须是表头，至少有“编码”和“名称”两列。"), file=name, line=1)
        units = []
        for number, cells in enumerate(lines[1:], start=2):
            if any(cell.strip() for cell in cells):
                values = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
                units.append(self._unit({k: v for k, v in values.items() if k and v}, number))
        return self._done(units=[unit for unit in units if unit])

    def yaml(self, text: str, name: str) -> Batch:
        content = _mapping(text, name)
        batch: dict[str, list[Any]] = {"units": [], "people": [], "posts": [], "routes": []}
        for row, values in self._rows(content, "units"):
            unit = self._unit({key: value for key, value in values.items() if key != "people"}, row)
            if unit is not None:
                batch["units"].append(unit)
                for person, posts in self._people(unit, values.get("people") or []):
                    batch["people"].append(person)
                    batch["posts"] += posts
        for row, values in self._rows(content, "routes"):
            batch["routes"] += self._routes(values, row)
        for key in content.keys() - {"units", "routes"}:
            self.faults.append(Fault(str(key), "", N_("没有这一项，请检查拼写。")))
        return self._done(**batch)

    def _done(self, **entries: list[Any]) -> Batch:
        if self.faults:
            raise Faulty(tuple(self.faults))
        return Batch(**{name: tuple(found) for name, found in entries.items()})

    def _rows(
        self, content: Mapping[str, Any], key: str
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        listed = content.get(key) or []
        if not isinstance(listed, list):
            self.faults.append(Fault(key, "", N_("这里应当是一个列表。")))
            return
        for number, values in enumerate(listed, start=1):
            row = f"{key}[{number}]"
            if isinstance(values, dict):
                yield row, values
            else:
                self.faults.append(Fault(row, "", N_("这里应当是若干“名称: 值”。")))

    def _unit(self, values: Mapping[str, Any], row: int | str) -> UnitEntry | None:
        values = dict(values)
        aliases = values.get("aliases") or ()
        if isinstance(aliases, str):
            aliases = [part.strip() for part in _PARTS.split(aliases) if part.strip()]
        level = values.get("level", "city")
        values |= {"aliases": aliases, "level": LEVEL_WORDS.get(str(level), level)}
        return self._entry(UnitEntry, values, f"第{row}行" if isinstance(row, int) else row)

    def _people(
        self, unit: UnitEntry, people: Any
    ) -> Iterator[tuple[PersonEntry, list[PostEntry]]]:
        if not isinstance(people, list):
            self.faults.append(Fault(unit.row, "people", N_("这里应当是一个列表。")))
            return
        for number, values in enumerate(people, start=1):
            row = f"{unit.row}.people[{number}]"
            if not isinstance(values, dict):
                self.faults.append(Fault(row, "", N_("这里应当是若干“名称: 值”。")))
                continue
            posts = values.get("posts") or []
            if not isinstance(posts, list) or not posts:
                self.faults.append(Fault(row, "posts", N_("至少写一个岗位。")))
                continue
            dates = {key: values[key] for key in ("from_on", "until_on") if key in values}
            own = {k: v for k, v in values.items() if k not in ("posts", "from_on", "until_on")}
            person = self._entry(
                PersonEntry, {"login": f"{unit.code.lower()}.{posts[0]}"} | own, row
            )
            if person is not None:
                yield person, self._posts(person, unit, posts, dates)

    def _posts(
        self, person: PersonEntry, unit: UnitEntry, posts: list[Any], dates: Mapping[str, Any]
    ) -> list[PostEntry]:
        entries = (
            self._entry(
                PostEntry,
                {
                    "login": person.login,
                    "unit": unit.code,
                    "post": post,
                    "from_on": self.on,
                    **dates,
                },
                person.row,
            )
            for post in posts
        )
        return [entry for entry in entries if entry is not None]

    def _routes(self, values: Mapping[str, Any], row: str) -> Iterator[RouteEntry]:
        """A row may list several sources and categories: each pair is a route."""
        rest = {k: v for k, v in values.items() if k not in ("sources", "categories")}
        for source, category in product(
            _listed(values, "sources", "source"), _listed(values, "categories", "category")
        ):
            entry = self._entry(RouteEntry, {**rest, "source": source, "category": category}, row)
            if entry is not None:
                yield entry

    def _entry(self, model: type[E], values: Mapping[str, Any], row: str) -> E | None:
        try:
            return model.model_validate({**values, "row": row})
        except ValidationError as error:
            self.faults += [
                Fault(
                    row,
                    ".".join(str(step) for step in found["loc"]),
                    form_sentence(found),
                    found.get("ctx", {}),
                )
                for found in error.errors(include_url=False)
            ]
            return None


def _listed(values: Mapping[str, Any], several: str, one: str) -> list[Any]:
    """What stands under the plural key, else the single value of the other one."""
    found = values.get(several) or values.get(one)
    return found if isinstance(found, list) else [found]


def _mapping(text: str, name: str) -> Mapping[str, Any]:
    try:
        content = yamltext.content(text, name)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        raise ConfigError(
            N_("YAML 写法有误：{problem}。请检查缩进、冒号和括号。"),
            file=name,
            line=mark.line + 1 if mark else None,
            params={"problem": getattr(fault, "problem", None) or str(fault)},
        ) from fault
    if not isinstance(content, dict):
        raise ConfigError(N_("文件里应当有 units 一项。"), file=name)
    return content
