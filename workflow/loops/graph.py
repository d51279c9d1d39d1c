"""Every position that a loop can reach, nearest first, with a shortest walk to each."""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import NamedTuple

from workflow.loops.loop import Loop
from workflow.loops.walk import ENDINGS, PART, Ending, Endings, Position, Step, Walker

MOST_POSITIONS = 50_000
"""The shipped loops have some hundred; a definition beyond this is refused, not explored."""


class TooLarge(Exception):
    """The definition has more positions than anybody could want."""


class Edge(NamedTuple):
    """A step to another position of the graph, by its index."""

    to: int
    step: Step


class Graph:
    """The reachable positions in the order of their distance, which is the length of the trace."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.positions: list[Position] = []
        self.edges: list[list[Edge]] = []
        self._before: list[tuple[int, tuple[str, ...]]] = []
        self._explore()

    def trace(self, index: int) -> tuple[str, ...]:
        """Return a shortest walk to a position, from the birth on."""
        names: list[str] = []
        while index >= 0:
            index, step = self._before[index]
            names[:0] = step
        return tuple(names)

    def is_birth(self, index: int) -> bool:
        """Return whether an issue begins at that position."""
        return self._before[index][0] < 0

    def __iter__(self) -> Iterator[tuple[int, Position]]:
        return iter(enumerate(self.positions))

    def _explore(self) -> None:
        birth = (self.walker.loop.born_by,)
        heap: list[tuple[int, int, Position, int, tuple[str, ...]]] = []
        for position in self.walker.starts():
            heappush(heap, (1, len(heap), position, -1, birth))
        pushed = len(heap)
        index: dict[Position, int] = {}
        out: list[list[Step]] = []
        while heap:
            distance, _, position, before, names = heappop(heap)
            if position in index:
                continue
            here = index[position] = len(self.positions)
            if here >= MOST_POSITIONS:
                raise TooLarge
            self.positions.append(position)
            self._before.append((before, names))
            steps = list(self.walker.steps(position))
            out.append(steps)
            for step in steps:
                if step.to not in index:
                    pushed += 1
                    far = distance + len(step.names)
                    heappush(heap, (far, pushed, step.to, here, step.names))
        self.edges = [[Edge(index[step.to], step) for step in steps] for steps in out]


def explore(loop: Loop, part_loop: Loop | None) -> Graph:
    """Return the graph of a loop joined with one part of it at a time."""
    return Graph(Walker(loop, endings_of(part_loop) if part_loop else ENDINGS))


def endings_of(part_loop: Loop) -> Endings:
    """Return how a part can end, each with a shortest walk.

    A part may be split in its turn; how that can end is found from the parts that are not.
    """
    endings = _endings(part_loop, None)
    splits = any(transition.kind == "split" for transition in part_loop.transitions)
    while splits and len(endings) < len(ENDINGS):
        more = _endings(part_loop, endings)
        if more.keys() == endings.keys():
            break
        endings = {**more, **endings}
    return endings


def _endings(part_loop: Loop, own_parts: Endings | None) -> dict[Ending, tuple[str, ...]]:
    found = Graph(Walker(part_loop, own_parts))
    endings: dict[Ending, tuple[str, ...]] = {}
    for index, position in found:
        state = part_loop.states[position.state]
        if state.final:
            ending: Ending = "settled" if state.counts_as == "settled" else "void"
            walk = tuple(f"{PART}{name}" for name in found.trace(index)[1:])
            endings.setdefault(ending, walk)
        if len(endings) == len(ENDINGS):
            break
    return endings
