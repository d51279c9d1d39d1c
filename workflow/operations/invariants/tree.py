"""Where rows belong: to a unit of the tree, to their issue, to their file."""

from workflow.errors import N_
from workflow.operations.invariants.dialects import Words
from workflow.operations.invariants.rule import Rule

_HANGS = """
    with recursive hangs(id) as (
      select id from unit where parent_id is null
      union
      select u.id from unit u join hangs h on u.parent_id = h.id
    )"""


def _loose(_: Words) -> str:
    return f"""
    {_HANGS}
    select '' as number, u.id as unit_id, u.name
    from unit u left join hangs h on h.id = u.id where h.id is null"""


def _homeless(_: Words) -> str:
    """Every row that names a unit names one that there is."""
    named = (
        ("issue", "place_unit_id", "id"),
        ("issue", "owner_unit_id", "id"),
        ("issue", "responsible_unit_id", "id"),
        ("issue_unit", "unit_id", "issue_id"),
        ("clock", "owner_unit_id", "issue_id"),
        ("request", "decider_unit_id", "issue_id"),
        ("paper", "signer_unit_id", "issue_id"),
        ("paper", "addressee_unit_id", "issue_id"),
        ("event", "by_unit_id", "issue_id"),
    )
    return " union all ".join(
        f"""select i.number, t.{issue} as issue_id, t.{column} as unit_id, '{table}' as row_of
        from {table} t left join issue i on i.id = t.{issue}
        where t.{column} is not null and not exists (
          select 1 from unit u where u.id = t.{column})"""
        for table, column, issue in named
    )


def _nobodys(_: Words) -> str:
    return """
    select i.number, i.id as issue_id
    from issue i where not exists (select 1 from issue_unit u where u.issue_id = i.id)"""


def _family(_: Words) -> str:
    """A part belongs to the root that its parent belongs to."""
    return """
    select i.number, i.id as issue_id, i.parent_id, i.root_id
    from issue i left join issue p on p.id = i.parent_id
    where (i.parent_id is null) <> (i.root_id is null) or i.root_id <> coalesce(p.root_id, p.id)"""


def _proved(_: Words) -> str:
    """Evidence came with an event of its issue, and its content is on record."""
    return """
    select i.number, v.id as evidence_id, v.name
    from evidence v left join issue i on i.id = v.issue_id
      left join blob b on b.sha256 = v.sha256
      left join event e on e.issue_id = v.issue_id and e.seq = v.event_seq
    where b.sha256 is null or e.id is null"""


RULES = (
    Rule("I9", "evidence", N_("问题{number}的附件“{name}”没有内容，或不属于任何记录。"), _proved),
    Rule("I10", "loose", N_("单位“{name}”（{unit_id}）不在单位树上。"), _loose),
    Rule("I10", "unit", N_("问题{number}（{row_of}）写的是没有的单位 {unit_id}。"), _homeless),
    Rule("I10", "nobodys", N_("问题{number}没有任何单位，谁也看不到。"), _nobodys),
    Rule("I10", "family", N_("分办件{number}与上级件不属于同一个问题。"), _family),
)
