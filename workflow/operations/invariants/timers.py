"""Clocks and their rungs: each that is due is recorded once, none is forgotten, none runs on."""

from workflow.errors import N_
from workflow.operations.invariants.dialects import Words
from workflow.operations.invariants.rule import Rule

_TICKS = "c.state = 'running' and not c.muted and c.stopped_at is null"


def _twice(_: Words) -> str:
    return """
    select i.number, r.clock_id, r.round, r.rung, count(*) as records
    from rung_taken r left join issue i on i.id = r.issue_id
    group by i.number, r.clock_id, r.round, r.rung having count(*) > 1"""


def _passed(_: Words) -> str:
    """What lies before the pointer was recorded, each rung."""
    return """
    select i.number, c.id as clock_id, c.kind, c.round, c.next_rung,
      (select count(*) from rung_taken r
       where r.clock_id = c.id and r.round = c.round and r.rung < c.next_rung) as records
    from clock c join issue i on i.id = c.issue_id
    where c.next_rung > 0 and c.next_rung <> (
      select count(*) from rung_taken r
      where r.clock_id = c.id and r.round = c.round and r.rung < c.next_rung)"""


def _ahead(on: Words) -> str:
    """Behind the pointer: a rung that was recorded has no time any more, every other has one."""
    index = on.index("s")
    return f"""
    select i.number, c.id as clock_id, c.kind, c.round, {index} as rung
    from clock c cross join {on.items("c.schedule", "s")}
      join issue i on i.id = c.issue_id
    where c.stopped_at is null and {index} >= c.next_rung and (s.value is null) <> exists (
      select 1 from rung_taken r
      where r.clock_id = c.id and r.round = c.round and r.rung = {index})"""


def _missed(on: Words) -> str:
    """What had come due when its clock stopped was recorded, if only as skipped.

    The clock of a signature that nobody needs any more is the exception: it lapses with its paper.
    """
    index = on.index("s")
    return f"""
    select i.number, c.id as clock_id, c.kind, c.round, {index} as rung
    from clock c cross join {on.items("c.schedule", "s")}
      join issue i on i.id = c.issue_id
    where c.stopped_at is not null and not c.is_period and c.kind <> 'sign'
      and {index} >= c.next_rung and {on.number("s.value")} <= {on.seconds("c.stopped_at")}"""


def _asleep(on: Words) -> str:
    """A clock that ticks wakes for its next rung; a period for its end.

    Of the papers only the first can be next, and none while one before it waits.
    """
    index = on.index("s")
    paper = on.item("l.rungs", index, "'paper'")
    return f"""
    select i.number, c.id as clock_id, c.kind
    from clock c join issue i on i.id = c.issue_id
    where {_TICKS} and c.is_period
      and ((c.wake_at is null and c.due_at > :now) or c.wake_at > c.due_at)
    union all
    select i.number, n.clock_id, n.kind
    from (
      select issue_id, clock_id, kind, wake_at, min(at) as at
      from (
        select c.issue_id, c.id as clock_id, c.kind, c.wake_at, c.blocked_by,
          {on.number("s.value")} as at, {index} as rung, {paper} as paper,
          min(case when {paper} is not null then {index} end)
            over (partition by c.id) as first_paper
        from clock c cross join {on.items("c.schedule", "s")}
          left join ladder_version l on l.hash = c.ladder
        where {_TICKS} and not c.is_period and {index} >= c.next_rung and s.value is not null
      ) r
      where paper is null or (blocked_by is null and rung = first_paper)
      group by issue_id, clock_id, kind, wake_at
    ) n join issue i on i.id = n.issue_id
    where n.wake_at is null or {on.seconds("n.wake_at")} > n.at"""


def _awake(_: Words) -> str:
    """What does not tick is not looked at."""
    return f"""
    select i.number, c.id as clock_id, c.kind
    from clock c join issue i on i.id = c.issue_id
    where c.wake_at is not null and not ({_TICKS})"""


def _after_end(on: Words) -> str:
    """No rung is taken of a clock that has stopped, nor after an issue came to its end."""
    return f"""
    select i.number, r.clock_id, r.round, r.rung
    from rung_taken r join clock c on c.id = r.clock_id join issue i on i.id = r.issue_id
    where r.outcome = 'taken' and {on.seconds("r.at")} > {on.seconds("c.stopped_at")} + 60
    union all
    select i.number, null, null, e.seq
    from issue i join event e on e.issue_id = i.id and e.kind = 'rung'
    where not i.is_open and i.owner_unit_id is null and e.seq > (
      select max(m.seq) from event m
      where m.issue_id = i.id and {on.at("m.data", "'from'")} is not null)"""


def _late(_: Words) -> str:
    """What waits for an operator's word is late on purpose."""
    return """
    select i.number, c.id as clock_id, c.kind, c.wake_at
    from clock c join issue i on i.id = c.issue_id
    where c.wake_at < :late and not exists (
      select 1 from alarm a where a.kind = 'clock_jump' and a.cleared_at is null)
      and not exists (select 1 from quarantine q where q.lifted_at is null)"""


def _of_the_ended(on: Words) -> str:
    """After the end only the clocks that its own state is held to, and none once it is final."""
    held_to = on.element("v.definition", "'states'", "s.state", "'held_to'")
    return f"""
    with ended as (
      select s.loop_version, s.state, {held_to} as held_to
      from (select distinct loop_version, state from issue where not is_open) s
        join loop_version v on v.hash = s.loop_version
    )
    select i.number, c.id as clock_id, c.kind
    from issue i join clock c on c.issue_id = i.id
      left join ended s on s.loop_version = i.loop_version and s.state = i.state
    where not i.is_open and c.stopped_at is null and (
      i.owner_unit_id is null or c.subject <> 'issue'
      or coalesce(s.held_to, '') not like '%"' || c.kind || '"%')"""


def _done(_: Words) -> str:
    """Stopped and done are one."""
    return """
    select i.number, c.id as clock_id, c.kind
    from clock c join issue i on i.id = c.issue_id
    where (c.state = 'done') <> (c.stopped_at is not null)"""


def _asked_of_the_ended(_: Words) -> str:
    return """
    select i.number, q.id as request_id, q.kind
    from request q join issue i on i.id = q.issue_id
    where q.state = 'open' and not i.is_open"""


RULES = (
    Rule(
        "I4",
        "twice",
        N_("问题{number}的 {clock_id} 号时限第 {round} 轮第 {rung} 级记了 {records} 次。"),
        _twice,
    ),
    Rule(
        "I4",
        "passed",
        N_(
            "问题{number}的 {clock_id} 号时限（{kind}）第 {round} 轮已过 {next_rung} 级，"
            "只记了 {records} 级。"
        ),
        _passed,
    ),
    Rule(
        "I4",
        "ahead",
        N_("问题{number}的 {clock_id} 号时限（{kind}）第 {round} 轮第 {rung} 级的时间与记录不符。"),
        _ahead,
    ),
    Rule(
        "I4",
        "missed",
        N_("问题{number}的 {clock_id} 号时限（{kind}）停止时第 {rung} 级已经到时，却没有记录。"),
        _missed,
    ),
    Rule(
        "I4",
        "asleep",
        N_("问题{number}的 {clock_id} 号时限（{kind}）还有没到的级，却没有定下查看的时间。"),
        _asleep,
    ),
    Rule(
        "I4",
        "awake",
        N_("问题{number}的 {clock_id} 号时限（{kind}）已停或暂停，却还定着查看的时间。"),
        _awake,
    ),
    Rule("I4", "after_end", N_("问题{number}办结或时限停止以后还升了级。"), _after_end),
    Rule(
        "I6",
        "rung_late",
        N_("问题{number}的 {clock_id} 号时限（{kind}）到期超过两个检查周期没有办。"),
        _late,
    ),
    Rule(
        "I8",
        "runs_on",
        N_("问题{number}已经办结，{clock_id} 号时限（{kind}）还在走。"),
        _of_the_ended,
    ),
    Rule(
        "I8",
        "half_stopped",
        N_("问题{number}的 {clock_id} 号时限（{kind}）停了一半：状态与停止时间不符。"),
        _done,
    ),
    Rule(
        "I8",
        "request_open",
        N_("问题{number}已经办结，{request_id} 号申请（{kind}）还没有结果。"),
        _asked_of_the_ended,
    ),
)
