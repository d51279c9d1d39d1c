"""Checks a record of Bihuan without Bihuan: needs Python 3.11, `cryptography` and this file.

    python verify_export.py record.jsonl checkpoint.pub [--anchor 12:9f86d08...]

record.jsonl     made by `bihuan audit export`: one JSON object a line; first a head, then every
                 checkpoint, then every event, issue by issue, each issue's events in their order.
checkpoint.pub   the installation's public key (PEM, Ed25519). Get it from somebody other than the
                 one who gave you the record.
--anchor         number and hash of a checkpoint that was handed to you earlier; proves that
                 nothing up to it was replaced since, not even together with the key.

What is computed. `canonical(x)` is JSON with sorted keys, separators `,` and `:`, and every
character beyond ASCII escaped as \\uXXXX; times are UTC, as in 2026-03-02T01:00:00.000000Z.
    event hash        SHA-256 of canonical of action at by data door issue kind prev seq unit
    checkpoint hash   SHA-256 of canonical of at heads last_event_id no prev
    signature         Ed25519 over "bihuan checkpoint " + checkpoint hash
`prev` is the hash of the event (checkpoint) before, 64 zeros for the first. `heads` maps the number
of each issue with new events to [seq, hash] of its last one.

What is proved. Each event up to the last checkpoint is the one that was signed: none was changed,
taken out, put in or moved. Later events hang together, but nobody has signed them yet: the end of
the record could have been cut off or written anew. This says how many they are.

Exit code: 0 proved, 1 something is wrong (named), 2 wrong usage.
"""

# ruff: noqa: T201
import argparse
import hashlib
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

EVENT = ("action", "at", "by", "data", "door", "issue", "kind", "prev", "seq", "unit")
CHECKPOINT = ("at", "heads", "last_event_id", "no", "prev")
ZEROS = "0" * 64


class Bad(Exception):
    """What is wrong, in one sentence."""


def digest(values, names):
    chosen = {name: values[name] for name in names}
    text = json.dumps(chosen, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def lines(path):
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                values = json.loads(line)
            except ValueError:
                raise Bad(f"line {number} is not JSON; the file may be incomplete") from None
            if not isinstance(values, dict) or "type" not in values:
                raise Bad(f"line {number} is no part of a record")
            yield number, values


def check_signature(key, one):
    try:
        key.verify(bytes.fromhex(one["signature"]), f"bihuan checkpoint {one['hash']}".encode())
    except (InvalidSignature, ValueError):
        raise Bad(f"checkpoint {one['no']}: the signature is not this key's") from None


def check_checkpoint(key, one, before):
    if one["no"] != before["no"] + 1:
        raise Bad(f"checkpoint {before['no'] + 1} is missing")
    if one["prev"] != before["hash"]:
        raise Bad(f"checkpoint {one['no']} does not follow checkpoint {before['no']}")
    if one["hash"] != digest(one, CHECKPOINT):
        raise Bad(f"checkpoint {one['no']} was changed")
    check_signature(key, one)


class Chain:
    """The events of one issue, compared with the heads that were signed."""

    def __init__(self, issue, heads):
        self.issue, self.heads = issue, heads
        self.seq, self.hash = 0, ZEROS
        self.sure = 0  # the last event that a signature reaches
        self.events = 0

    def add(self, event):
        name = f"issue {self.issue}, event {self.seq + 1}"
        if event["seq"] != self.seq + 1:
            raise Bad(f"{name} is missing")
        if event["prev"] != self.hash:
            raise Bad(f"{name} does not follow the event before it")
        if event["hash"] != digest(event, EVENT):
            raise Bad(f"{name} was changed")
        self.seq, self.hash, self.events = event["seq"], event["hash"], self.events + 1
        if self.seq in self.heads:
            if self.heads[self.seq] != self.hash:
                raise Bad(
                    f"issue {self.issue}: rewritten from event {self.sure + 1}"
                    f" or later; event {self.seq} is not the one that was signed"
                )
            self.sure = self.seq

    def end(self):
        if max(self.heads, default=0) > self.seq:
            raise Bad(f"issue {self.issue}, event {self.seq + 1} and what follows were cut off")


class Record:
    """Everything in the file so far."""

    def __init__(self, key, anchor):
        self.key, self.anchor = key, anchor
        self.last = {"no": 0, "hash": ZEROS, "at": None}
        self.heads = {}  # issue -> {seq: hash}
        self.hashes = {}  # checkpoint -> hash
        self.chain = None
        self.issues, self.events, self.sure = set(), 0, 0

    def add(self, number, values):
        kind = values["type"]
        if kind == "checkpoint" and self.chain is None:
            check_checkpoint(self.key, values, self.last)
            self.last = values
            self.hashes[values["no"]] = values["hash"]
            for issue, (seq, hashed) in values["heads"].items():
                self.heads.setdefault(issue, {})[seq] = hashed
        elif kind == "event":
            if self.chain is None or values["issue"] != self.chain.issue:
                self.begin(values["issue"])
            self.chain.add(values)
        else:
            raise Bad(f"line {number} does not belong here")

    def begin(self, issue):
        self.close()
        if issue in self.issues:
            raise Bad(f"issue {issue} stands in two places")
        self.issues.add(issue)
        self.chain = Chain(issue, self.heads.get(issue, {}))

    def close(self):
        if self.chain is not None:
            self.chain.end()
            self.events += self.chain.events
            self.sure += self.chain.sure

    def finish(self):
        self.close()
        for issue in self.heads:
            if issue not in self.issues:
                raise Bad(f"issue {issue}, event 1 and what follows are missing")
        if self.anchor:
            number, _, hashed = self.anchor.partition(":")
            if self.hashes.get(int(number)) != hashed:
                raise Bad(f"checkpoint {number} is not the one that was handed over")


def main():
    parser = argparse.ArgumentParser(description="Check a record of Bihuan.")
    parser.add_argument("record")
    parser.add_argument("public_key")
    parser.add_argument("--anchor", metavar="NO:HASH")
    given = parser.parse_args()
    with open(given.public_key, "rb") as file:
        key = load_pem_public_key(file.read())
    if not isinstance(key, Ed25519PublicKey):
        parser.error("the public key is not an Ed25519 key")
    record = Record(key, given.anchor)
    try:
        for number, values in lines(given.record):
            if number > 1:
                record.add(number, values)
            elif values.get("format") != "bihuan-record/1":
                raise Bad("this is no record of Bihuan, or one of another version")
        record.finish()
    except Bad as fault:
        print(f"BAD: {fault}")
        return 1
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        print(f"BAD: a part of the record has not the form it should have ({fault!r})")
        return 1
    last = record.last
    print(f"PROVED: {record.sure} events of {len(record.issues)} issues, {last['no']} checkpoints")
    if last["no"]:
        print(f"up to checkpoint {last['no']} of {last['at']}, hash {last['hash']}")
    print(f"after it: {record.events - record.sure} events, linked but not signed by anybody yet")
    return 0


if __name__ == "__main__":
    sys.exit(main())
