"""The names that a page puts for ids and codes: units, desks, states, actions, dates, rungs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from markupsafe import Markup

from config.language import catalogue
from web import saying, times
from web.ring import ring
from web.saying import Pairs
from web.times import Left
from workflow.audit.timeline import EventView
from workflow.deadlines.desk import Timing
from workflow.deadlines.ladder import offset
from workflow.deadlines.steps import Step
from workflow.labels import Labels
from workflow.loops.loop import Loop, Transition
from workflow.units.directory import Directory, UnitInfo


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one language, for one visit."""

    lang: str
    labels: Labels
    directory: Directory
    timing: Timing
    now: datetime
    loop_of: Callable[[str], Loop]

    @property
    def today(self) -> date:
        """The civil day where the office is."""
        return self.timing.day(self.now)

    # -- who -----------------------------------------------------------------------------------

    def unit(self, unit_id: int | None) -> str:
        """The name of a unit; empty for none."""
        known = self.directory.units.get(unit_id) if unit_id is not None else None
        return known.name if known else ""

    def person(self, person_id: int | None) -> str:
        """The name of a person; empty for none."""
        known = self.directory.people.get(person_id) if person_id is not None else None
        return known.name if known else ""

    def post(self, post: str | None) -> str:
        """The name of a post."""
        return self.labels.text("posts", post, self.lang)

    def desk(self, unit_id: int | None, post: str | None) -> str:
        """青山镇经办人."""
        name, held = self.unit(unit_id), self.post(post)
        return f"{name} · {held}" if self.lang == "en" and name and held else f"{name}{held}"

    def role(self, text: str) -> str:
        """``handler@responsible`` in words."""
        post, _, relation = text.partition("@")
        if not relation:
            return self.post(post)
        where = self.labels.text("relations", relation, self.lang)
        return f"{where} · {self.post(post)}" if self.lang == "en" else f"{where}{self.post(post)}"

    def lamp_colour(self, key: str) -> str:
        """The class that carries a lamp's colour."""
        return f"lamp-{key}" if key.isidentifier() else ""

    # -- the loop ------------------------------------------------------------------------------

    def label(self, subject: str, key: str | None) -> str:
        """A word of the office's own lists."""
        return self.labels.text(subject, key, self.lang)

    def text(self, labels: Mapping[str, str]) -> str:
        """A label of a definition."""
        return labels.get(self.lang) or labels.get("zh", "")

    def loop(self, version: str) -> str:
        """The name of a loop."""
        return self.text(self.loop_of(version).labels)

    def state(self, version: str, state: str) -> str:
        """The name of a state."""
        known = self.loop_of(version).states.get(state)
        return self.text(known.labels) if known else state

    def action(self, version: str, action: str) -> str:
        """The name of an action, or of the end of a period."""
        loop = self.loop_of(version)
        transition = loop.actions.get(action)
        if transition is not None:
            return self.text(transition.labels)
        clock = loop.clocks.get(action.removesuffix("_over"))
        if clock is not None and action.endswith("_over"):
            ended = catalogue(self.lang).gettext("{clock}届满")
            return ended.format(clock=self.text(clock.labels))
        return self.labels.text("events", action, self.lang)

    def transition(self, transition: Transition) -> str:
        """The name of a transition."""
        return self.text(transition.labels)

    def clock(self, version: str, kind: str) -> str:
        """The name of a clock of the loop, or of a request's or paper's clock."""
        rule = self.loop_of(version).clocks.get(kind)
        return self.text(rule.labels) if rule else self.labels.text("clocks", kind, self.lang)

    def ring(self, version: str, state: str) -> Markup:
        """How far round the loop a state is, as a small picture."""
        return ring(self.loop_of(version)).pictures.get(state, Markup())

    def milestones(self, version: str, state: str) -> tuple[tuple[str, bool], ...]:
        """The names of the milestones round the loop, and whether each lies behind the state."""
        found = ring(self.loop_of(version))
        names = (self.labels.text("milestones", kind, self.lang) for kind in found.milestones)
        nowhere = (False,) * len(found.milestones)
        return tuple(zip(names, found.passed.get(state, nowhere), strict=True))

    # -- when ----------------------------------------------------------------------------------

    def day(self, day: date | str | None) -> str:
        """A civil day."""
        if isinstance(day, str):
            day = date.fromisoformat(day[:10])
        return times.day_text(day, self.lang, today=self.today) if day else ""

    def full_day(self, day: date | None) -> str:
        """A civil day with its year."""
        return times.day_text(day, self.lang) if day else ""

    def moment(self, at: datetime | None) -> str:
        """A moment on the office's clock."""
        if at is None:
            return ""
        return times.moment_text(at.astimezone(self.timing.zone), self.lang, today=self.today)

    def deadline(self, at: datetime | None) -> str:
        """A moment until which something lasts: midnight belongs to the day before, as 24:00."""
        if at is None:
            return ""
        local = at.astimezone(self.timing.zone)
        if (local.hour, local.minute) != (0, 0):
            return self.moment(at)
        return f"{self.day(local.date() - timedelta(days=1))} 24:00"

    def days_left(self, due: date | None) -> Left | None:
        """How long until a due day."""
        if due is None:
            return None
        return times.days_left(due, self.today, self.timing.calendar, self.lang)

    def time_left(self, due: datetime | None) -> Left | None:
        """How long until a moment; the midnight that ends a day counts like the day."""
        if due is None:
            return None
        local = due.astimezone(self.timing.zone)
        if (local.hour, local.minute) == (0, 0):
            return self.days_left(local.date() - timedelta(days=1))
        return times.time_left(due, self.now, self.lang)

    def steps(self, explanation: Sequence[Any]) -> tuple[str, ...]:
        """The explanation of a due date, sentence by sentence."""
        steps = (Step.from_json(each) for each in explanation)
        return tuple(step.en if self.lang == "en" else step.zh for step in steps)

    def offset(self, at: str) -> str:
        """When a rung is due, relative to the due time."""
        return offset(at).label("en" if self.lang == "en" else "zh")

    def in_time(self, at: datetime) -> str:
        """How long until a moment, without "left"."""
        return times.span_text(max(at - self.now, timedelta(0)), self.lang)

    # -- records -------------------------------------------------------------------------------

    def rung(
        self,
        message: str | None,
        paper: str | None,
        to: str,
        owner: str = "",
        owner_unit_id: int | None = None,
    ) -> str:
        """What a rung of a clock sends, and to whom; `owner` is whose clock it is."""
        what = self.label("papers", paper) if paper else self.label("messages", message)
        post, _, place = to.partition("@")
        if to == "owner":
            post, place = owner.partition("@")[0], "owner"
        if place == "owner" and owner_unit_id is not None:
            return f"{what} → {self.desk(owner_unit_id, post)}"
        return f"{what} → {self.role(f'{post}@{place}')}"

    def recorded_desk(self, text: str) -> str:
        """A desk as the record names it (``post@code``) in words."""
        post, _, code = text.partition("@")
        found = self.directory.find(code)
        return self.desk(found.id if found else None, post)

    def request_state(self, kind: str, state: str) -> str:
        """How a request stands: an objection is upheld or dismissed, others granted or refused."""
        own = f"{kind}_{state}"
        return self.label("requests", own if own in self.labels.keys("requests") else state)

    def relation(self, kind: str) -> str:
        """How another issue belongs to this one."""
        return self.label("kinship", kind)

    def standing(self, units: Mapping[str, Sequence[int]]) -> tuple[tuple[str, str], ...]:
        """Relation and unit names, in the order of the office's list."""
        between = ", " if self.lang == "en" else "、"
        return tuple(
            (self.label("relations", relation), between.join(map(self.unit, units[relation])))
            for relation in self.labels.keys("relations")
            if units.get(relation)
        )

    def current_units(self) -> tuple[UnitInfo, ...]:
        """Every unit that still exists."""
        units = self.directory.units.values()
        return tuple(unit for unit in units if unit.abolished_on is None)

    def said(self, data: Mapping[str, Any]) -> Pairs:
        """Name and text of what was filled in."""
        return saying.pairs(self, data)

    def told(self, version: str, event: EventView) -> Pairs:
        """What an event says besides who did what and when."""
        return saying.of_event(self, version, event)

    def typed(self, values: Mapping[str, str]) -> Pairs:
        """What somebody typed into a form that is no longer possible."""
        return saying.pairs(self, {k: v for k, v in values.items() if k not in ("version", "kept")})
