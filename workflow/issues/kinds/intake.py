"""Before the work: withdraw, triage, correct, merge, split, cancel."""

from datetime import date

from workflow.errors import N_, Invalid
from workflow.issues.effect import Effect, NewPart, Step
from workflow.issues.fields import AMENDED_TYPES, PartInput
from workflow.issues.inputs import validated_value
from workflow.issues.kinds import checks
from workflow.issues.parts import latest_due


def end(step: Step) -> Effect:
    """Withdraw, dismiss or cancel: the reason is all that is left to say."""
    return Effect(facts={"ended": step.noted(reason=step.values.get("reason"))})


def triage(step: Step) -> Effect:
    """Judge whether and how the issue is taken up."""
    return Effect(facts={"triage": step.noted(reason=step.values.get("reason"))})


def amend(step: Step) -> Effect:
    """Correct one field; the event keeps the old and the new value."""
    name, value = step.values["field"], step.values["value"]
    old = getattr(step.case, name)
    if name == "category" and value not in step.categories:
        raise Invalid.at("value", N_("没有这个问题类别，请从类别列表中选择。"))
    new = validated_value(AMENDED_TYPES[name], "value", value)
    if new == old:
        raise Invalid.at("value", N_("与原内容相同，无须更正。"))
    return Effect(
        columns={name: new},
        said={"field": name, "old": old, "new": new, "reason": step.values["reason"]},
    )


def merge(step: Step) -> Effect:
    """Handle this issue together with another one, which takes over all its sources."""
    into = step.values["into"]
    if into == step.case.number:
        raise Invalid.at("into", N_("不能并入自身，请填写另一件问题的编号。"))
    return Effect(merges_into=into, facts={"merged": step.noted(into=into)})


def split(step: Step) -> Effect:
    """Hand parts of the issue to several units, each with its own loop and clocks."""
    if step.part_loop is None:
        raise Invalid.at("parts", N_("本流程不支持拆分。"))
    issuer = _issuer_of_parts(step)
    opened = step.house.timing.day(step.case.created_at)
    bound = latest_due(step.case.due_on, step.case.speed, opened, step.part_loop)
    parts = [
        _part(step, raw, index, issuer, bound) for index, raw in enumerate(step.values["parts"], 1)
    ]
    names = [step.directory.unit(part.units["responsible"][0]).name for part in parts]
    return Effect(
        parts=parts,
        units=_lead_units(step, parts),
        said={"parts": names, "reason": step.values.get("reason")},
    )


def _issuer_of_parts(step: Step) -> list[int]:
    units = step.case.units
    return list(units.get("lead") or units.get("responsible") or units["issuer"])[:1]


def _lead_units(step: Step, parts: list[NewPart]) -> dict[str, list[int]]:
    """A parent's responsible unit is its lead; without a lead, the first named."""
    if step.case.units.get("responsible"):
        return {}
    lead = list(step.case.units.get("lead") or parts[0].units["responsible"])[:1]
    return {"responsible": lead, "lead": lead}


def _part(step: Step, raw: PartInput, index: int, issuer: list[int], bound: date | None) -> NewPart:
    responsible = checks.able(step, "parts", checks.named(step, "parts", raw.responsible))
    acceptance = _acceptance(step, raw)
    checks.independent(step, "parts", step.directory.unit(acceptance), responsible)
    due = checks.not_past(step, "parts", raw.due) or bound
    if due is None:
        raise Invalid.at("parts", N_("主件还没有整改时限，请为第{index}件写明时限。"), index=index)
    if bound is not None and due > bound:
        raise Invalid.at(
            "parts",
            N_("第{index}件的时限不得晚于{bound}（已为主件验收留出时间）。"),
            index=index,
            bound=bound.isoformat(),
        )
    return NewPart(
        title=raw.title or step.case.title,
        description=raw.description or step.case.description,
        due_on=due,
        units={
            "reporting": list(step.case.units.get("reporting", ())),
            "issuer": issuer,
            "lead": [responsible.id],
            "responsible": [responsible.id],
            "acceptance": [acceptance],
            "supervising": list(step.case.units.get("supervising", ())),
            "closing": list(step.case.units.get("closing", ())),
        },
    )


def _acceptance(step: Step, raw: PartInput) -> int:
    if raw.acceptance is not None:
        return checks.named(step, "parts", raw.acceptance).id
    inherited = step.case.units.get("acceptance")
    if not inherited:
        raise Invalid.at("parts", N_("主件还没有验收单位，请为每个分办件写明验收单位。"))
    return inherited[0]
