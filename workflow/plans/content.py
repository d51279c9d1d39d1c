"""What stands below one heading: its duties, its terms and the text that is left. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from workflow.plans.characters import GAP, brackets, joined, sentences
from workflow.plans.duties import Clause, Duty, clauses, is_clause, once_for_all, read_clause
from workflow.plans.outline import Node
from workflow.plans.paragraphs import Paragraph
from workflow.plans.units import is_department
from workflow.plans.words import Words

_SPOKEN = re.compile("牵头|负责|配合|参与|协助|会同|实施|落实|承担")
_CLEARLY = re.compile("牵头|负责|配合|参与|协助|会同")


@dataclass
class Content:
    """The parts of one heading, clauses apart from text.

    `labelled` when a clause fills a paragraph of its own, which may then speak for those above.
    """

    node: Node
    texts: list[str] = field(default_factory=list)
    clauses: list[tuple[str, Clause]] = field(default_factory=list)
    labelled: bool = False
    closed: int | None = None
    """How many of the texts stand before the end of the last clause."""

    @property
    def behind(self) -> list[str]:
        """Paragraphs below the last clause."""
        return self.texts[self.closed :] if self.closed is not None else []

    @property
    def duties(self) -> list[Duty]:
        """Every duty, in the order of print."""
        return [duty for _, clause in self.clauses for duty in clause.duties]

    @property
    def text(self) -> str:
        """The text without its clauses, one paragraph a line."""
        return "\n".join(text for text in self.texts if text)

    def adopt(self, other: "Content") -> None:
        """Takes over what stands below a heading that is no task of its own."""
        title = f"{other.node.label}{other.node.title}"
        if other.node.title_taken:
            title = other.node.label
        body = list(other.texts)
        if title and body and not other.node.title_taken:
            body[0] = f"{title}。{body[0]}"
        elif title and body:
            body[0] = title + body[0]
        elif title:
            body = [title]
        self.texts += body
        self.clauses += other.clauses


def contents(nodes: Iterable[Node], words: Words) -> dict[int, Content]:
    """The content of each heading by the identity of its node."""
    return {id(node): _content(node, words) for node in nodes}


def _content(node: Node, words: Words) -> Content:
    found = Content(node)
    prefix: str | None = None
    for paragraph in node.body:
        text, clause = _labelled(paragraph, words, prefix)
        if clause is not None:
            found.clauses.append((joined(paragraph.text[len(text) :]), clause))
            found.labelled = True
            prefix = clause.prefix or prefix
        left = ""
        at = 0
        folded = paragraph.folded[: len(text)]
        for start, end in clauses(folded, words):
            clause = read_clause(folded[start + 1 : end - 1], words, prefix=prefix)
            found.clauses.append((text[start:end], clause))
            left += text[at:start]
            at = end
        left += text[at:]
        found.labelled |= bool(at) and not left.strip(" 。；" + GAP)
        if left.strip(" 。；" + GAP):
            found.texts.append(joined(left).lstrip("。；"))
        if len(text) < len(paragraph.text) or (at and not text[at:].strip(" 。；" + GAP)):
            found.closed = len(found.texts)
    if not found.clauses and found.texts:
        _from_last_sentence(found, words)
    return found


def _labelled(paragraph: Paragraph, words: Words, prefix: str | None) -> tuple[str, Clause | None]:
    """The text in front of labels such as 责任单位：, and what the labels say."""
    folded = paragraph.folded
    at = 0
    match = words.label_of(folded)
    if match is None or match["colon"] in ("", "\u3000"):
        if "：" not in folded:
            return paragraph.text, None
        bracketed = brackets(folded)
        inside = (
            found for found in words.label_inside.finditer(folded)
            if folded[found.start() - 1] in "。；！？）" + GAP
            and not any(start < found.start() < end for start, end in bracketed)
        )  # fmt: skip
        first = next(inside, None)
        if first is None:
            return paragraph.text, None
        at = first.start()
    return paragraph.text[:at].rstrip(GAP), read_clause(
        folded[at:].rstrip("。"), words, prefix=prefix
    )


def _from_last_sentence(found: Content, words: Words) -> None:
    """…。由市某局牵头，市某局配合。 without brackets: only if the whole sentence is duties."""
    last = Paragraph(found.texts[-1], found.node.place)
    spans = sentences(last.folded)
    if not spans:
        return
    start, end = spans[-1]
    sentence = last.folded[start:end].rstrip("。")
    if len(sentence) > 300 or not is_clause(sentence, words):
        return
    clause = read_clause(sentence, words)
    spoken = all(_SPOKEN.search(duty.printed) for duty in clause.duties)
    spoken = spoken and any(_CLEARLY.search(duty.printed) for duty in clause.duties)
    units = [unit for duty in clause.duties for unit in duty.units]
    known = any(is_department(unit, words) for unit in units)
    if known and spoken and not clause.odd and not clause.unread and not clause.roleless:
        found.clauses.append((last.text[start:end], clause))
        found.texts[-1] = last.text[:start]


def once_in_text(content: Content, words: Words) -> Iterator[tuple[str, Clause]]:
    """Rules for all tasks that stand in running text: 以下任务均需各县区落实，不再列出。"""
    for text in content.texts:
        paragraph = Paragraph(text, content.node.place)
        for start, end in sentences(paragraph.folded):
            sentence = paragraph.folded[start:end].strip("（）。")
            if len(sentence) < 200 and once_for_all(sentence):
                clause = read_clause(sentence, words)
                if clause.first_leads or clause.once:
                    yield text[start:end], clause
