"""What the API answers: one closed JSON shape a thing, from which its description is made too.

Units are told by code, people by login, states and actions by their names in the loop; a ``_label``
is the same in the language of the answer.
"""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from workflow.errors import N_

closed = with_config(ConfigDict(extra="forbid"))
"""Nothing is answered that is not described."""


@closed
class UnitRef(TypedDict):
    """A unit, named."""

    code: Annotated[str, Field(description=N_("单位编码"))]
    name: str


@closed
class PersonRef(TypedDict):
    """A person, named."""

    login: str
    name: str


@closed
class DeskRef(TypedDict):
    """A post in a unit: whoever holds it, it is their move."""

    unit: UnitRef
    post: str
    post_label: str


@closed
class IssueLine(TypedDict):
    """One line of a list of issues."""

    number: Annotated[str, Field(description=N_("问题编号，例如 WT-2026-00012"))]
    title: str
    loop: Annotated[str, Field(description=N_("办理流程"))]
    state: Annotated[str, Field(description=N_("办理环节"))]
    state_label: str
    is_open: Annotated[bool, Field(description=N_("是否还在办"))]
    lamp: Annotated[str, Field(description=N_("亮灯；none 为未亮灯"))]
    level: Annotated[int, Field(description=N_("升级到第几级；0 为未升级"))]
    due_on: Annotated[date | None, Field(description=N_("整改时限，当日 24:00 为止"))]
    move_due_at: Annotated[datetime | None, Field(description=N_("本环节的办理时限"))]
    category: str
    place: str
    responsible: Annotated[UnitRef | None, Field(description=N_("责任单位"))]
    owner: Annotated[DeskRef | None, Field(description=N_("现在该谁办"))]
    is_part: Annotated[bool, Field(description=N_("是否为分办件"))]
    part_count: Annotated[int, Field(description=N_("分办件的件数"))]
    created_at: datetime


@closed
class IssuePage(TypedDict):
    """Some issues, the newest first."""

    issues: list[IssueLine]
    next_cursor: Annotated[str | None, Field(description=N_("下一页的 cursor；null 为已到末页"))]


@closed
class Kin(TypedDict):
    """An issue that belongs to the one shown."""

    relation: str
    relation_label: str
    number: Annotated[str | None, Field(description=N_("编号；无权查看该件时为 null"))]
    title: str
    state: str
    state_label: str
    is_open: bool
    due_on: date | None
    responsible: UnitRef | None


@closed
class SourceShown(TypedDict):
    """Where an issue came from; never who reported it."""

    id: Annotated[int, Field(description=N_("答复来源时作为 source_id 填写"))]
    kind: str
    own_number: Annotated[str | None, Field(description=N_("来文（来件）编号"))]
    received_at: datetime
    has_contact: Annotated[bool, Field(description=N_("留有联系方式，须单独答复"))]
    replied_at: datetime | None


@closed
class RequestShown(TypedDict):
    """A request beside the state: extension, suspension, objection."""

    number: str
    title: str
    kind: str
    state: str
    asked_by: PersonRef | None
    asked_at: datetime
    reason: str
    data: dict[str, Any]
    decider: Annotated[DeskRef | None, Field(description=N_("由谁审批"))]
    due_at: datetime | None
    decided_by: PersonRef | None
    decided_at: datetime | None
    decision_reason: str | None


@closed
class PaperShown(TypedDict):
    """A paper of the ladder: a draft is shown to the side that signs it only."""

    number: Annotated[str, Field(description=N_("所属问题的编号"))]
    kind: str
    kind_label: str
    state: str
    title: str
    body: str
    addressee: UnitRef | None
    signer: DeskRef | None
    answer_by: str | None
    created_at: datetime
    settled_at: Annotated[datetime | None, Field(description=N_("签发或不予签发的时间"))]
    reason: str | None
    answered_at: datetime | None
    answer: str | None


@closed
class RungShown(TypedDict):
    """One rung of a clock's ladder."""

    at: Annotated[datetime, Field(description=N_("到期时间"))]
    level: int
    lamp: str | None
    message: str | None
    paper: str | None
    to: str
    outcome: Annotated[str | None, Field(description=N_("taken 已执行，merged 已并入，null 未到"))]
    taken_at: datetime | None


@closed
class ClockShown(TypedDict):
    """A clock with its explanation, step by step."""

    kind: str
    label: str
    subject: Annotated[str, Field(description=N_("issue 问题，request 申请，paper 文书"))]
    state: str
    round: Annotated[int, Field(description=N_("第几轮；延期、恢复各起一轮"))]
    is_period: Annotated[bool, Field(description=N_("是期间（期满即办）而不是时限"))]
    limit: str
    owner: str
    started_at: datetime
    due_at: datetime | None
    due_on: date | None
    original_due_on: date | None
    provisional: Annotated[bool, Field(description=N_("日历未公布，时限为暂定"))]
    explanation: Annotated[list[str], Field(description=N_("时限如何算出，逐步说明"))]
    stopped_at: datetime | None
    rungs: list[RungShown]


@closed
class FileShown(TypedDict):
    """A file of an issue."""

    sha256: str
    name: str
    mime: str
    size: int
    is_photo: Annotated[bool, Field(description=N_("照片：只提供去除信息的副本"))]
    event_seq: Annotated[int, Field(description=N_("随哪一条办理记录提交"))]
    added_by: PersonRef | None
    added_at: datetime


@closed
class IssueShown(TypedDict):
    """One issue with everything that the person may see of it."""

    number: str
    version: Annotated[int, Field(description=N_("版本号，即办理记录的条数；办理时须带上"))]
    loop: str
    loop_label: str
    state: str
    state_label: str
    is_open: bool
    counts_as: Annotated[str | None, Field(description=N_("办结方式；在办为 null"))]
    title: str
    description: str
    category: str
    source: str
    place: str
    place_unit: UnitRef | None
    lat: float | None
    lon: float | None
    speed: str
    task: Annotated[str | None, Field(description=N_("行动计划的任务序号"))]
    owner: DeskRef | None
    move_due_at: datetime | None
    due_on: date | None
    original_due_on: date | None
    lamp: str
    level: int
    responsible: UnitRef | None
    units: Annotated[dict[str, list[UnitRef]], Field(description=N_("各类单位，以关系为键"))]
    created_at: datetime
    created_by: PersonRef | None
    relatives: list[Kin]
    sources: list[SourceShown]
    requests: list[RequestShown]
    papers: list[PaperShown]
    clocks: list[ClockShown]
    evidence: list[FileShown]


@closed
class OfferShown(TypedDict):
    """One action of the state: its form, and whether this person may take it now."""

    action: str
    label: str
    kind: str
    allowed: bool
    why: Annotated[str | None, Field(description=N_("不能办理的原因；能办为 null"))]
    code: Annotated[str | None, Field(description=N_("原因代码；能办为 null"))]
    form: Annotated[dict[str, Any], Field(description=N_("data 的 JSON Schema"))]


@closed
class Offers(TypedDict):
    """Every action of an issue's state, for one person."""

    number: str
    version: int
    state: str
    state_label: str
    actions: list[OfferShown]


@closed
class Done(TypedDict):
    """What an issue is after an action."""

    number: str
    version: int
    state: str
    action: str


@closed
class EventShown(TypedDict):
    """One entry of the record."""

    seq: int
    at: datetime
    by: Annotated[PersonRef | None, Field(description=N_("办理人；null 为系统"))]
    unit: UnitRef | None
    door: str
    action: str
    action_label: str
    kind: str
    data: dict[str, Any]
    hash: Annotated[str, Field(description=N_("记录的哈希，与前一条相连"))]


@closed
class EventPage(TypedDict):
    """Some of an issue's record, the newest first."""

    events: list[EventShown]
    next_cursor: str | None


@closed
class Stored(TypedDict):
    """A file that has been taken in and can now be named in an action."""

    sha256: str
    mime: str
    size: int
    is_photo: bool
    taken_at: Annotated[datetime | None, Field(description=N_("照片自带的拍摄时间"))]
    lat: float | None
    lon: float | None


@closed
class UnitShown(TypedDict):
    """One unit."""

    code: str
    name: str
    aliases: list[str]
    kind: str
    level: str
    parent: Annotated[str | None, Field(description=N_("上级单位编码"))]
    successor: Annotated[str | None, Field(description=N_("撤销后承接单位的编码"))]
    abolished_on: date | None


@closed
class UnitPage(TypedDict):
    """Some units, in the order in which they were registered."""

    units: list[UnitShown]
    next_cursor: str | None


@closed
class StateCount(TypedDict):
    """How many issues are in a state."""

    loop: str
    state: str
    state_label: str
    count: int


@closed
class Work(TypedDict):
    """What waits for the person."""

    total: int
    states: list[StateCount]
    moves: Annotated[list[IssueLine], Field(description=N_("待办问题，最急的在前"))]
    next_cursor: str | None
    requests: Annotated[list[RequestShown], Field(description=N_("待审批的申请"))]
    papers: Annotated[list[PaperShown], Field(description=N_("待签发的文书"))]


@closed
class Tally(TypedDict):
    """A count of issues: all, those still open, those overdue."""

    total: int
    open: int
    overdue: int


@closed
class Load(TypedDict):
    """The open issues and parts of one responsible unit."""

    unit: UnitRef
    open: int
    overdue: int
    lamps: dict[str, int]


@closed
class Stats(TypedDict):
    """Counts over everything in the person's scope; parts count in the units' load only."""

    total: int
    open: int
    overdue: int
    due_this_week: int
    states: list[StateCount]
    outcomes: Annotated[dict[str, int], Field(description=N_("已办结，以办结方式为键"))]
    lamps: Annotated[dict[str, int], Field(description=N_("在办，以亮灯为键"))]
    categories: dict[str, Tally]
    sources: dict[str, Tally]
    received: Annotated[dict[str, int], Field(description=N_("收到件次，含并案的，以来源为键"))]
    units: list[Load]


@closed
class Problem(TypedDict):
    """Why a request was not carried out (RFC 9457)."""

    type: Annotated[str, Field(description=N_("问题类型，urn:bihuan:problem: 加代码"))]
    title: str
    status: int
    detail: Annotated[str, Field(description=N_("出了什么问题、怎么办"))]
    code: Annotated[str, Field(description=N_("稳定的代码，供程序判断"))]
    why: Annotated[str | None, Field(description=N_("依据或原因"))]
    fields: Annotated[dict[str, str], Field(description=N_("有误的各项，各一句说明"))]
