"""The demo city: its units, people, routing table and plan, checked before anything is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from cli.demo.reading import Entry, read
from workflow.errors import N_, ConfigError
from workflow.labels import Labels
from workflow.units.directory import Directory
from workflow.units.entries import Batch
from workflow.units.importing import read_units
from workflow.units.register import Register

NAME = "桐泽市"
MAIL_DOMAIN = "tongze.example"
"""A reserved ending: no mail for a demo person ever reaches anybody."""

PLACES = "各乡镇街道"
OFFICES = "各市直单位"

Number = Annotated[str, StringConstraints(pattern=r"^(\d+(\.\d+)?|I{1,3}|IV|V)$")]


class TargetEntry(Entry):
    """A figure to reach; without a date it has to hold all the time."""

    name: str
    comparator: Annotated[str, StringConstraints(pattern=r"^(<=|>=|=|<|>)$")]
    value: Number
    unit: str
    due: date | None = None


class MilestoneEntry(Entry):
    """Something to have done by a day, or as `when` prints it: 每月25日前."""

    text: str
    due: date | None = None
    when: str | None = None


class TaskEntry(Entry):
    """One task with its units."""

    no: int
    title: str
    lead: list[str] = Field(min_length=1)
    cooperating: list[str] = []
    responsible: list[str] = Field(min_length=1)
    targets: list[TargetEntry] = []
    milestones: list[MilestoneEntry] = []
    kinds: list[str] = []


class ActionEntry(Entry):
    """One of the actions of the plan."""

    no: int
    title: str
    tasks: list[TaskEntry]


class PlanEntry(Entry):
    """The file ``plan.yaml``."""

    title: str
    number: str
    issuer: str
    issued_on: date
    organiser: str
    supervisor: str
    targets: list[TargetEntry]
    actions: list[ActionEntry]

    def tasks(self) -> Iterator[TaskEntry]:
        """Every task in the order of the plan."""
        for action in self.actions:
            yield from action.tasks


@dataclass(frozen=True)
class City:
    """The checked files."""

    batch: Batch
    plan: PlanEntry

    @cached_property
    def register(self) -> Register:
        """The entries as a register in which names resolve."""
        return Register(Directory(0, ()), self.batch, update=False)

    def has_unit(self, name: str) -> bool:
        """Whether a code, name or alias means a unit of the city."""
        return self.register.code_of(name) is not None

    @cached_property
    def logins(self) -> Mapping[str, str]:
        """``code.post`` for every post of every person → login."""
        return {f"{post.unit}.{post.post}": post.login for post in self.batch.posts}


def load_city(labels: Labels, folder: Path, *, from_on: date) -> City:
    """Read and check ``city.yaml`` and ``plan.yaml``; every post is held since `from_on`.

    Raises ConfigError or Faulty, with the row and the key at fault.
    """
    batch = read_units(folder / "city.yaml", on=from_on)
    people = tuple(
        person.model_copy(update={"email": f"{person.login}@{MAIL_DOMAIN}"})
        for person in batch.people
    )
    city = City(replace(batch, people=people), read(folder / "plan.yaml", PlanEntry))
    _check_units(city, labels)
    _check_plan(city, labels)
    return city


def _check_units(city: City, labels: Labels) -> None:
    for fault in city.register.changes().faults:
        raise ConfigError(
            fault.sentence, file="city.yaml", key=fault.place, params=dict(fault.params)
        )
    for route in city.batch.routes:
        for subject, key in (("sources", route.source), ("categories", route.category)):
            if key is not None and key not in labels.keys(subject):
                raise ConfigError(
                    N_("config/labels/{subject}.yaml 里没有“{name}”。"),
                    file="city.yaml",
                    key=f"{route.row}.{subject}",
                    params={"name": key, "subject": subject},
                )


def _check_plan(city: City, labels: Labels) -> None:
    plan = city.plan
    named = [
        ("issuer", plan.issuer),
        ("organiser", plan.organiser),
        ("supervisor", plan.supervisor),
    ]
    for row, action in enumerate(plan.actions):
        for at, task in enumerate(action.tasks):
            key = f"actions.{row}.tasks.{at}"
            named += [(key, name) for name in (*task.lead, *task.cooperating, *task.responsible)]
            for kind in task.kinds:
                if kind not in labels.keys("categories"):
                    raise _fault(key, N_("没有“{name}”这一类。"), name=kind)
    for key, name in named:
        if name not in (PLACES, OFFICES) and not city.has_unit(name):
            raise _fault(key, N_("没有“{name}”这个单位。"), name=name)
    numbers = [task.no for task in plan.tasks()]
    if numbers != list(range(1, len(numbers) + 1)):
        raise _fault("actions", N_("任务须从 1 起连续编号。"))


def _fault(key: str, sentence: str, **params: object) -> ConfigError:
    return ConfigError(sentence, file="plan.yaml", key=key, params=params)
