"""The proof that a loop keeps its promises, or the shortest walks on which it does not.

From every position that an issue can reach, an end can be reached; there is always an owner and a
running clock; nobody is named who is not there yet; nothing in the definition is dead; the laws of
the product hold.  Joins are proved on the product of the loop and one part.
"""

from itertools import chain

from workflow.loops.dead import dead
from workflow.loops.duties import duties
from workflow.loops.graph import MOST_POSITIONS, TooLarge, explore
from workflow.loops.laws import laws
from workflow.loops.loop import Loop
from workflow.loops.problems import Problem, problem
from workflow.loops.stuck import caught, ends


def prove(loop: Loop, part_loop: Loop | None = None) -> tuple[Problem, ...]:
    """Return why ``loop`` is not sound, the shortest trace first; nothing means that it is.

    ``part_loop`` is the loop that its parts run on (``Loop.part_loop``); without it, a part is
    taken to end well or void at any time.
    """
    try:
        graph = explore(loop, part_loop)
    except TooLarge:
        return (problem("too_large", most=MOST_POSITIONS),)
    lost = caught(graph)
    found = chain(laws(loop), ends(graph, lost), duties(graph), dead(graph, lost))
    return tuple(sorted(found, key=lambda p: len(p.trace)))
