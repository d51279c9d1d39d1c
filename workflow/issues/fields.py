"""The forms of the loop: every field that an action can ask for, typed, and the model of one form.

A transition names its fields (``needs`` and ``takes``); from them one strict pydantic model is made
and kept.  Pages, the command line and the API validate with the same model and show the same
sentences.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    create_model,
)
from pydantic import Field as Bound
from pydantic_core import PydanticCustomError

from workflow.errors import N_
from workflow.issues.inputs import validated
from workflow.loops.loop import Transition

Widget = Literal["text", "long", "unit", "units", "date", "choice", "files", "number", "parts"]

SPEEDS: Mapping[str, str] = MappingProxyType(
    {
        "at_once": N_("立行立改"),
        "limited": N_("限期整改"),
        "staged": N_("分阶段整改"),
        "long_term": N_("长期坚持"),
    }
)
"""How fast an issue is to be rectified (``domain.md`` part 5)."""

AMENDABLE: Mapping[str, str] = MappingProxyType(
    {
        "title": N_("标题"),
        "description": N_("问题描述"),
        "place": N_("地点"),
        "category": N_("问题类别"),
        "task": N_("所属任务"),
    }
)
"""What an amendment may correct; everything else changes by an action of its own."""


def _none_if_blank(value: Any) -> Any:
    """An empty input of a form is no input."""
    return None if value == [] or (isinstance(value, str) and not value.strip()) else value


_DAY = re.compile(r"\s*\d{4}-\d\d-\d\d\s*", re.ASCII)


def _day(value: Any) -> Any:
    """A civil day as a form gives it; pydantic alone would take a number of seconds for one."""
    if type(value) is date or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value.strip() if isinstance(value, str) else value
    raise PydanticCustomError("date_form", "a civil day such as 2026-12-31")


def _of_our_time(day: date) -> date:
    """The years that a limit can name, too: what lies beyond them is a slip of the pen."""
    if not 1900 <= day.year < 2200:
        raise PydanticCustomError("date_range", "a year from 1900 to 2199")
    return day


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Passage = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9+()\- ]{5,32}$")]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32)]
UnitName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[date, BeforeValidator(_day), AfterValidator(_of_our_time)]


class PartInput(BaseModel):
    """One part of a split: who is responsible for what, until when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    responsible: UnitName
    title: Line | None = None
    description: Passage | None = None
    acceptance: UnitName | None = None
    due: Day | None = None


AMENDED_TYPES: Mapping[str, Any] = MappingProxyType(
    {
        "title": Line,
        "description": Passage,
        "place": Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)],
        "category": Short,
        "task": Short,
    }
)
"""What a corrected value must look like."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: its type, how a page shows it, and its name in the field's words."""

    name: str
    type: Any
    widget: Widget
    zh: str
    choices: Mapping[str, str] | None = None


FIELDS: Mapping[str, FieldSpec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (
            FieldSpec("reason", Sentence, "long", N_("理由")),
            FieldSpec("note", Sentence, "long", N_("说明")),
            FieldSpec("reply", Passage, "long", N_("答复内容")),
            FieldSpec("requirement", Sentence, "long", N_("办理要求")),
            FieldSpec("responsible", UnitName, "unit", N_("责任单位")),
            FieldSpec("acceptance", UnitName, "unit", N_("验收单位")),
            FieldSpec("lead", list[UnitName], "units", N_("牵头单位")),
            FieldSpec("cooperating", list[UnitName], "units", N_("配合单位")),
            FieldSpec("due", Day, "date", N_("整改时限")),
            FieldSpec(
                "speed",
                Literal["at_once", "limited", "staged", "long_term"],
                "choice",
                N_("整改类型"),
                SPEEDS,
            ),
            FieldSpec("finding", Passage, "long", N_("核查情况")),
            FieldSpec("plan", Passage, "long", N_("整改方案")),
            FieldSpec(
                "percent", Annotated[int, Bound(ge=0, le=100)], "number", N_("完成比例（%）")
            ),
            FieldSpec(
                "evidence", Annotated[list[Digest], Bound(max_length=20)], "files", N_("佐证材料")
            ),
            FieldSpec("until", Day, "date", N_("截止日期")),
            FieldSpec("cause", Short, "choice", N_("原因类别")),
            FieldSpec("result", Passage, "long", N_("整改情况")),
            FieldSpec("remaining", Passage, "long", N_("后续措施及时限")),
            FieldSpec("opinion", Sentence, "long", N_("验收意见")),
            FieldSpec("visited_on", Day, "date", N_("现场核查日期")),
            FieldSpec("resubmit", Short, "text", N_("重新报结时限")),
            FieldSpec("text", Passage, "long", N_("公示内容")),
            FieldSpec("phone", Phone, "text", N_("联系电话")),
            FieldSpec("period", Short, "text", N_("公示期")),
            FieldSpec("filing_number", Short, "text", N_("备案号")),
            FieldSpec("source_id", Annotated[int, Bound(gt=0)], "choice", N_("来源")),
            FieldSpec("into", Short, "text", N_("并入问题编号")),
            FieldSpec(
                "parts",
                Annotated[list[PartInput], Bound(min_length=1, max_length=50)],
                "parts",
                N_("分办件"),
            ),
            FieldSpec(
                "field",
                Literal["title", "description", "place", "category", "task"],
                "choice",
                N_("更正项"),
                AMENDABLE,
            ),
            FieldSpec("value", Passage, "long", N_("更正为")),
            FieldSpec("done_on", Day, "date", N_("完成日期")),
        )
    }
)
"""Every field by name."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of one action's form."""

    spec: FieldSpec
    required: bool


def form(transition: Transition) -> tuple[FormField, ...]:
    """Return the fields of a transition's form, those that must be filled first."""
    return tuple(
        FormField(FIELDS[name], required)
        for names, required in ((transition.needs, True), (transition.takes, False))
        for name in names
    )


@lru_cache(maxsize=512)
def _model(needs: tuple[str, ...], takes: tuple[str, ...]) -> type[BaseModel]:
    required: dict[str, Any] = {name: (_filled(FIELDS[name].type), ...) for name in needs}
    optional: dict[str, Any] = {name: (_filled(FIELDS[name].type | None), None) for name in takes}
    return create_model("ActionForm", __config__=ConfigDict(extra="forbid"), **required, **optional)


def _filled(type_: Any) -> Any:
    return Annotated[type_, BeforeValidator(_none_if_blank)]


def model(transition: Transition) -> type[BaseModel]:
    """Return the input model of a transition's form; the API's schema is made from it."""
    return _model(transition.needs, transition.takes)


def read(transition: Transition, data: Mapping[str, Any]) -> dict[str, Any]:
    """Validate a form; return the filled fields only.

    Raises:
        Invalid: with one sentence a field at fault; nothing else happened.
    """
    return validated(model(transition), data)
