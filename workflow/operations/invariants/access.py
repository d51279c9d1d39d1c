"""Denied accesses: every one has its row, and no row has gone since."""

from workflow.errors import N_
from workflow.operations.denials import STAMP
from workflow.operations.invariants.dialects import Words
from workflow.operations.invariants.rule import Rule


def _denied(_: Words) -> str:
    """The numbers follow one another up to the last that was given; the oldest may be retired."""
    return f"""
    select '' as number, d.no as denial_id
    from denied_access d left join denied_access b on b.no = d.no - 1
    where b.no is null and d.no > (select min(no) from denied_access)
    union all
    select '', s.value
    from stamp s
    where s.name = '{STAMP}' and s.value <> coalesce((select max(no) from denied_access), 0)"""


RULES = (Rule("I12", "denied", N_("越权访问记录在第 {denial_id} 条处有缺失。"), _denied),)
