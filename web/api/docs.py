"""The description of the API as a page to read: rendered here, no script, nothing from outside."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from web.api import openapi
from web.render import Pages

_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a shape, so many levels deep."""

    depth: int
    name: str
    kind: str
    required: bool
    text: str


def page(pages: Pages, lang: str, *, base_url: str) -> str:
    """The page in a language; examples name the address of this installation."""
    described = openapi.document(lang)
    schemas = described["components"]["schemas"]
    return pages.text(
        "api.html",
        lang,
        other_lang="zh" if lang == "en" else "en",
        base_url=base_url,
        info=described["info"],
        operations=[
            {"method": method.upper(), "path": path, **operation}
            for path, methods in described["paths"].items()
            for method, operation in methods.items()
        ],
        lines=lambda schema: list(_lines(schema, schemas, 0)),
        kind=lambda schema: _kind(schema, schemas),
    )


def _lines(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> Iterator[Line]:
    """The fields of a shape, and of the shapes in it."""
    shape = _resolved(schema, schemas)
    required = set(shape.get("required", ()))
    for name, field in shape.get("properties", {}).items():
        yield Line(depth, name, _kind(field, schemas), name in required, _text(field))
        if depth < _DEEPEST:
            yield from _lines(_inner(field), schemas, depth + 1)


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    ref = schema.get("$ref")
    return schemas[ref.rpartition("/")[2]] if ref else schema


def _inner(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """The shape of a field, of its items or of its values, if it has one."""
    for each in (field, *field.get("anyOf", ())):
        found: Mapping[str, Any] = each.get("items") or each
        values = found.get("additionalProperties")
        found = values if isinstance(values, dict) else found
        found = found.get("items") or found
        if "$ref" in found:
            return found
    return {}


def _kind(field: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    if "anyOf" in field:
        return " | ".join(_kind(each, schemas) for each in field["anyOf"])
    if "$ref" in field:
        return "object"
    kind = str(field.get("type", ""))
    if kind == "array":
        return f"{_kind(field.get('items', {}), schemas)}[]"
    if field.get("format"):
        return str(field["format"])
    limits = [
        f"{sign} {field[name]}"
        for name, sign in (
            ("minimum", "≥"),
            ("exclusiveMinimum", ">"),
            ("maximum", "≤"),
            ("maxLength", "≤"),
        )
        if name in field
    ]
    return " ".join((kind, *limits))


def _text(field: Mapping[str, Any]) -> str:
    return str(field.get("description", ""))
