"""What a reader of definitions notes down: each unknown word, with what may have been meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from workflow.loops.loop import Role
from workflow.loops.problems import Problem, Where, near, problem
from workflow.loops.shape import LoopShape
from workflow.loops.vocabulary import POSTS, RELATIONS

OVER = "_over"
"""``<clock>_over`` is the end of a period, which starts and stops clocks as an action does."""


class Notes:
    """The problems found so far in one definition, and the names that it defines."""

    def __init__(self, shape: LoopShape) -> None:
        self.problems: list[Problem] = []
        self.states = tuple(shape.states)
        self.clocks = tuple(shape.clocks)
        self.actions = tuple(dict.fromkeys(t.name or t.do for t in shape.transitions))
        self.periods = tuple(name for name, clock in shape.clocks.items() if clock.period)
        self.born_by = shape.born_by

    def add(self, key: str, where: Where, *, state: str | None = None, **params: Any) -> None:
        """Note one problem."""
        self.problems.append(problem(key, where, state=state, **params))

    def known(self, key: str, name: str, names: Iterable[str], where: Where, **params: Any) -> bool:
        """Note a word that is none of ``names``; return whether it is one."""
        choices = tuple(names)
        if name in choices:
            return True
        guess = get_close_matches(name, choices, n=1)
        self.add(key, where, **near(name, guess[0] if guess else None), **params)
        return False

    def state(self, name: str, where: Where) -> bool:
        """Return whether a state of that name is defined."""
        return self.known("unknown_state", name, self.states, where)

    def clock(self, name: str, where: Where) -> bool:
        """Return whether a clock of that name is defined."""
        return self.known("unknown_clock", name, self.clocks, where)

    def action(self, name: str, where: Where) -> bool:
        """Return whether an action of that name is defined."""
        return self.known("unknown_action", name, self.actions, where)

    def moment(self, name: str, where: Where) -> bool:
        """Return whether a clock can listen to that name: an action, the birth, a period's end."""
        ends = (f"{name}{OVER}" for name in self.periods)
        return self.known("unknown_action", name, (*self.actions, self.born_by, *ends), where)

    def role(self, text: str, where: Where) -> Role | None:
        """Read ``post@relation``."""
        post, at, relation = text.partition("@")
        if at and post in POSTS and relation in RELATIONS:
            return Role(post, relation)
        guess = _guess_role(post, relation)
        self.add("unknown_role", where, **near(text, guess))
        return None

    def roles(self, texts: Iterable[str], where: Where) -> tuple[Role, ...]:
        """Read several roles."""
        read = (self.role(text, (*where, i)) for i, text in enumerate(texts))
        return tuple(role for role in read if role is not None)


def _guess_role(post: str, relation: str) -> str | None:
    posts = get_close_matches(post, POSTS, n=1)
    relations = get_close_matches(relation, RELATIONS, n=1)
    return f"{posts[0]}@{relations[0]}" if posts and relations else None
