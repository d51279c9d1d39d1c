"""What differs between two texts is told so that both can be read out of it."""

from hypothesis import given
from hypothesis import strategies as st

from web.pages.plans_changes import grouped, pieces
from workflow.plans.views import Change

WORDS = st.text("年月底前完成整治二三12 ", max_size=40)


@given(WORDS, WORDS)
def test_both_texts_are_in_the_pieces(old: str, new: str) -> None:
    found = pieces(old, new)
    assert "".join(p.text for p in found if p.how != "ins") == old
    assert "".join(p.text for p in found if p.how != "del") == new


def test_only_what_differs_is_marked() -> None:
    found = pieces("2025年6月底前新建管网12公里", "2025年9月底前新建管网15公里")
    assert [(p.how, p.text) for p in found if p.how != "same"] == [
        ("del", "6"), ("ins", "9"), ("del", "12"), ("ins", "15"),
    ]  # fmt: skip
    assert [p.how for p in pieces("推进河道整治", "压减散煤用量")] == ["del", "ins"]
    assert [p.how for p in pieces("", "新增")] == ["ins"]


def test_differences_stand_with_their_task() -> None:
    changes = [Change("changed", "title", "", "title", "甲", "乙")]
    changes += [Change("changed", "milestone", "治河", field) for field in ("due", "content")]
    assert [(g.task, len(g.changes)) for g in grouped(changes)] == [("", 1), ("治河", 2)]
