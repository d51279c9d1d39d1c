"""Whatever the ticks, signatures and pauses: one record a rung and round, papers in their order."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.deadlines import answering, running
from workflow.deadlines.calendar import Calendar
from workflow.deadlines.desk import Timing
from workflow.deadlines.ladder import Ladder, Rung
from workflow.deadlines.limits import parse_limit
from workflow.deadlines.running import ClockDraft, ClockRow
from workflow.escalation.rungs import due_rungs

TIMING = Timing(Calendar(), ZoneInfo("Asia/Shanghai"))
START = datetime(2025, 3, 3, 2, tzinfo=UTC)
WITHIN = timedelta(days=2)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    days = sorted(draw(st.lists(st.integers(-12, 25), min_size=1, max_size=8)))
    rungs = []
    for n in days:
        at = f"{n:+d}nd" if n else "0"
        if draw(st.booleans()):
            rungs.append(Rung(at, 1, message="reminder"))
        else:
            answer_by = draw(st.sampled_from([None, "2nd"]))
            rungs.append(Rung(at, 3, paper="supervision", sign="owner", answer_by=answer_by))
    return Ladder("t", tuple(rungs))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["tick", "tick", "tick", "sign", "answer", "hold", "pause", "free", "extend", "mute"]
        ),
        st.integers(0, 400),
    ),
    max_size=40,
)


@dataclass
class Walk:
    """A clock under somebody's hands, with everything that was recorded of its rungs."""

    ladder: Ladder
    clock: ClockRow
    now: datetime = START
    fates: list[tuple[int, int, str]] = field(default_factory=list)
    drafted: list[tuple[int, int, datetime]] = field(default_factory=list)
    signed: list[tuple[int, int, datetime]] = field(default_factory=list)

    def apply(self, change: running.ClockChange | None) -> None:
        if change is not None:
            self.clock = change.row
            self.fates += [(each.round, each.rung, "skipped") for each in change.skipped]

    def tick(self) -> None:
        clock = self.clock
        if clock.wake_at is None or clock.wake_at > self.now:
            return
        take = due_rungs(clock, self.ladder, int(self.now.timestamp()))
        self.fates += [(clock.round, rung, "merged") for rung in take.merged]
        if take.message is not None:
            self.fates.append((clock.round, take.message, "taken"))
            assert all(rung < take.message for rung in take.merged)
        if take.paper is not None:
            assert clock.blocked_by is None
            self.fates.append((clock.round, take.paper, "taken"))
            self.drafted.append((clock.round, take.paper, self.now))
        assert take.wake is None or take.wake > self.now.timestamp()
        self.clock = clock._replace(
            next_rung=take.next_rung,
            schedule=take.schedule,
            blocked_by=len(self.drafted) if take.paper is not None else clock.blocked_by,
            wake_at=None if take.wake is None else datetime.fromtimestamp(take.wake, UTC),
        )

    def sign(self) -> None:
        if self.clock.blocked_by is None:
            return
        round_, rung, _ = self.drafted[self.clock.blocked_by - 1]
        due = self.now + WITHIN if self.ladder.rungs[rung].answer_by else None
        self.signed.append((round_, rung, self.now))
        self.apply(
            answering.signed(
                self.clock, self.ladder, rung=rung, at=self.now, answer_due=due, timing=TIMING
            )
        )

    def answer(self) -> None:
        if self.signed and self.signed[-1][0] == self.clock.round:
            _, rung, at = self.signed[-1]
            self.apply(answering.answered(self.clock, self.ladder, rung=rung, at=at, timing=TIMING))

    def do(self, step: str) -> None:
        clock, now = self.clock, self.now
        match step:
            case "tick" | "sign" | "answer":
                getattr(self, step)()
            case "hold" if clock.state == "running":
                self.apply(running.hold(clock, now))
            case "pause" if clock.state == "running":
                self.apply(running.pause(clock, now, "雨"))
            case "free" if clock.state == "held":
                self.apply(running.release(clock, now))
            case "free" if clock.state == "paused":
                self.apply(running.resume(clock, now, TIMING, self.ladder))
            case "free" | "mute" if clock.state == "running":
                change = running.unmute if clock.muted else running.mute
                self.apply(change(clock, now))
            case "extend" if clock.state != "paused":
                until = TIMING.day(now) + timedelta(days=10)
                self.apply(running.move_due(clock, until, now, TIMING, self.ladder))

    def check(self) -> None:
        keys = [(round_, rung) for round_, rung, _ in self.fates]
        assert len(keys) == len(set(keys))
        for (round_, rung, at), (next_round, next_rung, next_at) in pairwise(self.drafted):
            if round_ == next_round:
                assert rung < next_rung
                sent = [when for r, n, when in self.signed if (r, n) == (round_, rung)]
                assert sent, "a paper left before the one in front of it was signed"
                assert at <= sent[0] <= next_at


def row(draft: ClockDraft) -> ClockRow:
    values = {name: draft.values[name] for name in ClockRow._fields if name != "id"}
    return ClockRow(
        **{**values, "id": 1, "pauses": (), "schedule": tuple(values["schedule"])}  # type: ignore[arg-type]
    )


def walk(ladder: Ladder, limit_days: int) -> Walk:
    due_on = date(2025, 3, 3) + timedelta(days=limit_days)
    draft = running.start(
        "rectify",
        issue_id=1,
        subject="issue",
        subject_id=1,
        seq=1,
        limit_text="due",
        limit=parse_limit("due"),
        owner="handler@responsible",
        owner_unit_id=1,
        now=START,
        timing=TIMING,
        ladder=ladder,
        due_on=due_on,
    )
    found = Walk(ladder, row(draft))
    found.fates = [(each.round, each.rung, "skipped") for each in draft.skipped]
    return found


@settings(max_examples=600)
@given(ladders(), st.integers(0, 30), STEPS)
def test_each_rung_has_one_fate_and_papers_wait_for_each_other(
    ladder: Ladder, limit_days: int, steps: list[tuple[str, int]]
) -> None:
    case = walk(ladder, limit_days)
    for step, hours in steps:
        case.now += timedelta(hours=hours)
        case.do(step)
        case.check()


@settings(max_examples=300)
@given(ladders(), st.integers(0, 30), st.lists(st.integers(1, 900), min_size=1, max_size=20))
def test_in_the_end_every_rung_has_its_fate_however_late_the_ticks(
    ladder: Ladder, limit_days: int, gaps: list[int]
) -> None:
    case = walk(ladder, limit_days)
    for hours in gaps:
        case.now += timedelta(hours=hours)
        case.tick()
        case.sign()
    for _ in range(2 * len(ladder.rungs) + 2):
        case.now += timedelta(days=400)
        case.tick()
        case.sign()
    case.check()
    assert {rung for _, rung, _ in case.fates} == set(range(len(ladder.rungs)))
    assert case.clock.wake_at is None


@settings(max_examples=200)
@given(ladders(), st.integers(0, 30), st.integers(0, 60))
def test_frequent_ticks_are_never_late_and_never_early(
    ladder: Ladder, limit_days: int, days: int
) -> None:
    case = walk(ladder, limit_days)
    for _ in range(days * 24):
        case.now += timedelta(hours=1)
        before = case.clock.wake_at
        count = len(case.fates)
        case.tick()
        if len(case.fates) > count:
            assert before is not None
            assert case.now - timedelta(hours=1) < before <= case.now
