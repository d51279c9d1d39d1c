"""Plans: the list, one with its tasks and progress, and a document that is filed as a draft.

A draft is reviewed by a person on its page; programs file documents and follow what runs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from starlette.datastructures import FormData
from starlette.requests import Request

from web.api import cursors, naming, uploads
from web.api.plan_models import (
    DutyShown,
    MilestoneShown,
    NoteShown,
    ObservationShown,
    PlanLine,
    PlanList,
    PlanShown,
    PlanStaged,
    TargetShown,
    TaskShown,
)
from web.api.route import Given, Reply
from web.visit import Runtime, Visit
from workflow.plans import queries, staging, store
from workflow.plans.reading import Prepared, prepare
from workflow.plans.views import (
    ActionView,
    Duty,
    Head,
    MilestoneView,
    NoteView,
    Observation,
    PlanRow,
    TargetView,
    TaskView,
)
from workflow.plans.vocabulary import load_words

HOME = "/api/v1/plans"
WORDS = ("plans", "words.yaml")
_UNREAD = ("draft", "discarded")
_LONGEST_ID = 9


def take(request: Request, runtime: Runtime, form: FormData) -> tuple[Prepared, bytes]:
    """Read the document of a form; with it what tells this request from another.

    Raises Invalid: there is not exactly one file, or it cannot be read as a plan.
    """
    name, data = uploads.one_file(form)
    words = load_words(runtime.settings.config_dir.joinpath(*WORDS))
    found = prepare(uploads.storage(runtime), data, name, words)
    return found, f"{found.upload.sha256} {name}".encode()


def listed(visit: Visit, given: Given) -> Reply:
    """The plans that the person may see, the newest first."""
    limit = given.query["limit"]
    after = cursors.opened("plans", given.query)
    rows = queries.page(
        visit.tx,
        visit.directory,
        visit.actor,
        today=visit.today,
        after=int(after) if after else None,
        limit=limit + 1,
    )
    body: PlanList = {
        "plans": [_line(visit, row) for row in rows[:limit]],
        "next_cursor": cursors.sealed("plans", rows[limit - 1].id if len(rows) > limit else None),
    }
    return Reply(body)


def one(visit: Visit, given: Given) -> Reply:
    """One plan: a draft with its doubts, a running one with its progress."""
    plan_id = _id(given)
    head = queries.visible_head(visit.tx, visit.directory, visit.actor, plan_id)
    if head.state in _UNREAD:
        review = queries.review(visit.tx, visit.directory, visit.actor, plan_id=plan_id)
        return Reply(
            _plan(
                visit, head, review.actions, review.tasks, review.targets, review.notes,
                review.obstacles,
            )
        )  # fmt: skip
    page = queries.progress(
        visit.tx, visit.directory, visit.actor, plan_id=plan_id, today=visit.today
    )
    tasks = [task for action in page.actions for task in action.tasks]
    actions = [
        ActionView(action.id, 0, action.label, action.title, 0)
        for action in page.actions
        if action.id is not None
    ]
    return Reply(_plan(visit, head, actions, tasks, page.targets, (), ()))


def file(visit: Visit, given: Given) -> Reply:
    """File a document as a draft; the same file is filed once."""
    assert isinstance(given.upload, Prepared)
    staged = staging.stage(
        visit.tx, visit.office, found=given.upload, by=visit.actor, now=visit.now, door="api"
    )
    body: PlanStaged = {**asdict(staged)}  # type: ignore[typeddict-item]
    return Reply(body, 201, f"{HOME}/{staged.id}")


def _id(given: Given) -> int:
    text = given.path["id"]
    if not text.isascii() or not text.isdecimal() or len(text) > _LONGEST_ID:
        raise store.not_found()
    return int(text)


def _line(visit: Visit, row: PlanRow) -> PlanLine:
    return {
        "id": row.id,
        "code": row.code,
        "revision": row.revision,
        "state": row.state,
        "title": row.title,
        "number": row.number,
        "issuer": naming.unit(visit, row.issuer_unit_id),
        "issued_on": row.issued_on,
        "tasks": row.tasks,
        "milestones": row.milestones,
        "accepted": row.accepted,
        "late": row.late,
        "doubts": row.doubts,
        "activated_at": row.activated_at,
    }


def _plan(
    visit: Visit,
    head: Head,
    actions: Iterable[ActionView],
    tasks: Iterable[TaskView],
    targets: Iterable[TargetView],
    notes: Iterable[NoteView],
    obstacles: Iterable[str],
) -> PlanShown:
    named = {action.id: f"{action.label}{action.title}" for action in actions}
    return {
        "id": head.id,
        "code": head.code,
        "revision": head.revision,
        "state": head.state,
        "version": head.version,
        "title": head.title,
        "number": head.number,
        "issuer": naming.unit(visit, head.issuer_unit_id),
        "issuer_printed": head.issuer,
        "issued_on": head.issued_on,
        "organiser": head.organiser,
        "supervisor": head.supervisor,
        "file": head.file_name,
        "tasks": [_task(visit, task, named) for task in tasks],
        "targets": [_target(visit, target) for target in targets],
        "notes": [_note(visit, note) for note in notes],
        "obstacles": list(obstacles),
    }


def _task(visit: Visit, task: TaskView, actions: Mapping[int, str]) -> TaskShown:
    return {
        "code": task.code,
        "no": task.no,
        "label": task.label,
        "action": actions.get(task.action_id) if task.action_id is not None else None,
        "title": task.title,
        "text": task.content,
        "line": task.place.get("line"),
        "units": [_duty(visit, duty) for duty in task.duties],
        "milestones": [
            _milestone(visit, each) for each in task.milestones if each.state == "active"
        ],
        "targets": [_target(visit, each) for each in task.targets if each.state == "active"],
        "notes": [_note(visit, note) for note in task.notes],
    }


def _duty(visit: Visit, duty: Duty) -> DutyShown:
    return {"role": duty.role, "name": duty.name, "unit": naming.unit(visit, duty.unit_id)}


def _milestone(visit: Visit, each: MilestoneView) -> MilestoneShown:
    version, state = each.loop_version, each.issue_state
    return {
        "kind": each.kind,
        "due": each.due,
        "every": each.every,
        "text": each.content,
        "printed": each.printed,
        "issue": each.number,
        "state": state,
        "state_label": visit.words.state(version, state) if version and state else None,
        "is_open": bool(each.is_open),
        "is_done": each.is_done,
        "lamp": each.lamp or "none",
        "due_on": each.due_on,
        "responsible": naming.unit(visit, each.responsible_unit_id),
    }


def _target(visit: Visit, target: TargetView) -> TargetShown:
    return {
        "id": target.id,
        "kind": target.kind,
        "name": target.name,
        "comparator": target.comparator,
        "value": target.value,
        "unit": target.unit,
        "due": target.due,
        "soft": list(target.soft),
        "baseline": target.baseline,
        "scope": target.scope,
        "sentence": target.sentence,
        "verdict": target.verdict,
        "observations": [_observation(visit, each) for each in target.observations],
    }


def _observation(visit: Visit, each: Observation) -> ObservationShown:
    return {
        "value": each.value,
        "observed_on": each.observed_on,
        "source": each.source,
        "note": each.note,
        "by": naming.person(visit, each.by_id),
        "at": each.at,
    }


def _note(visit: Visit, note: NoteView) -> NoteShown:
    message = visit.catalogue.gettext(note.message)
    return {
        "code": note.code,
        "text": message.format_map(note.params) if note.params else message,
        "sentence": note.sentence,
        "line": note.line,
        "resolved": note.resolved,
    }
