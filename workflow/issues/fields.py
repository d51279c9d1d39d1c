"""The forms of the loop: every field that an action can ask for, typed, and the model of one form.

A transition names its fields (``needs`` and ``takes``); from them one strict pydantic model is made
and kept.  Pages, the command line and the API validate with the same model and show the same
sentences.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic import Field as Bound
from pydantic_core import ErrorDetails

from workflow.errors import N_, Invalid
from workflow.loops.loop import Transition
from workflow.loops.vocabulary import KINDS

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
    return None if isinstance(value, str) and not value.strip() else value


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Passage = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9+()\- ]{5,32}$")]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32)]
UnitName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class PartInput(BaseModel):
    """One part of a split: who is responsible for what, until when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    responsible: UnitName
    title: Line | None = None
    description: Passage | None = None
    acceptance: UnitName | None = None
    due: date | None = None


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
            FieldSpec("due", date, "date", N_("整改时限")),
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
            FieldSpec("until", date, "date", N_("截止日期")),
            FieldSpec("cause", Short, "choice", N_("原因类别")),
            FieldSpec("result", Passage, "long", N_("整改情况")),
            FieldSpec("remaining", Passage, "long", N_("后续措施及时限")),
            FieldSpec("opinion", Sentence, "long", N_("验收意见")),
            FieldSpec("visited_on", date, "date", N_("现场核查日期")),
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
    kind = KINDS[transition.kind]
    needed = tuple(dict.fromkeys((*kind.needs, *transition.needs)))
    taken = tuple(
        name for name in dict.fromkeys((*kind.takes, *transition.takes)) if name not in needed
    )
    return tuple(
        FormField(FIELDS[name], required)
        for names, required in ((needed, True), (taken, False))
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
    fields = form(transition)
    return _model(
        tuple(f.spec.name for f in fields if f.required),
        tuple(f.spec.name for f in fields if not f.required),
    )


def read(transition: Transition, data: Mapping[str, Any]) -> dict[str, Any]:
    """Validate a form; return the filled fields only.

    Raises:
        Invalid: with one sentence a field at fault; nothing else happened.
    """
    return validated(model(transition), data)


def validated(schema: type[BaseModel], data: Mapping[str, Any]) -> dict[str, Any]:
    """Validate ``data`` by any input model, with this product's sentences.

    Raises:
        Invalid: with one sentence a field at fault.
    """
    try:
        values = schema.model_validate(dict(data))
    except ValidationError as error:
        raise Invalid(fields=_sentences(error.errors(include_url=False))) from None
    return {name: value for name, value in values if value is not None and value != []}


def validated_value(type_: Any, field: str, value: Any) -> Any:
    """Validate one value that has no model of its own; ``field`` gets the sentence."""
    try:
        return TypeAdapter(type_).validate_python(value)
    except ValidationError as error:
        sentence = _sentence(error.errors(include_url=False)[0])
        raise Invalid(fields={field: sentence}) from None


def _sentences(errors: list[ErrorDetails]) -> dict[str, str]:
    table: dict[str, str] = {}
    for error in errors:
        table.setdefault(str(error["loc"][0]) if error["loc"] else "", _sentence(error))
    return table


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = MappingProxyType(
    {
        "missing": lambda _: N_("此项必填。"),
        "string_too_short": lambda _: N_("此项必填。"),
        "string_too_long": lambda c: f"超出长度，请控制在{c['max_length']}字以内。",
        "string_pattern_mismatch": lambda _: N_("格式不正确，请检查后重新填写。"),
        "extra_forbidden": lambda _: N_("没有这一项，请删除后重新提交。"),
        "date_from_datetime_parsing": lambda _: N_("日期格式应为 2026-12-31。"),
        "date_parsing": lambda _: N_("日期格式应为 2026-12-31。"),
        "date_type": lambda _: N_("日期格式应为 2026-12-31。"),
        "int_parsing": lambda _: N_("请填写整数。"),
        "int_type": lambda _: N_("请填写整数。"),
        "literal_error": lambda _: N_("请从列出的选项中选择。"),
        "greater_than_equal": lambda c: f"不得小于{c['ge']}。",
        "less_than_equal": lambda c: f"不得大于{c['le']}。",
        "too_long": lambda c: f"最多{c['max_length']}项。",
        "too_short": lambda c: f"至少{c['min_length']}项。",
    }
)


def _sentence(error: ErrorDetails) -> str:
    if error.get("input") is None and error["type"].endswith("_type"):
        return N_("此项必填。")
    make = _SENTENCES.get(error["type"])
    return make(error.get("ctx", {})) if make else N_("填写有误，请检查后重新填写。")
