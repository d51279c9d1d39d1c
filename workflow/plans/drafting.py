"""One document's facts go into the tables of a new draft."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import bindparam, insert, select

from workflow.db import Tx
from workflow.deadlines.due import due as due_of
from workflow.deadlines.limits import parse_limit
from workflow.errors import N_, Invalid
from workflow.issues.office import Office
from workflow.plans.changes import same
from workflow.plans.found import Milestone, Note, Section, Target, Task, Undated
from workflow.plans.reading import Prepared, as_rows
from workflow.plans.store import ACTION, DUTY, MILESTONE, NOTE, PLAN, SECTION, TARGET, TASK, TEXT
from workflow.plans.store import UNIT as NAMES
from workflow.plans.units import is_catch_all
from workflow.plans.views import Head
from workflow.units.directory import Directory

MANUAL = ("chosen", "created", "name_only")
"""Decisions of a person about a name, which a revision takes over."""
ISSUING = ("印发", "下发", "发布", "公布", "发文")
"""What a relative term counts from, where it is the plan's own date."""
_MOST_NO = 2**31 - 1
_NAMES_OF = select(NAMES.c.name, NAMES.c.unit_id, NAMES.c.decision).where(
    NAMES.c.plan_id == bindparam("plan_id"), NAMES.c.decision.in_(MANUAL)
)
_TASKS_OF = select(TASK.c.code, TASK.c.title, TASK.c.content).where(
    TASK.c.plan_id == bindparam("plan_id"), TASK.c.state == "active"
)
_CODES_OF = (
    select(TASK.c.code)
    .join(PLAN, TASK.c.plan_id == PLAN.c.id)
    .where(PLAN.c.code == bindparam("code"))
)


class Writer:
    """Puts one document's facts into the tables of a new draft."""

    def __init__(
        self,
        tx: Tx,
        office: Office,
        directory: Directory,
        plan_id: int,
        code: str,
        found: Prepared,
        old: Head | None,
    ) -> None:
        self.tx, self.office, self.directory = tx, office, directory
        self.plan_id, self.code, self.found, self.old = plan_id, code, found, old
        self.plan = found.plan

    def write(self) -> None:
        """Every row of the draft, one statement a table."""
        self.text()
        actions = self.actions()
        names = self.names()
        tasks = self.tasks(actions)
        self.duties(tasks, names)
        self.milestones(tasks)
        self.targets(tasks)
        self.notes(tasks)

    def rows(self, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, if there are any."""
        if rows:
            self.tx.execute(insert(table), list(rows))

    def ids(self, table: Any, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert rows and return their ids in the same order."""
        if not rows:
            return []
        statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return [int(i) for i in self.tx.execute(statement, list(rows)).scalars()]

    def text(self) -> None:
        """The lines of the document, and the parts of it that hold no task."""
        self.rows(TEXT, [{"plan_id": self.plan_id, "lines": as_rows(self.found.lines)}])
        self.rows(
            SECTION,
            [
                {
                    "plan_id": self.plan_id,
                    "rank": rank,
                    "purpose": section.purpose[:16],
                    "label": section.label,
                    "title": section.title,
                    "content": section.text,
                    "line": section.place.line,
                }
                for rank, section in enumerate(self.plan.sections, 1)
            ],
        )

    def actions(self) -> dict[int, int]:
        """The headings; number → id."""
        ids = self.ids(
            ACTION,
            [
                {
                    "plan_id": self.plan_id,
                    "rank": rank,
                    "no": min(action.no, _MOST_NO),
                    "label": action.label,
                    "title": action.title,
                    "line": action.place.line,
                }
                for rank, action in enumerate(self.plan.actions, 1)
            ],
        )
        return {action.no: key for action, key in zip(self.plan.actions, ids, strict=True)}

    def names(self) -> dict[str, int]:
        """Every name of a unit, with the unit that is meant where it is known; name → id."""
        known: dict[str, tuple[int | None, str]] = {}
        if self.old is not None:
            rows = self.tx.execute(_NAMES_OF, {"plan_id": self.old.id})
            known = {name: (unit, decision) for name, unit, decision in rows}
        names = dict.fromkeys(
            name[:100] for task in self.plan.tasks for duty in task.duties for name in duty.units
        )
        ids = self.ids(NAMES, [self.name(name, known.get(name)) for name in names])
        return dict(zip(names, ids, strict=True))

    def name(self, name: str, known: tuple[int | None, str] | None) -> dict[str, Any]:
        """The row of one name."""
        general = is_catch_all(name)
        unit = self.directory.find(name)
        if known is not None:
            unit_id, decision = known
            decision = "chosen" if decision == "created" else decision
        elif unit is not None:
            unit_id, decision = self.directory.current(unit.id), "matched"
        else:
            unit_id, decision = None, "name_only" if general else "open"
        return {
            "plan_id": self.plan_id,
            "name": name,
            "unit_id": unit_id,
            "decision": decision,
            "is_general": general,
        }

    def tasks(self, actions: Mapping[int, int]) -> list[int]:
        """The tasks in their order; a revision's keep the codes of those that they continue."""
        kept: dict[int, str] = {}
        taken: set[str] = set()
        if self.old is not None:
            before = [
                (code, f"{title}\n{content}")
                for code, title, content in self.tx.execute(_TASKS_OF, {"plan_id": self.old.id})
            ]
            after = [(n, f"{t.title}\n{t.text}") for n, t in enumerate(self.plan.tasks)]
            kept = same(before, after)
            taken = set(self.tx.execute(_CODES_OF, {"code": self.code}).scalars())
        codes = self.codes(kept, taken)
        return self.ids(
            TASK,
            [
                {
                    "plan_id": self.plan_id,
                    "action_id": actions.get(task.action) if task.action is not None else None,
                    "rank": rank,
                    "code": code,
                    "no": min(task.no, _MOST_NO),
                    "label": task.label,
                    "title": task.title,
                    "content": task.text,
                    "place": task.place.as_json(),
                }
                for rank, (task, code) in enumerate(zip(self.plan.tasks, codes, strict=True), 1)
            ],
        )

    def codes(self, kept: Mapping[int, str], taken: set[str]) -> list[str]:
        """A code for each task; none of a task that is gone is given again."""
        following = max((int(code.rpartition("-")[2]) for code in taken), default=0)
        codes = []
        for n in range(len(self.plan.tasks)):
            if n not in kept:
                following += 1
            codes.append(kept.get(n) or f"{self.code}-{following:02d}")
        return codes

    def duties(self, tasks: Sequence[int], names: Mapping[str, int]) -> None:
        """Who stands how to which task, in the order of print, each once."""
        rows: list[dict[str, Any]] = []
        for key, task in zip(tasks, self.plan.tasks, strict=True):
            seen: set[tuple[str, int]] = set()
            for duty in task.duties:
                for name in duty.units:
                    which = names[name[:100]]
                    if (duty.role, which) in seen:
                        continue
                    seen.add((duty.role, which))
                    rows.append(
                        {
                            "task_id": key,
                            "role": duty.role,
                            "plan_unit_id": which,
                            "rank": len(seen),
                            "printed": duty.printed,
                            "once_for_all": duty.once_for_all,
                        }
                    )
        self.rows(DUTY, rows)

    def milestones(self, tasks: Sequence[int]) -> None:
        """Days, rhythms, and terms that name no day."""
        rows: list[dict[str, Any]] = []
        for key, task in zip(tasks, self.plan.tasks, strict=True):
            terms: list[Milestone | Undated] = [*task.milestones, *task.undated]
            rows += [
                {"task_id": key, "rank": rank, **self.term(term)}
                for rank, term in enumerate(terms, 1)
            ]
        self.rows(MILESTONE, rows)

    def term(self, term: Milestone | Undated) -> dict[str, Any]:
        """The columns of one term."""
        row = {"kind": "date", "content": term.text, "printed": term.printed}
        more: dict[str, Any] = dict.fromkeys(("every", "limit_text", "anchor", "begins"))
        if isinstance(term, Milestone):
            return row | more | {"due": term.due, "certain": term.certain}
        return (
            row
            | more
            | {
                "kind": term.kind,
                "due": self.counted(term),
                "certain": True,
                "every": term.every,
                "limit_text": term.limit,
                "anchor": term.anchor,
                "begins": term.begins,
            }
        )

    def counted(self, term: Undated) -> Any:
        """The day of a term such as 印发后30个工作日内, where the plan says when it was issued."""
        issued = self.plan.head.issued_on
        if term.kind != "relative" or not term.limit or issued is None:
            return None
        if term.anchor not in ISSUING:
            return None
        try:
            limit = parse_limit(term.limit)
        except Invalid:  # longer than any limit: a slip of the pen, left to the reviewer
            return None
        timing = self.office.timing
        noon = datetime.combine(issued, time(12), timing.zone)
        return due_of(noon, limit, timing.calendar, zone=timing.zone).on

    def targets(self, tasks: Sequence[int]) -> None:
        """The figures of the plan as a whole, then those of each task."""
        rows = [self.target(None, rank, t) for rank, t in enumerate(self.plan.targets, 1)]
        for key, task in zip(tasks, self.plan.tasks, strict=True):
            rows += [self.target(key, rank, t) for rank, t in enumerate(task.targets, 1)]
        self.rows(TARGET, rows)

    def target(self, task_id: int | None, rank: int, target: Target) -> dict[str, Any]:
        """The row of one figure."""
        return {
            "plan_id": self.plan_id,
            "task_id": task_id,
            "rank": rank,
            "kind": target.kind,
            "name": target.name,
            "comparator": target.comparator[:32],
            "value": target.value,
            "unit": target.unit,
            "due": target.due,
            "soft": list(target.soft),
            "baseline": target.baseline,
            "scope": target.scope,
            "sentence": target.sentence,
        }

    def notes(self, tasks: Sequence[int]) -> None:
        """The doubts: of the document, of its sections, of each task."""
        every: list[tuple[int | None, Note, int | None]] = [
            (None, note, None) for note in (*self.plan.notes, *self.of_sections())
        ]
        for key, task in zip(tasks, self.plan.tasks, strict=True):
            every += [(key, note, task.place.line) for note in (*task.notes, *_of_task(task))]
        self.rows(
            NOTE,
            [
                {
                    "plan_id": self.plan_id,
                    "task_id": task_id,
                    "rank": rank,
                    "code": note.code[:32],
                    "message": note.message,
                    "params": {name: str(value) for name, value in note.params.items()},
                    "sentence": note.sentence,
                    "line": note.place.line if note.place else line,
                }
                for rank, (task_id, note, line) in enumerate(every, 1)
            ],
        )

    def of_sections(self) -> list[Note]:
        """Terms in safeguards belong to no task: a person says to which they are to be added."""
        message = N_("“{title}”中有时限，未列入任何任务，请看是否要补充为节点：{terms}。")
        return [
            Note(
                "section_term",
                message,
                {"title": section.title, "terms": "、".join(terms)},
                section.text[:300],
                section.place,
            )
            for section in self.plan.sections
            if section.purpose == "safeguards" and (terms := _terms(section))
        ]


def _terms(section: Section) -> list[str]:
    """The days, the rhythms and the spans of a section, as printed, each once."""
    days = [milestone.printed for milestone in section.milestones]
    others = [
        term.printed
        for term in section.undated
        if term.kind in ("relative", "recurring") and (term.limit or term.every)
    ]
    return list(dict.fromkeys([*days, *others]))


def _of_task(task: Task) -> list[Note]:
    """What the reader lets pass, and what does not run as it stands."""
    if any(task.units(role) for role in ("lead", "responsible")):
        return []
    if not task.milestones and not any(term.every for term in task.undated):
        return []
    return [Note("nobody", N_("任务有时限而没有牵头或责任单位，请补充。"), {}, task.title)]
