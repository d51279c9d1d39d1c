"""The formats of others say what the definition says."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

import pytest

from workflow.loops.export import FORMATS, NOT_YET, mermaid, pnml
from workflow.loops.loop import Loop

NAMES = ("part", "petition", "rectification", "snapshot")
PNML = "{http://www.pnml.org/version-2009/grammar/pnml}"
STATE = re.compile(r'    state "(?P<label>[^"]+)" as (?P<id>\w+)')
ARROW = re.compile(
    r"    (?P<source>\w+|\[\*\]) --> (?P<target>\w+|\[\*\])(?: : (?P<label>[^:;]+))?"
)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_mermaid_draws_every_state_and_every_move(
    shipped: Mapping[str, Loop], name: str, lang: str
) -> None:
    loop = shipped[name]
    head, *lines = mermaid(loop, lang).splitlines()
    assert head == "stateDiagram-v2"
    states = [found for line in lines if (found := STATE.fullmatch(line))]
    arrows = [found for line in lines if (found := ARROW.fullmatch(line))]
    assert len(states) + len(arrows) == len(lines)
    assert {s["id"]: s["label"] for s in states} == {
        state.name: state.labels[lang] for state in loop.states.values()
    }
    drawn = {
        (arrow["source"], arrow["target"], label)
        for arrow in arrows
        if arrow["label"]
        for label in arrow["label"].split(" / ")
    }
    assert drawn == {
        (source, t.target, t.labels[lang])
        for t in loop.transitions
        for source in t.sources
        if t.target
    }
    assert [a["target"] for a in arrows if a["source"] == "[*]"] == [loop.initial]
    assert {a["source"] for a in arrows if a["target"] == "[*]"} == {
        state.name for state in loop.states.values() if state.final
    }


def test_mermaid_escapes_what_it_would_misread(
    mini: dict[str, Any], loop: Callable[[Mapping[str, Any]], Loop]
) -> None:
    mini["states"]["fixing"]["zh"] = '整改: "一"; <二> #3'
    mini["states"]["end"] = mini["states"].pop("closed")
    for transition in mini["transitions"][1:]:
        transition["to"] = "end"
    drawn = mermaid(loop(mini))
    assert '"整改#58; #quot;一#quot;#59; #lt;二#gt; #35;3" as fixing' in drawn
    assert "fixing --> end_ :" in drawn


def net(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


@pytest.mark.parametrize("name", NAMES)
def test_pnml_is_a_workflow_net(shipped: Mapping[str, Loop], name: str) -> None:
    root = net(pnml(shipped[name]))
    places = {p.attrib["id"] for p in root.iter(f"{PNML}place")}
    moves = {t.attrib["id"] for t in root.iter(f"{PNML}transition")}
    arcs = [(a.attrib["source"], a.attrib["target"]) for a in root.iter(f"{PNML}arc")]
    ids = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
    assert len(ids) == len(set(ids))
    assert all((s in places) != (t in places) for s, t in arcs)
    assert all((s in moves) != (t in moves) for s, t in arcs)
    assert {p for p in places if p not in {t for _, t in arcs}} == {"begin"}
    assert {p for p in places if p not in {s for s, _ in arcs}} == {"end"}
    marked = [p.attrib["id"] for p in root.iter(f"{PNML}place") if p.find(f"{PNML}initialMarking")]
    assert marked == ["begin"]
    # Each transition takes one token and gives one: a state machine, so it is sound if every
    # place lies on a way from begin to end.
    assert set(Counter(s for s, _ in arcs if s in moves).values()) == {1}
    assert set(Counter(t for _, t in arcs if t in moves).values()) == {1}
    for start, pairs in (("begin", arcs), ("end", [(t, s) for s, t in arcs])):
        reached, waiting = {start}, [start]
        while waiting:
            at = waiting.pop()
            for s, t in pairs:
                if s == at and t not in reached:
                    reached.add(t)
                    waiting.append(t)
        assert reached == places | moves


def test_pnml_transitions_carry_the_names_of_the_event_log(shipped: Mapping[str, Loop]) -> None:
    loop = shipped["rectification"]
    root = net(pnml(loop))
    named, silent = Counter(), 0
    for transition in root.iter(f"{PNML}transition"):
        if transition.find(f"{PNML}toolspecific") is not None:
            silent += 1
        else:
            named[transition.findtext(f"{PNML}name/{PNML}text")] += 1
    assert named == Counter(["report"]) + Counter(
        {name: len(t) for name in loop.actions if (t := _states_with(loop, name))}
    )
    assert silent == sum(state.final for state in loop.states.values())
    labels = {p.findtext(f"{PNML}name/{PNML}text") for p in root.iter(f"{PNML}place")}
    assert labels >= {state.labels["zh"] for state in loop.states.values()}


def _states_with(loop: Loop, action: str) -> list[str]:
    return [state for state, actions in loop.by_state.items() if action in actions]


def test_formats_that_are_not_there_are_named() -> None:
    assert set(FORMATS) == {"mermaid", "pnml"}
    assert set(NOT_YET) == {"scxml", "bpmn"}
