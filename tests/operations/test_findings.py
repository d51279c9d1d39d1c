"""What is judged to be wrong, and since when; no database."""

from datetime import datetime, timedelta

import pytest

from tests.world import START
from workflow.operations import words
from workflow.operations.findings import (
    CanaryRow,
    ChannelReading,
    LeaseRow,
    ProcessRow,
    Readings,
    judge,
    two_sweeps,
)

SWEEP = timedelta(seconds=10)


def ago(seconds: float) -> datetime:
    return START - timedelta(seconds=seconds)


def lead(until: datetime) -> LeaseRow:
    return LeaseRow("clock", "c", 1, ago(3600), until)


def process(beat: datetime, *, part: str = "worker", skew: int = 0) -> ProcessRow:
    return ProcessRow("id", part, "host", 7, "0.1", ago(3600), beat, skew)


def kinds(**readings: object) -> list[str]:
    usual: dict[str, object] = {"at": START, "sweep": SWEEP, "lead": lead(START + SWEEP)}
    return [found.kind for found in judge(Readings(**{**usual, **readings}))]  # type: ignore[arg-type]


def test_an_installation_that_does_its_work_is_well() -> None:
    assert (
        kinds(
            processes=(process(ago(14)), process(ago(14), part="clock")),
            canary=CanaryRow(1, ago(15), ago(14)),
            rung_due_since=ago(9),
            channels=(ChannelReading("inbox", 3, ago(2)), ChannelReading("mail", 3, ago(61))),
        )
        == []
    )


@pytest.mark.parametrize(("seconds", "expected"), [(60, []), (61, ["clock_silent"])])
def test_a_lease_that_ended_a_minute_ago_means_that_no_clock_ticks(
    seconds: int, expected: list[str]
) -> None:
    assert kinds(lead=lead(ago(seconds))) == expected


def test_before_the_first_clock_the_oldest_process_tells_since_when_one_is_missing() -> None:
    assert kinds(lead=None) == []
    assert kinds(lead=None, processes=(process(START),)) == ["clock_silent"]


@pytest.mark.parametrize(("seconds", "expected"), [(120, []), (121, ["worker_silent"])])
def test_a_canary_that_nobody_finishes_means_that_no_worker_works(
    seconds: int, expected: list[str]
) -> None:
    assert kinds(canary=CanaryRow(1, ago(seconds), None)) == expected
    assert kinds(canary=CanaryRow(1, ago(seconds), ago(1))) == []


@pytest.mark.parametrize(("seconds", "expected"), [(60, []), (61, ["rung_late"])])
def test_a_rung_is_late_after_two_sweeps(seconds: int, expected: list[str]) -> None:
    assert kinds(rung_due_since=ago(seconds)) == expected


def test_who_sweeps_rarely_is_given_more_time_and_who_sweeps_often_no_less() -> None:
    assert two_sweeps(timedelta(seconds=60)) == timedelta(minutes=2)
    assert two_sweeps(timedelta(seconds=1)) == timedelta(minutes=1)


def test_what_an_operator_holds_back_is_not_late() -> None:
    assert kinds(rung_due_since=ago(3600), is_frozen=True) == []


def test_a_message_is_late_after_two_sweeps_and_where_bells_ring_a_window_later() -> None:
    assert kinds(channels=(ChannelReading("inbox", 1, ago(61)),)) == ["message_late"]
    assert kinds(channels=(ChannelReading("mail", 1, ago(61)),)) == []
    assert kinds(channels=(ChannelReading("mail", 1, ago(121)),)) == ["message_late"]


def test_a_lease_that_nobody_took_over_is_stuck() -> None:
    channel = ChannelReading("inbox", 1, ago(61), leased_until=ago(61))
    assert sorted(kinds(channels=(channel,))) == ["lease_stuck", "message_late"]
    running = ChannelReading("inbox", 1, START + SWEEP, leased_until=START + SWEEP)
    assert kinds(channels=(running,)) == []


def test_a_channel_is_down_when_nothing_gets_through() -> None:
    def mail(failing: float, sent: float | None) -> ChannelReading:
        at = None if sent is None else ago(sent)
        return ChannelReading("mail", 1, START + SWEEP, failing_since=ago(failing), sent_at=at)

    assert kinds(channels=(mail(91, None),)) == ["channel_down"]
    assert kinds(channels=(mail(91, 3600),)) == ["channel_down"]
    assert kinds(channels=(mail(90, None),)) == []
    # One address is wrong: others get their letters.
    assert kinds(channels=(mail(91, 5),)) == []


def test_a_silent_process_and_a_wrong_clock_want_attention_only() -> None:
    found = judge(
        Readings(
            at=START,
            sweep=SWEEP,
            lead=lead(START + SWEEP),
            processes=(process(ago(61)), process(ago(1), skew=-61)),
            undelivered=2,
        )
    )
    assert [(each.kind, each.severity) for each in found] == [
        ("undelivered", "attention"),
        ("process_silent", "attention"),
        ("clock_skew", "attention"),
    ]
    assert found[1].params == {"process": "worker@host:7"}


def test_after_an_outage_nothing_is_late_before_somebody_could_have_done_it() -> None:
    night = ago(8 * 3600)
    late: dict[str, object] = {
        "lead": lead(night),
        "rung_due_since": night,
        "canary": CanaryRow(1, night, None),
        "channels": (ChannelReading("inbox", 9, night, leased_until=night, failing_since=night),),
        "processes": (process(night),),
    }
    assert kinds(**late, watched_since=ago(30)) == []
    assert set(kinds(**late, watched_since=ago(130))) == {
        "clock_silent",
        "worker_silent",
        "rung_late",
        "message_late",
        "lease_stuck",
        "channel_down",
        "process_silent",
    }


def test_every_kind_has_words_in_both_languages_that_differ() -> None:
    params = {"channel": "mail", "count": 3, "process": "p", "seconds": 9, "policy": "x"}
    params |= {"invariants": "I4", "issues": "WT-2026-00001"}
    for kind in words.WORDS:
        for said in (words.title(kind), words.sentence(kind, params), words.advice(kind)):
            assert said["zh"] != said["en"]
            assert "{" not in said["zh"] + said["en"]
    assert words.title("of a newer program")["zh"] == "未知告警"
