"""Filing an issue: the form, the routing table, the first row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic import Field as Bound

from workflow.errors import N_, Invalid, NotAllowed
from workflow.issues.create import NewIssue, NewSource
from workflow.issues.effect import House
from workflow.issues.fields import Day, Digest, Line, Passage, Short, UnitName
from workflow.issues.inputs import validated
from workflow.issues.office import Office
from workflow.units.directory import RouteInfo
from workflow.units.rules import Actor

Place = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Contact = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]

_CANNOT_REPORT = frozenset({"admin", "auditor"})
_DESK_ORDER = ("inspector", "dispatcher", "handler")


class ReportForm(BaseModel):
    """What somebody fills in who found a problem."""

    model_config = ConfigDict(extra="forbid")

    title: Line
    description: Passage
    category: Short
    source: Short = "patrol"
    loop: Short | None = None
    place: Place = ""
    place_unit: UnitName | None = None
    lat: Annotated[float, Bound(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lon: Annotated[float, Bound(ge=-180, le=180, allow_inf_nan=False)] | None = None
    task: Short | None = None
    due: Day | None = None
    own_number: Contact | None = None
    reporter_name: Contact | None = None
    reporter_contact: Contact | None = None
    evidence: Annotated[list[Digest], Bound(max_length=20)] = []


def read(data: Mapping[str, Any]) -> dict[str, Any]:
    """Validate a report; empty inputs count as absent.

    Raises:
        Invalid: with one sentence a field at fault.
    """
    filled = {
        name: value
        for name, value in data.items()
        if not (value is None or (isinstance(value, str) and not value.strip()))
    }
    return validated(ReportForm, filled)


def new_issue(
    values: Mapping[str, Any], office: Office, house: House, by: Actor, now: datetime
) -> NewIssue:
    """Return the issue that a report makes: its loop, its issuer, its units.

    Raises:
        Invalid: an unknown category, source, loop or place, or a due date before today.
        NotAllowed: the person holds no post that may report.
    """
    if values["category"] not in office.categories:
        raise Invalid.at("category", N_("没有这个问题类别，请从类别列表中选择。"))
    if values["source"] not in office.sources:
        raise Invalid.at("source", N_("没有这个问题来源，请从来源列表中选择。"))
    name = values.get("loop") or office.sources[values["source"]]
    loop = office.loops.get(name)
    if loop is None or loop.born_by != "report":
        raise Invalid.at("loop", N_("没有名为“{loop}”的办理流程，请从列表中选择。"), loop=name)
    due = values.get("due")
    if due is not None and due < house.timing.day(now):
        raise Invalid.at("due", N_("{day}已经过去，请填写今天或以后的日期。"), day=due.isoformat())
    reporting = reporting_unit(by)
    place = _place(values, house)
    route = house.directory.route(values["source"], values["category"], place)
    return NewIssue(
        loop=loop,
        title=values["title"],
        description=values["description"],
        category=values["category"],
        source=values["source"],
        units=standing_units(route, reporting, house, by),
        place=values.get("place", ""),
        place_unit_id=place,
        lat=values.get("lat"),
        lon=values.get("lon"),
        task=values.get("task"),
        due_on=due,
        sources=(
            NewSource(
                values["source"],
                now,
                values.get("own_number"),
                values.get("reporter_name"),
                values.get("reporter_contact"),
            ),
        ),
        facts=_suggested(route, place),
        said={"evidence": values["evidence"]} if values.get("evidence") else {},
    )


def reporting_unit(by: Actor) -> int:
    """Return the unit for which a person reports.

    Raises:
        NotAllowed: without a post that may report.
    """
    posts = [post for post in by.held if post.post not in _CANNOT_REPORT]
    if not posts:
        raise NotAllowed(
            N_("您不能登记问题。"), why=N_("须在某个单位任职（管理员、审计员除外）方可登记。")
        )
    posts.sort(key=lambda p: _DESK_ORDER.index(p.post) if p.post in _DESK_ORDER else 9)
    return posts[0].unit_id


def _place(values: Mapping[str, Any], house: House) -> int | None:
    name = values.get("place_unit")
    if name is None:
        return None
    unit = house.directory.find(name)
    if unit is None:
        raise Invalid.at(
            "place_unit", N_("没有名为“{text}”的单位，请从单位列表中选择。"), text=name
        )
    return unit.id


def standing_units(
    route: RouteInfo | None, reporting: int, house: House, by: Actor
) -> dict[str, list[int]]:
    """Reporting, issuing, supervising and closing unit of what a unit reports.

    Raises:
        Invalid: no route leads anywhere, and no dispatcher stands above the unit.
    """
    issuer = route.issuer_unit_id if route else _own_issuer(reporting, house, by)
    supervising = route.supervising_unit_id if route else None
    closing = route.closing_unit_id if route else None
    return {
        "reporting": [reporting],
        "issuer": [issuer],
        "supervising": [supervising or issuer],
        "closing": [closing or issuer],
    }


def _own_issuer(reporting: int, house: House, by: Actor) -> int:
    """Without a route the nearest unit with a dispatcher issues, the reporter's own first."""
    for unit in (reporting, *house.directory.ancestors(reporting)):
        if house.directory.holders(unit, "dispatcher", by.on):
            return unit
    raise Invalid.at("source", N_("还没有为这类来源配置交办单位，请联系管理员在分派表中补充。"))


def _suggested(route: RouteInfo | None, place: int | None) -> dict[str, Any]:
    """What the dispatcher's form proposes: the route's acceptance unit, the unit of the place."""
    suggested = {
        name: [unit]
        for name, unit in (
            ("acceptance", route.acceptance_unit_id if route else None),
            ("responsible", place),
        )
        if unit is not None
    }
    return {"suggested": suggested} if suggested else {}
