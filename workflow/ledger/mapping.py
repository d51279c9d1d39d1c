"""Which column of which table holds what: found, shown to a person, corrected and kept. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from workflow.errors import N_, Invalid
from workflow.ledger.heads import Head
from workflow.ledger.sheet import Sheet, letters
from workflow.ledger.words import FIELDS, heading
from workflow.plans.readers.corners import column_of

CREATE = "+"
"""Chosen for a name that is no unit yet: a new unit is made."""

Text = Annotated[str, StringConstraints(max_length=200)]
Letters = Annotated[str, StringConstraints(pattern="^[A-Z]{1,3}$")]
Row = Annotated[int, Field(ge=1, le=2_000_000)]


class TableMap(BaseModel):
    """The columns of one table: letters to fields; rows count from 1."""

    model_config = ConfigDict(extra="forbid")

    sheet: Text
    head: Annotated[list[Row], Field(min_length=1, max_length=2)]
    columns: Annotated[dict[Letters, str], Field(max_length=200)]
    headings: Annotated[dict[Letters, Text], Field(max_length=200)] = {}


class LedgerMap(BaseModel):
    """What a person has confirmed; ``headings`` and ``units`` serve other files of the office too.

    An empty field means: this column is of no use.
    """

    model_config = ConfigDict(extra="forbid")

    tables: Annotated[list[TableMap], Field(max_length=200)] = []
    headings: Annotated[dict[Text, str], Field(max_length=2000)] = {}
    units: Annotated[dict[Text, Text], Field(max_length=5000)] = {}


@dataclass(frozen=True)
class Given:
    """A mapping made ready for reading."""

    headings: Mapping[str, str] = field(default_factory=dict)
    tables: Sequence[TableMap] = ()
    units: Mapping[str, str] = field(default_factory=dict)


def given(content: Any) -> Given:
    """A mapping as it was kept or sent. Raises Invalid, saying what is wrong with it."""
    try:
        found = LedgerMap.model_validate(content or {})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "{}"
        raise Invalid(
            N_("对应关系文件有误（{place}）。请使用本系统导出的文件，或对照 docs/ledger.md 修改。"),
            code="mapping",
            params={"place": place[:80]},
        ) from None
    for table in found.tables:
        _known(table.columns.values())
    _known(found.headings.values())
    return Given(
        {heading(text): name for text, name in found.headings.items()},
        tuple(found.tables),
        dict(found.units),
    )


def _known(names: Any) -> None:
    for name in names:
        if name and name not in FIELDS:
            raise Invalid(
                N_("对应关系中没有“{name}”这个字段。可用的字段：{fields}。"),
                code="mapping",
                params={"name": str(name)[:40], "fields": "、".join(FIELDS)},
            )


def of_head(sheet: Sheet, head: Head) -> dict[str, Any]:
    """One table as JSON: where it stands, its headings, what they were taken for."""
    return {
        "sheet": sheet.name,
        "head": [head.top + 1, head.bottom + 1],
        "columns": {letters(column): name for column, name in head.fields.items()},
        "headings": {letters(column): label for column, label in head.labels.items()},
    }


def from_table(sheet: Sheet, table: TableMap) -> Head | None:
    """The head that a person has pointed out; None where the sheet is too short for it."""
    top, bottom = table.head[0] - 1, table.head[-1] - 1
    columns = {column_of(letter): name for letter, name in table.columns.items() if name}
    if not columns or not top <= bottom < len(sheet.values):
        return None
    labels = {
        column: str(sheet.value(bottom, column) or sheet.value(top, column))[:40]
        for column in range(sheet.width)
    }
    edges = [*columns, *(column_of(letter) for letter in table.headings)]
    left, right = min(edges), max(edges)
    inside = {c: label for c, label in labels.items() if label and left <= c <= right}
    return Head(top, bottom, left, right, inside, dict(sorted(columns.items())))
