"""Which way a row takes into the engine, and the issue that it becomes.

run     not yet due: to the responsible unit, its clock starts
ask     past its date: the unit is asked whether it is done, before any lamp
check   said to be done: to the acceptance unit, who verifies
closed  said to be struck off or verified: put on record, and filed
triage  units or date unclear: to the dispatcher, like any new problem
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from workflow.deadlines.ladder import limit as parse_limit
from workflow.errors import N_
from workflow.issues.create import NewIssue, NewSource
from workflow.issues.effect import House
from workflow.issues.opening import USUAL_LOOP
from workflow.issues.reporting import standing_units
from workflow.ledger.content import own
from workflow.ledger.mapping import CREATE
from workflow.ledger.rows import LedgerRow
from workflow.ledger.tools import LOOP, Tools
from workflow.ledger.values import Remark
from workflow.ledger.words import plain
from workflow.loops.loop import Loop
from workflow.units.rules import Actor

WAYS = ("run", "ask", "check", "closed", "triage")
LONGEST_TITLE = 60
_SPEEDS = {"immediate": "at_once", "standing": "long_term"}


@dataclass(frozen=True, slots=True)
class Way:
    """Where a row goes, and why not to its unit."""

    name: str
    why: Remark | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The file and the person that a row comes from."""

    import_id: int
    sha256: str
    file_name: str
    unit_id: int
    """Whose ledger it is: the reporting unit."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the words of a row mean to the office: codes, ids of units, a date."""

    source: str
    category: str
    district: int | None
    standing: Mapping[str, list[int]]
    relations: Mapping[str, list[int]]
    due: date | None


class Sorter:
    """Sorts the rows of one import; names and routes are looked up once."""

    def __init__(
        self,
        tools: Tools,
        house: House,
        origin: Origin,
        *,
        units: Mapping[str, str],
        options: Mapping[str, Any],
        by: Actor,
        now: datetime,
    ) -> None:
        self.tools, self.house, self.origin, self.by, self.now = tools, house, origin, by, now
        self.today = house.timing.day(now)
        self.claims_are_closed = options.get("claimed") == "archive"
        self.chosen = {
            plain(name): wanted for name, wanted in units.items() if wanted not in ("", CREATE)
        }
        self.loop: Loop = tools.office.loops[LOOP]
        self._units: dict[str, int | None] = {}
        self._standing: dict[tuple[str, str, int | None], dict[str, list[int]]] = {}
        self._codes: dict[tuple[str, str], str] = {}

    def sort(self, row: LedgerRow) -> tuple[Way, NewIssue]:
        """The way of a row and its issue."""
        district = self.unit(row.district) if row.district else None
        category, source = self.category(row), self.source(row)
        standing = self.standing(source, category, district)
        responsible, relations = self.relations(row, standing)
        meant = Meaning(source, category, district, standing, relations, self.due(row))
        way = self._way(row, responsible, relations, meant.due)
        make = self._triage if way.name == "triage" else self._known
        return way, make(row, way, meant)

    # -- what the words mean -------------------------------------------------------------------

    def unit(self, name: str) -> int | None:
        """The unit that a name means, after what was chosen for it."""
        if name not in self._units:
            found = self.house.directory.find(self.chosen.get(plain(name), name))
            gone = found is not None and found.abolished_on is not None
            self._units[name] = None if found is None or gone else found.id
        return self._units[name]

    def known(self, names: Sequence[str]) -> list[int]:
        """The ids of those names that are known, each once."""
        found = (self.unit(name) for name in names)
        return list(dict.fromkeys(unit for unit in found if unit is not None))

    def category(self, row: LedgerRow) -> str:
        """The office's code of a category."""
        return self._code(
            "category", row.category, self.tools.categories, self.tools.words.default_category
        )

    def source(self, row: LedgerRow) -> str:
        """The office's code of a source."""
        return self._code("source", row.source, self.tools.sources, self.tools.words.default_source)

    def _code(self, kind: str, text: str, codes: Mapping[str, str], default: str) -> str:
        key = (kind, text)
        if key not in self._codes:
            form = plain(text)
            inside = sorted((word for word in codes if len(word) > 1 and word in form), key=len)
            self._codes[key] = codes.get(form) or (codes[inside[-1]] if inside else default)
        return self._codes[key]

    def standing(self, source: str, category: str, place: int | None) -> dict[str, list[int]]:
        """The units of an issue from the routing table, the acceptance unit proposed with them."""
        key = (source, category, place)
        if key not in self._standing:
            route = self.house.directory.route(source, category, place)
            found = standing_units(route, self.origin.unit_id, self.house, self.by)
            if route is not None and route.acceptance_unit_id is not None:
                found["acceptance"] = [route.acceptance_unit_id]
            self._standing[key] = found
        return self._standing[key]

    def relations(
        self, row: LedgerRow, standing: Mapping[str, list[int]]
    ) -> tuple[int | None, dict[str, list[int]]]:
        """Who is responsible, and how the other units of the row stand (DESIGN §4, tree)."""
        lead = self.known(row.units.get("lead", ()))
        named = self.known(row.units.get("responsible", ()))
        first = [*lead, *named] if len(named) != 1 else [*named, *lead]
        responsible = first[0] if first else None
        helping = [*first[1:], *self.known(row.units.get("cooperating", ()))]
        acceptance = self.known(row.units.get("acceptance", ())) or standing.get("acceptance", [])
        found = {
            "responsible": first[:1],
            "lead": lead or first[:1],
            "cooperating": [u for u in dict.fromkeys(helping) if u not in (*first[:1], *lead)],
            "acceptance": list(acceptance[:1]),
        }
        supervising = [
            unit
            for unit in self.known(row.units.get("supervising", ()))
            if self.house.directory.holders(unit, "supervisor", self.today)
        ]
        if supervising:
            found["supervising"] = supervising[:1]
        return responsible, found

    def due(self, row: LedgerRow) -> date | None:
        """The date of the row; 立行立改 without one counts from the day of the import."""
        if row.due is None and row.due_kind == "immediate":
            limit = parse_limit(self.tools.words.at_once)
            return self.today + timedelta(days=limit.count)
        return row.due

    # -- the way -------------------------------------------------------------------------------

    def _way(
        self,
        row: LedgerRow,
        responsible: int | None,
        relations: Mapping[str, list[int]],
        due: date | None,
    ) -> Way:
        if row.done and (row.is_closed or self.claims_are_closed):
            return Way("closed")
        if responsible is None:
            names = (*row.units.get("lead", ()), *row.units.get("responsible", ()))
            if names:
                sentence = N_("没有“{name}”这个单位，转交办员研判。")
                return Way("triage", Remark(sentence, {"name": names[0][:40]}))
            return Way("triage", Remark(N_("没有写责任单位，转交办员研判。")))
        if (why := self._unfit(responsible, relations["acceptance"])) is not None:
            return Way("triage", why)
        if row.done:
            return Way("check")
        if due is None:
            return Way("triage", Remark(N_("没有明确的时限，转交办员研判。")))
        return Way("ask" if due < self.today else "run")

    def _unfit(self, responsible: int, acceptance: Sequence[int]) -> Remark | None:
        """Why the unit cannot be made responsible, or not be judged by that acceptance unit."""
        directory = self.house.directory
        name: dict[str, object] = {"name": directory.unit(responsible).name}
        if not directory.holders(responsible, "handler", self.today):
            return Remark(N_("{name}还没有经办人，转交办员研判。"), name)
        if not acceptance:
            return Remark(N_("没有确定验收单位，转交办员研判。"))
        above = directory.is_within(responsible, acceptance[0])
        allowed = directory.unit(responsible).level in self.loop.accept_by_superior
        if directory.is_within(acceptance[0], responsible) or (above and not allowed):
            return Remark(N_("验收单位与{name}不独立，转交办员研判。"), name)
        return None

    # -- the issue -----------------------------------------------------------------------------

    def _known(self, row: LedgerRow, way: Way, meant: Meaning) -> NewIssue:
        runs = way.name == "run"
        opening = {"run": "set_due", "check": "claim_done", "closed": "done_before"}.get(way.name)
        noted = {"at": self.now.isoformat(), "by": self.by.login}
        relations = meant.relations
        facts: dict[str, Any] = {"suggested": _filled(relations, "responsible", "acceptance")}
        if runs:
            facts["assigned"] = {**noted, "requirement": row.more.get("measures")}
        if way.name == "check":
            facts |= {
                "submitted": {**noted, "on": self.today.isoformat(), "result": _claim(row)},
                "submissions": 1,
            }
        return self._new(
            row,
            way,
            meant,
            self.loop,
            units={**meant.standing, **_filled(relations, *relations)},
            due_on=meant.due if runs else None,
            opening=opening,
            facts=facts,
        )

    def _triage(self, row: LedgerRow, way: Way, meant: Meaning) -> NewIssue:
        loop = self.tools.office.loops[self.tools.office.sources.get(meant.source) or USUAL_LOOP]
        if loop.born_by != "report":
            loop = self.tools.office.loops[USUAL_LOOP]
        suggested = _filled(meant.relations, "responsible", "acceptance", "cooperating", "lead")
        due = meant.due
        return self._new(
            row,
            Way("triage"),
            meant,
            loop,
            units={name: ids for name, ids in meant.standing.items() if name != "acceptance"},
            due_on=due if due is not None and due >= self.today else None,
            opening=None,
            facts={"suggested": suggested} if suggested else {},
        )

    def _new(
        self,
        row: LedgerRow,
        way: Way,
        meant: Meaning,
        loop: Loop,
        *,
        units: Mapping[str, list[int]],
        due_on: date | None,
        opening: str | None,
        facts: Mapping[str, Any],
    ) -> NewIssue:
        origin = self.origin
        ledger = {
            "import": origin.import_id,
            "file": origin.sha256,
            "name": origin.file_name,
            "cell": row.cell,
            "number": row.number,
            "due": row.due_text,
        }
        told = {**ledger, "way": way.name, "done": row.done, "people": list(row.people), **row.more}
        number = own(row)[:64] or row.number[:64] or None
        return NewIssue(
            loop=loop,
            title=_title(row),
            description=row.description,
            category=meant.category,
            source=meant.source,
            units={name: list(ids) for name, ids in units.items() if ids},
            place=row.place or row.district,
            place_unit_id=meant.district,
            speed=_SPEEDS.get(row.due_kind, "limited"),
            due_on=due_on,
            original_due_on=meant.due,
            opening=opening,
            sources=(NewSource(meant.source, self.now, number),),
            facts={**facts, "ledger": ledger},
            said={"ledger": {name: value for name, value in told.items() if value not in ("", [])}},
        )


def _filled(relations: Mapping[str, list[int]], *names: str) -> dict[str, list[int]]:
    return {name: list(relations[name]) for name in names if relations.get(name)}


def _claim(row: LedgerRow) -> str:
    """What the ledger says of its being done."""
    return (row.more.get("progress") or row.more.get("remark") or row.due_text or "是")[:500]


def _title(row: LedgerRow) -> str:
    """The title that the ledger gives, or the first sentence of the problem."""
    text = " ".join((row.title or row.description).split())
    if row.title and len(text) <= LONGEST_TITLE * 2:
        return text
    for sign in "。；;\n":
        head = text.partition(sign)[0]
        if len(head) <= LONGEST_TITLE:
            return head or text[:LONGEST_TITLE]
    return text[: LONGEST_TITLE - 1] + "…"
