"""Who has to do it: assign, accept, return, and the ruling on a return."""

from datetime import date

from workflow.errors import N_, Invalid, Refused
from workflow.issues.effect import Effect, Step
from workflow.issues.kinds import checks
from workflow.issues.parts import latest_due


def assign(step: Step) -> Effect:
    """Hand the issue to a responsible unit, with an independent unit for the acceptance."""
    responsible, acceptance = _pair(step)
    due = _due(step)
    if due is None and step.case.due_on is None and _needs_due(step):
        raise Invalid.at("due", N_("请填写整改时限。"))
    lead = checks.units(step, "lead") or _lead(step, responsible)
    speed = step.values.get("speed")
    _room_for_parts(step, due, speed)
    return Effect(
        units={
            "responsible": [responsible],
            "acceptance": [acceptance],
            "lead": lead,
            "cooperating": checks.units(step, "cooperating"),
        },
        due_on=due,
        columns={"speed": speed} if speed else {},
        facts={"assigned": step.noted(requirement=step.values.get("requirement"))},
    )


def accept(step: Step) -> Effect:
    """The responsible unit signs for it (签收)."""
    return Effect(facts={"accepted": step.noted()})


def before_return(step: Step) -> None:
    """A return is allowed before its limit only (DESIGN §4, Return)."""
    limit = next(
        (
            clock
            for name in step.case.loop.states[step.case.state].held_to
            if (clock := step.case.clock(name)) is not None
        ),
        None,
    )
    if limit is not None and limit.due_at is not None and step.now > limit.due_at:
        raise Refused(
            N_("退回时限已过。"),
            action=step.transition.name,
            state=step.case.state,
            why=N_("退回须在签收时限内提出，时限已过，请签收后办理，确有困难的可与交办单位沟通。"),
        )


def send_back(step: Step) -> Effect:
    """The unit says that it is not the right one; the rectification clock runs on."""
    return Effect(
        facts={
            "returns": step.case.times("returns") + 1,
            "returned": step.noted(reason=step.values["reason"]),
        },
        evidence=step.values.get("evidence", ()),
    )


def rule_return(step: Step) -> Effect:
    """Reassign, uphold the assignment, or refer the quarrel one level up."""
    facts = {
        "return_ruling": step.noted(ruling=step.option("ruling"), reason=step.values["reason"])
    }
    if step.option("ruling") != "reassign":
        return Effect(facts=facts)
    responsible, acceptance = _pair(step)
    if [responsible] == list(step.case.units.get("responsible", ())):
        raise Invalid.at(
            "responsible", N_("改派须交给另一个单位；如仍由原单位办理，请选择“驳回退回”。")
        )
    due = _due(step)
    _room_for_parts(step, due, None)
    return Effect(
        facts=facts,
        units={
            "responsible": [responsible],
            "acceptance": [acceptance],
            "lead": _lead(step, responsible),
        },
        due_on=due,
    )


def _lead(step: Step, responsible: int) -> list[int]:
    """The lead that was named stays; one that only stood in goes with the responsible unit."""
    units = step.case.units
    named = units.get("lead")
    return list(named) if named and named != units.get("responsible") else [responsible]


def _room_for_parts(step: Step, due: date | None, speed: str | None) -> None:
    """Refuse a due date that would leave a running part past its bound."""
    day, loop = due or step.case.due_on, step.part_loop
    part = max(
        (part for part in step.case.parts if part.is_open and part.due_on is not None),
        key=lambda part: part.due_on or date.min,
        default=None,
    )
    if part is None or loop is None or part.due_on is None:
        return
    opened = step.house.timing.day(step.case.created_at)
    bound = latest_due(day, speed or step.case.speed, opened, loop)
    if bound is not None and part.due_on > bound:
        raise Invalid.at(
            "due",
            N_(
                "分办件{number}的时限是{due}，而按主件的这一时限，分办件最晚为{bound}。"
                "请填写更晚的日期，或先调整分办件。"
            ),
            number=part.number,
            due=part.due_on.isoformat(),
            bound=bound.isoformat(),
        )


def _pair(step: Step) -> tuple[int, int]:
    responsible = checks.unit(step, "responsible")
    acceptance = checks.unit(step, "acceptance")
    if responsible is None:
        raise Invalid.at("responsible", N_("请填写责任单位。"))
    checks.able(step, "responsible", responsible)
    if acceptance is None:
        standing = step.case.units.get("acceptance")
        if not standing:
            raise Invalid.at("acceptance", N_("请填写验收单位。"))
        acceptance = step.directory.unit(standing[0])
    checks.independent(step, "acceptance", acceptance, responsible)
    return responsible.id, acceptance.id


def _due(step: Step) -> date | None:
    due = checks.not_past(step, "due", step.values.get("due"))
    return checks.within_bound(step, "due", due)


def _needs_due(step: Step) -> bool:
    return any(
        rule.limit == "due" and step.transition.name in rule.starts
        for rule in step.case.loop.clocks.values()
    )
