"""A plain mapping → a :class:`Loop`, or everything that is wrong with its words.

Whether the loop can always be walked to its end is another question: ``soundness``.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from workflow.loops.clauses import read_requests, read_states, read_transitions
from workflow.loops.clock_clauses import read_clocks
from workflow.loops.loop import Loop
from workflow.loops.notes import Notes
from workflow.loops.problems import Problem
from workflow.loops.shape import LoopShape, read_shape
from workflow.loops.vocabulary import EXHAUSTIVE


def version_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a definition's content, whatever the order of its keys."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def read(content: Mapping[str, Any]) -> Loop | tuple[Problem, ...]:
    """Return the loop that a definition describes, or all problems with its words."""
    shape = read_shape(content)
    if isinstance(shape, tuple):
        return shape
    notes = Notes(shape)
    states = read_states(shape, notes)
    transitions = read_transitions(shape, notes, states)
    clocks = read_clocks(shape, notes, states, transitions)
    requests = read_requests(shape, notes, transitions)
    exhaustive = _exhaustive(shape, notes)
    _check_parts(shape, notes)
    notes.state(shape.initial, ("initial",))
    if notes.problems:
        return tuple(notes.problems)
    opened = {rule.opens: rule.name for rule in clocks.values() if rule.opens}
    return Loop(
        name=shape.loop,
        version=version_of(content),
        labels=MappingProxyType(shape.labels.labels),
        initial=shape.initial,
        born_by=shape.born_by,
        prefix=shape.prefix or shape.loop[:2].upper(),
        states=MappingProxyType(states),
        transitions=tuple(replace(t, opened_by=opened.get(t.name)) for t in transitions),
        clocks=MappingProxyType(clocks),
        requests=MappingProxyType(requests),
        exhaustive=exhaustive,
        part_loop=shape.part_loop,
        accept_by_superior=frozenset(shape.accept_by_superior),
        definition=content,
    )


def _exhaustive(shape: LoopShape, notes: Notes) -> tuple[frozenset[str], ...]:
    groups = tuple(frozenset(group) for group in shape.exhaustive)
    for i, group in enumerate(groups):
        if group not in EXHAUSTIVE:
            choices = "；".join(", ".join(sorted(known)) for known in EXHAUSTIVE)
            names = ", ".join(sorted(group))
            notes.add("bad_group", ("exhaustive", i), names=names, choices=choices)
    return groups


def _check_parts(shape: LoopShape, notes: Notes) -> None:
    splits = [i for i, entry in enumerate(shape.transitions) if entry.do == "split"]
    if splits and shape.part_loop is None:
        notes.add("no_part_loop", ("transitions", splits[0]))
    if shape.part_loop is not None and not splits:
        notes.add("no_part_loop/unused", ("part_loop",))
