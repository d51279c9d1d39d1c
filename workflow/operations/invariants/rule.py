"""What a rule about the rows is, how it is asked, and what a row that breaks it becomes."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import UTCDateTime

from workflow.db import Tx
from workflow.operations.invariants.dialects import WORDS, Words

MOST = 50
"""Rows of one rule that are named; where so many are wrong, the fifty-first says nothing new."""

_PARAMETER = re.compile(r"(?<![:\w]):(now|late_ringing|late|stuck)\b")


@dataclass(frozen=True, slots=True)
class Violation:
    """One row, or one group of rows, that breaks an invariant.

    `number` is the issue's number, empty where no issue is concerned. `ids` names the rows
    (``{"clock_id": 7}``), `params` what the sentence tells besides.
    """

    invariant: str
    """I1 to I12."""
    rule: str
    """Which part of the invariant, a word for machines."""
    number: str
    sentence: str
    """A msgid with places for `number`, the ids and the params."""
    ids: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, translate: Callable[[str], str] = str) -> str:
        """The sentence, places filled."""
        values = {"number": self.number, **self.ids, **self.params}
        return translate(self.sentence).format_map(values)

    def as_json(self, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """For machines."""
        return {
            "invariant": self.invariant,
            "rule": self.rule,
            "issue": self.number or None,
            "ids": dict(self.ids),
            "found": {name: _plain(value) for name, value in self.params.items()},
            "text": self.text(translate),
        }


@dataclass(frozen=True, slots=True)
class Moments:
    """The times that a rule may compare with, by the name of its bind parameter."""

    now: datetime
    late: datetime
    """What was due before it, has waited for two sweeps under a clock that leads."""
    late_ringing: datetime
    """The same for messages that are collected for a while before they leave."""
    stuck: datetime
    """A lease that ended before it has been left lying for a sweep."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A SELECT that finds nothing in sound rows.

    Its first column is ``number``; columns that end in ``_id`` say which row, others what is wrong
    with it.
    """

    invariant: str
    name: str
    sentence: str
    sql: Callable[[Words], str]

    def broken(self, tx: Tx, moments: Moments) -> Iterator[Violation]:
        """The rows that break it, at most `MOST`."""
        statement = f"select * from ({self.sql(WORDS[tx.dialect.name])}) found limit {MOST}"
        names = dict.fromkeys(_PARAMETER.findall(statement))
        values = {name: getattr(moments, name) for name in names}
        typed = [bindparam(name, type_=UTCDateTime()) for name in values]
        for row in tx.execute(text(statement).bindparams(*typed), values).mappings():
            ids = {name: value for name, value in row.items() if name.endswith("_id")}
            rest = {
                name: value for name, value in row.items() if name != "number" and name not in ids
            }
            number = row["number"] or ""
            yield Violation(self.invariant, self.name, number, self.sentence, ids, rest)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
