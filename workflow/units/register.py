"""Whether entries fit the units that exist, and what storing them would change. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from workflow.errors import N_
from workflow.units.directory import Directory, RouteInfo, UnitInfo, plain
from workflow.units.entries import (
    LEVELS,
    Batch,
    Fault,
    PersonEntry,
    PostEntry,
    RouteEntry,
    UnitEntry,
)
from workflow.units.posts import POSTS

NO_UNIT = N_("没有“{name}”这个单位。是否是：{near}？")
NO_SUCH_UNIT = N_("没有“{name}”这个单位，请先登记。")


@dataclass(slots=True)
class Changes:
    """What is new and what differs; entries that are stored already appear in neither."""

    new_units: list[UnitEntry] = field(default_factory=list)
    changed_units: list[UnitEntry] = field(default_factory=list)
    new_people: list[PersonEntry] = field(default_factory=list)
    changed_people: list[PersonEntry] = field(default_factory=list)
    new_posts: list[PostEntry] = field(default_factory=list)
    new_routes: list[RouteEntry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class Register:
    """Entries beside a directory: names resolve in both.

    With `update` an entry for something that exists changes it; without, it is a fault.
    """

    def __init__(self, directory: Directory, batch: Batch, *, update: bool) -> None:
        self.directory = directory
        self.batch = batch
        self.update = update
        self.codes = {entry.code: entry for entry in batch.units}
        self.names: dict[str, str] = {}
        for entry in batch.units:
            for name in (entry.code, entry.name, *entry.aliases):
                self.names.setdefault(plain(name), entry.code)
        self.near: dict[str, str] = {}
        self.by_code = {unit.code: unit for unit in directory.units.values()}

    def code_of(self, text: str) -> str | None:
        """The code of the unit that `text` names."""
        if code := self.names.get(plain(text)):
            return code
        unit = self.directory.find(text)
        return unit.code if unit else None

    def changes(self) -> Changes:
        """Everything that storing the batch would change, and every fault that forbids it."""
        changes = Changes()
        self._units(changes)
        self._people(changes)
        self._posts(changes)
        self._routes(changes)
        return changes

    # -- units ---------------------------------------------------------------------------------

    def _units(self, changes: Changes) -> None:
        owners = self._owners_of_names()
        seen: set[str] = set()
        for entry in self.batch.units:
            known = self.by_code.get(entry.code)
            if entry.code in seen or (known and not self.update):
                changes.faults.append(
                    Fault(
                        entry.row,
                        "code",
                        N_("编码“{code}”已被使用，请换一个。"),
                        {"code": entry.code},
                    )
                )
                continue
            seen.add(entry.code)
            changes.faults += self._unit_faults(entry, known, owners)
            if known is None:
                changes.new_units.append(entry)
            elif self._differs(entry, known):
                changes.changed_units.append(entry)

    def _owners_of_names(self) -> dict[str, str]:
        """Every name in force → code; of two entries with the same name the first one has it."""
        owners: dict[str, str] = {}
        for unit in self.directory.units.values():
            # An official name stays taken until its unit has been renamed in an import before.
            names = (unit.name,) if unit.code in self.codes else (unit.name, *unit.aliases)
            for name in names:
                owners.setdefault(plain(name), unit.code)
        for entry in self.batch.units:
            for name in (entry.name, *entry.aliases):
                owners.setdefault(plain(name), entry.code)
        return owners

    def _unit_faults(
        self, entry: UnitEntry, known: UnitInfo | None, owners: dict[str, str]
    ) -> Iterator[Fault]:
        for column, names in (("name", (entry.name,)), ("aliases", entry.aliases)):
            for name in names:
                if (owner := owners[plain(name)]) != entry.code:
                    yield Fault(
                        entry.row,
                        column,
                        N_("“{name}”已是另一个单位（{owner}）的名称或别名。"),
                        {"name": name, "owner": self._name(owner)},
                    )
        if known is not None and known.abolished_on is not None:
            yield Fault(entry.row, "code", N_("该单位已撤销，不能再修改。"))
        if entry.level not in LEVELS:
            yield Fault(
                entry.row,
                "level",
                N_("没有“{level}”这一级。可写：{levels}。"),
                {"level": entry.level, "levels": "、".join(LEVELS)},
            )
        elif entry.under:
            yield from self._parent_faults(entry)

    def _parent_faults(self, entry: UnitEntry) -> Iterator[Fault]:
        assert entry.under is not None
        code = self.code_of(entry.under)
        if code is None:
            yield self._no_unit(entry.row, "under", entry.under)
        elif entry.code in self._line(code):
            yield Fault(entry.row, "under", N_("上级单位不能是自己或自己的下级。"))
        elif LEVELS.index(entry.level) < self._rank(code):
            yield Fault(
                entry.row,
                "under",
                N_("上级单位“{name}”的级别低于本单位。"),
                {"name": self._name(code)},
            )

    def _line(self, code: str) -> list[str]:
        """The unit and all above it, as they will be after the batch."""
        line: list[str] = []
        following: str | None = code
        while following is not None and following not in line:
            line.append(following)
            if entry := self.codes.get(following):
                following = self.code_of(entry.under) if entry.under else None
            else:
                parent = self.by_code[following].parent_id
                following = None if parent is None else self.directory.unit(parent).code
        return line

    def _rank(self, code: str) -> int:
        level = (self.codes.get(code) or self.by_code[code]).level
        return LEVELS.index(level) if level in LEVELS else 0

    def _differs(self, entry: UnitEntry, known: UnitInfo) -> bool:
        parent = None if known.parent_id is None else self.directory.unit(known.parent_id).code
        return (entry.name, entry.aliases, entry.kind, entry.level) != (
            known.name,
            known.aliases,
            known.kind,
            known.level,
        ) or (self.code_of(entry.under) if entry.under else None) != parent

    def _name(self, code: str) -> str:
        return (self.codes.get(code) or self.by_code[code]).name

    def _no_unit(self, row: str, column: str, name: str) -> Fault:
        if name not in self.near:
            self.near[name] = "、".join(unit.name for unit in self.directory.nearest(name))
        near = self.near[name]
        sentence = NO_UNIT if near else NO_SUCH_UNIT
        return Fault(row, column, sentence, {"name": name, "near": near})

    # -- people, posts, routes -----------------------------------------------------------------

    def _people(self, changes: Changes) -> None:
        seen: set[str] = set()
        for entry in self.batch.people:
            known = self.directory.person_by_login(entry.login)
            if entry.login == "system":  # the name under which the clock acts
                changes.faults.append(Fault(entry.row, "login", N_("这个登录名由系统保留。")))
            elif entry.login in seen or (known and not self.update):
                sentence = N_("登录名“{login}”已被使用，请换一个。")
                changes.faults.append(Fault(entry.row, "login", sentence, {"login": entry.login}))
            elif known is None:
                changes.new_people.append(entry)
            elif (entry.name, entry.email, entry.phone, entry.lang) != (
                known.name,
                known.email,
                known.phone,
                known.lang,
            ):
                changes.changed_people.append(entry)
            seen.add(entry.login)

    def _posts(self, changes: Changes) -> None:
        logins = {entry.login for entry in self.batch.people}
        seen: list[PostEntry] = []
        for entry in self.batch.posts:
            faults = list(self._post_faults(entry, logins))
            same = self._stored(entry) or any(self._overlap(entry, other) for other in seen)
            seen.append(entry)
            if same and not self.update:
                faults.append(Fault(entry.row, "post", N_("此人在这段时间已任该岗位。")))
            changes.faults += faults
            if not faults and not same:
                changes.new_posts.append(entry)

    def _post_faults(self, entry: PostEntry, logins: set[str]) -> Iterator[Fault]:
        person = self.directory.person_by_login(entry.login)
        if entry.login not in logins and person is None:
            sentence = N_("没有登录名为“{login}”的人员，请先登记。")
            yield Fault(entry.row, "login", sentence, {"login": entry.login})
        elif person is not None and not person.active:
            sentence = N_("“{login}”的账号已停用，不能任职。")
            yield Fault(entry.row, "login", sentence, {"login": entry.login})
        if self.code_of(entry.unit) is None:
            yield self._no_unit(entry.row, "unit", entry.unit)
        if entry.post not in POSTS:
            yield Fault(
                entry.row,
                "post",
                N_("没有“{post}”这个岗位。可写：{posts}。"),
                {"post": entry.post, "posts": "、".join(sorted(POSTS))},
            )
        if entry.until_on is not None and entry.until_on < entry.from_on:
            yield Fault(entry.row, "until_on", N_("任职结束日期早于开始日期。"))

    def _stored(self, entry: PostEntry) -> bool:
        person = self.directory.person_by_login(entry.login)
        unit = self.by_code.get(self.code_of(entry.unit) or "")
        if person is None or unit is None:
            return False
        return any(
            held.unit_id == unit.id
            and held.post == entry.post
            and held.from_on <= (entry.until_on or held.from_on)
            and entry.from_on <= (held.until_on or entry.from_on)
            for held in self.directory.all_posts_of(person.id)
        )

    def _overlap(self, one: PostEntry, other: PostEntry) -> bool:
        return (
            (one.login, one.post) == (other.login, other.post)
            and self.code_of(one.unit) == self.code_of(other.unit)
            and one.from_on <= (other.until_on or one.from_on)
            and other.from_on <= (one.until_on or other.from_on)
        )

    def _routes(self, changes: Changes) -> None:
        stored = {self._stored_key(route) for route in self.directory.routes}
        for entry in self.batch.routes:
            columns = ("issuer", "place", "acceptance", "supervising", "closing")
            faults = [
                self._no_unit(entry.row, column, named)
                for column in columns
                if (named := getattr(entry, column)) and self.code_of(named) is None
            ]
            changes.faults += faults
            if faults:
                continue
            key = self._entry_key(entry)
            if key not in stored:
                changes.new_routes.append(entry)
            elif not self.update:
                changes.faults.append(Fault(entry.row, "", N_("同样的分派规则已经有了。")))
            stored.add(key)

    def _entry_key(self, entry: RouteEntry) -> tuple[object, ...]:
        named = (entry.place, entry.issuer, entry.acceptance, entry.supervising, entry.closing)
        codes = (self.code_of(name) if name else None for name in named)
        return (entry.rank, entry.source, entry.category, *codes)

    def _stored_key(self, route: RouteInfo) -> tuple[object, ...]:
        ids = (
            route.place_unit_id,
            route.issuer_unit_id,
            route.acceptance_unit_id,
            route.supervising_unit_id,
            route.closing_unit_id,
        )
        codes = (None if unit_id is None else self.directory.unit(unit_id).code for unit_id in ids)
        return (route.rank, route.source, route.category, *codes)
