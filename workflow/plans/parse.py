"""Lines of a plan document → tasks with units, dates and figures. Pure.

Four stages, each readable by itself: lines become paragraphs and tables (`paragraphs`, `tables`),
paragraphs an outline (`outline`), headings tasks with their clauses (`content`, `choosing`), texts
facts (`milestones`, `figures`, `states`). What is doubtful becomes a note (`doubts`). Nothing is
invented and nothing is dropped in silence: what is no task is a section of the result.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from workflow.errors import N_
from workflow.plans import doubts
from workflow.plans.characters import fold
from workflow.plans.choosing import Choice, choose, is_generic, set_closing_aside
from workflow.plans.content import Content, contents, once_in_text
from workflow.plans.drafts import Draft, add_facts, merge, of_content, of_row
from workflow.plans.duties import Clause, Duty, read_clause
from workflow.plans.figures import find_figures
from workflow.plans.found import Action, Head, Note, Plan, Section, Target, Task
from workflow.plans.head import read_head
from workflow.plans.indicators import of_indicators
from workflow.plans.lines import Line, Place, measure, too_long
from workflow.plans.milestones import Terms
from workflow.plans.numbering import mark_of
from workflow.plans.outline import ANNEX, Node, outline
from workflow.plans.paragraphs import Paragraph, paragraphs, without_furniture
from workflow.plans.signature import signatures
from workflow.plans.states import find_states
from workflow.plans.tables import Tables, sort_out
from workflow.plans.terms import find_terms
from workflow.plans.words import Words

_OVER_YEARS = re.compile("[二两三四五六七八九十]年|“?十[三四五六七]五|规划|中长期")
MOST_PARAGRAPHS = 8000
MOST_TASKS = 1000
"""Tasks that one document may have; more is a misreading and would hide everything else."""


def parse(lines: Sequence[Line], words: Words) -> Plan:
    """Everything that is said in a plan. Raises Invalid for a text longer than any plan."""
    measure(lines)
    kept, furniture = without_furniture(lines)
    tables = sort_out(kept, words)
    text = [p for segment in tables.segments for p in paragraphs(segment, words)]
    if len(text) > MOST_PARAGRAPHS:
        too_long(len(kept), sum(len(p.text) for p in text))
    head = read_head(text)
    year = _only_year(head) or _year_of_text(text)
    signed = signatures(text)
    root = outline([p for n, p in enumerate(text) if n not in signed], words)
    of_node = contents(root.walk(), words)
    choice = choose(root, of_node, words)
    set_closing_aside(choice, of_node)
    drafts = _drafts(choice, of_node, tables, words)
    once, first_leads, of_several = _once_for_all(root, of_node, tables, words)
    _say_once(drafts, once, first_leads, of_several)
    for draft in drafts:
        add_facts(draft, year, words)
    actions = _actions(drafts)
    tasks = _tasks(drafts, actions, head, words)
    sections = tuple(
        _section(purpose, node, of_node, year, words) for purpose, node in choice.sections
    )
    goals = [target for section in sections for target in section.targets]
    goals += of_indicators(tables.indicators, year, words)
    notes = list(doubts.of_document(head, tasks, (p.text for p in text), words, first_leads))
    notes += _of_reading(furniture, len(drafts), choice)
    notes += [
        Note("table_remark", N_("表中有一段说明，请看是否影响任务。"), {}, remark)
        for remark in tables.remarks
    ]
    return Plan(head, tuple(actions), tuple(tasks), sections, tuple(goals), tuple(notes))


def _only_year(head: Head) -> int | None:
    """The year of a plan for one year; None for a plan over several.

    A title without a year leaves that of the paper: what it decides is a doubt beside the date.
    """
    title = head.title or ""
    years = set(re.findall(r"20\d\d", title))
    if years or _OVER_YEARS.search(title):
        return int(years.pop()) if len(years) == 1 else None
    if head.issued_on is not None:
        return head.issued_on.year
    printed = re.search(r"〔(20\d\d)〕", head.number or "")
    return int(printed[1]) if printed else None


_YEAR_AHEAD = re.compile(r"(20\d\d)年度?[^，。；\d]{0,20}?(?:工作|目标|任务|要点)|时间：(20\d\d)年")


def _year_of_text(text: Sequence[Paragraph]) -> int | None:
    """为做好2018年大气污染防治工作，制定本计划: the year of a paper whose title is lost."""
    for paragraph in text[:4]:
        if mark_of(paragraph.folded) is not None:
            return None
        years = {a or b for a, b in _YEAR_AHEAD.findall(paragraph.folded)}
        if len(years) == 1 and not _OVER_YEARS.search(paragraph.folded):
            return int(years.pop())
    return None


def _drafts(
    choice: Choice, of_node: Mapping[int, Content], tables: Tables, words: Words
) -> list[Draft]:
    for child, parent in choice.lifted:
        _move(of_node[id(child)], of_node[id(parent)])
    chosen = {id(node) for node in choice.tasks}
    prose: list[Draft] = []
    for node in choice.tasks[:MOST_TASKS]:
        content = of_node[id(node)]
        for below in list(node.walk())[1:]:
            if id(below) not in chosen:
                content.adopt(of_node[id(below)])
        prose.append(of_content(content, _action_of(node)))
    for draft, node in zip(prose, choice.tasks, strict=False):
        for child, heading in choice.inherited:
            if child is node:
                _inherit(draft, of_node[id(heading)])
    rows = [of_row(row, words) for row in tables.rows[:MOST_TASKS]]
    headed = _below_headings(rows, choice, of_node)
    prose = [draft for draft in prose if draft.place.line not in headed or draft.duties]
    owned = any(draft.duties for draft in prose)
    merged, matched = merge(prose, rows)
    if rows and not owned:
        # The text only introduces its table: what the table does not take up is no task.
        _set_aside(prose, matched, choice)
        merged = [draft for draft in merged if draft.from_table or id(draft) in matched]
    return merged


def _set_aside(prose: Sequence[Draft], matched: set[int], choice: Choice) -> None:
    lines = {draft.place.line for draft in prose if id(draft) not in matched}
    choice.sections += [("other", node) for node in choice.tasks if node.place.line in lines]


def _below_headings(
    rows: Sequence[Draft], choice: Choice, of_node: Mapping[int, Content]
) -> set[int]:
    """Rows without an action of their own belong to the heading above their table.

    Returns the lines of those headings: they are no tasks.
    """
    nodes = [content.node for content in of_node.values() if content.node.mark is not None]
    nodes.sort(key=lambda node: node.place.line)
    aside = {id(node) for purpose, node in choice.sections if purpose in ("safeguards", "goals")}
    headed: set[int] = set()
    for row in rows:
        above = [node for node in nodes if node.place.line < row.place.line]
        if row.action is not None or not above or of_node[id(above[-1])].duties:
            continue
        node = above[-1]
        if (
            id(node) in aside
            or is_generic(node)
            or any(n.form == ANNEX for n in _between(node, row, of_node))
        ):
            continue
        row.action = (node.title, node.label, node.place)
        headed.add(node.place.line)
    return headed


def _between(node: Node, row: Draft, of_node: Mapping[int, Content]) -> list[Node]:
    """The headings between one heading and a row."""
    lines = range(node.place.line, row.place.line)
    return [c.node for c in of_node.values() if c.node.place.line in lines and c.node is not node]


def _move(last: Content, heading: Content) -> None:
    heading.clauses += last.clauses
    last.clauses = []


def _inherit(draft: Draft, heading: Content) -> None:
    roles = {duty.role for duty in draft.duties}
    draft.duties += [duty for duty in heading.duties if duty.role not in roles]
    if not draft.clauses:
        draft.clauses += heading.clauses


def _action_of(node: Node) -> tuple[str, str, Place] | None:
    """The heading right above a task, unless it only says that tasks follow."""
    above = next(node.above(), None)
    if above is None or is_generic(above) or not above.title:
        return None
    return above.title, above.label, above.place


def _once_for_all(
    root: Node, of_node: Mapping[int, Content], tables: Tables, words: Words
) -> tuple[list[tuple[int, Duty]], bool, bool]:
    """Rules for all tasks, each with the line from which it holds; whether the first leads, and
    whether it does so of several only.
    """
    rules: list[tuple[int, Duty]] = []
    first_leads = of_several = False
    found: list[tuple[int, Clause]] = []
    for node in root.walk():
        content = of_node[id(node)]
        found += [(node.place.line, clause) for _, clause in content.clauses]
        found += [(node.place.line, clause) for _, clause in once_in_text(content, words)]
    found += [(0, read_clause(fold(remark), words)) for remark in tables.remarks]
    for line, clause in found:
        first_leads |= clause.first_leads
        of_several |= clause.of_several
        rules += [(0 if clause.once_before else line, duty) for duty in clause.once]
    return rules, first_leads, of_several


def _say_once(
    drafts: list[Draft], rules: list[tuple[int, Duty]], first_leads: bool, of_several: bool
) -> None:
    for draft in drafts:
        for line, duty in rules[:20]:
            named = {unit for own in draft.duties if own.role == duty.role for unit in own.units}
            if draft.place.line >= line and not named.issuperset(duty.units):
                draft.duties.append(duty)
        if first_leads and not any(duty.role == "lead" for duty in draft.duties):
            _first_leads(draft, of_several)


def _first_leads(draft: Draft, of_several: bool) -> None:
    for n, duty in enumerate(draft.duties):
        if duty.role == "responsible" and not duty.once_for_all:
            if of_several and len(duty.units) < 2:
                return
            rest = [replace(duty, units=duty.units[1:])] if len(duty.units) > 1 else []
            lead = replace(duty, role="lead", units=duty.units[:1], is_open=False)
            draft.duties[n : n + 1] = [lead, *rest]
            return


def _actions(drafts: Sequence[Draft]) -> list[Action]:
    """The headings over tasks, once each; numbered by print, or in order where print repeats."""
    seen: dict[tuple[str, str, int], Action] = {}
    numbers: list[int | None] = []
    for draft in drafts:
        if draft.action is not None:
            key = _action_key(draft)
            if key not in seen:
                title, label, place = draft.action
                seen[key] = Action(len(seen) + 1, _label_only(label, title), title, place)
                numbers.append(_printed_number(label))
    actions = list(seen.values())
    if None not in numbers and len(set(numbers)) == len(numbers):
        actions = [replace(a, no=n or a.no) for a, n in zip(actions, numbers, strict=True)]
    return actions


def _action_key(draft: Draft) -> tuple[str, str, int]:
    assert draft.action is not None
    title, label, place = draft.action
    return title, label, 0 if draft.from_table else place.line


def _label_only(label: str, title: str) -> str:
    return label[: -len(title)].strip() if title and label.endswith(title) else label


def _printed_number(label: str) -> int | None:
    mark = mark_of(fold(label) + "、一") or mark_of(fold(label))
    return mark.value if mark else None


def _tasks(
    drafts: Sequence[Draft], actions: Sequence[Action], head: Head, words: Words
) -> list[Task]:
    places = {(action.title, action.label, action.place.line): action.no for action in actions}
    by_title = {action.title: action.no for action in actions}
    found: list[Task] = []
    for n, draft in enumerate(drafts, 1):
        action: int | None = None
        if draft.action is not None:
            title, label, place = draft.action
            action = places.get((title, _label_only(label, title), place.line), by_title.get(title))
        found.append(
            Task(
                no=draft.no if draft.no is not None else n,
                label=draft.label,
                action=action,
                title=draft.title,
                text=draft.text,
                place=draft.place,
                duties=tuple(draft.duties),
                milestones=tuple(draft.milestones),
                undated=tuple(draft.undated),
                targets=tuple(draft.targets),
                notes=tuple(doubts.of_task(draft, head.issued_on, words)),
            )
        )
    return found


def _section(
    purpose: str, node: Node, of_node: Mapping[int, Content], year: int | None, words: Words
) -> Section:
    content = of_node[id(node)]
    text = content.text
    terms = Terms("".join(_ended(part) for part in text.split("\n") if part), year)
    targets: list[Target] = []
    if purpose == "goals":
        targets += find_figures(terms.folded, terms.terms, words)
        targets += find_states(terms.folded, terms.terms, words)
        targets = [_dated_above(target, text, year) for target in targets]
    if purpose == "preamble":
        # 一、总体要求 often ends with the goals; what has no date tells how things stand.
        figures = find_figures(terms.folded, terms.terms, words)
        targets = [t for t in figures if t.due is not None and t.kind == "number"]
        return Section(purpose, node.label, node.title, text, node.place, targets=tuple(targets))
    return Section(
        purpose, node.label, node.title, text, node.place,
        tuple(terms.milestones), tuple(terms.undated), tuple(targets),
    )  # fmt: skip


def _dated_above(target: Target, text: str, year: int | None) -> Target:
    """到2025年，完成…。优良天数达到…: a paragraph of goals that opens with a day is about that day."""
    if target.due is not None:
        return target
    for part in text.split("\n"):
        folded = fold(part)
        at = folded.find(target.sentence)
        terms = find_terms(folded[:at], year=year) if at > 0 else []
        days = {term.due for term in terms if term.due is not None}
        if (
            len(days) == 1
            and terms[0].start <= 1
            and folded[terms[0].end : terms[0].end + 1] == "，"
        ):
            return replace(target, due=days.pop())
    return target


def _ended(text: str) -> str:
    return text if text[-1] in "。！？" else text + "。"


def _of_reading(furniture: int, tasks: int, choice: Choice) -> list[Note]:
    notes = []
    if furniture:
        message = N_("各页重复的页眉、页脚共{count}行没有作为正文读入。")
        notes.append(Note("furniture", message, {"count": furniture}))
    if tasks >= MOST_TASKS:
        message = N_("任务超过{most}项，只读了前面的部分。请检查文件或拆分后再读。")
        notes.append(Note("too_many_tasks", message, {"most": MOST_TASKS}))
    other = [node.title or node.label for purpose, node in choice.sections if purpose == "other"]
    named = [title for title in other if title]
    if named:
        message = N_("以下部分没有作为任务读入，请看是否需要补充：{names}。")
        notes.append(Note("other_sections", message, {"names": "、".join(named[:20])}))
    return notes
