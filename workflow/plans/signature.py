"""Who signed a paper and when, below its text: no part of the last task. Pure."""

import re
from collections.abc import Sequence

from workflow.plans.characters import joined
from workflow.plans.numbering import mark_of
from workflow.plans.paragraphs import Paragraph

LONGEST = 60
"""Characters of a line that may be a signature."""
ORGANS_ABOVE = 3
"""Bodies that sign one above the other."""

_DAY = (
    r"(?:20\d\d|二[〇零○][〇零○一二三四五六七八九]{2})年(?:\d{1,2}|[一二三四五六七八九十]{1,2})月"
    r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})日"
)
_ORGAN = r"[\u4e00-\u9fff（）、]{3,60}(?:政府|办公[室厅]|委员会|委|局|厅|部|指挥部|领导小组|中心|管委会|党组|院|办事处)"
_SIGNED = re.compile(rf"（?(?:{_ORGAN})?{_DAY}）?(?:印发)?")
_SIGNER = re.compile(_ORGAN)
_ASIDE = re.compile(
    "（(?:此件|此文|本文|信息公开|主动公开|依申请)[^（）]{0,30}）|(?:抄送|抄报|主送|分送)：.*"
)
_CONTACT = re.compile("(?:联系人|联系电话|联系方式|电子邮箱|传真)：")


def signatures(paragraphs: Sequence[Paragraph]) -> set[int]:
    """The positions of paragraphs that sign the paper or say who gets it."""
    found: set[int] = set()
    for n, paragraph in enumerate(paragraphs):
        folded = paragraph.folded
        if _ASIDE.fullmatch(joined(folded)):
            found.add(n)
        if len(folded) > LONGEST:
            continue
        text = joined(folded)
        if _CONTACT.match(text) and n - 1 in found:
            found.add(n)
        if not _SIGNED.fullmatch(text):
            continue
        found.add(n)
        for above in range(n - 1, max(-1, n - 1 - ORGANS_ABOVE), -1):
            if not _signs(paragraphs[above]):
                break
            found.add(above)
    return found


def _signs(paragraph: Paragraph) -> bool:
    text = paragraph.folded
    return (
        len(text) <= LONGEST
        and mark_of(text) is None
        and _SIGNER.fullmatch(joined(text)) is not None
    )
