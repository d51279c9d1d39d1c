"""Issues: the list, one with all that may be seen of it, its record, and a new one."""

from collections.abc import Iterable, Mapping
from typing import Any

from web.api import cursors, naming, shown
from web.api.models import Done, EventPage, EventShown, IssuePage
from web.api.route import Given, Reply
from web.visit import Visit
from workflow.audit import timeline
from workflow.audit.timeline import EventView
from workflow.errors import N_, Invalid
from workflow.evidence import actions as evidence
from workflow.issues import actions, lists, queries, store
from workflow.issues.actions import Outcome
from workflow.issues.views import Filters, IssueView

HOME = "/api/v1/issues"
_LONGEST_NUMBER = 32


def listed(visit: Visit, given: Given) -> Reply:
    """The issues that the person may see, the newest first."""
    asked = given.query
    page = lists.page(
        visit.tx,
        visit.scope,
        _filters(visit, asked),
        directory=visit.directory,
        today=visit.today,
        after=cursors.opened("issues", asked),
        limit=asked["limit"],
    )
    body: IssuePage = {
        "issues": [naming.line(visit, row) for row in page.rows],
        "next_cursor": cursors.sealed("issues", page.after),
    }
    return Reply(body)


def one(visit: Visit, given: Given) -> Reply:
    """One issue."""
    return Reply(shown.issue(visit, seen(visit, given)))


def events(visit: Visit, given: Given) -> Reply:
    """The record of an issue, the newest first."""
    view = seen(visit, given)
    before = cursors.opened("events", given.query)
    found = timeline.read(visit.tx, view.id, before=int(before) if before else None)
    more = len(found) == timeline.MOST and found[-1].seq > 1
    body: EventPage = {
        "events": [_event(visit, view, each) for each in found],
        "next_cursor": cursors.sealed("events", found[-1].seq if more else None),
    }
    return Reply(body)


def report(visit: Visit, given: Given) -> Reply:
    """File an issue."""
    data = dict(given.body)
    names = file_names(data)
    outcome = actions.report(
        visit.tx, visit.office, data=data, by=visit.actor, now=visit.now, door="api"
    )
    if names:
        case = store.load(visit.tx, visit.office, number=outcome.number)
        evidence.name_files(visit.tx, issue_id=case.id, event_seq=1, names=names)
    return Reply(done(outcome), 201, f"{HOME}/{outcome.number}")


def seen(visit: Visit, given: Given) -> IssueView:
    """The issue of the address. Raises NotFound, also for a foreign one."""
    return queries.get(visit.tx, number_of(given), visit.scope)


def number_of(given: Given) -> str:
    """The number in the address. Raises NotFound for what no issue can be called."""
    number = given.path["number"]
    if len(number) > _LONGEST_NUMBER or not number.isprintable():
        raise queries.not_found(number[:_LONGEST_NUMBER])
    return number


def file_names(data: dict[str, Any]) -> dict[str, str]:
    """Take the names of files out of a content."""
    return {each.sha256: each.name for each in data.pop("file_names", ())}


def done(outcome: Outcome) -> Done:
    """What an action made of an issue."""
    return {
        "number": outcome.number,
        "version": outcome.version,
        "state": outcome.state,
        "action": outcome.action,
    }


def _filters(visit: Visit, asked: Mapping[str, Any]) -> Filters:
    loops = visit.office.loops
    states = tuple(filter(None, asked.get("state", "").split(",")))
    known = {name for loop in loops.values() for name in loop.states}
    for name, values, choices in (
        ("state", states, known),
        ("loop", _some(asked, "loop"), loops),
        ("lamp", _some(asked, "lamp"), visit.office.lamps),
        ("category", _some(asked, "category"), visit.office.categories),
    ):
        _check(name, values, choices)
    return Filters(
        states=states,
        loop=asked.get("loop"),
        unit=_unit(visit, asked.get("unit")),
        lamp=asked.get("lamp"),
        category=asked.get("category"),
        task=asked.get("task"),
        is_open=asked.get("open"),
        overdue=asked["overdue"],
        q=asked.get("q"),
    )


def _some(asked: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return (asked[name],) if name in asked else ()


def _check(name: str, values: Iterable[str], choices: Iterable[str]) -> None:
    known = set(choices)
    for value in values:
        if value not in known:
            raise Invalid.at(
                name,
                N_("没有“{value}”。可用的有：{known}。"),
                value=value,
                known="、".join(sorted(known)),
            )


def _unit(visit: Visit, text: str | None) -> int | None:
    if text is None:
        return None
    found = visit.directory.find(text)
    if found is None:
        near = "、".join(each.name for each in visit.directory.nearest(text))
        raise Invalid.at(
            "unit", N_("没有“{text}”这个单位。相近的有：{near}。"), text=text, near=near
        )
    return found.id


def _event(visit: Visit, of: IssueView, event: EventView) -> EventShown:
    return {
        "seq": event.seq,
        "at": event.at,
        "by": naming.person(visit, event.by_id),
        "unit": naming.unit(visit, event.by_unit_id),
        "door": event.door,
        "action": event.action,
        "action_label": visit.words.action(of.loop_version, event.action),
        "kind": event.kind,
        "data": dict(event.data),
        "hash": event.hash,
    }
