"""Plans: the list, one with its tasks and progress, and a document that is filed as a draft.

A draft is reviewed by a person on its page; programs file documents and follow what runs.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from starlette.datastructures import FormData
from starlette.requests import Request

from web.api import cursors, naming, uploads
from web.api.plan_models import (
    ChangeShown,
    DutyShown,
    MilestoneShown,
    NameShown,
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
from web.api.uploads import Document
from web.visit import Runtime, Visit
from workflow.errors import N_, Invalid
from workflow.plans import queries, staging, store
from workflow.plans.reading import prepare
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
    UnitName,
)
from workflow.plans.vocabulary import load_words

HOME = "/api/v1/plans"
WORDS = ("plans", "words.yaml")
REVISES = "revises"
_UNREAD = ("draft", "discarded")
_LONGEST_ID = 9


def take(request: Request, runtime: Runtime, form: FormData) -> tuple[Document, bytes]:
    """Read the document of a form; with it what tells this request from another.

    Raises Invalid: there is not exactly one file, it cannot be read as a plan, or ``revises`` is no
    number of a plan.
    """
    name, data = uploads.one_file(form, REVISES)
    revises = _revised(form)
    words = load_words(runtime.settings.config_dir.joinpath(*WORDS))
    found = prepare(uploads.storage(runtime), data, name, words)
    asked = f"{found.upload.sha256} {name}" + (f" {REVISES} {revises}" if revises else "")
    return Document(found, revises), asked.encode()


def _revised(form: FormData) -> int | None:
    text = form.get(REVISES)
    if text is None:
        return None
    if not isinstance(text, str) or not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise Invalid.at(REVISES, N_("请填写要修订的计划的序号，例如 3。"))
    return int(text)


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
    plan_id = id_of(given)
    head = queries.visible_head(visit.tx, visit.directory, visit.actor, plan_id)
    if head.state in _UNREAD:
        review = queries.review(visit.tx, visit.directory, visit.actor, plan_id=plan_id)
        return Reply(
            _plan(
                visit, head, review.actions, review.tasks, review.targets, review.notes,
                review.obstacles, review.units,
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
    """File a document as a draft, of a revision with what it changes; the same file once."""
    assert isinstance(given.upload, Document)
    staged = staging.stage(
        visit.tx,
        visit.office,
        found=given.upload.found,
        revises=given.upload.revises,
        by=visit.actor,
        now=visit.now,
        door="api",
    )
    head = queries.visible_head(visit.tx, visit.directory, visit.actor, staged.id)
    body: PlanStaged = {
        **asdict(staged),  # type: ignore[typeddict-item]
        "version": head.version,
        "revises": head.revises_id,
        "changes": _changes(visit, head),
    }
    return Reply(body, 201, f"{HOME}/{staged.id}")


def id_of(given: Given) -> int:
    """The plan that the address names. Raises NotFound for what is no number."""
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
    names: Iterable[UnitName] = (),
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
        "revises": head.revises_id,
        "changes": _changes(visit, head),
        "names": [_name(visit, name) for name in names],
    }


def _changes(visit: Visit, head: Head) -> list[ChangeShown]:
    """What a draft changes in the plan that it revises."""
    if head.revises_id is None or head.state != "draft":
        return []
    found = queries.changes(visit.tx, visit.directory, visit.actor, plan_id=head.id)
    return [
        {
            "how": each.how,
            "what": each.what,
            "task": each.task,
            "field": each.field,
            "old": each.old,
            "new": each.new,
        }
        for each in found
    ]


def _name(visit: Visit, name: UnitName) -> NameShown:
    return {
        "id": name.id,
        "name": name.name,
        "decision": name.decision,
        "unit": naming.unit(visit, name.unit_id),
        "tasks": name.tasks,
        "proposed": naming.units(visit, name.proposed),
    }


def _task(visit: Visit, task: TaskView, actions: Mapping[int, str]) -> TaskShown:
    return {
        "id": task.id,
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
        "confirmed_at": task.confirmed_at,
        "confirmed_by": naming.person(visit, task.confirmed_by_id),
    }


def _duty(visit: Visit, duty: Duty) -> DutyShown:
    return {"role": duty.role, "name": duty.name, "unit": naming.unit(visit, duty.unit_id)}


def _milestone(visit: Visit, each: MilestoneView) -> MilestoneShown:
    version, state = each.loop_version, each.issue_state
    return {
        "id": each.id,
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
        "id": note.id,
        "code": note.code,
        "text": message.format_map(note.params) if note.params else message,
        "sentence": note.sentence,
        "line": note.line,
        "resolved": note.resolved,
        "resolved_by": naming.person(visit, note.resolved_by_id),
        "resolved_at": note.resolved_at,
        "resolution": note.resolution,
    }
