"""The form of one task of a draft: every fact in a field of its own, sent together.

What comes back is compared with what is stored, and each difference becomes one correction; the
name of a field says whose it is (``m12-due`` is the day of milestone 12).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData

from web.forms import Shown, Told
from web.pages.plans_words import RHYTHMS
from web.visit import Visit, form_text
from workflow.errors import N_, Invalid
from workflow.plans import actions
from workflow.plans.views import Head, MilestoneView, TargetView, TaskView

ROLES = ("lead", "cooperating", "responsible", "supervising", "acceptance")
SIGNS = (">=", "<=", ">", "<", "=")
HEAD_FIELDS: Mapping[str, str] = {
    "title": N_("标题"),
    "number": N_("文号"),
    "issuer": N_("发文机关"),
    "issued_on": N_("发文日期"),
    "organiser": N_("主办单位"),
    "supervisor": N_("督办科室"),
}
_STRUCK = "struck"
_MOST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of one milestone or target, with the words that it was read from."""

    printed: str
    fields: tuple[Shown, ...]
    is_struck: bool


@dataclass(frozen=True, slots=True)
class TaskForm:
    """A task as it can be corrected."""

    main: tuple[Shown, ...]
    roles: tuple[Shown, ...]
    milestones: tuple[Row, ...]
    targets: tuple[Row, ...]
    new_milestone: tuple[Shown, ...]
    new_target: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was refused: which one, what was typed, what is wrong."""

    form: str
    values: Mapping[str, str]
    error: Told


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the fields of one form."""

    visit: Visit
    form: str
    typed: Typed | None

    def __call__(
        self, name: str, label: str, value: str, widget: str = "text", **more: Any
    ) -> Shown:
        own = self.typed is not None and self.typed.form == self.form
        return Shown(
            id=f"{self.form}-{name}",
            name=name,
            label=label,
            widget=widget,
            value=self.typed.values.get(name, "") if own and self.typed else value,
            fault=self.typed.error.fields.get(name, "") if own and self.typed else "",
            **more,
        )

    def said(self, msgid: str) -> str:
        """A sentence in the reader's language."""
        return self.visit.catalogue.gettext(msgid)


def head_form(visit: Visit, head: Head, typed: Typed | None) -> tuple[Shown, ...]:
    """What the document says of itself."""
    field = _Maker(visit, "head", typed)
    values = _of_head(head)
    return tuple(
        field(
            name,
            field.said(label),
            values[name],
            "date" if name == "issued_on" else "text",
            required=name == "title",
            most=200,
        )
        for name, label in HEAD_FIELDS.items()
    )


def _of_head(head: Head) -> dict[str, str]:
    found = {name: getattr(head, name) for name in HEAD_FIELDS}
    return {name: "" if value is None else str(value) for name, value in found.items()}


def task_form(visit: Visit, task: TaskView, typed: Typed | None) -> TaskForm:
    """The fields of a task with what is stored, or with what was typed."""
    field = _Maker(visit, f"t{task.id}", typed)
    words = visit.words
    one_a_line = field.said(N_("每行一个单位。"))
    roles = tuple(
        field(
            f"r-{role}",
            words.label("relations", role),
            "\n".join(duty.name for duty in task.units(role)),
            "long",
            most=_MOST_TEXT,
            hint=one_a_line if role == "lead" else "",
        )
        for role in ROLES
        if role in ROLES[:3] or task.units(role)
    )
    day, said = field.said(N_("日期")), field.said(N_("要完成的事"))
    return TaskForm(
        main=(
            field("title", field.said(N_("任务名称")), task.title, required=True, most=400),
            _state(field, "state", task.state),
        ),
        roles=roles,
        milestones=tuple(_milestone(field, each) for each in task.milestones),
        targets=tuple(_target(field, each) for each in task.targets),
        new_milestone=(
            field("nm-due", day, "", "date"),
            field("nm-content", said, "", "long", most=_MOST_TEXT),
        ),
        new_target=_figures(field, "ng-", {}, ""),
    )


def target_form(visit: Visit, target: TargetView, typed: Typed | None) -> Row:
    """The fields of a target of the plan as a whole."""
    return _target(_Maker(visit, f"g{target.id}", typed), target)


def _state(field: _Maker, name: str, value: str) -> Shown:
    choices = (("active", field.said(N_("计入"))), (_STRUCK, field.said(N_("误读，不计入"))))
    return field(name, field.said(N_("是否计入")), value, "choice", required=True, choices=choices)


def _milestone(field: _Maker, each: MilestoneView) -> Row:
    key = f"m{each.id}-"
    fields = (
        field(
            f"{key}due", field.said(N_("日期")), each.due.isoformat() if each.due else "", "date"
        ),
        field(
            f"{key}every",
            field.said(N_("报告周期")),
            each.every or "none",
            "choice",
            required=True,
            choices=_rhythms(field, each),
        ),
        _state(field, f"{key}state", each.state),
        field(f"{key}content", field.said(N_("要完成的事")), each.content, "long", most=_MOST_TEXT),
    )
    return Row(each.printed, fields, each.state == _STRUCK)


def _rhythms(field: _Maker, each: MilestoneView) -> tuple[tuple[str, str], ...]:
    """What may be chosen, and the rhythm that was printed if it is another."""
    own = {each.every: each.printed} if each.every and each.every not in RHYTHMS else {}
    named = {key: field.said(name) for key, name in RHYTHMS.items()}
    return (("none", field.said(N_("不重复"))), *own.items(), *named.items())


def _target(field: _Maker, each: TargetView) -> Row:
    key = f"g{each.id}-"
    values = {name: getattr(each, name) for name in ("name", "comparator", "value", "unit")}
    due = each.due.isoformat() if each.due else ""
    fields = (*_figures(field, key, values, due), _state(field, f"{key}state", each.state))
    return Row(each.sentence, fields, each.state == _STRUCK)


def _figures(field: _Maker, key: str, values: Mapping[str, str], due: str) -> tuple[Shown, ...]:
    own = values.get("comparator", ">=")
    signs = tuple((sign, sign) for sign in dict.fromkeys((*SIGNS, own)))
    return (
        field(f"{key}name", field.said(N_("指标")), values.get("name", ""), most=400),
        field(
            f"{key}comparator", field.said(N_("比较")), own, "choice", required=True, choices=signs
        ),
        field(f"{key}value", field.said(N_("数值")), values.get("value", ""), most=200),
        field(f"{key}unit", field.said(N_("计量单位")), values.get("unit", ""), most=60),
        field(f"{key}due", field.said(N_("日期")), due, "date"),
    )


# -- what a form changes ---------------------------------------------------------------------------


class Corrections:
    """Writes the differences of one form, each at the version that the one before has left."""

    def __init__(self, visit: Visit, plan_id: int, version: int | None) -> None:
        self._common: dict[str, Any] = {
            "by": visit.actor,
            "now": visit.now,
            "door": "web",
        }
        self._visit = visit
        self._plan_id = plan_id
        self.version = version

    def do(self, what: Callable[..., Any], where: Mapping[str, str], **values: Any) -> None:
        """One correction; a fault of the engine's field is told at the form's field."""
        try:
            outcome = what(
                self._visit.tx,
                self._visit.office,
                plan_id=self._plan_id,
                version=self.version,
                **values,
                **self._common,
            )
        except Invalid as fault:
            raise _at(fault, where) from fault
        self.version = outcome.version

    def head(self, head: Head, form: FormData) -> None:
        """What the document says of itself."""
        for name, stored in _of_head(head).items():
            self._field("plan", None, name, name, stored, form)

    def task(self, task: TaskView, form: FormData) -> None:
        """Everything of a task that differs from what is stored."""
        self._field("task", task.id, "title", "title", task.title, form)
        self._field("task", task.id, "state", "state", task.state, form)
        for role in ROLES:
            stored = [duty.name for duty in task.units(role)]
            name = f"r-{role}"
            typed = [line.strip() for line in form_text(form, name).splitlines() if line.strip()]
            if name in form and typed != stored:
                where = {"names": name, "units": name, "": name}
                self.do(actions.set_duty, where, task_id=task.id, role=role, names=typed)
        for milestone in task.milestones:
            due = milestone.due.isoformat() if milestone.due else ""
            stored_of = {
                "due": due,
                "content": milestone.content,
                "every": milestone.every or "",
                "state": milestone.state,
            }
            for name, value in stored_of.items():
                key = f"m{milestone.id}-{name}"
                self._field("milestone", milestone.id, name, key, value, form)
        for target in task.targets:
            self.target(target, form)
        self._added(task.id, form)

    def target(self, target: TargetView, form: FormData) -> None:
        """Everything of a target that differs from what is stored."""
        for name, value in _of_target(target):
            self._field("target", target.id, name, f"g{target.id}-{name}", value, form)

    def _field(
        self, subject: str, subject_id: int | None, name: str, key: str, stored: str, form: FormData
    ) -> None:
        if key not in form:
            return
        typed = (
            " ".join(form_text(form, key).split())
            if name != "content"
            else form_text(form, key).replace("\r\n", "\n")
        )
        if name == "every" and typed == "none":
            typed = ""
        if typed.strip() == stored.strip():
            return
        self.do(
            actions.correct,
            {"value": key, "field": key, "": key},
            subject=subject,
            subject_id=subject_id,
            field=name,
            value=typed or None,
        )

    def _added(self, task_id: int, form: FormData) -> None:
        due, content = form_text(form, "nm-due"), form_text(form, "nm-content")
        if due or content:
            where = {"due": "nm-due", "content": "nm-content", "": "nm-due"}
            self.do(actions.add_milestone, where, task_id=task_id, due=due, content=content)
        names = ("name", "comparator", "value", "unit", "due")
        values = {name: form_text(form, f"ng-{name}") for name in names}
        if values["name"] or values["value"]:
            where = {name: f"ng-{name}" for name in names} | {"": "ng-name"}
            self.do(
                actions.add_target,
                where,
                task_id=task_id,
                **{**values, "due": values["due"] or None},
            )


def _of_target(target: TargetView) -> Iterator[tuple[str, str]]:
    for name in ("name", "comparator", "value", "unit", "state"):
        yield name, getattr(target, name)
    yield "due", target.due.isoformat() if target.due else ""


def _at(fault: Invalid, names: Mapping[str, str]) -> Invalid:
    """The same fault at the names of the form; what the engine does not name goes to the first."""
    if not fault.fields:
        fault.fields = {names[""]: fault.message}
        return fault
    fault.fields = {names.get(name, name): sentence for name, sentence in fault.fields.items()}
    fault.field_params = {names.get(k, k): v for k, v in fault.field_params.items()}
    return fault


def typed_again(name: str, form: FormData, error: Told) -> Typed:
    """What was typed into a form, and what is wrong with it."""
    values = {key: value for key, value in form.items() if isinstance(value, str)}
    return Typed(name, values, replace(error))
