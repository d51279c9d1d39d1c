"""What the API answers about plans: one closed JSON shape a thing."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from web.api.models import PersonRef, UnitRef, closed
from workflow.errors import N_


@closed
class PlanLine(TypedDict):
    """One line of the list of plans."""

    id: Annotated[int, Field(description=N_("计划的序号，用于 /plans/{id}"))]
    code: Annotated[str, Field(description=N_("计划编号，例如 JH-2026-00001；修订后不变"))]
    revision: int
    state: Annotated[str, Field(description=N_("draft 草稿，running 执行中，replaced 已被修订"))]
    title: str
    number: Annotated[str | None, Field(description=N_("文号"))]
    issuer: UnitRef | None
    issued_on: date | None
    tasks: int
    milestones: Annotated[int, Field(description=N_("已下达的节点数"))]
    accepted: Annotated[int, Field(description=N_("已完成的节点数"))]
    late: Annotated[int, Field(description=N_("已逾期的节点数"))]
    doubts: Annotated[int, Field(description=N_("待处理的疑问数"))]
    activated_at: datetime | None


@closed
class PlanList(TypedDict):
    """Some plans, the newest first."""

    plans: list[PlanLine]
    next_cursor: Annotated[str | None, Field(description=N_("下一页的 cursor；null 为已到末页"))]


@closed
class DutyShown(TypedDict):
    """A unit's part in a task."""

    role: Annotated[str, Field(description=N_("lead 牵头，cooperating 配合，responsible 责任"))]
    name: Annotated[str, Field(description=N_("原文写法"))]
    unit: Annotated[UnitRef | None, Field(description=N_("对应的单位；null 为没有对应"))]


@closed
class MilestoneShown(TypedDict):
    """A day by which something is due."""

    kind: str
    due: Annotated[date | None, Field(description=N_("原文的时限"))]
    every: Annotated[str | None, Field(description=N_("重复的周期，例如 month:25"))]
    text: str
    printed: str
    issue: Annotated[
        str | None, Field(description=N_("节点的编号，按问题的接口办理；null 为未下达或无权查看"))
    ]
    state: Annotated[str | None, Field(description=N_("办理环节；null 为未下达"))]
    state_label: str | None
    is_open: bool
    is_done: bool
    lamp: str
    due_on: Annotated[date | None, Field(description=N_("现行时限（含延期）"))]
    responsible: UnitRef | None


@closed
class ObservationShown(TypedDict):
    """What a target was found to be."""

    value: str
    observed_on: date
    source: str
    note: str
    by: PersonRef | None
    at: datetime


@closed
class TargetShown(TypedDict):
    """A figure or a state to reach."""

    id: int
    kind: str
    name: str
    comparator: str
    value: str
    unit: str
    due: date | None
    soft: Annotated[list[str], Field(description=N_("力争、原则上、基本等限定词"))]
    baseline: str | None
    scope: str | None
    sentence: str
    verdict: Annotated[str, Field(description=N_("met 达到，short 未到，missed 到期未达，none"))]
    observations: list[ObservationShown]


@closed
class NoteShown(TypedDict):
    """A doubt of the reader."""

    code: str
    text: str
    sentence: str
    line: int | None
    resolved: bool


@closed
class TaskShown(TypedDict):
    """One task of a plan."""

    code: Annotated[str, Field(description=N_("问题的 task 一项填写此编号"))]
    no: int
    label: str
    action: Annotated[str | None, Field(description=N_("所属行动"))]
    title: str
    text: str
    line: Annotated[int | None, Field(description=N_("在文件中的行次"))]
    units: list[DutyShown]
    milestones: list[MilestoneShown]
    targets: list[TargetShown]
    notes: list[NoteShown]


@closed
class PlanShown(TypedDict):
    """One plan."""

    id: int
    code: str
    revision: int
    state: str
    version: int
    title: str
    number: str | None
    issuer: UnitRef | None
    issuer_printed: str | None
    issued_on: date | None
    organiser: str | None
    supervisor: str | None
    file: str
    tasks: list[TaskShown]
    targets: Annotated[list[TargetShown], Field(description=N_("计划总体的指标"))]
    notes: Annotated[list[NoteShown], Field(description=N_("关于文件整体的疑问"))]
    obstacles: Annotated[list[str], Field(description=N_("草稿还不能导入执行的原因"))]


@closed
class PlanStaged(TypedDict):
    """A document that was filed."""

    id: int
    code: str
    revision: int
    state: str
    is_new: Annotated[bool, Field(description=N_("false 为同一文件此前已经上传"))]
    tasks: int
    milestones: int
    targets: int
    doubts: int
    open_units: Annotated[int, Field(description=N_("尚未对应的单位名称数"))]
