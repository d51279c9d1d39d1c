"""Questions that several kinds ask of a form, each with the sentence for a no."""

from collections.abc import Sequence
from datetime import date, timedelta

from workflow.deadlines.limits import Limit, parse_limit
from workflow.errors import N_, Invalid
from workflow.issues.effect import Step
from workflow.units.directory import UnitInfo


def unit(step: Step, field: str) -> UnitInfo | None:
    """Return the unit that a field names, or None for an empty field.

    Raises:
        Invalid: when no unit has that name; the sentence proposes the nearest.
    """
    text = step.values.get(field)
    return None if text is None else named(step, field, text)


def named(step: Step, field: str, text: str) -> UnitInfo:
    """Return the unit of that code, name or alias, which still exists."""
    found = step.directory.find(text)
    if found is None:
        near = "、".join(u.name for u in step.directory.nearest(text))
        if near:
            raise Invalid.at(
                field, N_("没有名为“{text}”的单位。是否指：{near}？"), text=text, near=near
            )
        raise Invalid.at(field, N_("没有名为“{text}”的单位，请从单位列表中选择。"), text=text)
    if found.abolished_on is not None and found.abolished_on <= step.today:
        raise Invalid.at(field, N_("{unit}已撤销，请选择承接其职责的单位。"), unit=found.name)
    return found


def units(step: Step, field: str) -> list[int]:
    """Return the ids of the units that a list field names, in order, each once."""
    names: Sequence[str] = step.values.get(field, ())
    return list(dict.fromkeys(named(step, field, name).id for name in names))


def able(step: Step, field: str, found: UnitInfo) -> UnitInfo:
    """Refuse a responsible unit that has nobody to handle the issue."""
    if not step.directory.holders(found.id, "handler", step.today):
        raise Invalid.at(
            field, N_("{unit}还没有经办人，无法签收。请先由管理员为其配备经办人。"), unit=found.name
        )
    return found


def independent(step: Step, field: str, acceptance: UnitInfo, responsible: UnitInfo) -> UnitInfo:
    """Refuse an acceptance unit that judges its own work (DESIGN §4, Acceptance)."""
    directory = step.directory
    if directory.is_within(acceptance.id, responsible.id):
        raise Invalid.at(
            field,
            N_("{acceptance}是责任单位本身或其下级，不能验收自己的整改。请另选验收单位。"),
            acceptance=acceptance.name,
        )
    superior = directory.is_within(responsible.id, acceptance.id)
    if superior and responsible.level not in step.case.loop.accept_by_superior:
        raise Invalid.at(
            field,
            N_("{acceptance}是责任单位的上级，本流程不允许上级直接验收。请另选验收单位。"),
            acceptance=acceptance.name,
        )
    return acceptance


def not_past(step: Step, field: str, day: date | None) -> date | None:
    """Refuse a date before today (a form; imports take the born-overdue way)."""
    if day is not None and day < step.today:
        raise Invalid.at(
            field,
            N_("{day}已经过去，请填写今天（{today}）或以后的日期。"),
            day=day.isoformat(),
            today=step.today.isoformat(),
        )
    return day


def not_future(step: Step, field: str, day: date | None) -> date | None:
    """Refuse a date after today for something that has happened."""
    if day is not None and day > step.today:
        raise Invalid.at(field, N_("{day}还没有到，请填写实际发生的日期。"), day=day.isoformat())
    return day


def within_bound(step: Step, field: str, day: date | None) -> date | None:
    """Refuse a due date that would carry a part past what its parent allows."""
    bound = step.case.latest_part_bound
    if day is not None and bound is not None and day > bound:
        raise Invalid.at(
            field,
            N_(
                "分办件的时限不得晚于{bound}（已为主件验收留出时间）。如确需延后，请先调整主件时限。"
            ),
            bound=bound.isoformat(),
        )
    return day


def suspended_within_bound(step: Step, until: date) -> None:
    """Refuse a suspension that would carry a part past what its parent allows."""
    case, due = step.case, step.case.due_on
    if case.latest_part_bound is None or due is None:
        return
    tomorrow = timedelta(days=1)
    begun = [
        step.house.timing.day(clock.started_at)
        for name, rule in case.loop.clocks.items()
        if rule.limit == "due" and (clock := case.clock(name)) is not None
    ]
    # The day on which a clock starts does not count, so a suspension takes nothing from it;
    # what begins after the due day takes nothing at all.
    first = max([step.today, *(day + tomorrow for day in begun)])
    if first <= min(due, until):
        within_bound(step, "until", due + (until + tomorrow - first))


def span(step: Step, field: str) -> str | None:
    """Return a length of time from the form in its short form, checked."""
    text = step.values.get(field)
    if text is None:
        return None
    limit: Limit = parse_limit(text, field=field)
    if limit.kind in ("date", "yearly_date", "due"):
        raise Invalid.at(field, N_("请填写一段时长，例如“5个工作日”或“7日”。"))
    return str(limit)
