"""Whom a rung reaches: desks found by climbing, and the people who sit there today.

Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from workflow.units.directory import Directory
from workflow.units.rules import Desk, climb, people_at

_NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Reached:
    """A desk and who does its work; no desk where there is nobody at all."""

    desk: Desk | None
    people: tuple[int, ...]


OWNER = "owner"
"""The late desk itself, as a ladder names it."""
NOBODY = Reached(None, ())


@dataclass(slots=True)
class Reach:
    """Recipients on one day under one directory, each question answered once."""

    directory: Directory
    on: date
    _known: dict[object, Reached] = field(default_factory=dict)

    def find(
        self,
        relative: str,
        *,
        owner: str,
        owner_unit_id: int | None,
        units: Mapping[str, Sequence[int]],
        standing: object,
        to_sign: bool = False,
    ) -> Reached:
        """The desk that `relative` names, seen from the late desk `owner` (``post@relation``).

        `standing` is a hashable form of `units`. A climb from a desk that only judges never ends at
        the unit complained of; a paper is never signed by the unit that it is about.
        """
        key = (relative, owner, owner_unit_id, standing, to_sign)
        found = self._known.get(key)
        if found is None:
            found = self._find(relative, owner, owner_unit_id, units, to_sign)
            self._known[key] = found
        return found

    def _find(
        self,
        relative: str,
        owner: str,
        owner_unit_id: int | None,
        units: Mapping[str, Sequence[int]],
        to_sign: bool,
    ) -> Reached:
        late = owner_unit_id if owner_unit_id is not None else first(units, "issuer")
        if late is None:
            return NOBODY
        responsible = frozenset(units.get("responsible", ()))
        avoid = _NOBODY if late in responsible else responsible
        if to_sign:
            avoid |= {late}
        post = owner.partition("@")[0]
        desk = climb(self.directory, late, relative, units, self.on, avoid=avoid, owner_post=post)
        if desk is None and to_sign and (issuer := first(units, "issuer")) is not None:
            desk = (issuer, "dispatcher")
        if relative == OWNER and desk and not people_at(self.directory, desk, self.on, units=units):
            # A vacant desk hears nothing; whoever stands over it does.
            upwards = f"{post}@{OWNER}"
            desk = climb(self.directory, late, upwards, units, self.on, avoid=avoid)
        if desk is None:
            return NOBODY
        return Reached(desk, people_at(self.directory, desk, self.on, units=units))

    def name(self, unit_id: int | None) -> str:
        """The unit's name, empty for none."""
        return "" if unit_id is None else self.directory.unit(unit_id).name

    def told(self, desk: Desk | None) -> str:
        """``post@code`` of a desk, for the record."""
        return f"{desk[1]}@{self.directory.unit(desk[0]).code}" if desk else ""


def first(units: Mapping[str, Sequence[int]], relation: str) -> int | None:
    """The first unit in a relation."""
    return next(iter(units.get(relation, ())), None)


def hashed(units: Mapping[str, Sequence[int]]) -> object:
    """`units` as a key; the order of the relations is that of the stored object."""
    return tuple((relation, *ids) for relation, ids in units.items())
