"""Escalation: levels rise in the order of time, and what was passed over says why."""

from workflow.errors import N_
from workflow.operations.invariants.dialects import Words
from workflow.operations.invariants.rule import Rule


def _order(on: Words) -> str:
    """A rung is taken before those above it; only messages pass a paper that waits."""
    paper = on.item("l.rungs", "low.rung", "'paper'")
    return f"""
    select i.number, low.clock_id, low.round, low.rung, high.rung as higher
    from rung_taken low join rung_taken high
      on high.clock_id = low.clock_id and high.round = low.round and high.rung > low.rung
      join clock c on c.id = low.clock_id join issue i on i.id = low.issue_id
      left join ladder_version l on l.hash = c.ladder
    where low.outcome = 'taken' and high.outcome = 'taken' and low.at > high.at
      and (high.paper_id is not null or (low.paper_id is null and {paper} is null))"""


def _gap(on: Words) -> str:
    """Below a rung that was taken, none is without a record, but a paper that waits."""
    index = on.index("s")
    missing, taken = (on.item("l.rungs", at, "'paper'") for at in (index, "r.rung"))
    return f"""
    select i.number, r.clock_id, r.round, {index} as rung, r.rung as higher
    from (
      select clock_id, issue_id, round, rung, outcome,
        row_number() over (partition by clock_id, round order by rung) - 1 as below
      from rung_taken
    ) r join clock c on c.id = r.clock_id and c.round = r.round
      join ladder_version l on l.hash = c.ladder
      cross join {on.items("l.rungs", "s")}
      join issue i on i.id = r.issue_id
    where r.below < r.rung and r.outcome = 'taken' and {index} < r.rung
      and ({missing} is null or {taken} is not null)
      and not exists (
        select 1 from rung_taken m
        where m.clock_id = r.clock_id and m.round = r.round and m.rung = {index})"""


def _merged(_: Words) -> str:
    """What merged was told by the rung that it names, at the same moment."""
    return """
    select i.number, r.clock_id, r.round, r.rung
    from rung_taken r join issue i on i.id = r.issue_id
      left join rung_taken t on t.clock_id = r.clock_id and t.round = r.round
        and t.rung = r.merged_into and t.outcome = 'taken' and t.at = r.at
    where r.outcome = 'merged' and (t.id is null or r.merged_into <= r.rung)"""


def _skipped(on: Words) -> str:
    """What was skipped before its time was skipped by a person, with a reason."""
    return f"""
    select i.number, r.clock_id, r.round, r.rung
    from rung_taken r join issue i on i.id = r.issue_id
    where r.outcome = 'skipped' and r.due_at > r.at and not exists (
      select 1 from event e
      where e.issue_id = r.issue_id and e.at = r.at and e.action = 'skip_upward'
        and e.by_id is not null and coalesce({on.at("e.data", "'reason'")}, '') <> '')"""


RULES = (
    Rule(
        "I11",
        "order",
        N_("问题{number}的 {clock_id} 号时限先升了第 {higher} 档，后升第 {rung} 档。"),
        _order,
    ),
    Rule(
        "I11",
        "gap",
        N_("问题{number}的 {clock_id} 号时限升到第 {higher} 档，第 {rung} 档却没有记录。"),
        _gap,
    ),
    Rule(
        "I11",
        "merged",
        N_("问题{number}的 {clock_id} 号时限第 {rung} 档记为并入后一档，后一档却没有发。"),
        _merged,
    ),
    Rule(
        "I11",
        "reason",
        N_("问题{number}的 {clock_id} 号时限没到时间就越过了第 {rung} 档，没有人写明理由。"),
        _skipped,
    ),
)
