"""What the relay decides before it sends: quiet hours, budget, digests, retries."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.outbox import policy
from workflow.outbox.delivery import Claimed
from workflow.outbox.policy import DELAYS, DIGEST_LIMIT, Manners, sort_out

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = (time(21), time(7, 30))
NOON = datetime(2025, 10, 15, 12, tzinfo=ZONE).astimezone(UTC)


def claimed(
    number: int, *, person: int = 1, channel: str = "mail", urgent: bool = False, attempts: int = 0
) -> Claimed:
    return Claimed(
        id=number,
        key=f"effect:{number}:{person}:{channel}",
        token=1,
        issue_id=1,
        person_id=person,
        channel=channel,
        message="reminder",
        urgent=urgent,
        payload={},
        created_at=NOON,
        attempts=attempts,
    )


@pytest.mark.parametrize(
    ("local", "until"),
    [
        ("2025-10-15T20:59:59", None),
        ("2025-10-15T21:00:00", "2025-10-16T07:30:00"),
        ("2025-10-15T23:59:59", "2025-10-16T07:30:00"),
        ("2025-10-16T00:00:00", "2025-10-16T07:30:00"),
        ("2025-10-16T07:29:59", "2025-10-16T07:30:00"),
        ("2025-10-16T07:30:00", None),
    ],
)
def test_quiet_hours_across_midnight(local: str, until: str | None) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=ZONE).astimezone(UTC)
    expected = datetime.fromisoformat(until).replace(tzinfo=ZONE) if until else None
    assert policy.quiet_until(Manners(ZONE, NIGHT), now) == expected


def test_quiet_hours_within_a_day() -> None:
    manners = Manners(ZONE, (time(12), time(14)))
    assert policy.quiet_until(manners, NOON) == datetime(2025, 10, 15, 14, tzinfo=ZONE)
    assert policy.quiet_until(manners, NOON + timedelta(hours=2)) is None
    assert policy.quiet_until(manners, NOON - timedelta(seconds=1)) is None


def test_messages_to_one_person_leave_as_one_digest() -> None:
    batch = [claimed(1), claimed(2, person=2), claimed(3), claimed(4, urgent=True)]
    deliveries, late = sort_out(batch, {}, Manners(ZONE), NOON)
    assert late == ()
    assert sorted(tuple(part.id for part in one.parts) for one in deliveries) == [
        (1, 3),
        (2,),
        (4,),
    ]


@pytest.mark.parametrize("channel", ["inbox", "file"])
def test_silent_channels_know_neither_digest_nor_quiet_hours_nor_budget(channel: str) -> None:
    batch = [claimed(number, channel=channel) for number in range(5)]
    manners = Manners(ZONE, (time(0), time(23, 59)), daily_budget=1)
    deliveries, late = sort_out(batch, {1: 99}, manners, NOON)
    assert [len(one.parts) for one in deliveries] == [1] * 5
    assert late == ()


def test_quiet_hours_postpone_all_but_the_urgent() -> None:
    manners = Manners(ZONE, (time(11), time(13)))
    deliveries, late = sort_out([claimed(1), claimed(2, urgent=True)], {}, manners, NOON)
    assert [one.parts[0].id for one in deliveries] == [2]
    assert [(one.claimed.id, one.state, one.error) for one in late] == [(1, "waiting", None)]
    assert late[0].not_before == datetime(2025, 10, 15, 13, tzinfo=ZONE)


def test_what_is_over_the_budget_waits_for_the_next_morning() -> None:
    manners = Manners(ZONE, NIGHT, daily_budget=3)
    batch = [claimed(1), claimed(2, person=2), claimed(3, urgent=True)]
    deliveries, late = sort_out(batch, {1: 3, 2: 2}, manners, NOON)
    assert sorted(one.parts[0].id for one in deliveries) == [2, 3]
    assert [one.claimed.id for one in late] == [1]
    assert late[0].not_before == datetime(2025, 10, 16, 7, 30, tzinfo=ZONE)


def test_without_quiet_hours_the_next_morning_begins_at_midnight() -> None:
    midnight = datetime(2025, 10, 16, tzinfo=ZONE)
    assert policy.next_opening(Manners(ZONE), NOON) == midnight


def test_a_digest_uses_the_budget_once_and_has_a_limit() -> None:
    batch = [claimed(number) for number in range(DIGEST_LIMIT * 2 + 1)]
    deliveries, late = sort_out(batch, {}, Manners(ZONE, daily_budget=2), NOON)
    assert [len(one.parts) for one in deliveries] == [DIGEST_LIMIT, DIGEST_LIMIT]
    assert len(late) == 1


def test_the_window_ends_at_the_full_minute() -> None:
    manners = Manners(ZONE)
    inside = NOON + timedelta(seconds=17, microseconds=5)
    assert policy.collected_until(manners, "mail", inside) == NOON
    assert policy.collected_until(manners, "inbox", inside) == inside
    assert policy.collected_until(Manners(ZONE, window=timedelta(0)), "mail", inside) == inside


def test_a_failure_is_tried_again_for_a_day_and_then_given_up() -> None:
    waits = [
        policy.failed(claimed(1, attempts=n), "no", permanent=False, now=NOON) for n in range(7)
    ]
    assert [one.state for one in waits] == ["waiting"] * len(DELAYS) + ["dead"]
    assert [one.not_before for one in waits[:3]] == [
        NOON + timedelta(minutes=1),
        NOON + timedelta(minutes=5),
        NOON + timedelta(minutes=30),
    ]
    assert timedelta(hours=23) < sum(DELAYS, timedelta()) <= timedelta(hours=24)


def test_a_permanent_failure_is_given_up_at_once() -> None:
    assert policy.failed(claimed(1), "no such box", permanent=True, now=NOON).state == "dead"


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from(["mail", "inbox", "file"]), st.booleans()),
        max_size=60,
    ),
    st.dictionaries(st.integers(1, 4), st.integers(0, 6)),
    st.integers(1, 5),
    st.booleans(),
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)),
)
def test_every_message_is_in_exactly_one_place_and_budgets_hold(
    shape: list[tuple[int, str, bool]],
    used: dict[int, int],
    budget: int,
    quiet: bool,
    at: datetime,
) -> None:
    now = at.replace(tzinfo=UTC)
    manners = Manners(ZONE, NIGHT if quiet else None, daily_budget=budget)
    for channel in ("mail", "inbox", "file"):
        batch = [
            claimed(number, person=person, channel=channel, urgent=urgent)
            for number, (person, named, urgent) in enumerate(shape)
            if named == channel
        ]
        deliveries, late = sort_out(batch, used, manners, now)
        seen = [part.id for one in deliveries for part in one.parts]
        seen += [one.claimed.id for one in late]
        assert sorted(seen) == [one.id for one in batch]
        assert all(len({part.person_id for part in one.parts}) == 1 for one in deliveries)
        assert all(one.not_before is not None and one.not_before > now for one in late)
        assert all(not one.claimed.urgent for one in late)
        for person in range(1, 5):
            counted = [
                one
                for one in deliveries
                if one.parts[0].person_id == person and not one.parts[0].urgent
            ]
            if channel == "mail":
                assert len(counted) <= max(0, budget - used.get(person, 0))
