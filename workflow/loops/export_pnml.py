"""A loop as a Petri net in PNML (ISO/IEC 15909-2), for the tools that check and mine processes.

The net is a workflow net: one place where every issue begins, one where all end.  Each state is a
place; each action is a transition for every state in which it is possible, and one beside the state
takes the token and puts it back.  Clocks, guards and parts are not in it.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from workflow.loops.loop import Loop

_NAMESPACE = "http://www.pnml.org/version-2009/grammar/pnml"
_TYPE = "http://www.pnml.org/version-2009/grammar/ptnet"
BEGIN = "begin"
END = "end"


def pnml(loop: Loop, lang: str = "zh") -> str:
    """Return the net.

    Transitions are labelled with the action's name, as the event log has it; places with the state
    in ``lang``.  What only joins the ends is invisible to process mining tools.
    """
    root = Element("pnml", xmlns=_NAMESPACE)
    net = SubElement(root, "net", id=loop.name, type=_TYPE)
    _name(net, loop.labels[lang])
    page = SubElement(net, "page", id="page")
    _place(page, BEGIN, BEGIN, tokens=1)
    for state in loop.states.values():
        _place(page, _place_id(state.name), state.labels[lang])
    _place(page, END, END)
    for name, source, target, label in _moves(loop):
        transition = SubElement(page, "transition", id=name)
        _name(transition, label or name)
        if label is None:
            SubElement(
                transition,
                "toolspecific",
                tool="ProM",
                version="6.4",
                activity="$invisible$",
                localNodeID=name,
            )
        _arc(page, source, name)
        _arc(page, name, target)
    indent(root)
    text: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _moves(loop: Loop) -> Iterator[tuple[str, str, str, str | None]]:
    """Yield (id, from place, to place, action or None for a silent one)."""
    yield f"t_{loop.born_by}", BEGIN, _place_id(loop.initial), loop.born_by
    for source, actions in loop.by_state.items():
        for name, transition in actions.items():
            target = _place_id(transition.target or source)
            yield f"t_{name}__{source}", _place_id(source), target, name
    for state in loop.states.values():
        if state.final:
            yield f"t_end__{state.name}", _place_id(state.name), END, None


def _place_id(state: str) -> str:
    return f"p_{state}"


def _place(page: Element, id_: str, label: str, *, tokens: int = 0) -> None:
    place = SubElement(page, "place", id=id_)
    _name(place, label)
    if tokens:
        SubElement(SubElement(place, "initialMarking"), "text").text = str(tokens)


def _arc(page: Element, source: str, target: str) -> None:
    SubElement(page, "arc", id=f"a_{source}__{target}", source=source, target=target)


def _name(element: Element, text: str) -> None:
    SubElement(SubElement(element, "name"), "text").text = text
