"""A machine that tries everything on the engine and compares it with the model, step by step."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from random import Random
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.property.issue_doings import Model
from tests.property.issue_forms import Forms
from tests.property.issue_model import Law, Thing, Town, many
from tests.property.issue_truths import Truths
from tests.world import CONFIG, HERE, START, World
from workflow.errors import WorkflowError
from workflow.escalation import actions as escalation
from workflow.issues import actions
from workflow.units.rules import Actor

PICK = st.integers(0, 2**32 - 1)
ALSO = (
    ("qs.handler", "huanbao", "acceptor"),
    ("qs.handler", "shuili", "acceptor"),
    ("hk.handler", "huanbao", "acceptor"),
    ("hb.handler", "gongjian", "dispatcher"),
)
"""Posts besides those of the small city: people who would judge or decide their own doing."""
WAITS = [timedelta(minutes=10), timedelta(hours=3), timedelta(days=1), timedelta(days=4)]
LONG_WAITS = [timedelta(days=10), timedelta(days=35), timedelta(days=100)]
MOST_ROOTS, MOST_THINGS = 4, 14
MOST_STEPS, USUAL_STEPS = 100, 75
LOOK_AT_ALL_EVERY = 20
PHASES = (Phase.generate,)
"""A failure is told with all its steps; with ``Phase.shrink`` besides, minutes later with few."""
WEIGHTS = {
    "amend": 0.2, "progress": 0.2, "reply": 0.5, "cancel": 0.03, "withdraw": 0.03, "merge": 0.1,
    "accept": 2, "plan": 3, "approve_plan": 2, "submit": 4, "verify": 4, "publish": 5, "close": 8,
    "request": 3, "decide": 4, "object": 5, "rule_objection": 3, "look_back": 3,
}  # fmt: skip
"""Kinds that lead nowhere far are tried less often than those that take some luck to come to."""

TOWN = Town(HERE / "world.yaml", ALSO)
LAWS = {
    name: Law(CONFIG / "loops" / f"{name}.yaml")
    for name in ("rectification", "petition", "snapshot", "part")
}
REPORTS = {
    "rectification": ("patrol", "campaign"),
    "petition": ("petition", "hotline"),
    "snapshot": ("snapshot",),
}
"""Loop → sources whose reports start it."""


def _weight(thing: Thing, move: dict[str, Any]) -> float:
    dismissed = thing.law.states[move.get("to", thing.state)].get("counts_as") == "withdrawn"
    return 0.03 if dismissed else WEIGHTS.get(move["do"], 1)


class Tally:
    """What a run has walked through: how often each attempt ended how."""

    def __init__(self) -> None:
        self.steps = 0
        self.ends: Counter[tuple[str, str, str]] = Counter()

    def proves(self, loop: str, most_missing: int = 8) -> None:
        """A walk that has not come far proves nothing; say so."""
        missing = LAWS[loop].names - self.accepted(loop)
        print(f"{self.steps} steps, never accepted: {sorted(missing)}")
        assert len(missing) <= most_missing, missing
        ends = Counter(end for (_, _, end), n in self.ends.items() for _ in range(n))
        for end in ("NotFound", "NotAllowed", "Refused", "Invalid", "Conflict"):
            assert ends[end] >= 5, ends

    def accepted(self, loop: str) -> set[str]:
        return {
            action for (law, action, end), n in self.ends.items() if law == loop and end == "ok"
        }


@dataclass
class Stage:
    """A city that can be set back to the morning on which nothing had been reported."""

    world: World
    reset: Callable[[], None]
    photos: tuple[str, ...]


def walk(stage: Stage, loops: tuple[str, ...], least: int, *, walk: int = 0, **more: Any) -> Tally:
    """Let the machine take at least so many steps; what fails names the steps that lead to it.

    The same ``walk`` takes the same steps wherever the same modules are loaded: hypothesis tries
    numbers that it finds in them.
    """
    tally = Tally()
    about = {"world": stage.world, "reset": staticmethod(stage.reset), "photos": stage.photos}
    leg = 0
    while tally.steps < least:
        of_leg = {"loops": loops, "salt": f"{walk} {leg}", "tally": tally}
        leg += 1
        run_state_machine_as_test(
            type("Machine", (IssueMachine,), about | of_leg),
            settings=settings(
                max_examples=ceil((least - tally.steps) / USUAL_STEPS),
                stateful_step_count=MOST_STEPS,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                print_blob=False,
                **{"derandomize": True, "phases": PHASES, "report_multiple_bugs": False, **more},
            ),
        )
    return tally


class IssueMachine(RuleBasedStateMachine):
    """People act, rightly and wrongly; time passes; the model says beforehand what comes of it."""

    world: ClassVar[World]
    reset: ClassVar[Callable[[], None]]
    photos: ClassVar[tuple[str, ...]]
    tally: ClassVar[Tally]
    loops: ClassVar[tuple[str, ...]] = ("rectification",)
    salt: ClassVar[str] = ""

    def __init__(self) -> None:
        super().__init__()
        type(self).reset()
        self.world.now = START
        self.model = Model(TOWN, LAWS["part"])
        self.forms = Forms(self.model, self.photos)
        self.truths = Truths(self.world, self.model)
        self.actors: dict[tuple[str, date], Actor] = {}
        self.steps = 0

    @property
    def now(self) -> datetime:
        return self.world.now

    @initialize(pick=PICK)
    def first(self, pick: int) -> None:
        self._report(self._random(pick))

    @precondition(lambda self: len(self._roots()) < MOST_ROOTS)
    @rule(pick=PICK)
    def report(self, pick: int) -> None:
        self._report(self._random(pick))

    @rule(pick=PICK)
    def move_on(self, pick: int) -> None:
        """Somebody does what moves an issue to another state."""
        self._do_right(self._random(pick), moving=True)

    @rule(pick=PICK)
    def move_further(self, pick: int) -> None:
        """The same again: a walk to the end takes many of these."""
        self._do_right(self._random(pick), moving=True)

    @rule(pick=PICK)
    def act(self, pick: int) -> None:
        """Somebody does anything that is possible."""
        self._do_right(self._random(pick), moving=False)

    @precondition(lambda self: self.model.things)
    @rule(pick=PICK)
    def misfill(self, pick: int) -> None:
        """Somebody who may do something fills in the form, often wrongly."""
        random = self._random(pick)
        for thing, action, move in self._ranked(random):
            if people := self._people(thing, move):
                form = self.forms.spoiled(thing, move, self.now, random)
                self._try(thing, action, random.choice(people), form, None)
                return

    @precondition(lambda self: self.model.things)
    @rule(pick=PICK)
    def mistime(self, pick: int) -> None:
        """Somebody does what is theirs, but not now or not for them."""
        random = self._random(pick)
        for thing, action, move in self._ranked(random):
            people = self._people(thing, move)
            random.shuffle(people)
            for login in people:
                if self.model.hindered(thing, action, move, login, self.now):
                    form = self.forms.good(thing, move, self.now, random)
                    self._try(thing, action, login, form, thing.version)
                    return

    @precondition(lambda self: self.model.things)
    @rule(pick=PICK)
    def misact(self, pick: int) -> None:
        """Anybody tries anything, perhaps on an old page."""
        random = self._random(pick)
        thing = random.choice(list(self.model.things.values()))
        names = (
            [*thing.law.moves[thing.state]] if random.random() < 0.7 else sorted(thing.law.names)
        )
        action = random.choice([*names, "fly"])
        move = thing.law.moves[thing.state].get(action, {"do": action})
        seers = [login for login in TOWN.posts if self.model.sees(login, thing)]
        able, dice = self._people(thing, move), random.random()
        login = random.choice((dice < 0.3 and able) or (dice < 0.7 and seers) or [*TOWN.posts])
        version = thing.version + random.choice((0, 0, 0, 0, -1, 1))
        self._try(thing, action, login, self.forms.good(thing, move, self.now, random), version)

    @rule(pick=PICK)
    def wait(self, pick: int) -> None:
        """Time passes; the clock ticks."""
        random = self._random(pick)
        self._wait_until(self._later(random))

    @precondition(lambda self: self.truths.drafts())
    @rule(pick=PICK)
    def sign(self, pick: int) -> None:
        """A ladder's paper is signed, so that the next one may come."""
        random = self._random(pick)
        paper, unit, post, issuer = random.choice(self.truths.drafts())
        login = random.choice(TOWN.workers(unit, post, issuer))
        note(f"{login} signs paper {paper}")
        with self.world.database.transaction() as tx:
            escalation.sign(
                tx, self.world.office, paper_id=paper, by=self._actor(login), now=self.now, door="t"
            )
        self.truths.ticked()
        self._counted("", "sign", "ok")

    def teardown(self) -> None:
        self.truths.all()
        self.truths.every_invariant()
        self.truths.strangers_see_nothing()

    def _random(self, pick: int) -> Random:
        """Hypothesis likes small numbers and repeats itself; a step is not to be like the last."""
        return Random(f"{self.salt} {pick} {self.steps}")

    def _later(self, random: Random) -> datetime:
        clocks = [c for thing in self.model.things.values() for c in thing.clocks.values()]
        dues = sorted({c.due for c in clocks if c.due is not None and c.due > self.now})
        if dues and random.random() < 0.35:
            # Just before the end of a limit or period, at it, or just after.
            return max(
                self.now, random.choice(dues[:3]) + timedelta(seconds=random.choice((-1, 0, 1)))
            )
        return self.now + random.choice(WAITS if random.random() < 0.85 else LONG_WAITS)

    def _wait_until(self, then: datetime) -> None:
        note(f"wait until {then.isoformat()}")
        self.world.now = then
        report = escalation.tick(self.world.database, self.world.office, then)
        assert not report.failed
        self.model.time_passes(then)
        self.truths.ticked()
        self._counted("", "wait", "ok")

    def _report(self, random: Random) -> None:
        loop = random.choice(self.loops)
        login, unit, form, verdict = self.forms.report(REPORTS[loop], self.now, random)
        note(f"report by {login}: {form} → {verdict}")
        end, number = "ok", ""
        try:
            with self.world.database.transaction() as tx:
                number = actions.report(
                    tx, self.world.office, data=form, by=self._actor(login), now=self.now, door="t"
                ).number
        except WorkflowError as error:
            end = type(error).__name__
        assert end == verdict
        self._counted(loop, "report", end)
        if number:
            due = date.fromisoformat(form["due"]) if "due" in form else None
            units = {
                "reporting": [unit], "issuer": ["gongjian"], "supervising": ["duban"],
                "closing": ["gongjian"],
            }  # fmt: skip
            new = Thing(number, LAWS[loop], LAWS[loop].initial, units, self._today(), due, due)
            new.texts = {name: form[name] for name in ("title", "description", "category")}
            self.model.step(new, "report", new.state, {}, self.now)
            new.version = 1
            self._born(new)

    def _born(self, thing: Thing) -> None:
        self.model.things[thing.number] = thing
        self.truths.same(thing, newborn=True)

    def _do_right(self, random: Random, *, moving: bool) -> None:
        """Take an action that is possible now, rather one of those that lead far."""
        for thing, action, move in self._ranked(random):
            if moving and move.get("to", thing.state) == thing.state:
                continue
            if move["do"] == "split" and len(self.model.things) >= MOST_THINGS:
                continue
            people = self._people(thing, move)
            random.shuffle(people)
            for login in people:
                if not self.model.hindered(thing, action, move, login, self.now):
                    form = self.forms.good(thing, move, self.now, random)
                    self._try(thing, action, login, form, None)
                    return
        self._wait_until(self.now + timedelta(days=1))

    def _ranked(self, random: Random) -> Iterator[tuple[Thing, str, dict[str, Any]]]:
        """What the states offer, in an order in which what leads far tends to come first."""
        found = [
            (random.random() ** (1 / _weight(thing, move)), number, action)
            for number, thing in self.model.things.items()
            for action, move in thing.law.moves[thing.state].items()
        ]
        for _, number, action in sorted(found, reverse=True):
            thing = self.model.things[number]
            yield thing, action, thing.law.moves[thing.state][action]

    def _people(self, thing: Thing, move: dict[str, Any]) -> list[str]:
        """Who may take a move, each once."""
        issuer = thing.units["issuer"][0]
        found: dict[str, None] = {}
        for role in many(move.get("by")):
            post, _, relation = role.partition("@")
            for unit in TOWN.related(thing.units, relation, post):
                found |= dict.fromkeys(TOWN.workers(unit, post, issuer))
        return list(found)

    def _try(
        self, thing: Thing, action: str, login: str, form: dict[str, Any], version: int | None
    ) -> None:
        verdict = self.model.verdict(thing, action, login, form, self.now, version)
        note(f"{thing.number} {thing.state}: {action} by {login} {form} v{version} → {verdict}")
        end, state = "ok", thing.state
        try:
            with self.world.database.transaction() as tx:
                actions.act(
                    tx,
                    self.world.office,
                    number=thing.number,
                    action=action,
                    data=self.forms.typed(form),
                    version=version,
                    by=self._actor(login),
                    now=self.now,
                    door="t",
                )
        except WorkflowError as error:
            end = type(error).__name__
            note(f"  {error} {error.why_text()} {getattr(error, 'fields', '')}")
        assert end == verdict, f"{thing.number} {state} {action}: {end}, expected {verdict}"
        self._counted(thing.law.name, action, end)
        if end == "ok":
            made = self.model.take(thing, action, login, form, self.now)
            for new in made:
                if not new.number:
                    new.number = self.truths.recurrence(thing)
                self._born(new)
            self.truths.same(thing)

    def _counted(self, loop: str, action: str, end: str) -> None:
        self.tally.steps += 1
        self.tally.ends[loop, action, end] += 1

    @invariant()
    def everything_holds(self) -> None:
        """The dear look at everything, every so many steps."""
        self.steps += 1
        if self.steps % LOOK_AT_ALL_EVERY == 0:
            self.truths.all()

    def _actor(self, login: str) -> Actor:
        key = (login, self._today())
        if key not in self.actors:
            self.actors[key] = self.world.actor(login)
        return self.actors[key]

    def _today(self) -> date:
        return self.world.today()

    def _roots(self) -> list[Thing]:
        return [thing for thing in self.model.things.values() if thing.parent is None]
