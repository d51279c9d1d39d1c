"""A pure decision, against the library ``transitions`` with the same states, guards and rights."""

from datetime import timedelta
from functools import partial
from typing import Any

from transitions import Machine

from benchmarks import city
from benchmarks.result import Result
from benchmarks.rounds import alternate, timed
from benchmarks.servers import Server
from tests.world import START, World
from workflow.issues import rules
from workflow.issues.case import Case
from workflow.issues.effect import House
from workflow.issues.guards import GUARDS
from workflow.loops.loop import Transition
from workflow.units import queries as units
from workflow.units.rules import Actor, may

SUBJECT = "decision"
FLOOR, AIM = 5.0, 15.0


class Peer:
    """An issue as a model of that library: its state, and what the conditions ask."""

    def __init__(self, case: Case, by: Actor, house: House) -> None:
        self.case, self.by, self.house = case, by, house
        self.machine = Machine(
            model=self, states=list(case.loop.states), initial=case.state, auto_transitions=False
        )
        for transition in case.loop.transitions:
            self.machine.add_transition(
                transition.name,
                list(transition.sources),
                transition.target or "=",
                conditions=[partial(self.allows, transition)],
            )

    def allows(self, transition: Transition) -> bool:
        """The rights and guards that the engine asks too."""
        if not may(self.house.directory, transition.by, self.case.units, self.by):
            return False
        return all(GUARDS[guard][0](self.case) for guard in transition.when)


def run(server: Server, *, rounds: int, decisions: int) -> list[Result]:
    """Decide the first actions of a loop over and over, each by the person who may."""
    city.found(server, SUBJECT)
    with city.city(server, SUBJECT) as world:
        cases = _cases(world)
    peers = [(Peer(case, by, house), action) for case, action, by, house in cases]
    sides = {
        "engine": lambda _: timed(partial(_decide, cases, decisions)),
        "transitions": lambda _: timed(partial(_trigger, peers, decisions)),
    }
    measured = alternate(sides, rounds)
    each = measured.median("engine") / (decisions * len(cases))
    note = f"{each * 1e6:.2g} µs a decision; {len(cases)} kinds of them"
    faster = measured.ratio("transitions", "engine")
    return [
        Result(SUBJECT, "faster than `transitions`", "memory", faster, FLOOR, AIM, True, note=note)
    ]


def _cases(world: World) -> list[tuple[Case, str, Actor, House]]:
    """The same issue at the beginning of several actions."""
    found: list[tuple[Case, str, Actor, House]] = []
    at = START
    number = city.file(world, world.actor("hb.inspector"), at)
    for step in city.walk(world.today())[:6]:
        at += timedelta(minutes=1)
        by, case = world.actor(step.by), world.case(number)
        with world.database.reading() as tx:
            house = world.office.house(units.directory(tx))
        found.append((case, step.action, by, house))
        city.act(world, number, step, by, at)
    return found


def _decide(cases: list[tuple[Case, str, Actor, House]], times: int) -> None:
    decide = rules.decide
    for case, action, by, house in cases:
        for _ in range(times):
            decide(case, action, by, START, house)


def _trigger(peers: list[tuple[Any, str]], times: int) -> None:
    for peer, action in peers:
        trigger, state = getattr(peer, action), peer.state
        for _ in range(times):
            trigger()
            peer.state = state
