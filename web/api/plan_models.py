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

    id: int
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

    id: int
    code: str
    text: str
    sentence: str
    line: int | None
    resolved: bool
    resolved_by: PersonRef | None
    resolved_at: datetime | None
    resolution: str


@closed
class NameShown(TypedDict):
    """A name of a unit as the plan writes it, and what is meant by it."""

    id: int
    name: str
    decision: Annotated[
        str,
        Field(
            description=N_(
                "open 未定，matched 相符，chosen 已选，create 待新建，name_only 只记名称"
            )
        ),
    ]
    unit: UnitRef | None
    tasks: int
    proposed: Annotated[list[UnitRef], Field(description=N_("名称相近的单位"))]


@closed
class ChangeShown(TypedDict):
    """One difference between a revision and the plan that it revises."""

    how: Annotated[str, Field(description=N_("added 新增，removed 删去，changed 改动"))]
    what: Annotated[str, Field(description=N_("task、milestone、target、unit、title"))]
    task: Annotated[str, Field(description=N_("任务名称；计划总体的为空"))]
    field: str
    old: str
    new: str


@closed
class TaskShown(TypedDict):
    """One task of a plan."""

    id: int
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
    confirmed_at: Annotated[datetime | None, Field(description=N_("何时核对确认；null 为尚未"))]
    confirmed_by: PersonRef | None


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
    revises: Annotated[int | None, Field(description=N_("所修订的计划的序号"))]
    changes: Annotated[list[ChangeShown], Field(description=N_("修订稿与运行中的计划的不同"))]
    names: Annotated[list[NameShown], Field(description=N_("草稿中的单位名称"))]


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
    version: int
    revises: Annotated[int | None, Field(description=N_("所修订的计划的序号"))]
    changes: Annotated[list[ChangeShown], Field(description=N_("修订稿与运行中的计划的不同"))]


@closed
class PlanBegun(TypedDict):
    """What an import has set going."""

    milestones: Annotated[int, Field(description=N_("开始办理的节点数"))]
    asked: Annotated[int, Field(description=N_("其中已过期、先问是否已经完成的"))]
    carried: Annotated[int, Field(description=N_("从原计划继续的节点数"))]
    created_units: list[str]
    changes: int


@closed
class PlanDone(TypedDict):
    """How a plan stands after one step of its review."""

    id: int
    code: str
    state: str
    version: int
    doubts: Annotated[int, Field(description=N_("待处理的疑问数"))]
    obstacles: Annotated[list[str], Field(description=N_("草稿还不能导入执行的原因"))]
    activated: Annotated[PlanBegun | None, Field(description=N_("导入时填写；其他操作为 null"))]
