"""Random damage to a record of hundreds of events: always found, always located."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.audit.chain import GENESIS, Entry, canonical, is_plain, link, moment, seal
from workflow.audit.proof import MOST, Link, Report, Signed, check, checkpoint_hash, signed_message

KEY = b"key of the installation"
AT = datetime(2026, 3, 2, 1, 2, 3, 4, tzinfo=UTC)
TRIES = range(60)
ISSUES = 2
ALL = ISSUES * 100
Chains = list[Link]


def sign(message: bytes) -> str:
    return sha256(b"signing key" + message).hexdigest()


def entry(issue: int, seq: int, note: str = "") -> Entry:
    return Entry(
        issue=f"S-{issue}",
        seq=seq,
        at=AT + timedelta(minutes=seq),
        by="qs.handler",
        door="web",
        action="note",
        kind="progress",
        data={"note": note or f"第{seq}次", "percent": seq / 7},
        unit="qs",
    )


def chain(issue: int, count: int, key: bytes = KEY, forged_from: int = 0) -> Chains:
    links: Chains = []
    prev = GENESIS
    for seq in range(1, count + 1):
        said = entry(issue, seq, "forged" if forged_from and seq >= forged_from else "")
        hashed = link(prev, said)
        sealed = seal(hashed, key if seq >= forged_from else KEY)
        links.append(Link(said, prev, hashed, sealed))
        prev = hashed
    return [replace(one, ends=(count, prev)) for one in links]


def checkpoint(no: int, heads: dict[str, list[Any]], prev: str) -> Signed:
    hashed = checkpoint_hash(no, AT, heads, prev, no * 100)
    return Signed(no, AT, heads, prev, hashed, sign(signed_message(hashed)), no * 100)


def record() -> tuple[Chains, list[Signed]]:
    """Chains of a hundred events, two checkpoints at 50 and 100."""
    events = [one for issue in range(ISSUES) for one in chain(issue, 100)]
    first = checkpoint(
        1, {f"S-{n}": [50, events[n * 100 + 49].hash] for n in range(ISSUES)}, GENESIS
    )
    last = checkpoint(
        2, {f"S-{n}": [100, events[n * 100 + 99].hash] for n in range(ISSUES)}, first.hash
    )
    return events, [first, last]


def verdict(events: Chains, signed: list[Signed], key: bytes | None = KEY) -> Report:
    return check(events, signed, is_signed=lambda given, said: given == sign(said), key=key)


EVENTS, SIGNED = record()


def test_a_good_record_is_sound() -> None:
    report = verdict(EVENTS, SIGNED)
    assert report.is_sound
    assert (report.events, report.issues, report.checkpoints, report.proved) == (
        ALL,
        ISSUES,
        2,
        ALL,
    )


def change(events: Chains, at: int, dice: random.Random) -> Chains:
    one = events[at]
    field = dice.choice(["at", "by", "door", "action", "kind", "data", "unit"])
    value: Any = {"at": one.entry.at + timedelta(microseconds=1), "data": {}}.get(field, "x")
    events[at] = replace(one, entry=one.entry._replace(**{field: value}))
    return events


def flip(events: Chains, at: int, dice: random.Random) -> Chains:
    field = dice.choice(["prev", "hash", "mac"])
    text = getattr(events[at], field)
    place = dice.randrange(64)
    other = "0" if text[place] != "0" else "1"
    events[at] = replace(events[at], **{field: text[:place] + other + text[place + 1 :]})
    return events


def delete(events: Chains, at: int, dice: random.Random) -> Chains:
    del events[at]
    return events


def insert(events: Chains, at: int, dice: random.Random) -> Chains:
    events.insert(at, events[at])
    return events


def swap(events: Chains, at: int, dice: random.Random) -> Chains:
    other = at + 1 if (at + 1) % 100 else at - 1
    events[at], events[other] = events[other], events[at]
    return events


def cut(events: Chains, at: int, dice: random.Random) -> Chains:
    """Also the end that the issue itself names is brought into line."""
    kept = [one for n, one in enumerate(events) if n < at or n // 100 != at // 100]
    ends = (at % 100, events[at - 1].hash if at % 100 else GENESIS)
    return [replace(one, ends=ends) if n // 100 == at // 100 else one for n, one in enumerate(kept)]


def rewrite(events: Chains, at: int, dice: random.Random) -> Chains:
    start = at // 100 * 100
    events[start : start + 100] = chain(at // 100, 100, b"another key", at % 100 + 1)
    return events


DAMAGES: tuple[Callable[[Chains, int, random.Random], Chains], ...] = (
    change,
    flip,
    delete,
    insert,
    swap,
    cut,
    rewrite,
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_is_found_and_located(damage: Callable[..., Chains]) -> None:
    dice = random.Random(damage.__name__)
    for _ in TRIES:
        at = dice.randrange(ALL)
        report = verdict(damage(list(EVENTS), at, dice), SIGNED)
        assert not report.is_sound, at
        first = report.findings[0]
        assert first.issue == f"S-{at // 100}"
        near = {at % 100, at % 100 + 1, at % 100 + 2} | ({None} if damage is cut else set())
        if damage is rewrite and at % 100:
            near = {at % 100 + 1}
        assert first.seq in near, (at, first)


def test_without_key_a_rewritten_chain_is_located_to_its_checkpoint() -> None:
    """What a stranger can say: events 51 to 100 were signed together."""
    for at in (60, 99):
        report = verdict(rewrite(list(EVENTS), at, random.Random(1)), SIGNED, key=None)
        assert (report.findings[0].issue, report.findings[0].seq) == ("S-0", 51)
    early = verdict(rewrite(list(EVENTS), 3, random.Random(1)), SIGNED, key=None)
    assert early.findings[0].seq == 1


def test_a_cut_after_the_last_checkpoint_shows_only_against_the_issue() -> None:
    """Where the proof ends, said openly: nobody has signed what came after."""
    longer = [*EVENTS[:100], *chain(1, 110)]
    assert verdict(longer, SIGNED).proved == ALL
    shorter = [replace(one, ends=None) for one in longer[:-5]]
    assert verdict(shorter, SIGNED).is_sound
    kept = longer[:-5]
    assert verdict(kept, SIGNED).findings[0].seq == 105


def test_many_findings_are_counted() -> None:
    report = verdict([replace(one, mac="x") for one in [*EVENTS, *chain(2, 100)]], SIGNED)
    assert len(report.findings) + report.more == 3 * 100
    assert report.more == 3 * 100 - MOST


def test_the_canonical_form_is_fixed() -> None:
    said = entry(1, 1, "散煤\n“x”\U00020bb7")
    assert moment(said.at) == "2026-03-02T01:03:03.000004Z"
    text = (
        '{"action":"note","at":"2026-03-02T01:03:03.000004Z","by":"qs.handler","data":{"note":'
        '"\\u6563\\u7164\\n\\u201cx\\u201d\\ud842\\udfb7","percent":0.14285714285714285},'
        '"door":"web","issue":"S-1","kind":"progress","prev":"' + GENESIS + '","seq":1,"unit":"qs"}'
    )
    assert link(GENESIS, said) == sha256(text.encode()).hexdigest()


JSONABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSONABLE, max_size=4))
def test_what_comes_back_from_json_has_the_same_hash(data: dict[str, Any]) -> None:
    assert is_plain(data)
    there_and_back = json.loads(json.dumps(data, ensure_ascii=False))
    assert canonical(data) == canonical(there_and_back)


@pytest.mark.parametrize(
    "value", [{1: 2}, {"x": [{None: 1}]}, {"x": AT}, {"x": {1, 2}}, {"x": b"bytes"}, {"x": (AT,)}]
)
def test_what_json_would_change_is_not_plain(value: object) -> None:
    assert not is_plain(value)
