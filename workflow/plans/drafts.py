"""Tasks while they are put together from prose and from tables, before doubts are raised. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from workflow.plans.characters import fold
from workflow.plans.content import Content
from workflow.plans.duties import Clause, Duty, read_clause
from workflow.plans.figures import find_figures
from workflow.plans.found import Milestone, Note, Target, Undated
from workflow.plans.lines import Place
from workflow.plans.milestones import Terms, labelled
from workflow.plans.numbering import mark_of
from workflow.plans.outline import LONGEST_TITLE, title_of
from workflow.plans.states import find_states
from workflow.plans.tables import Row
from workflow.plans.words import Words


@dataclass
class Draft:
    """One task with what was read of it; `clauses` keep the printed clause beside its meaning."""

    no: int | None
    label: str
    title: str
    text: str
    place: Place
    action: tuple[str, str, Place] | None = None
    clauses: list[tuple[str, Clause]] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    undated: list[Undated] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    title_taken: bool = False
    from_table: bool = False
    parts: tuple[tuple[str, str], ...] = ()
    """Measures of one row of a table, each with the deadline beside it."""

    @property
    def officials(self) -> list[str]:
        """Persons named beside the units, as printed."""
        return [name for _, clause in self.clauses for name in clause.officials]


def of_content(content: Content, action: tuple[str, str, Place] | None) -> Draft:
    """A task of running text, without its facts."""
    node = content.node
    return Draft(
        no=node.mark.value if node.mark else None,
        label=node.label,
        title=node.title,
        text=content.text,
        place=node.place,
        action=action,
        clauses=list(content.clauses),
        duties=content.duties,
        title_taken=node.title_taken,
    )


def of_row(row: Row, words: Words) -> Draft:
    """A task of a table, without its facts."""
    title, text, taken = _title_of_row(row)
    mark = mark_of(fold(title))
    number = mark_of(fold(row.number) + "、") if row.number else None
    if mark is not None and len(title) > mark.end:
        title = title[mark.end :]
    clauses = []
    prefix: str | None = None
    for head, cell in row.roles:
        clause = read_clause(cell, words, label=head, prefix=prefix)
        prefix = clause.prefix
        clauses.append((f"{head}：{cell}", clause))
    spare = Clause(deadlines=list(row.deadlines), officials=list(row.officials))
    clauses.append(("", spare))
    action = (_unmarked(row.action), row.action, row.place) if row.action else None
    value = number.value if number else mark.value if mark else None
    draft = Draft(
        no=value, label=row.number, title=title.strip("。；：，. "), text=text, place=row.place, action=action,
        clauses=clauses, duties=[duty for _, clause in clauses for duty in clause.duties],
        title_taken=taken, from_table=True,
        parts=tuple(zip(row.texts, row.deadlines, strict=True)) if len(row.texts) == len(row.deadlines) > 1 else (),
    )  # fmt: skip
    draft.notes += [
        Note("remark", "备注没有读入任务：{remark}。", {"remark": remark}) for remark in row.remarks
    ]
    return draft


def _unmarked(text: str) -> str:
    mark = mark_of(fold(text))
    return (text[mark.end :] if mark else text).strip("。：；， ")


def _title_of_row(row: Row) -> tuple[str, str, bool]:
    """Title, remaining text, and whether the title is only the beginning of a sentence."""
    parts = list(row.texts) + [f"目标：{target}" for target in row.targets]
    title = row.title
    if not title:
        title, parts = (parts[0], parts[1:]) if parts else ("", [])
    mark = mark_of(fold(title))
    start = mark.end if mark is not None and mark.end < len(title) else 0
    end, taken = title_of(fold(title[start:]))
    if len(title) - start <= LONGEST_TITLE and "。" not in title.rstrip("。"):
        end, taken = len(title) - start, False
    rest = title[start:] if taken else title[start + end :].lstrip("。：:；")
    return title[: start + end], "\n".join(part for part in (rest, *parts) if part), taken


_BRACKETED_DAY = re.compile("[（(][^（）()]{2,24}[）)]$")
"""设施疏通（4月30日前）: the day of all that stands below."""
_YEAR = re.compile(r"20\d\d(?=年|[.\-/])")
"""6月底前 beside 完成时限：2024年12月 is in 2024."""


def add_facts(draft: Draft, year: int | None, words: Words) -> None:
    """Reads terms and figures of the title, the text and the labelled deadlines into the draft."""
    whole = facts_text(draft)
    named = [value for _, clause in draft.clauses for value in clause.deadlines]
    if year is None:
        printed = set(_YEAR.findall(" ".join(named)))
        year = int(printed.pop()) if len(printed) == 1 else None
    terms = Terms(whole, year)
    draft.milestones += terms.milestones
    draft.undated += terms.undated
    draft.notes += terms.notes
    milestones, undated, notes = labelled(named, year)
    draft.milestones += milestones
    draft.undated += undated
    draft.notes += notes
    targets = [
        *find_figures(terms.folded, terms.terms, words),
        *find_states(terms.folded, terms.terms, words),
    ]
    if len(named) == 1 and len(milestones) == 1:
        due = milestones[0].due
        targets = [replace(t, due=due) if t.due is None else t for t in targets]
    titled = (
        {m.due for m in Terms(draft.title, year).milestones}
        if _BRACKETED_DAY.search(draft.title)
        else set()
    )
    if len(titled) == 1:
        due = titled.pop()
        targets = [replace(t, due=due) if t.due is None else t for t in targets]
    for measure, deadline in draft.parts:
        beside, _, _ = labelled([deadline], year)
        if len(beside) == 1:
            said = fold(measure)
            targets = [
                replace(t, due=beside[0].due)
                if t.due is None and t.sentence.rstrip("。") in said
                else t
                for t in targets
            ]
    draft.targets += targets


_AS_IT_IS = re.compile(
    "[（【]?(?:问题原文|反馈问题|反馈意见|督察反馈问题|存在问题|问题描述|问题表现|具体问题|基本情况|现状|整改进展|进展情况)[）】]?[：:]"
)
"""Paragraphs that tell how things stand, not what is to be done."""


def facts_text(draft: Draft) -> str:
    """Title and text as sentences."""
    told = (part for part in draft.text.split("\n") if not _AS_IT_IS.match(part))
    parts = ([] if draft.title_taken else [draft.title]) + list(told)
    return "".join(_ended(part) for part in parts if part)


def _ended(text: str) -> str:
    return text if text[-1] in "。！？" else text + "。"


def merge(prose: Sequence[Draft], rows: Sequence[Draft]) -> tuple[list[Draft], set[int]]:
    """Rows of an annexed table complete the tasks of the text that have the same title.

    Returns the tasks, and the identities of those that a row has completed. Rows without a task
    follow as they are.
    """
    by_title = {_key(draft.title): draft for draft in prose}
    numbers = {draft.no: draft for draft in prose if draft.no is not None}
    matched: list[tuple[Draft, Draft]] = []
    rest: list[Draft] = []
    for row in rows:
        same = by_title.get(_key(row.title))
        if same is None and row.no is not None:
            near = numbers.get(row.no)
            same = near if near is not None and _alike(near.title, row.title) else None
        if same is None:
            rest.append(row)
        else:
            matched.append((same, row))
    for draft, row in matched:
        _complete(draft, row)
    return [*prose, *rest], {id(draft) for draft, _ in matched}


def _complete(draft: Draft, row: Draft) -> None:
    for role in {duty.role for duty in row.duties}:
        if not any(duty.role == role for duty in draft.duties):
            draft.duties += [duty for duty in row.duties if duty.role == role]
    draft.clauses += row.clauses
    if row.text and row.text not in draft.text:
        draft.text = f"{draft.text}\n{row.text}" if draft.text else row.text
    draft.notes += row.notes


def _key(title: str) -> str:
    return "".join(char for char in fold(title) if char.isalnum())


def _alike(one: str, other: str) -> bool:
    """Whether most pairs of signs of the shorter title stand in the longer one."""
    short, long = sorted((_key(one)[:80], _key(other)[:80]), key=len)
    pairs = {short[n : n + 2] for n in range(len(short) - 1)}
    return bool(pairs) and sum(pair in long for pair in pairs) * 3 >= len(pairs) * 2
