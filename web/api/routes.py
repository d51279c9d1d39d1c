"""Every route of the API below ``/api/v1``, with the permission that it asks for.

The application, the description of the API and the tests are all made from this table.
"""

from web.api import acting, evidence, issues, plans, plans_acting, stats, units, work
from web.api.inputs import (
    ActInput,
    IssueQuery,
    PageQuery,
    PlanActInput,
    ReportInput,
    UnitQuery,
)
from web.api.models import Done, EventPage, IssuePage, IssueShown, Offers, Stats, Stored, UnitPage
from web.api.models import Work as WorkShown
from web.api.plan_models import PlanDone, PlanList, PlanShown, PlanStaged
from web.api.route import Route
from workflow.errors import N_
from workflow.evidence.checks import DOCX, JPEG, MP4, PDF, XLSX

FILES = (JPEG, PDF, MP4, DOCX, XLSX)
"""What a file of an issue can be when it is fetched; every photograph is a JPEG by then."""

ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        "/issues",
        "scope",
        "list_issues",
        N_("问题列表：按环节、单位、亮灯、任务、文字筛选，新的在前"),
        issues.listed,
        IssuePage,
        query=IssueQuery,
    ),
    Route(
        "POST",
        "/issues",
        "post",
        "report_issue",
        N_("登记问题"),
        issues.report,
        Done,
        status=201,
        body=ReportInput,
    ),
    Route(
        "GET",
        "/issues/{number}",
        "scope",
        "get_issue",
        N_("一个问题的全部情况"),
        issues.one,
        IssueShown,
        problems=(404,),
    ),
    Route(
        "GET",
        "/issues/{number}/actions",
        "scope",
        "list_actions",
        N_("本环节的全部操作：表单；不能办理的，写明原因"),
        acting.offered,
        Offers,
        problems=(404,),
    ),
    Route(
        "POST",
        "/issues/{number}/actions/{action}",
        "post",
        "take_action",
        N_("办理一项操作"),
        acting.take,
        Done,
        body=ActInput,
        problems=(404, 409),
    ),
    Route(
        "GET",
        "/issues/{number}/events",
        "scope",
        "list_events",
        N_("办理记录，新的在前"),
        issues.events,
        EventPage,
        query=PageQuery,
        problems=(404,),
    ),
    Route(
        "POST",
        "/evidence",
        "person",
        "store_file",
        N_("上传一个附件，得到其 SHA-256，再在操作的 evidence 中写明"),
        evidence.store,
        Stored,
        status=201,
        takes_file=True,
    ),
    Route(
        "GET",
        "/evidence/{sha256}",
        "scope",
        "fetch_file",
        N_("下载所见问题的附件；照片为去除信息的副本"),
        evidence.fetch,
        FILES,
        problems=(404,),
    ),
    Route(
        "GET",
        "/plans",
        "scope",
        "list_plans",
        N_("行动计划列表：草稿只有发文单位交办员可见，新的在前"),
        plans.listed,
        PlanList,
        query=UnitQuery,
    ),
    Route(
        "POST",
        "/plans",
        "post",
        "file_plan",
        N_("上传一份计划文件，存为草稿；写明 revises 即为运行中计划的修订稿，列出改动"),
        plans.file,
        PlanStaged,
        status=201,
        takes_file=True,
        taker=plans.take,
        fields={
            plans.REVISES: {
                "type": "integer",
                "minimum": 1,
                "maximum": 999_999_999,
                "description": N_("要修订的运行中计划的序号；不写即为新计划"),
            }
        },
        problems=(404, 409),
    ),
    Route(
        "GET",
        "/plans/{id}",
        "scope",
        "get_plan",
        N_("一份计划：任务、单位、节点、指标、进度"),
        plans.one,
        PlanShown,
        problems=(404,),
    ),
    Route(
        "POST",
        "/plans/{id}/actions/{action}",
        "post",
        "take_plan_action",
        N_("核对草稿的一步，与核对页面相同；或为运行中的计划填报一项指标的实际值"),
        plans_acting.take,
        PlanDone,
        body=PlanActInput,
        problems=(404, 409),
    ),
    Route(
        "GET",
        "/units",
        "person",
        "list_units",
        N_("全部单位"),
        units.listed,
        UnitPage,
        query=UnitQuery,
    ),
    Route(
        "GET",
        "/me/work",
        "person",
        "my_work",
        N_("我的待办：待办问题、待审批申请、待签发文书"),
        work.mine,
        WorkShown,
        query=PageQuery,
    ),
    Route(
        "GET",
        "/stats",
        "scope",
        "get_stats",
        N_("统计：按环节、亮灯、类别、来源、单位"),
        stats.overview,
        Stats,
    ),
)
