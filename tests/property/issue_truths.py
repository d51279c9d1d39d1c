"""What must hold of the engine's rows at any time, and that they are what the model believes."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from tests.property.issue_doings import Model
from tests.property.issue_model import Thing, end_of
from tests.world import World
from workflow.audit import queries as audit
from workflow.errors import NotFound
from workflow.issues import lists, queries
from workflow.issues.case import Case
from workflow.issues.views import Filters
from workflow.operations.invariants import check
from workflow.units import queries as units
from workflow.units.rules import Scope, scope_of

AFTER_CLOSING = {"closed", "archived", "relapsed"}
AFTER_CLOCKS = {"consolidation", "look_back", "archive"}
KEY = Ed25519PrivateKey.generate()
_TWICE = text(
    "select issue_id, kind from request where state = 'open' group by issue_id, kind"
    " having count(*) > 1"
)
_RUNGS = text(
    "select c.id, c.round, c.next_rung, r.rung, r.round as of_round from clock c"
    " left join rung_taken r on r.clock_id = c.id order by c.id, r.round, r.rung"
)
_CLOSED = text(
    "select i.number, e.seq, e.hash from event e join issue i on i.id = e.issue_id"
    " where e.action = 'close' or (e.kind = 'verify' and i.loop = 'snapshot')"
)
_VERSIONS = text("select number, version from issue")
_DRAFTS = text(
    "select p.id, p.signer_unit_id, p.signer_post, i.number from paper p"
    " join issue i on i.id = p.issue_id where p.state = 'draft' order by p.id"
)
_RECURS = text(
    "select n.number from issue n join issue o on n.recurs_of_id = o.id where o.number = :number"
)


class Truths:
    """The engine's rows beside the model's belief."""

    def __init__(self, world: World, model: Model) -> None:
        self.world, self.model = world, model
        with world.database.reading() as tx:
            self.directory = units.directory(tx)
        self.code = {unit.id: unit.code for unit in self.directory.units.values()}
        self.login = {p.id: p.login for p in self.directory.people.values()}
        self.closings: dict[tuple[str, int], str] = {}

    def ticked(self) -> None:
        """Rungs are events too; how many there are is not the model's matter."""
        with self.world.database.reading() as tx:
            for number, version in tx.execute(_VERSIONS):
                thing = self.model.things[number]
                assert version >= thing.version, number
                thing.version = version

    def recurrence(self, thing: Thing) -> str:
        """The number of the issue that a relapse has made."""
        with self.world.database.reading() as tx:
            return str(tx.execute(_RECURS, {"number": thing.number}).scalar_one())

    def same(self, thing: Thing, *, newborn: bool = False) -> None:
        """An issue stands as the model believes."""
        case = self.world.case(thing.number)
        if newborn:
            thing.sources = {s.id: s.has_contact for s in case.sources}
        _learn(thing, case)
        said = self._said(case)
        believed = self._believed(thing)
        assert said == believed, {k: (said[k], v) for k, v in believed.items() if said[k] != v}
        _holds(thing, case)

    def all(self) -> None:
        """Everything stands so, and what is true of the whole."""
        for thing in self.model.things.values():
            self.same(thing)
            if thing.outcome is None and thing.parent is not None:
                bound = thing.parent.bound(self.model.part)
                assert bound is None or thing.due is None or thing.due <= bound, thing.number
        with self.world.database.reading() as tx:
            report = audit.verify(tx, key=self.world.office.mac_key, public_key=KEY.public_key())
            assert report.is_sound, [finding.text() for finding in report.findings]
            assert tx.execute(_TWICE).all() == []
            self._one_record_a_rung(tx)
            self._closings_stay(tx)

    def every_invariant(self) -> None:
        """What the doctor asks of an installation."""
        with self.world.database.reading() as tx:
            assert [each.text() for each in check(tx, self.world.now)] == []

    def _said(self, case: Case) -> dict[str, Any]:
        clocks = [clock for clock in case.clocks if clock.subject == "issue"]
        asked = [clock for clock in case.clocks if clock.subject == "request"]
        return {
            "state": case.state,
            "version": case.version,
            "units": {name: [self.code[u] for u in us] for name, us in case.units.items() if us},
            "owner": case.owner_unit_id and (self.code[case.owner_unit_id], case.owner_post),
            "due": case.due_on,
            "original": case.original_due_on,
            "move_due": case.move_due_at,
            "clocks": {
                clock.kind: (clock.state, clock.due_at, clock.muted and clock.state == "running")
                for clock in clocks
            },
            "asked": {r.kind: self.login.get(r.asked_by_id or 0) for r in case.requests},
            "asking": sorted(clock.kind for clock in asked),
            "fixers": {self.login[person] for person in case.fixers},
            "sources": {s.id: (s.has_contact, s.replied) for s in case.sources},
            "outcome": (case.counts_as, case.is_open),
            "parts": {part.number: (part.counts_as, part.is_open) for part in case.parts},
            "texts": {name: getattr(case, name) for name in ("title", "description", "category")},
        }

    def _believed(self, thing: Thing) -> dict[str, Any]:
        running = {name for name, clock in thing.clocks.items() if clock.state == "running"}
        mute = {m for name in running for m in thing.law.clocks[name].get("mutes", "").split()}
        clocks = [thing.clocks[name] for name in thing.held_to if name in thing.clocks]
        held = [c for state in ("running", "over") for c in clocks if c.state == state]
        return {
            "state": thing.state,
            "version": thing.version,
            "units": {name: list(us) for name, us in thing.units.items() if us},
            "owner": self.model.desk(thing),
            "due": thing.due,
            "original": thing.original,
            "move_due": held[0].due if held else None,
            "clocks": {
                name: (clock.state, clock.due, name in mute and clock.state == "running")
                for name, clock in thing.clocks.items()
            },
            "asked": {kind: by for kind, (by, _) in thing.asked.items()},
            "asking": sorted(f"decide_{kind}" for kind in thing.asked),
            "fixers": thing.fixers,
            "sources": {s: (had, s in thing.answered) for s, had in thing.sources.items()},
            "outcome": (thing.outcome, thing.outcome is None),
            "parts": {part.number: (part.outcome, part.outcome is None) for part in thing.parts},
            "texts": {name: thing.texts[name] for name in ("title", "description", "category")},
        }

    def _one_record_a_rung(self, tx: Any) -> None:
        found: dict[int, tuple[int, int, list[tuple[int, int]]]] = {}
        for clock, round_, next_rung, rung, of_round in tx.execute(_RUNGS):
            kept = found.setdefault(clock, (round_, next_rung, []))[2]
            if rung is not None:
                kept.append((of_round, rung))
        for clock, (round_, next_rung, kept) in found.items():
            assert len(kept) == len(set(kept)), (clock, kept)
            now_taken = [rung for of_round, rung in kept if of_round == round_]
            # A later one alone: its own time had come when its clock stopped, not that before it.
            assert now_taken[:next_rung] == list(range(next_rung)), (clock, next_rung, kept)
            assert next_rung not in now_taken, (clock, next_rung, kept)

    def _closings_stay(self, tx: Any) -> None:
        now = {(number, seq): hashed for number, seq, hashed in tx.execute(_CLOSED)}
        assert self.closings.items() <= now.items()
        for number, _ in now:
            assert self.model.things[number].outcome in AFTER_CLOSING, number
        self.closings = now

    def strangers_see_nothing(self) -> None:
        """Everybody's list holds what the model lets them see, and a foreign issue is not found."""
        actors = {login: self.world.actor(login) for login in self.model.town.posts}
        with self.world.database.reading() as tx:
            for login, actor in actors.items():
                self._sees(tx, login, scope_of(self.directory, actor))

    def _sees(self, tx: Any, login: str, scope: Scope) -> None:
        page = lists.page(
            tx, scope, Filters(), directory=self.directory, today=self.world.today(), limit=1000
        )
        believed = {n for n, thing in self.model.things.items() if self.model.sees(login, thing)}
        assert {row.number for row in page.rows} == believed, login
        for number in list(self.model.things.keys() - believed)[:1]:
            with pytest.raises(NotFound):
                queries.get(tx, number, scope)

    def drafts(self) -> list[tuple[int, str, str, str]]:
        """Papers that wait for a signature: id, signer's unit and post, issuer of the issue."""
        with self.world.database.reading() as tx:
            return [
                (paper, self.code[unit], post, self.model.things[number].units["issuer"][0])
                for paper, unit, post, number in tx.execute(_DRAFTS)
            ]


def _learn(thing: Thing, case: Case) -> None:
    """The ends of limits that take a calendar are read from the engine, once."""
    for name, clock in thing.clocks.items():
        row = case.clock(name)
        if clock.due is None and row is not None and row.due_at is not None:
            clock.due = row.due_at


def _holds(thing: Thing, case: Case) -> None:
    """Law 12 and what an end means, from the engine's row alone."""
    final = thing.said.get("final", False)
    running = {
        c.kind for c in case.clocks if c.subject == "issue" and c.state in ("running", "over")
    }
    assert (case.owner_unit_id is None) == final, thing.number
    assert final or running & set(thing.held_to), thing.number
    assert all(clock.ticks or clock.wake_at is None for clock in case.clocks), thing.number
    if case.counts_as is not None:
        assert {clock.kind for clock in case.clocks} <= (set() if final else AFTER_CLOCKS)
    if thing.due is not None and (rectify := case.clock("rectify")) is not None:
        assert rectify.due_at == end_of(thing.due)
