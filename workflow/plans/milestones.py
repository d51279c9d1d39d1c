"""Terms in the text of a task → milestones and what has no day, each with its sentence. Pure."""

import re
from collections.abc import Sequence
from datetime import date

from workflow.errors import N_
from workflow.plans.characters import fold, pieces, sentences
from workflow.plans.found import Milestone, Note, Undated
from workflow.plans.rhythms import MOST_TERMS
from workflow.plans.term import Term
from workflow.plans.terms import find_terms

_DOUBTS = {
    "year_taken": N_("“{printed}”没有写年份，按{due}理解，请确认。"),
    "before": N_("“{printed}”按{due}理解（不含该期间本身），请确认。"),
    "no_year": N_("“{printed}”没有写年份，也推不出年份，请补充日期。"),
    "no_such_day": N_("“{printed}”不是一个存在的日期，请核对。"),
    "season": N_("“{printed}”没有写明日期，请补充。"),
}
_TRIVIAL = 8
"""Characters behind a date that say nothing by themselves: 前完成, 前全部到位."""


_APART = re.compile(r"(?<=\d)\s*/\s*(?=20\d\d[.年])")
"""2024.10/2025.12 in one cell of deadlines; 2024/10/31 is one day."""


class Terms:
    """The terms of one text, as milestones, as terms without a day, and as notes."""

    def __init__(self, text: str, year: int | None) -> None:
        self.text = text
        self.folded = fold(text)
        self.terms = find_terms(self.folded, year=year)
        self.milestones: list[Milestone] = []
        self.undated: list[Undated] = []
        self.notes: list[Note] = []
        self._read()

    def _read(self) -> None:
        n = 0
        for start, end in sentences(self.folded):
            inside: list[Term] = []
            while n < len(self.terms) and self.terms[n].start < end:
                inside.append(self.terms[n])
                n += 1
            for k, term in enumerate(inside):
                if k + 1 < len(inside) and _restated(term, inside[k + 1]):
                    continue
                following = inside[k + 1].start if k + 1 < len(inside) else end
                previous = inside[k - 1].end if k else start
                self._take(term, self._said(term, previous, following, start, end))
        if len(self.terms) >= MOST_TERMS:
            message = N_("这一项的日期太多，只读了前{most}个，请核对。")
            self.notes.append(Note("too_many_terms", message, {"most": MOST_TERMS}))

    def _said(self, term: Term, previous: int, following: int, start: int, end: int) -> str:
        """The words that belong to a date: from its clause to the next date."""
        begin = term.start
        for at, to in pieces(self.folded[start:end], "，；："):
            if start + at <= term.start < start + to:
                begin = max(start + at, previous)
        stop = following
        behind = self.folded[term.end : stop].strip("，。；、前 ")
        if len(behind) < _TRIVIAL and not _says_much(behind):
            begin = previous
        return _TRAILING.sub("", self.text[begin:stop].strip(" ，。；、,;\n"))

    def _take(self, term: Term, said: str) -> None:
        if term.kind == "date" and term.due is not None:
            certain = term.doubt is None
            found = Milestone(term.due, said, self.text[term.start : term.end], certain)
            if not any(m.due == found.due and m.text == found.text for m in self.milestones[-3:]):
                self.milestones.append(found)
        else:
            self.undated.append(_undated(term, said))
        code = "season" if term.kind == "season" else term.doubt
        if code in _DOUBTS:
            self.notes.append(_doubt(code, term.printed, term.due, said))


_TRAILING = re.compile("(?:[，；,;、]\\s*(?:到|至|在|于|并|力争|确保|争取)?|和|及)+$")


def _restated(term: Term, following: Term) -> bool:
    """到2025年，“十四五”期间…: one day, said twice."""
    return term.due is not None and term.due == following.due and following.start - term.end <= 2


def _says_much(text: str) -> bool:
    return any(char.isdigit() for char in text) or text.endswith(("达标", "退出", "清零"))


def _undated(term: Term, said: str) -> Undated:
    return Undated(term.kind, said, term.printed, term.every, term.limit, term.anchor, term.begins)


def _doubt(code: str, printed: str, due: date | None, said: str) -> Note:
    return Note(code, _DOUBTS[code], {"printed": printed, "due": due}, said)


def labelled(
    values: Sequence[str], year: int | None
) -> tuple[list[Milestone], list[Undated], list[Note]]:
    """The terms in the values of a label or a column of deadlines."""
    milestones: list[Milestone] = []
    undated: list[Undated] = []
    notes: list[Note] = []
    last = year
    for value in (part for whole in values for part in _APART.split(whole)):
        terms = find_terms(fold(value), year=last, timed=True)
        shown = f"完成时限：{value}"
        for term in terms:
            if term.kind == "date" and term.due is not None:
                last = term.due.year
                milestones.append(Milestone(term.due, shown, term.printed, term.doubt is None))
            else:
                undated.append(_undated(term, shown))
            code = "season" if term.kind == "season" else term.doubt
            if code in _DOUBTS:
                notes.append(_doubt(code, term.printed, term.due, shown))
        if not terms and value.strip("—-/无、 "):
            message = N_("完成时限没有读懂，请补充日期。")
            notes.append(Note("deadline_unread", message, {}, shown))
    return milestones, undated, notes
