"""What the API lets in: strict models for queries and contents, and how a request is read."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Strict, StringConstraints
from pydantic import Field as Bound
from pydantic_core import PydanticCustomError, from_json
from starlette.exceptions import HTTPException
from starlette.requests import Request

from workflow.errors import N_, Invalid
from workflow.issues.fields import Digest
from workflow.issues.inputs import validated
from workflow.issues.reporting import ReportForm

MOST_JSON = 1024 * 1024
"""Bytes of a JSON content."""
MOST_LINES = 100
_INT32 = 2**31 - 1


def _whole(value: Any) -> Any:
    """Digits of a query as a number; pydantic alone would also take ` 5 `, `+5` and `5.0`."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    raise PydanticCustomError("int_parsing", "a whole number")


def _flag(value: Any) -> Any:
    if value in ("true", "false"):
        return value == "true"
    raise PydanticCustomError("literal_error", "true or false")


Word = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Cursor = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,200}$")]
Limit = Annotated[int, Bound(ge=1, le=MOST_LINES), BeforeValidator(_whole)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Latitude = Annotated[float, Strict(), Bound(ge=-90, le=90)]
Longitude = Annotated[float, Strict(), Bound(ge=-180, le=180)]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IssueQuery(_Closed):
    """What a list of issues is narrowed to."""

    state: Words | None = Bound(None, description=N_("办理环节；多个用逗号隔开"))
    loop: Word | None = Bound(None, description=N_("办理流程"))
    unit: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Bound(
        None, description=N_("责任单位（含下级）：编码、名称或简称")
    )
    lamp: Word | None = Bound(None, description=N_("亮灯"))
    category: Word | None = Bound(None, description=N_("问题类别"))
    task: Annotated[str, StringConstraints(min_length=1, max_length=32)] | None = Bound(
        None, description=N_("行动计划的任务序号")
    )
    open: Flag | None = Bound(None, description=N_("true 在办，false 已办结"))
    overdue: Flag = Bound(False, description=N_("true 只看已逾期"))
    q: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Bound(
        None, description=N_("标题、描述、地点、编号中的文字")
    )
    cursor: Cursor | None = Bound(None, description=N_("上一页给出的 next_cursor"))
    limit: Limit = Bound(20, description=N_("每页条数"))


class PageQuery(_Closed):
    """Where a list is to go on."""

    cursor: Cursor | None = Bound(None, description=N_("上一页给出的 next_cursor"))


class UnitQuery(PageQuery):
    """Where the list of units is to go on, and how much of it."""

    limit: Limit = Bound(MOST_LINES, description=N_("每页条数"))


class NamedFile(_Closed):
    """Under which name a file is shown."""

    sha256: Digest
    name: FileName


FileNames = Annotated[list[NamedFile], Bound(max_length=20)]


class ReportInput(ReportForm):
    """A report (登记)."""

    lat: Latitude | None = None
    lon: Longitude | None = None
    file_names: FileNames = Bound([], description=N_("附件显示的文件名"))


class ActInput(_Closed):
    """An action on an issue."""

    version: Annotated[int, Strict(), Bound(ge=1, le=_INT32)] = Bound(
        description=N_("所见的版本号；其后已有新的办理记录则为 409，不予办理")
    )
    data: dict[str, Any] = Bound({}, description=N_("表单，见该问题的 actions"))
    file_names: FileNames = Bound([], description=N_("附件显示的文件名"))


class PlanActInput(_Closed):
    """A step of the review of a plan's draft, or a figure of a running plan."""

    version: Annotated[int, Strict(), Bound(ge=1, le=_INT32)] | None = Bound(
        None, description=N_("所见的版本号，核对草稿时必填；其后已有新的改动则为 409，不予办理")
    )
    data: dict[str, Any] = Bound({}, description=N_("该操作的内容，见接口说明文档"))


def read_query(request: Request, model: type[BaseModel] | None) -> dict[str, Any]:
    """The query of an address by its model. Raises Invalid, also for what the route does not know.

    Defaults are filled in; what is absent and has none is left out.
    """
    given = request.query_params
    asked = dict(given)
    for name in asked:
        if len(given.getlist(name)) > 1:
            raise Invalid.at(name, N_("同一项只能填写一次。"))
    return validated(model or _Closed, asked)


def read_json(request: Request, content: bytes) -> Any:
    """The JSON value of a content.

    Raises HTTPException: 413 too large, 415 not declared as JSON, 400 not JSON.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415)
    if len(content) > MOST_JSON:
        raise HTTPException(413)
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError:
        raise HTTPException(400) from None


def read_body(value: Any, model: type[BaseModel]) -> dict[str, Any]:
    """A JSON value by the model of its route. Raises Invalid."""
    if not isinstance(value, dict):
        raise Invalid(N_("请求内容应为一个 JSON 对象。"))
    return validated(model, value)
