"""The unit tree with its people, posts and routes as one immutable snapshot. Pure.

Every question about who does what is answered here from dictionaries, so that a decision asks the
database nothing. A new snapshot is made when the stamp ``directory`` has risen.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from workflow.errors import N_, NotFound

_DROPPED = str.maketrans("", "", "和与及·、，,.。-—_()（）")


@dataclass(frozen=True, slots=True)
class UnitInfo:
    """One node of the tree (单位)."""

    id: int
    code: str
    name: str
    aliases: tuple[str, ...] = ()
    kind: str = "department"
    level: str = "city"
    parent_id: int | None = None
    successor_id: int | None = None
    abolished_on: date | None = None


@dataclass(frozen=True, slots=True)
class PersonInfo:
    """Somebody who can log in."""

    id: int
    login: str
    name: str
    email: str | None = None
    phone: str | None = None
    lang: str = "zh"
    active: bool = True


@dataclass(frozen=True, slots=True)
class PostInfo:
    """A person's post in a unit; both days belong to it."""

    person_id: int
    unit_id: int
    post: str
    from_on: date
    until_on: date | None = None
    acting: bool = False

    def is_held(self, on: date) -> bool:
        """Whether the post is held on that day."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


@dataclass(frozen=True, slots=True)
class RouteInfo:
    """Which units receive what comes from a source, of a category, in a place; None matches all."""

    rank: int
    source: str | None
    category: str | None
    place_unit_id: int | None
    issuer_unit_id: int
    acceptance_unit_id: int | None = None
    supervising_unit_id: int | None = None
    closing_unit_id: int | None = None


def plain(text: str) -> str:
    """`text` in one width and case, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def stem(text: str) -> str:
    """`plain` without what people write or leave out at will: 和, 与, brackets, 员会 after 委."""
    return plain(text).translate(_DROPPED).replace("委员会", "委")


class Directory:
    """Units, people, posts and routes of one version; never changed after it was made."""

    __slots__ = (
        "_above",
        "_by_code",
        "_by_login",
        "_by_name",
        "_by_stem",
        "_children",
        "_current",
        "_grams",
        "_merged",
        "_of_person",
        "_people",
        "_posts",
        "_routes",
        "_subtree",
        "_units",
        "routes",
        "version",
    )

    def __init__(
        self,
        version: int,
        units: Iterable[UnitInfo],
        people: Iterable[PersonInfo] = (),
        posts: Iterable[PostInfo] = (),
        routes: Iterable[RouteInfo] = (),
    ) -> None:
        self.version = version
        self._units = {unit.id: unit for unit in units}
        self._people = {person.id: person for person in people}
        self._by_login = {person.login: person for person in self._people.values()}
        self._plant()
        self._staff(posts)
        self._name()
        self._routes: dict[tuple[str | None, str | None], dict[int | None, RouteInfo]] = {}
        self.routes = tuple(map(self._today, routes))
        for route in sorted(self.routes, key=lambda route: route.rank):
            places = self._routes.setdefault((route.source, route.category), {})
            places.setdefault(route.place_unit_id, route)

    def _plant(self) -> None:
        children: defaultdict[int | None, list[int]] = defaultdict(list)
        for unit in self._units.values():
            children[unit.parent_id].append(unit.id)
        self._children = {parent: tuple(ids) for parent, ids in children.items()}
        self._above = {unit_id: self._chain(unit_id, "parent_id") for unit_id in self._units}
        below: dict[int, set[int]] = {unit_id: {unit_id} for unit_id in self._units}
        for unit_id, above in self._above.items():
            for ancestor in above:
                below[ancestor].add(unit_id)
        self._subtree = {unit_id: frozenset(ids) for unit_id, ids in below.items()}
        self._current = {
            unit_id: (unit_id, *self._chain(unit_id, "successor_id"))[-1] for unit_id in self._units
        }
        self._merged: dict[int, tuple[int, ...]] = {}
        for unit_id, current in self._current.items():
            if unit_id != current:
                self._merged[current] = (*self._merged.get(current, ()), unit_id)

    def _today(self, route: RouteInfo) -> RouteInfo:
        """The route with the successors of units that were abolished since it was written."""
        ids = (
            route.place_unit_id,
            route.issuer_unit_id,
            route.acceptance_unit_id,
            route.supervising_unit_id,
            route.closing_unit_id,
        )
        place, issuer, acceptance, supervising, closing = (
            None if unit_id is None else self.current(unit_id) for unit_id in ids
        )
        assert issuer is not None
        return replace(
            route,
            place_unit_id=place,
            issuer_unit_id=issuer,
            acceptance_unit_id=acceptance,
            supervising_unit_id=supervising,
            closing_unit_id=closing,
        )

    def _chain(self, unit_id: int, link: str) -> tuple[int, ...]:
        """The units behind `unit_id`, nearest first; a circle in bad data ends where it began."""
        found: list[int] = []
        following = getattr(self._units[unit_id], link)
        while following in self._units and following != unit_id and following not in found:
            found.append(following)
            following = getattr(self._units[following], link)
        return tuple(found)

    def _staff(self, posts: Iterable[PostInfo]) -> None:
        seats: defaultdict[tuple[int, str], list[PostInfo]] = defaultdict(list)
        held: defaultdict[int, list[PostInfo]] = defaultdict(list)
        # Somebody who holds a post in their own right comes before an acting one.
        for post in sorted(posts, key=lambda post: (post.acting, post.from_on, post.person_id)):
            person = self._people.get(post.person_id)
            if person is None or not person.active:
                continue
            if self._current.get(post.unit_id) != post.unit_id:
                continue  # the unit was abolished, and every post in it with it
            seats[post.unit_id, post.post].append(post)
            held[post.person_id].append(post)
        self._posts = {seat: tuple(posts) for seat, posts in seats.items()}
        self._of_person = {person: tuple(posts) for person, posts in held.items()}

    def _name(self) -> None:
        self._by_code = {plain(unit.code): unit.id for unit in self._units.values()}
        names: dict[str, set[int]] = {}
        stems: dict[str, set[int]] = {}
        for unit in self._units.values():
            for name in (unit.name, *unit.aliases):
                names.setdefault(plain(name), set()).add(self._current[unit.id])
                stems.setdefault(stem(name), set()).add(self._current[unit.id])
        self._by_name = _certain(names)
        self._by_stem = _certain(stems)
        self._grams: _Grams | None = None  # made for the first misspelling

    # -- units ---------------------------------------------------------------------------------

    @property
    def units(self) -> Mapping[int, UnitInfo]:
        """Every unit by id, abolished ones too."""
        return self._units

    @property
    def people(self) -> Mapping[int, PersonInfo]:
        """Every person by id, inactive ones too."""
        return self._people

    def unit(self, unit_id: int) -> UnitInfo:
        """The unit with this id. Raises NotFound."""
        try:
            return self._units[unit_id]
        except KeyError:
            raise NotFound(N_("没有这个单位。请从单位列表中选择。"), code="no_unit") from None

    def person(self, person_id: int) -> PersonInfo:
        """The person with this id. Raises NotFound."""
        try:
            return self._people[person_id]
        except KeyError:
            raise NotFound(N_("没有这个人员。"), code="no_person") from None

    def person_by_login(self, login: str) -> PersonInfo | None:
        """The person with this login name."""
        return self._by_login.get(login)

    def current(self, unit_id: int) -> int:
        """The unit itself, or the one that took over from it when it was abolished."""
        return self._current.get(unit_id, unit_id)

    def merged_into(self, unit_id: int) -> tuple[int, ...]:
        """The abolished units whose work this unit took over."""
        return self._merged.get(unit_id, ())

    def find(self, text: str) -> UnitInfo | None:
        """The unit with this code, name or alias, or its successor; None if not certain."""
        for index, key in (
            (self._by_name, plain(text)),
            (self._by_code, plain(text)),
            (self._by_stem, stem(text)),
        ):
            if key and (unit_id := index.get(key)) is not None:
                return self._units[self._current[unit_id]]
        return None

    def nearest(self, text: str, n: int = 3) -> tuple[UnitInfo, ...]:
        """The units whose names are most like `text`, best first; none if none is alike."""
        if self._grams is None:
            self._grams = _Grams(
                (self._current[unit.id], name)
                for unit in self._units.values()
                for name in (unit.name, *unit.aliases)
            )
        return tuple(self._units[unit_id] for unit_id in self._grams.nearest(text)[:n])

    def children(self, unit_id: int | None) -> tuple[UnitInfo, ...]:
        """The units directly below, abolished ones left out; None: the roots."""
        below = (self._units[child] for child in self._children.get(unit_id, ()))
        return tuple(unit for unit in below if unit.abolished_on is None)

    def ancestors(self, unit_id: int) -> tuple[int, ...]:
        """Ids of the units above, nearest first."""
        return self._above.get(unit_id, ())

    def subtree(self, unit_id: int) -> frozenset[int]:
        """Ids of the unit and everything below it."""
        return self._subtree.get(unit_id, frozenset())

    def is_within(self, unit_id: int, of: int) -> bool:
        """Whether the unit is `of` or lies below it."""
        return unit_id == of or of in self._above.get(unit_id, ())

    # -- posts ---------------------------------------------------------------------------------

    def holders(self, unit_id: int, post: str, on: date) -> tuple[int, ...]:
        """People with this post on that day, acting ones last; of a successor, if abolished."""
        held = self._posts.get((self._current.get(unit_id, unit_id), post))
        if held is None:
            return ()
        return tuple([each.person_id for each in held if each.is_held(on)])

    def posts_of(self, person_id: int, on: date) -> tuple[PostInfo, ...]:
        """The posts that an active person holds on that day."""
        return tuple([each for each in self._of_person.get(person_id, ()) if each.is_held(on)])

    def all_posts_of(self, person_id: int) -> tuple[PostInfo, ...]:
        """The posts of an active person on any day, past and to come."""
        return self._of_person.get(person_id, ())

    # -- routes --------------------------------------------------------------------------------

    def route(
        self, source: str | None, category: str | None, place_unit_id: int | None
    ) -> RouteInfo | None:
        """The most specific route: by source, then by category, then by the nearest place.

        A route of a place serves the units below it too. Of routes for the same source, category
        and place the lowest rank wins.
        """
        places: Sequence[int | None] = (None,)
        if place_unit_id is not None:
            places = (place_unit_id, *self._above.get(place_unit_id, ()), None)
        for key in ((source, category), (source, None), (None, category), (None, None)):
            known = self._routes.get(key)
            if known is not None:
                for place in places:
                    if place in known:
                        return known[place]
        return None


def _certain(names: Mapping[str, set[int]]) -> dict[str, int]:
    return {name: next(iter(ids)) for name, ids in names.items() if len(ids) == 1}


class _Grams:
    """Names by their letters and pairs of letters, to tell which are alike."""

    LEAST = 0.2
    """Likeness (Dice) of names that are proposed at all; 1 is the same."""

    def __init__(self, names: Iterable[tuple[int, str]]) -> None:
        self.units: list[int] = []
        self.sizes: list[int] = []
        self.names_with: dict[str, list[int]] = {}
        for at, (unit_id, name) in enumerate(names):
            grams = _grams(name)
            self.units.append(unit_id)
            self.sizes.append(len(grams))
            for gram in grams:
                self.names_with.setdefault(gram, []).append(at)

    def nearest(self, text: str) -> list[int]:
        """Unit ids, the most alike first."""
        wanted = _grams(text)
        shared: Counter[int] = Counter()
        for gram in wanted:
            shared.update(self.names_with.get(gram, ()))
        scores: dict[int, float] = {}
        for at, count in shared.items():
            score = 2 * count / (len(wanted) + self.sizes[at])
            unit_id = self.units[at]
            if score > max(self.LEAST, scores.get(unit_id, 0.0)):
                scores[unit_id] = score
        return sorted(scores, key=lambda unit_id: (-scores[unit_id], unit_id))


def _grams(text: str) -> frozenset[str]:
    letters = stem(text)[:100]
    return frozenset(letters) | frozenset(map("".join, pairwise(letters)))
