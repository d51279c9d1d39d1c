"""A loop as a Mermaid state diagram, for pages and documents that draw it."""

from collections.abc import Iterator

from workflow.loops.loop import Loop, Transition

_ESCAPES = str.maketrans(
    {"#": "#35;", ";": "#59;", '"': "#quot;", "<": "#lt;", ">": "#gt;", ":": "#58;"}
)
_RESERVED = frozenset({"end", "state", "note", "direction", "class", "style", "click", "default"})


def mermaid(loop: Loop, lang: str = "zh") -> str:
    """Return a ``stateDiagram-v2``; actions between the same two states share one arrow."""
    return "\n".join(_lines(loop, lang)) + "\n"


def _lines(loop: Loop, lang: str) -> Iterator[str]:
    yield "stateDiagram-v2"
    for state in loop.states.values():
        yield f'    state "{_text(state.labels[lang])}" as {_id(state.name)}'
    yield f"    [*] --> {_id(loop.initial)}"
    for (source, target), transitions in _arrows(loop).items():
        names = dict.fromkeys(_text(t.labels[lang]) for t in transitions)
        yield f"    {_id(source)} --> {_id(target)} : {' / '.join(names)}"
    for state in loop.states.values():
        if state.final:
            yield f"    {_id(state.name)} --> [*]"


def _arrows(loop: Loop) -> dict[tuple[str, str], list[Transition]]:
    """Return the moves between states; what stays beside the state has no arrow."""
    arrows: dict[tuple[str, str], list[Transition]] = {}
    for transition in loop.transitions:
        for source in transition.sources:
            if transition.target is not None:
                arrows.setdefault((source, transition.target), []).append(transition)
    return arrows


def _id(name: str) -> str:
    return f"{name}_" if name in _RESERVED else name


def _text(label: str) -> str:
    return label.translate(_ESCAPES)
