"""What a program may do with a plan: review a draft as on its page, and report figures."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Strict, StringConstraints
from pydantic import Field as Bound

from web.api.plan_models import PlanDone
from web.api.plans import id_of
from web.api.route import Given, Reply
from web.visit import Visit
from workflow.errors import N_, Invalid
from workflow.issues.inputs import shown, validated
from workflow.plans import actions, activation, observing, queries
from workflow.plans.reviewing import Review

_Id = Annotated[int, Strict(), Bound(ge=1, le=2**31 - 1)]
_Code = Annotated[str, StringConstraints(min_length=1, max_length=32)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_Text = Annotated[str, StringConstraints(max_length=20_000)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Nothing(_Data):
    pass


class _Resolve(_Data):
    note: _Id
    resolution: _Text = ""


class _Reopen(_Data):
    note: _Id


class _DecideUnit(_Data):
    name: _Id
    decision: Literal["chosen", "create", "name_only"]
    unit: _Name | None = None


class _Correct(_Data):
    subject: Literal["plan", "task", "milestone", "target"]
    id: _Id | None = None
    field: _Code
    value: _Text | None = None


class _SetDuty(_Data):
    task: _Code
    role: Literal["lead", "cooperating", "responsible", "supervising", "acceptance"]
    names: Annotated[list[_Name], Bound(max_length=actions.MOST_UNITS)] = Bound([])


class _Confirm(_Data):
    task: _Code | None = None


class _Observe(_Data):
    target: _Id
    value: _Code
    observed_on: _Code
    source: _Text
    note: _Text = ""


OBSERVE = "observe"
FORMS: Mapping[str, type[_Data]] = {
    "correct": _Correct,
    "set_duty": _SetDuty,
    "decide_unit": _DecideUnit,
    "resolve": _Resolve,
    "reopen": _Reopen,
    "confirm": _Confirm,
    "confirm_clear": _Nothing,
    "activate": _Nothing,
    "discard": _Nothing,
    OBSERVE: _Observe,
}
_STEPS: Mapping[str, Callable[..., Any]] = {
    "correct": actions.correct,
    "set_duty": actions.set_duty,
    "decide_unit": actions.decide_unit,
    "resolve": actions.resolve,
    "reopen": actions.reopen,
    "confirm": actions.confirm,
    "confirm_clear": actions.confirm_clear,
    "activate": activation.activate,
    "discard": actions.discard,
}


def take(visit: Visit, given: Given) -> Reply:
    """Take one step at the version that the caller saw; how the plan stands after it."""
    plan_id = id_of(given)
    step = given.path["action"]
    review = queries.review(visit.tx, visit.directory, visit.actor, plan_id=plan_id)
    if step not in FORMS:
        sentence = N_("没有名为“{name}”的操作。可用的操作：{names}。")
        raise Invalid.at("action", sentence, name=shown(step), names="、".join(FORMS))
    data = validated(FORMS[step], given.body.get("data", {}))
    if step == OBSERVE:
        _observe(visit, data, review)
        outcome: Any = None
    else:
        outcome = _STEPS[step](
            visit.tx,
            visit.office,
            plan_id=plan_id,
            version=_version(given),
            by=visit.actor,
            now=visit.now,
            door="api",
            **_values(step, data, review),
        )
    after = queries.review(visit.tx, visit.directory, visit.actor, plan_id=plan_id)
    body: PlanDone = {
        "id": plan_id,
        "code": after.head.code,
        "state": after.head.state,
        "version": after.head.version,
        "doubts": after.doubts,
        "obstacles": list(after.obstacles),
        "activated": None,
    }
    if isinstance(outcome, activation.Activated):
        told = asdict(outcome) | {"created_units": list(outcome.created_units)}
        body["activated"] = {
            key: told[key] for key in ("milestones", "asked", "carried", "created_units", "changes")
        }  # type: ignore[typeddict-item]
    return Reply(body)


def _version(given: Given) -> int:
    """The version that the reviewer saw; without it two would overwrite one another."""
    version: int | None = given.body.get("version")
    if version is None:
        raise Invalid.at("version", N_("此项必填。"))
    return version


def _observe(visit: Visit, data: Mapping[str, Any], review: Review) -> None:
    """What a target was found to be; a series grows by one, whatever else has happened."""
    own = {each.id for each in review.targets}
    own |= {each.id for task in review.tasks for each in task.targets}
    if data["target"] not in own:
        sentence = N_("这份计划中没有序号为“{id}”的指标。")
        raise Invalid.at("target", sentence, id=data["target"])
    observing.observe(
        visit.tx,
        visit.office,
        target_id=data["target"],
        value=data["value"],
        observed_on=data["observed_on"],
        source=data["source"],
        note=data.get("note", ""),
        by=visit.actor,
        now=visit.now,
        door="api",
    )


def _values(step: str, data: Mapping[str, Any], review: Review) -> dict[str, Any]:
    """The arguments of a step; tasks are told by their codes."""
    match step:
        case "resolve":
            return {"note_id": data["note"], "resolution": data.get("resolution", "")}
        case "reopen":
            return {"note_id": data["note"]}
        case "decide_unit":
            return {
                "plan_unit_id": data["name"],
                "decision": data["decision"],
                "unit": data.get("unit"),
            }
        case "correct":
            return {
                "subject": data["subject"],
                "subject_id": data.get("id"),
                "field": data["field"],
                "value": data.get("value"),
            }
        case "set_duty":
            names = data.get("names", [])
            return {"task_id": _task(data, review), "role": data["role"], "names": names}
        case "confirm":
            return {"task_id": _task(data, review) if "task" in data else None}
    return {}


def _task(data: Mapping[str, Any], review: Review) -> int:
    found = next((task.id for task in review.tasks if task.code == data["task"]), None)
    if found is None:
        sentence = N_("这份计划中没有编号为“{code}”的任务。")
        raise Invalid.at("task", sentence, code=shown(data["task"]))
    return found
