"""Who may, whose move it is, and who stands above whom. Pure.

A *desk* is a pair (unit id, post): the place whose work it is, whoever sits there today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from workflow.errors import N_, NotAllowed
from workflow.units.directory import Directory, PostInfo
from workflow.units.posts import HEADS, RIGHTS_POSTS, RISE, WORK_POSTS

Desk = tuple[int, str]
Units = Mapping[str, Sequence[int]]
"""Relation → ids of the units that stand in it to an issue, the first one first."""

_NO_SCOPE = frozenset({"admin"})
_DISPATCHER = "dispatcher"


class Role(Protocol):
    """``post@relation`` of a loop definition (``workflow.loops.loop.Role``)."""

    @property
    def post(self) -> str: ...

    @property
    def relation(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts today.

    `desks` holds the work that falls to them: their own posts and the vacant ones of units that
    they head. `held` holds only posts of their own.
    """

    person_id: int | None
    login: str
    name: str
    on: date
    desks: frozenset[Desk] = frozenset()
    held: tuple[PostInfo, ...] = ()


SYSTEM = Actor(None, "system", "系统", date.min)
"""The clock and the installation itself."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The units whose issues a person may see; `everything` spares the filter."""

    everything: bool
    units: frozenset[int]


def actor(directory: Directory, person_id: int, on: date) -> Actor:
    """The person with their desks of that day. Raises NotFound, and NotAllowed if inactive."""
    person = directory.person(person_id)
    if not person.active:
        raise NotAllowed(N_("该账号已停用。请联系管理员。"), code="inactive")
    held = directory.posts_of(person_id, on)
    desks: set[Desk] = {(post.unit_id, post.post) for post in held}
    for unit_id in {post.unit_id for post in held}:
        if person_id in head(directory, unit_id, on):
            desks.update(
                (unit_id, post) for post in WORK_POSTS if not directory.holders(unit_id, post, on)
            )
    for unit_id, post_name in tuple(desks):
        desks.update((merged, post_name) for merged in directory.merged_into(unit_id))
    return Actor(person_id, person.login, person.name, on, frozenset(desks), held)


def head(directory: Directory, unit_id: int, on: date) -> tuple[int, ...]:
    """Who does the work of the unit's vacant posts: principal, else deputy, else section head."""
    for post in HEADS:
        if people := directory.holders(unit_id, post, on):
            return people
    return ()


def units_in(
    directory: Directory, relation: str, units: Units, *, post: str, on: date
) -> tuple[int, ...]:
    """The units in a relation.

    `above` is derived: the nearest unit above the responsible where `post` is filled, else the
    issuer. Without a lead the first responsible unit leads; without a closing unit the issuer
    closes.
    """
    if relation == "above":
        for responsible in units.get("responsible", ())[:1]:
            for unit_id in directory.ancestors(responsible):
                if directory.holders(unit_id, post, on):
                    return (unit_id,)
        return tuple(units.get("issuer", ())[:1])
    if found := units.get(relation):
        return tuple(found)
    if relation == "lead":
        return tuple(units.get("responsible", ())[:1])
    if relation == "closing":
        return tuple(units.get("issuer", ())[:1])
    return ()


def desk_of(directory: Directory, role: Role, units: Units, on: date) -> Desk | None:
    """The desk whose move it is: the role's post in the first unit of its relation."""
    found = units_in(directory, role.relation, units, post=role.post, on=on)
    return (found[0], role.post) if found else None


def people_at(directory: Directory, desk: Desk, on: date, *, units: Units) -> tuple[int, ...]:
    """Who does the work of a desk: holders, else the unit's head, else the issuer's dispatcher."""
    unit_id, post = desk
    if people := directory.holders(unit_id, post, on):
        return people
    if post in RIGHTS_POSTS:
        return ()
    if people := head(directory, unit_id, on):
        return people
    for issuer in units.get("issuer", ())[:1]:
        return directory.holders(issuer, _DISPATCHER, on) or head(directory, issuer, on)
    return ()


def may(directory: Directory, roles: Sequence[Role], units: Units, actor: Actor) -> bool:
    """Whether the actor does the work of one of these roles for an issue with these units."""
    return standing(directory, roles, units, actor) is not None


def standing(
    directory: Directory, roles: Sequence[Role], units: Units, actor: Actor
) -> tuple[Role, int] | None:
    """The first of these roles that the actor fills for such an issue, and the unit it is for."""
    for role in roles:
        post = role.post
        # What is stored needs no derivation; most decisions end here.
        stored = units.get(role.relation)
        for unit_id in stored or units_in(directory, role.relation, units, post=post, on=actor.on):
            if (unit_id, post) in actor.desks:
                return role, unit_id
            if _falls_to_issuer(directory, unit_id, post, units, actor):
                return role, unit_id
    return None


def _falls_to_issuer(
    directory: Directory, unit_id: int, post: str, units: Units, actor: Actor
) -> bool:
    return (
        post not in RIGHTS_POSTS
        and any((issuer, _DISPATCHER) in actor.desks for issuer in units.get("issuer", ())[:1])
        and not directory.holders(unit_id, post, actor.on)
        and not head(directory, unit_id, actor.on)
    )


def climb(
    directory: Directory,
    owner_unit_id: int,
    relative: str,
    units: Units,
    on: date,
    *,
    avoid: frozenset[int] = frozenset(),
    owner_post: str = "handler",
) -> Desk | None:
    """The desk that a rung of an escalation reaches, or None if there is nobody.

    `relative` is `owner` (the late desk itself: `owner_post` in `owner_unit_id`) or `post@place`,
    where the place is `owner`, `above` (the units above the owner) or a relation. A vacant post is
    skipped upwards: the next post of the same unit, the units above it, the issuer, at last the
    supervising unit. Units in `avoid` are complained of and never reached.
    """
    if relative == "owner":
        return (owner_unit_id, owner_post)
    post, _, place = relative.partition("@")
    starts: Sequence[int] = (
        (owner_unit_id,)
        if place in ("owner", "above")
        else units_in(directory, place, units, post=post, on=on)
    )
    posts = _upwards(post)
    for start in starts:
        first = () if place == "above" else (start,)
        for unit_id in (*first, *directory.ancestors(start)):
            if desk := _filled(directory, unit_id, posts, on, avoid):
                return desk
    for unit_id in units.get("issuer", ()):
        is_late = unit_id == owner_unit_id and place == "above"
        if not is_late and (desk := _filled(directory, unit_id, posts, on, avoid)):
            return desk
    for unit_id in units.get("supervising", ()):
        if desk := _filled(directory, unit_id, ("supervisor", "leader", *posts), on, avoid):
            return desk
    return None


def _upwards(post: str) -> tuple[str, ...]:
    if post in RISE:
        return RISE[RISE.index(post) :]
    return (post, "principal", "party_principal") if post == "leader" else (post, *RISE)


def _filled(
    directory: Directory, unit_id: int, posts: Sequence[str], on: date, avoid: frozenset[int]
) -> Desk | None:
    if unit_id in avoid:
        return None
    for post in posts:
        if directory.holders(unit_id, post, on):
            return (unit_id, post)
    return None


def scope_of(directory: Directory, actor: Actor) -> Scope:
    """What the actor may see: their units and all below; the post of admin opens nothing."""
    seen: set[int] = set()
    for post in actor.held:
        if post.post not in _NO_SCOPE:
            seen |= directory.subtree(post.unit_id)
    for unit_id in tuple(seen):
        for merged in directory.merged_into(unit_id):
            seen |= directory.subtree(merged)
    return Scope(everything=bool(seen) and len(seen) == len(directory.units), units=frozenset(seen))
