"""Untrusted input through a pydantic model: the values, or one sentence a field at fault. Pure."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from workflow.errors import N_, Invalid

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def validated(schema: type[BaseModel], data: Mapping[str, Any]) -> dict[str, Any]:
    """Validate ``data`` by any input model, with this product's sentences.

    Raises:
        Invalid: with one sentence a field at fault.
    """
    broken = {
        shown(name): _Fault(_UNSTORABLE)
        for name, value in data.items()
        if not (is_storable(name) and is_storable(value))
    }
    if broken:
        raise _invalid(broken)
    try:
        values = schema.model_validate(dict(data))
    except ValidationError as error:
        raise _invalid(_faults(error.errors(include_url=False))) from None
    filled = vars(values).items()
    return {name: value for name, value in filled if value is not None and value != []}


def validated_value(type_: Any, field: str, value: Any) -> Any:
    """Validate one value that has no model of its own; ``field`` gets the sentence."""
    try:
        return TypeAdapter(type_).validate_python(value)
    except ValidationError as error:
        raise _invalid({field: _fault(error.errors(include_url=False)[0])}) from None


class _Fault(NamedTuple):
    """A sentence about one field, and what fills its places."""

    sentence: str
    params: Mapping[str, object] = MappingProxyType({})


_UNSTORABLE = N_("含有无法保存的字符，请删除后重新填写。")
_OTHER = N_("填写有误，请检查后重新填写。")
_DATE = N_("日期格式应为 2026-12-31。")
_WHOLE = N_("请填写整数。")
_REQUIRED = N_("此项必填。")
_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "missing": _REQUIRED,
        "string_too_short": _REQUIRED,
        "string_type": N_("请填写文字。"),
        "string_too_long": N_("超出长度，请控制在{max_length}字以内。"),
        "string_pattern_mismatch": N_("格式不正确，请检查后重新填写。"),
        "extra_forbidden": N_("没有这一项，请删除后重新提交。"),
        "date_form": _DATE,
        "date_from_datetime_parsing": _DATE,
        "date_range": N_("年份有误，日期须在1900年至2199年之间。"),
        "int_parsing": _WHOLE,
        "int_parsing_size": _WHOLE,
        "int_from_float": _WHOLE,
        "int_type": _WHOLE,
        "float_parsing": N_("请填写数字。"),
        "float_type": N_("请填写数字。"),
        "finite_number": N_("请填写数字。"),
        "literal_error": N_("请从列出的选项中选择。"),
        "list_type": N_("此项可填多个，请逐个列出。"),
        "greater_than": N_("须大于{gt}。"),
        "greater_than_equal": N_("不得小于{ge}。"),
        "less_than_equal": N_("不得大于{le}。"),
        "too_long": N_("最多{max_length}项。"),
        "too_short": N_("至少{min_length}项。"),
    }
)
_OF_ITEM = N_("第{index}项填写有误，请检查后重新填写。")
_OF_PART = N_("第{index}件填写不全或有误：须写明责任单位，时限写成 2026-12-31。")


def _invalid(faults: Mapping[str, _Fault]) -> Invalid:
    return Invalid(
        fields={name: fault.sentence for name, fault in faults.items()},
        field_params={name: fault.params for name, fault in faults.items() if fault.params},
    )


def _faults(errors: list[ErrorDetails]) -> dict[str, _Fault]:
    table: dict[str, _Fault] = {}
    for error in errors:
        table.setdefault(str(error["loc"][0]) if error["loc"] else "", _fault(error))
    return table


def shown(text: object) -> str:
    """Somebody's input as a sentence can quote it: not too long, and of whole characters."""
    return str(text)[:64].encode(errors="replace").decode().replace("\0", "?")


def _fault(error: ErrorDetails) -> _Fault:
    index = next((place for place in error["loc"] if isinstance(place, int)), None)
    if index is not None:
        return _Fault(_OF_PART if error["loc"][0] == "parts" else _OF_ITEM, {"index": index + 1})
    if error.get("input") is None:
        return _Fault(_REQUIRED)
    sentence = _SENTENCES.get(error["type"], _OTHER)
    return _Fault(sentence, _plain(error.get("ctx", {})) if "{" in sentence else {})


def _plain(params: Mapping[str, Any]) -> dict[str, object]:
    """A bound of 90.0 reads as 90."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in params.items()
    }


def is_storable(value: Any) -> bool:
    """Tell what a database can keep: no NUL, no half of a character, anywhere in a value."""
    if isinstance(value, str):
        return "\0" not in value and (value.isascii() or not _LONE_SURROGATE.search(value))
    if isinstance(value, list | tuple):
        return all(map(is_storable, value))
    if isinstance(value, Mapping):
        return all(map(is_storable, (*value, *value.values())))
    return True
