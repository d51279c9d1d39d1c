"""The words of papers."""

from collections.abc import Sequence

import pytest

from workflow.deadlines.ladders import PAPERS
from workflow.notices.render import Facts, draft_text, kinds


def facts(answer_by: str | None = "3个工作日", copies: Sequence[str] = ("市政府督办科",)) -> Facts:
    return Facts(
        number="WT-2025-00007",
        title="砂石厂\n物料露天堆放",
        owner="青山镇人民政府",
        addressee="青山镇人民政府",
        issuer="市环委会攻坚办",
        clock="整改时限",
        due="2025年3月3日",
        today="2025年3月5日",
        late="已逾期2日",
        answer_by=answer_by,
        copies=copies,
    )


def test_every_paper_of_a_ladder_has_a_text() -> None:
    assert set(PAPERS) == set(kinds())


@pytest.mark.parametrize("kind", PAPERS)
def test_a_paper_says_what_who_and_by_when(kind: str) -> None:
    text = draft_text(kind, facts())
    assert "砂石厂 物料露天堆放" in text.title
    assert "\n" not in text.title
    for said in ("WT-2025-00007", "青山镇人民政府", "整改时限至2025年3月3日届满", "已逾期2日"):
        assert said in text.body
    assert "3个工作日内" in text.body
    assert "抄送：市政府督办科" in text.body
    assert text.body.endswith("市环委会攻坚办")
    assert "{" not in text.title + text.body


@pytest.mark.parametrize("kind", PAPERS)
def test_without_answer_and_copies_nothing_is_left_over(kind: str) -> None:
    text = draft_text(kind, facts(answer_by=None, copies=()))
    assert "抄送" not in text.body
    assert "None" not in text.body
    assert "之日起" not in text.body
