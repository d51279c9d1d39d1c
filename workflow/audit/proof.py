"""Checks a record: every event of every chain, and every checkpoint over them. Pure.

Takes events in the order of their chains, from the database or from an export, and names each thing
that is not as it was written. Between two checkpoints a chain that was rewritten with fresh hashes
can be told from the original by its seals only, which takes the installation's key.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from typing import Any

from workflow.audit.chain import GENESIS, Entry, canonical, link, moment, seal
from workflow.errors import N_

MOST = 200
"""Findings beyond these are counted only."""


@dataclass(frozen=True, slots=True)
class Link:
    """An event as it is stored: what it says and its place in the chain; no seal in an export."""

    entry: Entry
    prev: str
    hash: str
    mac: str | None = None
    ends: tuple[int, str] | None = None
    """Number and hash of the last event according to the issue itself; not in an export."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint: issue number → [seq, hash] of the chain heads that had changed."""

    no: int
    at: datetime
    heads: Mapping[str, Sequence[Any]]
    prev: str
    hash: str
    signature: str
    last_event_id: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written; `message` is a msgid with places."""

    message: str
    issue: str | None = None
    seq: int | None = None
    checkpoint: int | None = None

    @property
    def params(self) -> dict[str, Any]:
        """What fills the places of the message."""
        return {"issue": self.issue, "seq": self.seq, "no": self.checkpoint}

    def text(self, translate: Callable[[str], str] = str) -> str:
        """The sentence."""
        return translate(self.message).format_map(self.params)


@dataclass(slots=True)
class Report:
    """What a check found."""

    events: int = 0
    issues: int = 0
    checkpoints: int = 0
    proved: int = 0
    """Events up to the last checkpoint; those after it are chained, not yet signed."""
    last: Signed | None = None
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def add(self, finding: Finding) -> None:
        """Note a finding, or count it."""
        if len(self.findings) < MOST:
            self.findings.append(finding)
        else:
            self.more += 1


Heads = Mapping[str, Mapping[int, str]]


def check(
    events: Iterable[Link],
    checkpoints: Iterable[Signed],
    *,
    is_signed: Callable[[str, bytes], bool],
    key: bytes | None = None,
    silent: Iterable[str] = (),
) -> Report:
    """Check a whole record.

    `events` come issue by issue, each chain in its order. `is_signed` tells whether a signature
    fits a message; `key` is the one of the seals; `silent` names issues without any event.
    """
    report = Report()
    heads: dict[str, dict[int, str]] = {}
    for issue, seq, hashed in _signed_heads(checkpoints, is_signed, report):
        heads.setdefault(issue, {})[seq] = hashed
    seen: set[str] = set()
    for issue, chain in groupby(events, key=attrgetter("entry.issue")):
        if issue in seen:
            report.add(Finding(N_("问题{issue}的记录被拆成了几段。"), issue))
        seen.add(issue)
        report.issues += 1
        _check_chain(issue, chain, heads.get(issue, {}), key, report)
    for issue in (*heads, *silent):
        if issue not in seen:
            seen.add(issue)
            report.add(Finding(N_("问题{issue}的记录整个不见了。"), issue))
    return report


def signed_message(hashed: str) -> bytes:
    """What a checkpoint's signature is made over."""
    return f"bihuan checkpoint {hashed}".encode("ascii")


def checkpoint_hash(
    no: int, at: datetime, heads: Mapping[str, Any], prev: str, last_event_id: int
) -> str:
    """The hash of a checkpoint that follows the one with hash `prev`."""
    fields = {
        "at": moment(at),
        "heads": heads,
        "last_event_id": last_event_id,
        "no": no,
        "prev": prev,
    }
    return sha256(canonical(fields)).hexdigest()


def _signed_heads(
    checkpoints: Iterable[Signed], is_signed: Callable[[str, bytes], bool], report: Report
) -> Iterator[tuple[str, int, str]]:
    prev = GENESIS
    for expected, one in enumerate(checkpoints, start=1):
        report.checkpoints += 1
        if one.no != expected:
            report.add(Finding(N_("检查点{no}之前缺少检查点。"), checkpoint=one.no))
        elif one.prev != prev:
            report.add(Finding(N_("检查点{no}没有接在上一个检查点之后。"), checkpoint=one.no))
        if one.hash != checkpoint_hash(one.no, one.at, one.heads, one.prev, one.last_event_id):
            report.add(Finding(N_("检查点{no}的内容被改过。"), checkpoint=one.no))
        elif not is_signed(one.signature, signed_message(one.hash)):
            report.add(Finding(N_("检查点{no}的签名不对。"), checkpoint=one.no))
        else:
            report.last = one
            for issue, (seq, hashed) in one.heads.items():
                yield issue, seq, hashed
        prev = one.hash


def _check_chain(
    issue: str,
    chain: Iterable[Link],
    heads: Mapping[int, str],
    key: bytes | None,
    report: Report,
) -> None:
    expected, prev, ends = 1, GENESIS, None
    hashes: dict[int, str] = {}
    covered = max(heads, default=0)
    before = len(report.findings) + report.more
    for one in chain:
        report.events += 1
        seq = one.entry.seq
        if seq != expected:
            report.add(Finding(N_("问题{issue}缺少第{seq}条记录。"), issue, expected))
        elif one.prev != prev:
            report.add(Finding(N_("问题{issue}第{seq}条记录没有接在上一条之后。"), issue, seq))
        if one.hash != _link(one):
            report.add(Finding(N_("问题{issue}第{seq}条记录的内容被改过。"), issue, seq))
        elif key is not None and one.mac != seal(one.hash, key):
            report.add(Finding(N_("问题{issue}第{seq}条记录是另写的，印记不对。"), issue, seq))
        report.proved += seq <= covered
        if seq in heads:
            hashes[seq] = one.hash
        expected, prev, ends = seq + 1, one.hash, one.ends
    is_located = len(report.findings) + report.more > before
    _check_heads(issue, heads, hashes, expected - 1, is_located, report)
    if ends is not None and ends != (expected - 1, prev):
        message = N_("问题{issue}的记录到第{seq}条为止，与问题自身所记不符。")
        report.add(Finding(message, issue, expected - 1))


def _link(one: Link) -> str | None:
    try:
        return link(one.prev, one.entry)
    except (TypeError, ValueError):
        return None


def _check_heads(
    issue: str,
    heads: Mapping[int, str],
    hashes: Mapping[int, str],
    length: int,
    is_located: bool,
    report: Report,
) -> None:
    """Compare a chain with the checkpoints; of one already known to be broken the end only."""
    good = 0
    for seq in sorted(heads):
        if seq not in hashes:
            if seq > length:
                message = N_("问题{issue}第{seq}条起的记录被截去。")
                report.add(Finding(message, issue, length + 1))
                return
        elif hashes[seq] != heads[seq] and not is_located:
            message = N_("问题{issue}第{seq}条起的记录与检查点不符。")
            report.add(Finding(message, issue, good + 1))
            return
        good = seq
