"""The form of a definition: which keys there are and what each may hold; meaning comes later."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails

from workflow.loops.problems import Problem, Where, near, problem

LONGEST_LABEL = 40


def _one_or_many(value: Any) -> Any:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _one_line(value: str) -> str:
    if not value.strip() or len(value) > LONGEST_LABEL or not value.isprintable():
        raise ValueError("label")
    return value.strip()


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Label = Annotated[str, AfterValidator(_one_line)]
Words = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
Text = str | int


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Labels(_Shape):
    """A name in both languages; English falls back to Chinese."""

    zh: Label
    en: Label | None = None

    @property
    def labels(self) -> dict[str, str]:
        """Language → name."""
        return {"zh": self.zh, "en": self.en or self.zh}


class StateShape(Labels):
    """One entry of ``states``."""

    owner: str | None = None
    held_to: Words = ()
    counts_as: str | None = None
    final: bool = False


class TransitionShape(_Shape):
    """One entry of ``transitions``."""

    do: str
    name: Name | None = Field(None, alias="as")
    sources: Words = Field(alias="from", min_length=1)
    target: str | None = Field(None, alias="to")
    by: Words = Field(min_length=1)
    needs: Words = ()
    takes: Words | None = None
    when: Words = ()
    zh: Label | None = None
    en: Label | None = None
    request: str | None = None
    outcome: str | None = None
    verdict: str | None = None
    review: str | None = None
    ruling: str | None = None
    objection: str | None = None

    @property
    def options(self) -> dict[str, str]:
        """The fixed words that this entry says."""
        words = ("request", "outcome", "verdict", "review", "ruling", "objection")
        return {word: said for word in words if (said := getattr(self, word)) is not None}


class ThenShape(_Shape):
    """What the end of a period does: opens an action to people, or takes it by the system."""

    open: str | None = None
    take: str | None = None


class ClockShape(_Shape):
    """One entry of ``clocks``; without labels it is called by its name."""

    zh: Label | None = None
    en: Label | None = None
    limit: Text
    owner: str | None = None
    starts: Words = Field(alias="from", min_length=1)
    stops: Words = Field(alias="to", min_length=1)
    held_by: dict[str, Words] = {}
    paused_by: dict[str, Words] = {}
    mutes: Words = ()
    ladder: Name | None = None
    period: bool = False
    then: ThenShape | None = None


class RequestShape(Labels):
    """One entry of ``requests``."""

    decider: str
    limit: Text
    most: Annotated[int, Field(ge=1, le=100)] | None = None
    causes: Annotated[tuple[Label, ...], BeforeValidator(_one_or_many)] = ()
    ladder: Name | None = None


class LoopShape(_Shape):
    """The whole definition."""

    loop: Name
    labels: Labels
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,8}$")] | None = None
    initial: str
    born_by: Literal["report", "split", "activate"] = "report"
    part_loop: Name | None = None
    accept_by_superior: tuple[Literal["city", "county", "township", "village", "group"], ...] = ()
    exhaustive: tuple[Words, ...] = ()
    states: Annotated[dict[Name, StateShape], Field(min_length=1)]
    transitions: Annotated[tuple[TransitionShape, ...], Field(min_length=1)]
    clocks: dict[Name, ClockShape] = {}
    requests: dict[Literal["extension", "suspension", "objection"], RequestShape] = {}


def read_shape(content: Mapping[str, Any]) -> LoopShape | tuple[Problem, ...]:
    """Return the definition with every value in its type, or what is wrong with its form."""
    try:
        return LoopShape.model_validate(_tuples(content))
    except ValidationError as error:
        return tuple(_problems(error.errors(include_url=False)))


def _tuples(value: Any) -> Any:
    """Lists as tuples: what is read is never changed."""
    if isinstance(value, Mapping):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value


def _problems(errors: list[ErrorDetails]) -> Iterator[Problem]:
    seen: set[tuple[str | int, ...]] = set()
    for error in errors:
        where = tuple(part for part in error["loc"] if part not in ("str", "int", "[key]"))
        if where in seen:
            continue
        seen.add(where)
        if error["type"] == "extra_forbidden":
            name = str(where[-1])
            guess = get_close_matches(name, _keys_at(where[:-1]), n=1)
            yield problem("unknown_key", where, **near(name, guess[0] if guess else None))
        else:
            zh, en = _sentence(error)
            path = ".".join(map(str, where))
            yield problem("bad_format", where, detail=f"{path}：{zh}", detail_en=f"{path}: {en}")


_NAMES_ZH = "小写字母开头，只含小写字母、数字和下划线，最长 32 字；prefix 为 1 至 8 个大写字母"
_NAMES_EN = "lower-case letters, digits and _, at most 32, first a letter; prefix: 1 to 8 capitals"
_SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("缺少这一项，请补上。", "is missing."),
    "string_type": ("应为文字；数字或 true、false 当文字用时请加引号。", "has to be text."),
    "int_type": ("应为整数。", "has to be a whole number."),
    "bool_type": ("应为 true 或 false。", "has to be true or false."),
    "dict_type": ("应写成“名称: 值”的形式。", "has to be a mapping (name: value)."),
    "model_type": ("应写成“名称: 值”的形式。", "has to be a mapping (name: value)."),
    "tuple_type": ("应为列表，例如 [a, b]。", "has to be a list such as [a, b]."),
    "too_short": ("不能为空。", "cannot be empty."),
    "string_pattern_mismatch": (f"名称写法不对：{_NAMES_ZH}。", f"is no name: {_NAMES_EN}."),
    "value_error": (
        f"应为一行文字，不超过 {LONGEST_LABEL} 字。",
        f"has to be one line of at most {LONGEST_LABEL} characters.",
    ),
}


def _sentence(error: ErrorDetails) -> tuple[str, str]:
    context = error.get("ctx", {})
    match error["type"]:
        case "literal_error":
            choices = re.sub(r"\bor\b|[',]", " ", str(context["expected"])).split()
            return f"只能是 {'、'.join(choices)} 之一。", f"has to be one of {', '.join(choices)}."
        case "greater_than_equal" | "less_than_equal":
            return "应为 1 至 100 的整数。", "has to be from 1 to 100."
        case kind:
            return _SENTENCES.get(kind, (f"写法有误（{error['msg']}）。", f"{error['msg']}."))


_SECTIONS: Mapping[str, type[BaseModel]] = {
    "states": StateShape,
    "transitions": TransitionShape,
    "clocks": ClockShape,
    "requests": RequestShape,
}


def _keys_at(where: Where) -> list[str]:
    """Return the keys that the form knows at a place."""
    match where:
        case ():
            model: type[BaseModel] | None = LoopShape
        case (section, _):
            model = _SECTIONS.get(str(section))
        case (_, _, "then"):
            model = ThenShape
        case _:
            model = Labels
    fields = model.model_fields.items() if model else ()
    return [field.alias or name for name, field in fields]
