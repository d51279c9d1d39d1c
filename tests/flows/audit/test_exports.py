"""A stranger with nothing but the file names the first event that is not right."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.flows.audit import proofs
from tests.flows.audit.proofs import SIGNER, lines, sign, stranger
from tests.flows.audit.records import NOW, add_events, opened
from workflow.audit import actions, queries
from workflow.audit.chain import GENESIS, link
from workflow.errors import Invalid

database = proofs.database


Lines = list[dict[str, object]]


def drop(where: Callable[[dict[str, object]], bool]) -> Callable[[Lines], Lines]:
    return lambda record: [one for one in record if not where(one)]


def is_event(one: dict[str, object], issue: int, seq: int) -> bool:
    return (one.get("issue"), one.get("seq")) == (f"S-2026-{issue:04}", seq)


def change_event(field: str, value: object) -> Callable[[Lines], Lines]:
    return lambda record: [{**one, field: value} if is_event(one, 2, 4) else one for one in record]


def swap(record: Lines) -> Lines:
    at = next(n for n, one in enumerate(record) if is_event(one, 2, 4))
    record[at], record[at + 1] = record[at + 1], record[at]
    return record


def rewrite(record: Lines) -> Lines:
    """Fresh data and hashes that fit, from event 4 of issue 2 to its end."""
    prev = ""
    for one in record:
        if one.get("issue") == "S-2026-0002":
            if int(str(one["seq"])) >= 4:
                one |= {"data": {"forged": True}, "prev": prev}
                facts = {name: one[name] for name in ("issue", "by", "door", "action", "kind")}
                entry = queries._link_of({**one, **facts}).entry
                one["hash"] = link(prev, entry)
            prev = str(one["hash"])
    return record


EXPORTS: dict[str, tuple[Callable[[Lines], Lines], str, int | None]] = {
    **{
        f"change {field}": (change_event(field, value), "event 4", 4)
        for field, value in {
            "at": "2020-01-01T00:00:00.000000Z",
            "by": "eco.acceptor",
            "unit": "eco",
            "door": "web",
            "action": "close",
            "kind": "close",
            "data": {"note": "别的"},
            "prev": GENESIS,
            "hash": GENESIS,
            "seq": 5,
        }.items()
    },
    "delete": (drop(lambda one: is_event(one, 2, 4)), "event 4 is missing", 4),
    "cut tail": (
        drop(lambda one: one.get("issue") == "S-2026-0003" and int(str(one["seq"])) > 6),
        "event 7 and what follows were cut off",
        7,
    ),
    "cut the file": (lambda record: record[:20], "event 3 and what follows were cut off", 3),
    "delete chain": (
        drop(lambda one: one.get("issue") == "S-2026-0002"),
        "issue S-2026-0002, event 1",
        None,
    ),
    "swap": (swap, "event 4 is missing", 4),
    "insert": (
        lambda record: [
            copy for one in record for copy in ([one, one] if is_event(one, 2, 4) else [one])
        ],
        "event 5",
        5,
    ),
    "rewrite": (rewrite, "rewritten from event 1 or later", 1),
    "two places": (
        lambda record: [*record, *[one for one in record if is_event(one, 1, 1)]],
        "stands in two places",
        None,
    ),
}


@pytest.mark.parametrize(("change", "said", "seq"), EXPORTS.values(), ids=EXPORTS.keys())
def test_a_stranger_names_the_first_bad_event(
    sqlite_url: str,
    tmp_path: Path,
    change: Callable[[Lines], Lines],
    said: str,
    seq: int | None,
) -> None:
    with opened(sqlite_url) as database:
        sign(database)
        original = lines(database)
    changed = [
        json.dumps(one, ensure_ascii=False) + "\n" for one in change([*map(json.loads, original)])
    ]
    code, verdict = stranger(tmp_path, changed)
    assert code == 1
    assert said in verdict
    report = queries.verify_export(changed, public_key=SIGNER.public_key())
    assert not report.is_sound
    if seq is not None:
        assert report.findings[0].seq == seq


def test_a_checkpoint_handed_outside_catches_what_the_file_hides(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Checkpoints are cut away together with the events that they cover."""
    with opened(sqlite_url) as database:
        sign(database)
        with database.transaction() as tx:
            add_events(tx, 3, 2)
            last = actions.checkpoint(tx, key=SIGNER, now=NOW + timedelta(days=2))
        whole = lines(database)
    assert last is not None
    short = [line for line in whole[:-2] if '"no":2' not in line]
    assert stranger(tmp_path, short)[0] == 0
    assert stranger(tmp_path, whole, "--anchor", f"2:{last.hash}")[0] == 0
    code, said = stranger(tmp_path, short, "--anchor", f"2:{last.hash}")
    assert (code, "checkpoint 2" in said) == (1, True)


@pytest.mark.parametrize(
    "text_of",
    [
        lambda record: ["no json\n"],
        lambda record: [],
        lambda record: ['{"type":"export","format":"other"}\n', *record[1:]],
        lambda record: [*record[:-1], record[-1][:50]],
        lambda record: [record[0], "[]\n"],
        lambda record: [record[0], '{"type":"event"}\n'],
        lambda record: [record[0], '{"type":"surprise"}\n'],
        lambda record: [record[0], '{"type":"event","issue":[],"seq":1}\n'],
    ],
)
def test_a_file_that_is_no_record_gets_a_sentence(
    sqlite_url: str, tmp_path: Path, text_of: Callable[[list[str]], list[str]]
) -> None:
    with opened(sqlite_url) as database:
        record = text_of(lines(database))
    if record:
        assert stranger(tmp_path, record)[0] == 1
    with pytest.raises(Invalid) as caught:
        queries.verify_export(record, public_key=SIGNER.public_key())
    assert caught.value.params["line"] in range(1, 40)
