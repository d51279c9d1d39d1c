"""A case, a house and somebody at a desk, without a database."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.unit.deadlines.moments import CALENDAR, ZONE, at
from tests.unit.units.town import ECO, GOV, ID, OFFICE, QINGSHAN, town
from workflow.deadlines import running
from workflow.deadlines.desk import Timing
from workflow.deadlines.ladders import load_ladders
from workflow.deadlines.limits import parse_limit
from workflow.deadlines.running import ClockRow
from workflow.errors import Invalid, WorkflowError
from workflow.issues import rules
from workflow.issues.case import Case, OpenRequest, PartRow, SourceRow
from workflow.issues.effect import House
from workflow.issues.rules import Move
from workflow.loops import registry
from workflow.units.rules import Actor, actor

CONFIG = Path(__file__).parents[3] / "config"
LOOPS = registry.load_all(CONFIG / "loops")
LADDERS = load_ladders(CONFIG / "ladders" / "default.yaml")
NOW = at("2026-03-02T09:00")
"""A Monday."""
TODAY = NOW.date()
HOUSE = House(town(), Timing(CALENDAR, ZONE), frozenset({"dust", "water"}), LOOPS)
DIGEST = "a" * 64

FORMS: dict[str, dict[str, Any]] = {
    "withdraw": {"reason": "误报。"},
    "triage": {},
    "amend": {"field": "title", "value": "另一个标题", "reason": "笔误。"},
    "merge": {"into": "WT-2026-00002", "reason": "同一问题。"},
    "split": {"parts": [{"responsible": "河王村", "due": "2026-03-10"}]},
    "assign": {"responsible": "青山镇", "acceptance": "生态环境局", "due": "2026-04-01"},
    "accept": {},
    "return": {"reason": "不在辖区。"},
    "rule_return": {"reason": "已核实。"},
    "investigate": {},
    "verdict": {"finding": "属实。"},
    "review": {"reason": "同意。"},
    "plan": {"plan": "建料棚。"},
    "approve_plan": {"reason": "可行。"},
    "progress": {"note": "过半。", "percent": 50},
    "request": {"reason": "来不及。", "until": "2026-05-01"},
    "decide": {"reason": "同意。"},
    "suspend": {"cause": "资金未到位", "until": "2026-03-20", "reason": "等资金。"},
    "resume": {},
    "submit": {"result": "已完成。", "evidence": [DIGEST]},
    "verify": {"opinion": "符合。"},
    "reject": {"reason": "未封闭。"},
    "publish": {"text": "公示。", "phone": "0371-60000000"},
    "object": {"reason": "仍有扬尘。"},
    "rule_objection": {"reason": "经查。"},
    "close": {},
    "look_back": {"finding": "未反弹。"},
    "archive": {},
    "relapse": {"finding": "又堆上了。"},
    "reply": {"source_id": 1, "reply": "已处理。"},
    "cancel": {"reason": "重复。"},
    "attest": {"done_on": "2026-03-01", "note": "年初已建成。"},
    "commence": {},
    "reschedule": {"due": "2026-06-30", "reason": "计划修订。"},
    "raise": {},
}
"""Kind → a form that is right as far as the kind goes."""


def case(state: str = "reported", loop: str = "rectification", **facts: Any) -> Case:
    """An issue of 青山镇, judged by 市生态环境局, as far as not said otherwise."""
    said = LOOPS[loop].states[state]
    filed = {"reporting": [ECO], "issuer": [OFFICE], "supervising": [GOV], "closing": [OFFICE]}
    hands = {"responsible": [QINGSHAN], "acceptance": [ECO], "lead": [QINGSHAN]}
    early = state in ("reported", "triaged")
    columns: dict[str, Any] = {
        "id": 1, "number": "WT-2026-00001", "loop": LOOPS[loop], "state": state, "version": 3,
        "head": "0" * 64, "title": "露天堆料", "description": "未苫盖。", "category": "dust",
        "source": "patrol", "place": "", "place_unit_id": None, "speed": "limited", "task": None,
        "parent_id": None, "root_id": None, "recurs_of_id": None, "merged_into_id": None,
        "part_count": 0, "owner_unit_id": None, "owner_post": None, "move_due_at": None,
        "due_on": None if early else date(2026, 4, 1), "original_due_on": None, "lamp": "none",
        "level": 0, "counts_as": said.counts_as, "is_open": said.counts_as is None,
        "responsible_unit_id": None if early else QINGSHAN,
        "units": filed if early else filed | hands, "fixers": (), "facts": {},
        "created_at": NOW - timedelta(days=10), "created_by_id": None,
    }  # fmt: skip
    return Case(**columns | facts)


def clock(kind: str, limit: str = "3wd", *, ago: float = 1, **columns: Any) -> ClockRow:
    """A clock of the issue that was started so many days ago."""
    draft = running.start(
        kind, issue_id=1, subject="issue", subject_id=1, seq=1, limit_text=limit,
        limit=parse_limit(limit), owner="handler@responsible", owner_unit_id=QINGSHAN,
        now=NOW - timedelta(days=ago), timing=HOUSE.timing, ladder=None,
    )  # fmt: skip
    values = {name: draft.values[name] for name in ClockRow._fields if name in draft.values}
    row = ClockRow(**{"id": len(kind), **values, "schedule": (), "pauses": ()})
    return row._replace(**columns)


def asked(kind: str, by: str = "qs.handler", **data: str) -> OpenRequest:
    """An open request."""
    return OpenRequest(7, kind, ID[by], data, OFFICE, "dispatcher")


def part(number: int, ends: str | None = None, due: str | None = None) -> PartRow:
    """A part, running or ended."""
    on = date.fromisoformat(due) if due else None
    state = ends or "rectifying"
    return PartRow(number, f"WT-2026-00001-{number:02d}", QINGSHAN, state, ends, not ends, on)


def source(number: int = 1, *, contact: bool = True, replied: bool = False) -> SourceRow:
    """Where the issue came from."""
    return SourceRow(number, "hotline", None, contact, replied)


def somebody(login: str) -> Actor:
    """A person today."""
    return actor(HOUSE.directory, ID[login], TODAY)


def judge(
    issue: Case, action: str, login: str, data: dict[str, Any] | None = None, *,
    now: datetime = NOW, house: House = HOUSE, **more: Any,
) -> Move:  # fmt: skip
    """Take an action with the usual form of its kind, or with ``data``; ``more`` is added."""
    transition = issue.loop.actions.get(action)
    form = FORMS[transition.kind] if data is None and transition else data or {}
    return rules.judge(issue, action, form | more, somebody(login), now, house)


def fault(issue: Case, action: str, login: str, **more: Any) -> WorkflowError:
    """The error that an attempt ends with."""
    try:
        judge(issue, action, login, **more)
    except WorkflowError as error:
        return error
    raise AssertionError(f"{action} was accepted")


def faults(issue: Case, action: str, login: str, **more: Any) -> dict[str, str]:
    """The sentence beside each field that an attempt is refused for."""
    error = fault(issue, action, login, **more)
    assert isinstance(error, Invalid), error
    return error.field_texts()
