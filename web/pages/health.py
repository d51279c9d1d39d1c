"""The health of the installation (运行状况): alarms, what to do about them, and who is running."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from tasks import quarantine, readiness
from tasks.audience import Audiences
from tasks.times import Times
from web import probes
from web.deps import reading, writing
from web.times import span_text
from web.visit import Visit
from workflow.errors import N_, NotAllowed
from workflow.operations import actions, queries, words
from workflow.operations.findings import (
    JUMP,
    PROCESS_PATIENCE,
    LeaseRow,
    ProcessRow,
    two_sweeps,
)
from workflow.operations.queries import ADMIN, AlarmRow

NAMES = {
    "database": N_("数据库"),
    "schema": N_("表结构"),
    "quarantine": N_("隔离"),
    "clock": N_("时钟"),
    "worker": N_("后台任务"),
    "sweep": N_("到期检查"),
    "delivery": N_("消息投递"),
    "time": N_("时间"),
    "broker": N_("任务队列"),
    "record": N_("数据自查"),
    "parts": N_("各进程"),
}
STATES = {"ok": N_("正常"), "attention": N_("注意"), "red": N_("故障")}
PARTS = {
    "serve": N_("整机"),
    "web": N_("网页"),
    "worker": N_("后台任务"),
    "clock": N_("时钟"),
}


@dataclass(frozen=True, slots=True)
class AlarmView:
    """One alarm in the words of the page."""

    alarm: AlarmRow
    title: str
    sentence: str
    advice: str
    may_confirm: bool


CHANNELS: Mapping[str, str] = MappingProxyType(
    {"inbox": N_("收件箱"), "mail": N_("邮件"), "file": N_("文件")}
)
"""Where messages go, in the words of the page."""


@dataclass(frozen=True, slots=True)
class ProcessView:
    """One process in the words of the page."""

    process: ProcessRow
    part: str
    leads: bool
    silent: str
    """For how long it has not been heard of; empty for one that has."""


def page(visit: Visit) -> Response:
    """For administrators: what is wrong, what to do, who is running."""
    check_admin(visit)
    verdict = readiness.verdict(visit.runtime.database, visit.settings, visit.now)
    translate = visit.catalogue.gettext
    found = verdict.readings
    response: Response = visit.render(
        visit,
        "health.html",
        state=verdict.state,
        state_name=translate(STATES[verdict.state]),
        checks=[
            (translate(NAMES[name]), check["state"], translate(STATES[check["state"]]))
            for name, check in verdict.checks.items()
        ],
        alarms=[_alarm(visit, alarm) for alarm in verdict.alarms],
        past=[_alarm(visit, alarm) for alarm in queries.past_alarms(visit.tx)],
        processes=_processes(visit, found.processes, found.lead) if found else (),
        channels=[
            (each, _waits(visit, each.due_since, two_sweeps(found.sweep)))
            for each in found.channels
        ]
        if found
        else (),
        held=quarantine.pending(visit.tx, visit.now),
        channel_names={name: translate(label) for name, label in CHANNELS.items()},
        canary=found.canary if found else None,
        swept_at=found.swept_at if found else None,
    )
    return response


def confirm_time(visit: Visit, form: FormData) -> Response:
    """An administrator says that the time is right: escalations go on."""
    del form
    check_admin(visit)
    now = Times(now=visit.runtime.now).shared(visit.tx)
    place = Audiences(visit.settings.zone, visit.office.channels, visit.settings.base_url)
    audience = place.of(visit.tx, now)
    actions.confirm_time(visit.tx, now=now, by=visit.actor.person_id, audience=audience)
    return RedirectResponse("/health", 303)


def check_admin(visit: Visit) -> None:
    """Raises NotAllowed for whoever does not run the installation."""
    if not is_admin(visit):
        raise NotAllowed(N_("运行状况只对系统管理员开放。"), code="not_admin")


def is_admin(visit: Visit) -> bool:
    """Whether the person holds the post of an administrator today."""
    return any(post.post == ADMIN for post in visit.actor.held)


def _alarm(visit: Visit, alarm: AlarmRow) -> AlarmView:
    return AlarmView(
        alarm,
        words.title(alarm.kind)[visit.lang],
        words.sentence(alarm.kind, alarm.params)[visit.lang],
        words.advice(alarm.kind)[visit.lang],
        may_confirm=alarm.kind == JUMP and alarm.cleared_at is None,
    )


def _processes(
    visit: Visit, processes: tuple[ProcessRow, ...], lead: LeaseRow | None
) -> tuple[ProcessView, ...]:
    leader = lead.holder if lead is not None and lead.until > visit.now else None
    return tuple(
        ProcessView(
            process,
            visit.catalogue.gettext(PARTS[process.part]),
            process.id == leader,
            _waits(visit, process.beat_at, PROCESS_PATIENCE),
        )
        for process in processes
    )


def _waits(visit: Visit, since: datetime, usual: timedelta) -> str:
    """For how long, if that is longer than usual."""
    span = visit.now - since
    return span_text(span, visit.lang) if span > usual else ""


ROUTES = (
    ("/health", reading(page), ["GET"]),
    ("/health/time", writing(confirm_time), ["POST"]),
    *probes.ROUTES,
)
