"""Many new issues at once: the rows of ``create``, a statement a table instead of one an issue."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from workflow import stamps
from workflow.audit import actions as audit
from workflow.audit.chain import GENESIS
from workflow.db import Tx
from workflow.deadlines import actions as clocks
from workflow.issues import search
from workflow.issues.create import (
    Created,
    NewIssue,
    born,
    columns_of,
    owned,
    search_text,
    told,
)
from workflow.issues.effect import House
from workflow.issues.models import Source
from workflow.issues.office import Office
from workflow.issues.record import Said, event
from workflow.issues.store import AT_BIRTH, ISSUE, ISSUE_UNIT
from workflow.prepared import inserting

MOST = 200
"""Issues of one call: what is in one transaction keeps every other writer waiting."""

_INSERT = inserting(ISSUE, AT_BIRTH)
_ADD_UNITS = inserting(ISSUE_UNIT)
_SOURCE = inserting(
    Source.__table__,  # type: ignore[attr-defined]
    ("issue_id", "kind", "own_number", "received_at", "has_contact"),
)
_IDS = select(ISSUE.c.number, ISSUE.c.id).where(
    ISSUE.c.number.in_(bindparam("numbers", expanding=True))
)


def create_many(
    tx: Tx, office: Office, house: House, news: Sequence[NewIssue], *, said: Said, now: datetime
) -> list[Created]:
    """Insert issues, each with its event, clocks, units, source and search text; tells nobody.

    Whoever imports tells each unit once. Raises ValueError for more than `MOST`.
    """
    if len(news) > MOST:
        raise ValueError(f"{len(news)} issues in one transaction")
    if not news:
        return []
    births = [born(office, house, new, now) for new in news]
    numbers = _numbers(tx, news, births[0].today.year)
    firsts = [
        event(
            issue_id=0,
            number=number,
            seq=1,
            prev=GENESIS,
            said=said,
            data=told(new, house, birth),
            at=now,
            directory=house.directory,
            key=office.mac_key,
        )
        for number, new, birth in zip(numbers, news, births, strict=True)
    ]
    own = {"created_at": now, "created_by_id": said.by.person_id, "updated_at": now}
    _INSERT.run_many(
        tx,
        [
            {**columns_of(new, birth), "number": number, "head": first.hash, **own}
            for number, new, birth, first in zip(numbers, news, births, firsts, strict=True)
        ],
    )
    id_of = {number: int(key) for number, key in tx.execute(_IDS, {"numbers": numbers})}
    ids = [id_of[number] for number in numbers]
    audit.append(tx, [first._replace(issue_id=i) for first, i in zip(firsts, ids, strict=True)])
    _ADD_UNITS.run_many(
        tx,
        [
            {"issue_id": i, "unit_id": unit, "relation": relation}
            for i, new in zip(ids, news, strict=True)
            for relation, units in new.units.items()
            for unit in dict.fromkeys(units)
        ],
    )
    drafts = [
        owned(draft, i) for i, birth in zip(ids, births, strict=True) for draft in birth.drafts
    ]
    clocks.write(tx, drafts, now=now)
    _write_sources(tx, ids, news)
    search.index_many(
        tx,
        [
            (i, search_text(number, new.title, new.description, new.place))
            for i, number, new in zip(ids, numbers, news, strict=True)
        ],
    )
    return [Created(i, number) for i, number in zip(ids, numbers, strict=True)]


def _numbers(tx: Tx, news: Sequence[NewIssue], year: int) -> list[str]:
    """The next numbers of each loop's series, in the order of the issues."""
    prefixes = [new.loop.prefix for new in news]
    series = {
        prefix: iter(stamps.rise_by(tx, f"number:{prefix}:{year}", prefixes.count(prefix)))
        for prefix in dict.fromkeys(prefixes)
    }
    return [f"{prefix}-{year}-{next(series[prefix]):05d}" for prefix in prefixes]


def _write_sources(tx: Tx, ids: Sequence[int], news: Sequence[NewIssue]) -> None:
    rows = [
        {
            "issue_id": i,
            "kind": source.kind,
            "own_number": source.own_number,
            "received_at": source.received_at,
            "has_contact": False,
        }
        for i, new in zip(ids, news, strict=True)
        for source in new.sources
    ]
    if rows:
        _SOURCE.run_many(tx, rows)
