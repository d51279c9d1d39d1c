"""One issue as the API shows it."""

from web.api import naming
from web.api.models import (
    ClockShown,
    FileShown,
    IssueShown,
    Kin,
    PaperShown,
    RequestShown,
    RungShown,
    SourceShown,
)
from web.visit import Visit
from workflow.deadlines.shown import ClockView, RungView
from workflow.issues.views import (
    EvidenceView,
    IssueView,
    PaperView,
    Relative,
    RequestView,
    SourceView,
)


def issue(visit: Visit, view: IssueView) -> IssueShown:
    """Everything that the person may see of an issue."""
    words = visit.words
    return {
        "number": view.number,
        "version": view.version,
        "loop": view.loop,
        "loop_label": words.loop(view.loop_version),
        "state": view.state,
        "state_label": words.state(view.loop_version, view.state),
        "is_open": view.is_open,
        "counts_as": view.counts_as,
        "title": view.title,
        "description": view.description,
        "category": view.category,
        "source": view.source,
        "place": view.place,
        "place_unit": naming.unit(visit, view.place_unit_id),
        "lat": view.lat,
        "lon": view.lon,
        "speed": view.speed,
        "task": view.task,
        "owner": naming.desk(visit, view.owner_unit_id, view.owner_post),
        "move_due_at": view.move_due_at,
        "due_on": view.due_on,
        "original_due_on": view.original_due_on,
        "lamp": view.lamp,
        "level": view.level,
        "responsible": naming.unit(visit, view.responsible_unit_id),
        "units": {
            relation: naming.units(visit, unit_ids) for relation, unit_ids in view.units.items()
        },
        "created_at": view.created_at,
        "created_by": naming.person(visit, view.created_by_id),
        "relatives": [_kin(visit, each) for each in view.relatives],
        "sources": [_source(each) for each in view.sources],
        "requests": [request(visit, each) for each in view.requests],
        "papers": [paper(visit, each) for each in view.papers],
        "clocks": [_clock(visit, view, each) for each in view.clocks],
        "evidence": [_file(visit, each) for each in view.evidence],
    }


def request(visit: Visit, view: RequestView) -> RequestShown:
    """A request beside the state."""
    return {
        "number": view.number,
        "title": view.title,
        "kind": view.kind,
        "state": view.state,
        "asked_by": naming.person(visit, view.asked_by_id),
        "asked_at": view.asked_at,
        "reason": view.reason,
        "data": dict(view.data),
        "decider": naming.desk(visit, view.decider_unit_id, view.decider_post),
        "due_at": view.due_at,
        "decided_by": naming.person(visit, view.decided_by_id),
        "decided_at": view.decided_at,
        "decision_reason": view.decision_reason,
    }


def paper(visit: Visit, view: PaperView) -> PaperShown:
    """A paper of a ladder."""
    return {
        "number": view.number,
        "kind": view.kind,
        "kind_label": visit.words.label("papers", view.kind),
        "state": view.state,
        "title": view.title,
        "body": view.body,
        "addressee": naming.unit(visit, view.addressee_unit_id),
        "signer": naming.desk(visit, view.signer_unit_id, view.signer_post),
        "answer_by": view.answer_by,
        "created_at": view.created_at,
        "settled_at": view.settled_at,
        "reason": view.reason,
        "answered_at": view.answered_at,
        "answer": view.answer,
    }


def _kin(visit: Visit, view: Relative) -> Kin:
    return {
        "relation": view.relation,
        "relation_label": visit.words.relation(view.relation),
        "number": view.number,
        "title": view.title,
        "state": view.state,
        "state_label": visit.words.state(view.loop_version, view.state),
        "is_open": view.is_open,
        "due_on": view.due_on,
        "responsible": naming.unit(visit, view.responsible_unit_id),
    }


def _source(view: SourceView) -> SourceShown:
    return {
        "id": view.id,
        "kind": view.kind,
        "own_number": view.own_number,
        "received_at": view.received_at,
        "has_contact": view.has_contact,
        "replied_at": view.replied_at,
    }


def _clock(visit: Visit, of: IssueView, view: ClockView) -> ClockShown:
    return {
        "kind": view.kind,
        "label": visit.words.clock(of.loop_version, view.kind),
        "subject": view.subject,
        "state": view.state,
        "round": view.round,
        "is_period": view.is_period,
        "limit": view.limit_text,
        "owner": view.owner,
        "started_at": view.started_at,
        "due_at": view.due_at,
        "due_on": view.due_on,
        "original_due_on": view.original_due_on,
        "provisional": view.provisional,
        "explanation": list(visit.words.steps(view.explanation)),
        "stopped_at": view.stopped_at,
        "rungs": [_rung(each) for each in view.rungs],
    }


def _rung(view: RungView) -> RungShown:
    return {
        "at": view.at,
        "level": view.level,
        "lamp": view.lamp,
        "message": view.message,
        "paper": view.paper,
        "to": view.to,
        "outcome": view.outcome,
        "taken_at": view.taken_at,
    }


def _file(visit: Visit, view: EvidenceView) -> FileShown:
    return {
        "sha256": view.sha256,
        "name": view.name,
        "mime": view.mime,
        "size": view.size,
        "is_photo": view.copy_sha256 is not None,
        "event_seq": view.event_seq,
        "added_by": naming.person(visit, view.added_by_id),
        "added_at": view.added_at,
    }
