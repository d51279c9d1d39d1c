"""What a reviewer should look at: everything that was read with less than certainty. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from workflow.errors import N_
from workflow.plans.characters import fold, pieces, titles
from workflow.plans.drafts import Draft, facts_text
from workflow.plans.found import Head, Note, Task
from workflow.plans.terms import find_terms
from workflow.plans.units import is_catch_all, same_body
from workflow.plans.words import Words

_OF_FIGURES = {
    "no_object": N_("“{value}{unit}”后面没有写明对象，请补充指标名称。"),
    "name_taken": N_("“{value}{unit}”没有写指标名称，按前一项“{name}”理解，请确认。"),
    "respectively": N_("几个数值“{value}{unit}”等与名称对不上，请核对。"),
    "lower": N_("“{name}达到{value}{unit}”按不高于理解，请确认。"),
    "points_or_percent": N_("“{name}{value}%”是百分点还是百分比，请确认。"),
}
_COUNTED = re.compile(r"等(?P<count>\d{1,4})(?P<unit>[台家个座条处户辆项名])")
_LOOSE = re.compile(r"(?<![\dA-Za-z.〔（第—])\d{1,9}(?:\.\d{1,4})?(?![\d.])")
_NAMES_NO_AMOUNT = re.compile("号|年|月|日|项|方面|种|大|步|类|级|届|次会议|中全会|号文")


def of_task(draft: Draft, issued_on: date | None, words: Words) -> list[Note]:
    """The doubts about one task, its own notes first."""
    found = list(draft.notes)
    found += _of_title(draft)
    found += _of_units(draft, words)
    found += _of_dates(draft, issued_on)
    found += _of_figures(draft)
    found += _of_numbers(draft)
    return [
        note
        if note.place
        else Note(note.code, note.message, note.params, note.sentence, draft.place)
        for note in found
    ]


def _of_title(draft: Draft) -> Iterator[Note]:
    if draft.title_taken:
        yield Note("title_taken", N_("没有单独的标题，任务名称取自首句，请确认。"), {}, draft.title)
    if not draft.title:
        yield Note("no_title", N_("这一项没有读到任务名称，请补充。"))


def _of_units(draft: Draft, words: Words) -> Iterator[Note]:
    roles = {duty.role for duty in draft.duties}
    if not draft.duties:
        yield Note("no_units", N_("没有读到牵头、配合或责任单位，请补充。"))
    elif "lead" not in roles and "responsible" in roles:
        first = next(duty for duty in draft.duties if duty.role == "responsible")
        message = N_("没有写明牵头单位，暂由排在首位的“{unit}”汇总，请确认。")
        yield Note("no_lead", message, {"unit": first.units[0]}, first.printed)
    for printed, clause in draft.clauses:
        for name in clause.odd:
            if not is_catch_all(name):
                yield Note(
                    "odd_unit", N_("“{unit}”不像单位名称，请核对。"), {"unit": name}, printed
                )
        for name in clause.guessed:
            message = N_("原文此处未写所属地，按“{unit}”理解，请确认。")
            yield Note("place_taken", message, {"unit": name}, printed)
        if clause.roleless:
            message = N_("没有写明各单位是牵头、配合还是负责，请确认。")
            yield Note("no_role", message, {}, printed)
        for sentence in clause.unread:
            yield Note("clause_unread", N_("责任分工中这一句没有读懂，请处理。"), {}, sentence)
    yield from _of_duties(draft)
    if draft.officials:
        message = N_("责任人等姓名没有导入，请在单位的岗位中设置：{names}。")
        yield Note("officials", message, {"names": "；".join(draft.officials)})


def _of_duties(draft: Draft) -> Iterator[Note]:
    open_lists = [duty for duty in draft.duties if duty.is_open]
    for duty in open_lists:
        message = N_("名单中有“等”字，除“{unit}”等以外还有没列出的单位，请补充。")
        yield Note("open_list", message, {"unit": duty.units[-1]}, duty.printed)
    seen: dict[str, str] = {}
    for duty in draft.duties:
        for unit in duty.units:
            if seen.setdefault(unit, duty.role) != duty.role:
                message = N_("“{unit}”在同一任务中担任两种角色，请核对。")
                yield Note("two_roles", message, {"unit": unit})
        if duty.role == "responsible" and "责任" in duty.printed and "落实" in duty.printed:
            message = N_("“{printed}”按责任单位读入，请确认。")
            yield Note("special_role", message, {"printed": duty.printed})
    parts = [printed for printed, clause in draft.clauses if clause.duties and not draft.from_table]
    if sum(1 for printed in parts if printed[:1] in "（(〔[【") > 1:
        message = N_("这一任务分{count}段写明单位，已合并，请核对。")
        yield Note("several_clauses", message, {"count": len(parts)}, parts[0])


def _of_dates(draft: Draft, issued_on: date | None) -> Iterator[Note]:
    for milestone in draft.milestones:
        if issued_on is not None and milestone.due < issued_on:
            message = N_("时限{due}早于发文日期{issued_on}，导入时先确认是否已完成。")
            params = {"due": milestone.due, "issued_on": issued_on}
            yield Note("born_overdue", message, params, milestone.text)


def _of_figures(draft: Draft) -> Iterator[Note]:
    for target in draft.targets:
        for doubt in target.doubts:
            params = {"value": target.value, "unit": target.unit, "name": target.name}
            yield Note(doubt, _OF_FIGURES[doubt], params, target.sentence)
        if (
            target.kind == "number"
            and target.unit == "%"
            and target.name.endswith("达标率")
            and float(target.value.split("—")[0].split("至")[0]) < 50
        ):
            message = N_("“{name}”只有{value}%，请核对是否误印。")
            yield Note(
                "low_rate", message, {"name": target.name, "value": target.value}, target.sentence
            )
    undated = [t for t in draft.targets if t.due is None and t.kind in ("number", "rank")]
    if undated:
        names = "；".join(f"{target.name}{target.value}{target.unit}" for target in undated)
        yield Note(
            "target_without_date", N_("以下指标没有写时限，请补充：{names}。"), {"names": names}
        )
    yield from _of_counts(draft)


def _of_counts(draft: Draft) -> Iterator[Note]:
    """…等31台: fewer are named than counted."""
    text = fold(draft.text)
    for match in _COUNTED.finditer(text):
        start = max(text.rfind(sign, 0, match.start()) for sign in "。；，")
        named = len(list(pieces(text[start + 1 : match.start()], "、")))
        if named < int(match["count"]):
            message = N_("共{count}{unit}，原文只列出{named}个名称，其余须排查补充。")
            params = {"count": match["count"], "unit": match["unit"], "named": named}
            yield Note("open_count", message, params, draft.text[start + 1 : match.end()])


def _of_numbers(draft: Draft) -> Iterator[Note]:
    """Numbers of the text that became neither a date nor a figure."""
    text = fold(facts_text(draft))
    spans = [(term.start, term.end) for term in find_terms(text)] + titles(text)
    known = {target.value for target in draft.targets}
    known |= {
        number
        for t in draft.targets
        for number in re.findall(r"\d+(?:\.\d+)?", f"{t.name}{t.scope}{t.baseline}")
    }
    dues = {number for m in draft.milestones for number in re.findall(r"\d+", m.printed)}
    left = [
        match[0]
        for match in _LOOSE.finditer(text)
        if match[0] not in known
        and match[0] not in dues
        and not any(start <= match.start() < end for start, end in spans)
        and not _NAMES_NO_AMOUNT.match(text, match.end())
    ]
    if left:
        message = N_("文中数字{numbers}没有读成时限或指标，请看是否需要补充。")
        shown = "、".join(dict.fromkeys(left[:20]))
        yield Note("numbers_left", message, {"numbers": shown})


def of_document(
    head: Head, tasks: Sequence[Task], texts: Iterable[str], words: Words, first_leads: bool
) -> Iterator[Note]:
    """The doubts about the document as a whole."""
    missing = [
        name
        for name, value in (
            (N_("标题"), head.title),
            (N_("文号"), head.number),
            (N_("发文机关"), head.issuer),
            (N_("发文日期"), head.issued_on),
        )
        if value is None
    ]
    if missing:
        yield Note("head_missing", N_("没有读到{names}，请补充。"), {"names": "、".join(missing)})
    if not tasks:
        yield Note(
            "no_tasks", N_("没有读到任务：没有找到带编号的任务，也没有任务分解表。请检查文件内容。")
        )
    if first_leads:
        message = N_("按文中规定，没有写明牵头单位的任务以列第一位的单位为牵头单位。")
        yield Note("first_leads", message)
    yield from _of_numbering(tasks)
    bare = sum(1 for t in tasks for m in t.milestones if re.fullmatch(r"\d{4}年度?", m.printed))
    if bare:
        message = N_("只写年份的时限（如“到2025年”）按当年12月31日理解，共{count}处。")
        yield Note("years_only", message, {"count": bare})
    yield from _of_names(tasks, words)
    whole = "".join(texts)
    if "环境保护督查" in whole and "环境保护督察" in whole:
        yield Note("mixed_words", N_("文中“督察”与“督查”混用，请核对。"))


def _of_numbering(tasks: Sequence[Task]) -> Iterator[Note]:
    """A number that is missing between two tasks of the same count."""
    last: Task | None = None
    for task in tasks:
        if last is not None and task.label and last.label and task.no > last.no + 1:
            message = N_("任务编号从{before}跳到{after}，中间可能有任务没有读到。")
            params = {"before": last.no, "after": task.no}
            yield Note("number_gap", message, params, task.title, task.place)
        last = task


def _of_names(tasks: Sequence[Task], words: Words) -> Iterator[Note]:
    counted = Counter(
        unit for task in tasks for unit in {u for duty in task.duties for u in duty.units}
    )
    general = [unit for unit in counted if is_catch_all(unit)]
    if general:
        message = N_("以下为统称，导入时须落到具体单位：{names}。")
        yield Note("catch_all", message, {"names": "、".join(general[:30])})
    for group in same_body(counted, words):
        message = N_("{names}疑为同一单位的不同写法，请确认。")
        yield Note("same_body", message, {"names": "、".join(group)})
    yield from _of_misprints(counted)


def _of_misprints(counted: Counter[str]) -> Iterator[Note]:
    """A name that occurs once and differs in one sign from a frequent one of equal length."""
    often = [unit for unit, count in counted.most_common(200) if count >= 3]
    once = [unit for unit, count in counted.items() if count == 1][:300]
    for unit in once:
        for other in often:
            if len(unit) == len(other) > 3:
                differ = [n for n, (a, b) in enumerate(zip(unit, other, strict=True)) if a != b]
                if (
                    len(differ) == 1 and differ[0] > 0 and other[differ[0]] not in "乡镇县市区"
                ) or (
                    len(differ) == 1 and is_catch_all(unit) and unit[differ[0]] not in "乡镇县市区"
                ):
                    message = N_("“{unit}”只出现一次，与“{other}”仅一字之差，请核对是否误印。")
                    yield Note("misprint", message, {"unit": unit, "other": other})
