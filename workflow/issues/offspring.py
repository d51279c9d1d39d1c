"""What a move does to other issues: parts, a relapse, a merge, the parent of a part that ends."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, update

from workflow.audit import actions as audit
from workflow.db import Tx
from workflow.errors import N_, Invalid, NotFound
from workflow.issues import create, notify, store
from workflow.issues.case import Case
from workflow.issues.effect import NewPart
from workflow.issues.models import Source
from workflow.issues.office import Office
from workflow.issues.record import Said, event
from workflow.issues.rules import Move
from workflow.loops.loop import Loop
from workflow.outbox.actions import Notice
from workflow.units.rules import people_at, scope_of

_SOURCE = Source.__table__  # type: ignore[attr-defined]
_MOVE_SOURCES = (
    update(_SOURCE)
    .where(_SOURCE.c.issue_id == bindparam("at_id"))
    .values(issue_id=bindparam("to_id"))
)


MISSED = "plan"
"""The source of a problem that a missed milestone has raised."""
OTHER = "other"
_SUPERVISE = ("supervisor", "leader", "principal")


def make(
    tx: Tx, office: Office, move: Move, *, units: Mapping[str, list[int]], said: Said
) -> list[Notice]:
    """Make and change the other issues that a move concerns; return what is to be told."""
    effect = move.effect
    for index, part in enumerate(effect.parts, move.step.case.part_count + 1):
        _part(tx, office, move, part, index, said)
    if effect.merges_into is not None:
        _merge(tx, office, move, effect.merges_into, said)
    notices: list[Notice] = []
    if effect.relapses:
        notices += _relapse(tx, office, move, said)
    if effect.raises:
        _raise(tx, office, move, said)
    if move.target.final and move.step.case.parent_id is not None:
        notices += _tell_parent(tx, office, move)
    return notices


def _part(tx: Tx, office: Office, move: Move, part: NewPart, index: int, said: Said) -> None:
    step, case = move.step, move.step.case
    loop = step.part_loop
    assert loop is not None
    create.create(
        tx,
        office,
        step.house,
        create.NewIssue(
            loop=loop,
            title=part.title,
            description=part.description,
            category=case.category,
            source=case.source,
            units=part.units,
            place=case.place,
            place_unit_id=case.place_unit_id,
            speed=case.speed,
            task=case.task,
            due_on=part.due_on,
            parent_id=case.id,
            root_id=case.root_id or case.id,
            number=f"{case.number}-{index:02d}",
            facts={"parent": case.number},
            said={"parent": case.number},
        ),
        said=said,
        now=step.now,
    )


def _relapse(tx: Tx, office: Office, move: Move, said: Said) -> list[Notice]:
    """Open the new issue, in triage, supervised one level higher than the old one."""
    step, case = move.step, move.step.case
    loop: Loop = office.loops.get(case.loop.name, case.loop)
    filed = {name: list(case.units.get(name, ())) for name in ("issuer", "closing")}
    filed["reporting"] = [step.for_unit] if step.for_unit else list(case.units.get("reporting", ()))
    made = create.create(
        tx,
        office,
        step.house,
        create.NewIssue(
            loop=loop,
            title=case.title,
            description=str(step.values["finding"]),
            category=case.category,
            source=case.source,
            units={**filed, "supervising": _one_level_higher(move)},
            place=case.place,
            place_unit_id=case.place_unit_id,
            speed=case.speed,
            task=case.task,
            recurs_of_id=case.id,
            sources=(create.NewSource(case.source, step.now, own_number=case.number),),
            facts={"recurs_of": case.number, "suggested": _suggested(case)},
            said={"recurs_of": case.number},
        ),
        said=said._replace(action="report", kind="report"),
        now=step.now,
    )
    people: set[int] = set()
    for relation, post in (("responsible", "handler"), ("acceptance", "acceptor")):
        for unit in case.units.get(relation, ()):
            people.update(people_at(step.directory, (unit, post), step.today, units=case.units))
    finding = str(step.values["finding"])
    return [notify.relapsed(case, made.number, made.id, finding, tuple(sorted(people)))]


def _raise(tx: Tx, office: Office, move: Move, said: Said) -> None:
    """A milestone that is missed becomes a problem, filed by the issuer of its plan."""
    step, case = move.step, move.step.case
    source = MISSED if MISSED in office.sources else min(office.sources)
    loop = office.loops[office.sources[source]]
    category = OTHER if OTHER in office.categories else min(office.categories)
    filed = {name: list(case.units.get(name, ())) for name in ("issuer", "supervising", "closing")}
    due = case.due_on.isoformat() if case.due_on else ""
    create.create(
        tx,
        office,
        step.house,
        create.NewIssue(
            loop=loop,
            title=case.title,
            description=f"计划节点{case.number}应于{due}完成，至今未通过验收。{case.description}",
            category=category,
            source=source,
            units={**filed, "reporting": filed["issuer"]},
            task=case.task,
            sources=(create.NewSource(source, step.now, own_number=case.number),),
            facts={"milestone": case.number, "suggested": _suggested(case)},
            said={"milestone": case.number},
        ),
        said=said._replace(action="report", kind="report"),
        now=step.now,
    )


def _one_level_higher(move: Move) -> list[int]:
    directory, units = move.step.directory, move.step.case.units
    standing = list(units.get("supervising") or units["issuer"])[:1]
    for unit in directory.ancestors(standing[0]):
        if any(directory.holders(unit, post, move.step.today) for post in _SUPERVISE):
            return [unit]
    return standing


def _suggested(case: Case) -> dict[str, Any]:
    """Who had it last time: a proposal for the dispatcher's form."""
    return {
        name: list(case.units[name])
        for name in ("responsible", "acceptance", "cooperating")
        if case.units.get(name)
    }


def _merge(tx: Tx, office: Office, move: Move, into: str, said: Said) -> None:
    """Hand all sources to the other issue, and say so in its record too."""
    step, case = move.step, move.step.case
    other = _to_merge_into(tx, office, move, into)
    if not other.is_open:
        raise Invalid.at("into", N_("问题{number}已经办结，不能并入。"), number=into)
    if case.id in (other.root_id, other.parent_id):
        raise Invalid.at("into", N_("不能并入本件的分办件。"))
    happened = event(
        issue_id=other.id,
        number=other.number,
        seq=other.version + 1,
        prev=other.head,
        said=said._replace(action="merged_in", kind="merge"),
        data={"merged": case.number, "reason": step.values.get("reason")},
        at=step.now,
        directory=step.directory,
        key=office.mac_key,
    )
    facts = {
        **other.facts,
        "sources": int(other.facts.get("sources", 0)) + int(case.facts.get("sources", 0)),
        "merged_from": [*other.facts.get("merged_from", ()), case.number],
    }
    changed = {
        "version": other.version + 1,
        "head": happened.hash,
        "facts": facts,
        "updated_at": step.now,
    }
    store.save(tx, other, changed)
    audit.append(tx, [happened])
    tx.execute(_MOVE_SOURCES, {"at_id": case.id, "to_id": other.id})
    store.mark_merged(tx, case.id, other.id)


def _to_merge_into(tx: Tx, office: Office, move: Move, number: str) -> Case:
    """Another issue that the person may know of; anything else is none."""
    try:
        other = store.load(tx, office, number=number, for_update=True)
    except NotFound:
        other = None
    scope = scope_of(move.step.directory, move.step.by)
    if other is None or not store.is_seen(tx, scope, other):
        raise Invalid.at("into", N_("没有编号为“{number}”的问题，请核对编号。"), number=number)
    return other


def _tell_parent(tx: Tx, office: Office, move: Move) -> list[Notice]:
    case, step = move.step.case, move.step
    parent = store.load(tx, office, issue_id=case.parent_id)
    return notify.part_ended(case, parent, move.target, step.house, step.today)
