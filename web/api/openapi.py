"""The description of the API (OpenAPI 3.1), made from the table of routes in either language."""

from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from importlib.metadata import version
from re import findall
from typing import Any

from pydantic import BaseModel, TypeAdapter

from config.language import catalogue
from web.api import errors, once
from web.api.models import Problem
from web.api.route import PERMISSIONS, Route
from web.api.router import PREFIX
from web.api.routes import ROUTES
from workflow.errors import N_

_REF = "#/components/schemas/{model}"
_INTRO = N_(
    "供其他系统使用的接口，与网页办理同一套流程、同一套权限。令牌由管理员用 bihuan token add "
    "发放，代表某个人，只能看到和办理此人职务范围内的问题。出错时返回 RFC 9457 格式，why 说明"
    "原因。POST 请带 Idempotency-Key：一天之内用同一个键重试，不会重复办理，得到的是第一次的"
    "答复。"
)
_OF_EVERY = (401, 422, 503)
_OF_POST = (400, 403, 413, 415)
_PATHS = {
    "number": ({"type": "string", "minLength": 1, "maxLength": 32}, N_("问题编号")),
    "action": ({"type": "string", "minLength": 1, "maxLength": 32}, N_("操作名称")),
    "sha256": ({"type": "string", "pattern": "^[0-9a-f]{64}$"}, N_("附件的 SHA-256")),
    "id": ({"type": "integer", "minimum": 1, "maximum": 999_999_999}, N_("计划的序号")),
}


@lru_cache(maxsize=2)
def document(lang: str) -> dict[str, Any]:
    """The whole description; do not change what is returned."""
    translate = catalogue(lang).gettext
    shapes = _Shapes(ROUTES)
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route, shapes)
    described: dict[str, Any] = _in_language(
        {
            "openapi": "3.1.0",
            "info": {
                "title": N_("闭环接口"),
                "version": version("bihuan"),
                "description": _INTRO,
            },
            "paths": paths,
            "components": {
                "schemas": shapes.components,
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
            "security": [{"token": []}],
        },
        translate,
    )
    return described


class _Shapes:
    """The JSON Schemas of everything that comes in and goes out."""

    def __init__(self, routes: Iterable[Route]) -> None:
        wanted: dict[tuple[str, str], Any] = {}
        for route in routes:
            if not isinstance(route.answers, tuple):
                wanted[route.name, "serialization"] = TypeAdapter(route.answers)
            if route.body is not None:
                wanted[route.name, "validation"] = TypeAdapter(route.body)
        wanted["problem", "serialization"] = TypeAdapter(Problem)
        asked: list[Any] = [(name, mode, each) for (name, mode), each in wanted.items()]
        refs, rest = TypeAdapter.json_schemas(asked, ref_template=_REF)
        self._refs: Any = refs
        self.components: dict[str, Any] = rest["$defs"]
        for schema in self.components.values():
            schema.pop("description", None)  # said to developers

    def of(self, name: str, mode: str) -> Any:
        """The schema of an answer or a content."""
        return self._refs[name, mode]


def _operation(route: Route, shapes: _Shapes) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "description": PERMISSIONS[route.permission],
        "parameters": [*_of_path(route), *_of_query(route.query), *_of_headers(route)],
        "responses": _responses(route, shapes),
    }
    if route.permission == "anyone":
        described["security"] = []
    if route.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": shapes.of(route.name, "validation")}},
        }
    if route.takes_file:
        described["requestBody"] = {"required": True, "content": _form(route)}
    return described


def _form(route: Route) -> dict[str, Any]:
    properties = {"file": {"type": "string", "format": "binary"}, **route.fields}
    schema = {
        "type": "object",
        "properties": properties,
        "required": ["file"],
        "additionalProperties": False,
    }
    return {"multipart/form-data": {"schema": schema}}


def _of_path(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _PATHS[name][0],
            "description": _PATHS[name][1],
        }
        for name in findall(r"\{(\w+)\}", route.path)
    ]


def _of_query(model: type[BaseModel] | None) -> list[dict[str, Any]]:
    if model is None:
        return []
    found: list[dict[str, Any]] = []
    for name, schema in model.model_json_schema()["properties"].items():
        plain = next((each for each in schema.get("anyOf", ()) if each != {"type": "null"}), schema)
        kept = {key: value for key, value in plain.items() if key not in ("title", "description")}
        if schema.get("default") is not None:
            kept["default"] = schema["default"]
        found.append(
            {"name": name, "in": "query", "schema": kept, "description": schema["description"]}
        )
    return found


def _of_headers(route: Route) -> list[dict[str, Any]]:
    if route.method != "POST":
        return []
    schema = {"type": "string", "pattern": once.PATTERN, "minLength": 1, "maxLength": 255}
    return [
        {
            "name": once.HEADER,
            "in": "header",
            "schema": schema,
            "description": N_("每个新请求一个新键，例如 UUID；重试用原来的键和原来的内容"),
        }
    ]


def _responses(route: Route, shapes: _Shapes) -> dict[str, Any]:
    if isinstance(route.answers, tuple):
        content: dict[str, Any] = {mime: {"schema": {}} for mime in route.answers}
    else:
        content = {"application/json": {"schema": shapes.of(route.name, "serialization")}}
    found: dict[str, Any] = {
        str(route.status): {"description": HTTPStatus(route.status).phrase, "content": content}
    }
    if route.status == 201 and (route.permission == "post" or not route.takes_file):
        found["201"]["headers"] = {
            "Location": {"schema": {"type": "string", "pattern": f"^{PREFIX}/"}}
        }
    statuses = {*_OF_EVERY, *route.problems, *(_OF_POST if route.method == "POST" else ())}
    if route.takes_file and route.permission == "person":
        statuses.discard(403)
    told = {errors.MEDIA_TYPE: {"schema": shapes.of("problem", "serialization")}}
    for status in sorted(statuses):
        found[str(status)] = {"description": errors.TITLES[status], "content": told}
    return found


def _in_language(value: Any, translate: Any) -> Any:
    """Translate what is said to people: every title of the whole, summary and description."""
    if isinstance(value, dict):
        return {
            key: translate(each)
            if key in ("summary", "description", "title") and isinstance(each, str)
            else _in_language(each, translate)
            for key, each in value.items()
        }
    return [_in_language(each, translate) for each in value] if isinstance(value, list) else value
