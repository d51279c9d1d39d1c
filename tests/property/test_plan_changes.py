"""Comparing a plan with itself finds nothing, whatever stands in it; every difference is found."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.plans.changes import ROLES, Facts, Figure, Point, compare, same, same_points

WORD = st.text(alphabet="治理河道水质监测站点排污口2025年底前完成，", min_size=1, max_size=12)
DAY = st.one_of(st.none(), st.dates(date(2024, 1, 1), date(2027, 1, 1)))
POINT = st.builds(
    Point, st.just(0), st.sampled_from(("date", "recurring", "standing")), DAY,
    st.sampled_from((None, "month:25")), WORD,
)  # fmt: skip
FIGURE = st.builds(
    Figure, st.just(0), WORD, st.sampled_from(("", "全市")), st.sampled_from((">=", "<=")),
    st.sampled_from(("80", "95")), st.just("%"), DAY,
)  # fmt: skip
UNITS = st.dictionaries(
    st.sampled_from(ROLES),
    st.lists(st.sampled_from(("市水利局", "市生态环境局", "青山镇")), unique=True).map(tuple),
)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Facts, ...]:
    found = []
    for n in range(draw(st.integers(0, 5))):
        points = draw(st.lists(POINT, max_size=4))
        figures = draw(st.lists(FIGURE, max_size=4))
        found.append(
            Facts(
                f"JH-{n}",
                draw(WORD),
                draw(WORD),
                draw(UNITS),
                tuple(replace(p, id=10 * n + k) for k, p in enumerate(points)),
                tuple(replace(f, id=10 * n + k) for k, f in enumerate(figures)),
            )
        )
    return tuple(found)


def _renumbered(plan: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """The same text read again: other ids."""
    return tuple(
        replace(
            task,
            points=tuple(replace(p, id=p.id + 1000) for p in task.points),
            figures=tuple(replace(f, id=f.id + 1000) for f in task.figures),
        )
        for task in plan
    )


@given(plans())
@settings(max_examples=60, deadline=None)
def test_the_same_text_has_no_changes(plan: tuple[Facts, ...]) -> None:
    assert compare(plan, _renumbered(plan)) == ()


@given(plans(), plans())
@settings(max_examples=60, deadline=None)
def test_what_is_added_one_way_is_removed_the_other(
    old: tuple[Facts, ...], new: tuple[Facts, ...]
) -> None:
    there = [c for c in compare(old, _renumbered(new)) if c.what in ("task", "unit")]
    back = [c for c in compare(_renumbered(new), old) if c.what in ("task", "unit")]
    assert len(there) == len(back)
    assert sum(c.how == "added" for c in there) == sum(c.how == "removed" for c in back)


@given(st.lists(POINT, max_size=6), st.lists(POINT, max_size=6))
@settings(max_examples=60, deadline=None)
def test_nothing_is_continued_twice(old: list[Point], new: list[Point]) -> None:
    mine = [replace(p, id=n) for n, p in enumerate(new)]
    theirs = [replace(p, id=100 + n) for n, p in enumerate(old)]
    pairs = same_points(theirs, mine)
    assert len(set(pairs.values())) == len(pairs)
    assert pairs.keys() <= {p.id for p in mine}
    assert set(pairs.values()) <= {p.id for p in theirs}
    every = {p.id: p.every for p in (*mine, *theirs)}
    assert all(every[one] == every[other] for one, other in pairs.items())


@given(st.lists(WORD, max_size=8))
@settings(max_examples=100, deadline=None)
def test_the_order_of_texts_is_no_change(words: list[str]) -> None:
    pairs = same(list(enumerate(words)), list(enumerate(reversed(words))))
    assert len(pairs) == len(words)
