"""Paragraphs → tree of headings, in whatever order a plan nests 一、（一）1. and their like. Pure."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from workflow.errors import N_, Invalid
from workflow.plans.characters import GAP, joined, pieces
from workflow.plans.duties import clauses
from workflow.plans.lines import Place
from workflow.plans.numbering import NO_DIGIT, Mark, mark_of
from workflow.plans.paragraphs import Paragraph
from workflow.plans.words import Words

LONGEST_TITLE = 60
MOST_HEADINGS = 2000
DEEPEST_TREE = 9
"""Headings nested deeper go into the deepest level."""

ANNEX = "annex"
"""The form of a heading that begins an annex."""
_ANNEX = re.compile(
    r"附(?:件|表|录)\d{0,2}(?:[一二三四五六七八九十]{1,2})?(?:：|\.|\u3000|$|(?=\S{2,40}$))"
)
_TITLED = re.compile(
    "(?:任务名称|工作任务|重点任务|任务|事项名称|工作事项|事项|项目名称|整改问题|问题)：(?=.{3})"
)
"""任务名称：… in front of each task of a list without numbers."""
_ANNEX_LIST = re.compile(r"附(?:件|表|录)：?\u3000?1[.、]")
_INLINE = re.compile(
    rf"[。；）！：]\u3000?(?=(?:\d{{1,3}}[.、]{NO_DIGIT}|（[一二三四五六七八九十]{{1,3}}）))"
)


@dataclass
class Node:
    """A heading with the paragraphs and headings below it. The root has no mark."""

    title: str
    place: Place
    mark: Mark | None = None
    form: str = ""
    body: list[Paragraph] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    parent: "Node | None" = None
    title_taken: bool = False

    @property
    def label(self) -> str:
        """The printed number, empty for a heading without one."""
        return self.mark.printed if self.mark else ""

    def walk(self) -> Iterator["Node"]:
        """This heading and all below it, in the order of print."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)

    def above(self) -> Iterator["Node"]:
        """The headings above this one, nearest first, without the root."""
        node = self.parent
        while node is not None and node.parent is not None:
            yield node
            node = node.parent


def outline(paragraphs: Sequence[Paragraph], words: Words) -> Node:
    """The tree of a text. The form of a heading seen first on top is the highest, and so on.

    Raises Invalid for a text with more headings than any plan has.
    """
    root = Node("", paragraphs[0].place if paragraphs else Place(1))
    open_nodes = [root]
    headings = listed = 0
    titled = sum(1 for p in paragraphs if _TITLED.match(p.folded)) > 1
    for paragraph in _parted(paragraphs):
        if _ANNEX.match(paragraph.folded) and len(paragraph.text) <= LONGEST_TITLE:
            del open_nodes[1:]
        listed = _listed_annex(paragraph, listed)
        node = _heading(paragraph, words) if listed < 2 else None
        label = _TITLED.match(paragraph.folded) if titled and node is None else None
        if label is not None and len(paragraph.text) <= LONGEST_TITLE:
            node = Node(
                joined(paragraph.text[label.end() :]).strip(" 。；"), paragraph.place, form="titled"
            )
        if node is None:
            open_nodes[-1].body.append(Paragraph(joined(paragraph.text), paragraph.place))
            continue
        depth = next((n for n, above in enumerate(open_nodes) if above.form == node.form), None)
        if depth is None:
            depth = min(len(open_nodes), DEEPEST_TREE)
        del open_nodes[depth:]
        headings += 1
        if headings > MOST_HEADINGS:
            message = N_("编号标题超过{most}个，不像一份计划。请检查文件，或拆分后再读。")
            raise Invalid(message, code="too_many_headings", params={"most": MOST_HEADINGS})
        node.parent = open_nodes[-1]
        open_nodes[-1].children.append(node)
        open_nodes.append(node)
    return root


def _listed_annex(paragraph: Paragraph, listed: int) -> int:
    """附件：1.…, below it 2.…: which annex of such a list a paragraph names, 0 for none."""
    folded = paragraph.folded
    if _ANNEX_LIST.match(folded):
        return 1
    mark = (
        mark_of(folded) if listed and len(folded) <= LONGEST_TITLE and "。" not in folded else None
    )
    goes_on = mark is not None and mark.form == "digit" and mark.value == listed + 1
    return listed + 1 if goes_on else 0


def _parted(paragraphs: Sequence[Paragraph]) -> Iterator[Paragraph]:
    """Paragraphs in which several numbered items run on are cut where the count goes on."""
    last: dict[str, int] = {}
    for paragraph in paragraphs:
        folded = paragraph.folded
        cuts = [0]
        mark = mark_of(folded)
        if mark is not None:
            last[mark.form] = mark.value
            if mark.form == "cn_in_brackets":
                pass
        for match in _INLINE.finditer(folded):
            inner = mark_of(folded[match.end() : match.end() + 12])
            if inner is None or (folded[match.start()] == "：" and inner.value == 1):
                continue
            known = last.get(inner.form)
            if known is not None and inner.value == known + 1 and match.end() > cuts[-1] + 8:
                cuts.append(match.end())
                last[inner.form] = inner.value
        cuts.append(len(folded))
        for start, end in itertools.pairwise(cuts):
            if start == 0 and end == len(folded):
                yield paragraph
            else:
                level = paragraph.level if start == 0 else None
                yield Paragraph(paragraph.text[start:end].strip(GAP), paragraph.place, level)


def _heading(paragraph: Paragraph, words: Words) -> Node | None:
    mark = mark_of(paragraph.folded)
    if mark is None and _ANNEX.match(paragraph.folded) and len(paragraph.text) <= LONGEST_TITLE:
        return Node(joined(paragraph.text), paragraph.place, form=ANNEX)
    if mark is None:
        if paragraph.level is None or len(paragraph.text) > LONGEST_TITLE:
            return None
        title = joined(paragraph.text)
        return Node(title, paragraph.place, form=f"level {paragraph.level}")
    text, folded = paragraph.text[mark.end :], paragraph.folded[mark.end :]
    if not joined(text):
        return None
    node = Node("", paragraph.place, mark, mark.form)
    ends = next(iter(clauses(folded, words)), (len(folded), len(folded)))[0]
    title_end, taken = title_of(folded[:ends])
    node.title = joined(text[:title_end]).strip(" 。；：，、*")
    node.title_taken = taken
    rest = text[title_end:].lstrip("。：:；" + GAP)
    if taken:
        rest = text
    if joined(rest):
        node.body.append(Paragraph(joined(rest), paragraph.place))
    return node


def title_of(folded: str) -> tuple[int, bool]:
    """Where the title of an item ends, and whether it is only the beginning of its first sentence."""
    gap = folded.find(GAP)
    if 4 <= gap <= 40 and len(folded) - gap > 12 and "。" not in folded[:gap]:
        return gap, False
    stop = next((end for _, end in pieces(folded, "。；！？")), len(folded))
    colon = next((end for _, end in pieces(folded, "：")), len(folded))
    if 4 <= colon <= 40 and colon < stop and len(folded) - colon > 8 and "，" not in folded[:colon]:
        return colon, False
    if stop <= LONGEST_TITLE:
        return stop, False
    comma = next((end for _, end in pieces(folded, "，；：") if end >= 6), stop)
    return min(comma, LONGEST_TITLE), True
