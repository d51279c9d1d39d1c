"""Whom a rung reaches, and whom it never reaches."""

from datetime import date

from workflow.escalation.reach import Reach, hashed
from workflow.units.directory import Directory, PersonInfo, PostInfo, UnitInfo

CITY, ISSUER, BUREAU, TOWN, VILLAGE = 1, 2, 3, 4, 5
UNITS = [
    UnitInfo(CITY, "city", "市"),
    UnitInfo(ISSUER, "issuer", "攻坚办", parent_id=CITY),
    UnitInfo(BUREAU, "bureau", "环保局", parent_id=CITY),
    UnitInfo(TOWN, "town", "青山镇", parent_id=CITY),
    UnitInfo(VILLAGE, "village", "柳湾村", parent_id=TOWN),
]
HELD = [
    (1, CITY, "leader"),
    (2, ISSUER, "dispatcher"),
    (3, ISSUER, "deputy"),
    (4, BUREAU, "acceptor"),
    (5, TOWN, "handler"),
    (6, TOWN, "principal"),
    (7, CITY, "principal"),
]
ISSUE = {"issuer": [ISSUER], "responsible": [TOWN], "acceptance": [BUREAU]}
DAY = date(2025, 3, 3)


def reach() -> Reach:
    people = [PersonInfo(n, f"p{n}", f"p{n}") for n, _, _ in HELD]
    posts = [PostInfo(n, unit, post, date(2020, 1, 1)) for n, unit, post in HELD]
    return Reach(Directory(1, UNITS, people, posts, []), DAY)


def find(relative: str, owner: str, unit: int | None, **units: list[int]) -> tuple[int, ...]:
    standing = {**ISSUE, **units}
    return (
        reach()
        .find(relative, owner=owner, owner_unit_id=unit, units=standing, standing=hashed(standing))
        .people
    )


def test_the_late_desk_itself() -> None:
    assert find("owner", "handler@responsible", TOWN) == (5,)
    assert find("owner", "acceptor@acceptance", BUREAU) == (4,)


def test_of_a_late_desk_that_is_vacant_the_next_one_above_hears() -> None:
    assert find("owner", "supervisor@above", VILLAGE) == (2,)
    assert find("owner", "supervisor@above", VILLAGE, issuer=[VILLAGE]) == (7,)


def test_an_empty_post_is_skipped_upwards() -> None:
    assert find("deputy@owner", "handler@responsible", TOWN) == (6,)
    assert find("principal@owner", "acceptor@acceptance", BUREAU) == (7,)


def test_a_judge_who_is_late_is_never_reported_to_the_unit_complained_of() -> None:
    assert 7 not in find("principal@owner", "acceptor@acceptance", BUREAU, responsible=[CITY])


def test_a_clock_without_a_unit_falls_to_the_issuer() -> None:
    assert find("deputy@owner", "handler@responsible", None) == (3,)


def test_a_paper_is_not_signed_by_the_unit_it_is_about() -> None:
    found = reach().find(
        "principal@owner",
        owner="handler@responsible",
        owner_unit_id=TOWN,
        units=ISSUE,
        standing=hashed(ISSUE),
        to_sign=True,
    )
    assert found.desk is not None
    assert found.desk[0] != TOWN


def test_the_record_names_desks_by_post_and_code() -> None:
    assert reach().told((TOWN, "principal")) == "principal@town"
    assert reach().told(None) == ""
