"""The record: every event in its place, the rows as the events tell, the chain linked, the anchor.

Hashes are not computed here: ``bihuan audit verify`` does that.
"""

from workflow.audit.chain import GENESIS
from workflow.errors import N_
from workflow.operations.invariants.dialects import Words
from workflow.operations.invariants.rule import Rule


def _numbered(_: Words) -> str:
    return """
    select i.number, i.id as issue_id, i.version, coalesce(e.events, 0) as events,
      coalesce(e.last, 0) as last
    from issue i left join (
      select issue_id, count(*) as events, count(distinct seq) as numbers, min(seq) as first,
        max(seq) as last
      from event group by issue_id
    ) e on e.issue_id = i.id
    where coalesce(e.events, 0) <> i.version or e.numbers <> i.version or e.first <> 1
      or e.last <> i.version"""


def _moves(on: Words) -> str:
    """Every event that moved the state, with the target of the move before it.

    A first event that names a state has moved on from the initial one at once.
    """
    source, target = on.at("data", "'from'"), on.at("data", "'to'")
    return f"""
    moves as (
      select issue_id, seq, {source} as source, {target} as target,
        lag({target}) over (partition by issue_id order by seq) as stood,
        row_number() over (partition by issue_id order by seq desc) as back
      from event where {target} is not null and ({source} is not null or seq = 1)
    ),
    initials as (
      select hash, {on.at("definition", "'initial'")} as initial from loop_version
    )"""


def _replayed_moves(on: Words) -> str:
    return f"""
    with {_moves(on)}
    select i.number, i.id as issue_id, m.seq, m.source as said,
      coalesce(m.stood, v.initial) as state
    from moves m join issue i on i.id = m.issue_id join initials v on v.hash = i.loop_version
    where m.source <> coalesce(m.stood, v.initial)"""


def _replayed_state(on: Words) -> str:
    return f"""
    with {_moves(on)}
    select i.number, i.id as issue_id, i.state, coalesce(m.target, v.initial) as said
    from issue i join initials v on v.hash = i.loop_version
      left join moves m on m.issue_id = i.id and m.back = 1
    where i.state <> coalesce(m.target, v.initial)"""


def _outcome(on: Words) -> str:
    counted = on.at("v.definition", "'states'", "s.state", "'counts_as'")
    return f"""
    with outcomes as (
      select s.loop_version, s.state, {counted} as said
      from (select distinct loop_version, state from issue) s
        join loop_version v on v.hash = s.loop_version
    )
    select i.number, i.id as issue_id, i.state, coalesce(i.counts_as, '-') as counts_as,
      coalesce(o.said, '-') as said
    from issue i join outcomes o on o.loop_version = i.loop_version and o.state = i.state
    where coalesce(i.counts_as, '-') <> coalesce(o.said, '-')
      or i.is_open <> (i.counts_as is null)"""


def _level(_: Words) -> str:
    return """
    select i.number, i.id as issue_id, i.level, coalesce(r.said, 0) as said
    from issue i left join (
      select issue_id, max(level) as said from rung_taken
      where outcome = 'taken' and lamp is not null group by issue_id
    ) r on r.issue_id = i.id
    where i.level <> coalesce(r.said, 0)"""


def _replies(_: Words) -> str:
    return """
    select '' as number, k.id as reply_id, k.person_id
    from kept_reply k where k.status is null or k.body is null"""


def _doubled(on: Words) -> str:
    number, version = on.at("b.body", "'number'"), on.at("b.body", "'version'")
    body = "body" if on.is_sqlite else "cast(body as json)"
    return f"""
    with told as (
      select b.id, b.person_id, b.at, {number} as number, {on.number(version)} as version
      from (
        select id, person_id, at, {body} as body from kept_reply
        where status between 200 and 299 and body like '{{%"version"%'
      ) b
    )
    select t.number, min(t.id) as reply_id, t.version, count(*) as replies,
      count(distinct e.id) as events
    from told t left join issue i on i.number = t.number
      left join event e on e.issue_id = i.id and e.seq = t.version and e.by_id = t.person_id
    where t.number is not null and t.version is not null
    group by t.number, t.version having count(*) <> 1 or count(distinct e.id) <> 1"""


def _linked(_: Words) -> str:
    return f"""
    select i.number, e.id as event_id, e.seq
    from event e join issue i on i.id = e.issue_id
      left join event b on b.issue_id = e.issue_id and b.seq = e.seq - 1
    where e.prev <> coalesce(b.hash, '{GENESIS}')"""


def _head(_: Words) -> str:
    return """
    select i.number, i.id as issue_id, e.id as event_id, i.version
    from issue i join event e on e.issue_id = i.id and e.seq = i.version
    where e.hash <> i.head"""


def _anchored(on: Words) -> str:
    if on.is_sqlite:
        seq, said = "json_extract(h.value, '$[0]')", "json_extract(h.value, '$[1]')"
    else:
        seq, said = "(h.value ->> 0)::int", "(h.value ->> 1)"
    return f"""
    select h.key as number, c.id as checkpoint_id, c.no, {seq} as seq
    from checkpoint c cross join {on.pairs("c.heads", "h")}
      left join issue i on i.number = h.key
      left join event e on e.issue_id = i.id and e.seq = {seq}
    where e.hash is null or e.hash <> {said} or e.id > c.last_event_id"""


def _checkpoints(_: Words) -> str:
    return f"""
    select '' as number, c.id as checkpoint_id, c.no
    from checkpoint c left join checkpoint b on b.no = c.no - 1
    where c.prev <> coalesce(b.hash, '{GENESIS}') or (b.id is null and c.no <> 1)
      or c.last_event_id <= coalesce(b.last_event_id, 0)"""


RULES = (
    Rule(
        "I1",
        "numbering",
        N_("问题{number}登记为第 {version} 版，记录却有 {events} 条，最后一条编号 {last}。"),
        _numbered,
    ),
    Rule(
        "I2",
        "moves",
        N_("问题{number}第 {seq} 条记录从“{said}”办起，此前的记录却停在“{state}”。"),
        _replayed_moves,
    ),
    Rule("I2", "state", N_("问题{number}现为“{state}”，照记录应为“{said}”。"), _replayed_state),
    Rule(
        "I2",
        "outcome",
        N_("问题{number}的办结口径为“{counts_as}”，按流程在“{state}”应为“{said}”。"),
        _outcome,
    ),
    Rule("I2", "level", N_("问题{number}记为升到第 {level} 级，照记录应为第 {said} 级。"), _level),
    Rule("I3", "half_kept", N_("第 {reply_id} 号请求的答复只存了一半。"), _replies),
    Rule(
        "I3",
        "acknowledged",
        N_("问题{number}第 {version} 条记录答复过 {replies} 次请求，实有该人记录 {events} 条。"),
        _doubled,
    ),
    Rule("I7", "link", N_("问题{number}第 {seq} 条记录没有接上前一条。"), _linked),
    Rule("I7", "head", N_("问题{number}所记的末条哈希与第 {version} 条记录不符。"), _head),
    Rule(
        "I7",
        "anchor",
        N_("检查点 {no} 为问题{number}第 {seq} 条记录作过证，记录里没有，或已改动。"),
        _anchored,
    ),
    Rule("I7", "checkpoints", N_("检查点 {no} 没有接上前一个。"), _checkpoints),
)
