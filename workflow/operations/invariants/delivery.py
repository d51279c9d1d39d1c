"""Messages: each effect reaches each person once on each channel, and nothing lies about."""

from workflow.errors import N_
from workflow.operations.invariants.dialects import Words
from workflow.operations.invariants.rule import Rule


def _told(on: Words) -> str:
    """A rung of which the record says that it reached somebody has its messages."""
    return f"""
    select i.number, r.clock_id, r.round, r.rung
    from rung_taken r join clock c on c.id = r.clock_id join issue i on i.id = r.issue_id
    where r.outcome = 'taken' and r.paper_id is null
      and exists (
        select 1 from event e
        where e.issue_id = r.issue_id and e.at = r.at and e.action = 'rung'
          and {on.at("e.data", "'clock'")} = c.kind
          and {on.number(on.at("e.data", "'round'"))} = r.round
          and {on.at("e.data", "'to'")} is not null)
      and not exists (
        select 1 from outbox o
        where o.issue_id = r.issue_id and o.created_at = r.at
          and o.key like 'issue_' || r.issue_id || '_clock_%')"""


def _channels(_: Words) -> str:
    """What is told to some people goes to all of them on the same channels."""
    return """
    select i.number, f.person_id, f.effect, f.messages
    from (
      select issue_id, min(person_id) as person_id, effect, count(*) as messages,
        count(distinct person_id) * count(distinct channel) as wanted
      from (
        select issue_id, person_id, channel,
          substr(key, 1, length(key) - length(':' || person_id || ':' || channel)) as effect
        from outbox
      ) o group by issue_id, effect
    ) f left join issue i on i.id = f.issue_id
    where f.messages <> f.wanted"""


def _received(_: Words) -> str:
    """Sent to the inbox, and lying in it, are one."""
    return """
    select i.number, o.id as outbox_id, o.person_id
    from outbox o left join inbox_item b on b.outbox_id = o.id
      left join issue i on i.id = o.issue_id
    where o.channel = 'inbox' and (o.state = 'sent') <> (b.id is not null)"""


def _unclaimed(_: Words) -> str:
    """Nothing is settled that nobody had claimed."""
    return """
    select i.number, o.id as outbox_id, o.person_id, o.state
    from outbox o left join issue i on i.id = o.issue_id
    where (o.state in ('sent','merged','dead') and (o.token < 1 or o.settled_at is null))
      or (o.state in ('waiting','leased') and o.settled_at is not null)"""


def _late(_: Words) -> str:
    return """
    select i.number, o.id as outbox_id, o.person_id, o.channel
    from outbox o left join issue i on i.id = o.issue_id
    where o.state in ('waiting','leased') and o.state = 'waiting' and (
      o.not_before < :late_ringing or (o.channel in ('inbox','file') and o.not_before < :late))
      and (o.channel = 'inbox' or not exists (
        select 1 from quarantine q where q.lifted_at is null))"""


def _stuck(_: Words) -> str:
    return """
    select i.number, o.id as outbox_id, o.person_id, o.channel
    from outbox o left join issue i on i.id = o.issue_id
    where o.state in ('waiting','leased') and o.state = 'leased' and o.not_before < :stuck"""


RULES = (
    Rule(
        "I5",
        "told",
        N_("问题{number}的 {clock_id} 号时限第 {round} 轮第 {rung} 级已记为发出，却没有消息。"),
        _told,
    ),
    Rule(
        "I5",
        "channels",
        N_("问题{number}的通知 {effect} 应每人每个渠道各一条，现有 {messages} 条。"),
        _channels,
    ),
    Rule("I5", "received", N_("{outbox_id} 号消息的发送记录与收件箱不符。"), _received),
    Rule("I5", "unclaimed", N_("{outbox_id} 号消息没有人领取，却已记为办结。"), _unclaimed),
    Rule(
        "I6",
        "message_late",
        N_("{channel} 上的 {outbox_id} 号消息到时超过两个检查周期没有发。"),
        _late,
    ),
    Rule("I6", "lease_stuck", N_("{channel} 上的 {outbox_id} 号消息领走以后没有办完。"), _stuck),
)
