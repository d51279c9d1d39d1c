"""What an office enters about its units: unit, person, post, route; checked for form only. Pure."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from workflow.errors import N_, Invalid

LEVELS = ("city", "county", "township", "village", "group")
"""From the widest to the narrowest."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
Login = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=32)]


class Entry(BaseModel):
    """One entry; `row` is where it stands in its file, for the sentence about a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    row: str = ""


class UnitEntry(Entry):
    """A unit; `under` is the code, name or alias of its parent."""

    code: Code
    name: Name
    kind: Word = "department"
    level: Word = "city"
    under: str | None = None
    aliases: tuple[Name, ...] = ()


class PersonEntry(Entry):
    """Somebody who can log in."""

    login: Login
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    email: Annotated[str, StringConstraints(pattern=r"^\S+@\S+$", max_length=255)] | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+ -]{3,32}$")] | None = None
    lang: Annotated[str, StringConstraints(pattern=r"^(zh|en)$")] = "zh"


class PostEntry(Entry):
    """A post of the person `login` in `unit` (code, name or alias); both days belong to it."""

    login: str
    unit: str
    post: str
    from_on: date
    until_on: date | None = None
    acting: bool = False


class RouteEntry(Entry):
    """Where an issue goes; what is left out matches all."""

    issuer: str
    source: Word | None = None
    category: Word | None = None
    place: str | None = None
    acceptance: str | None = None
    supervising: str | None = None
    closing: str | None = None
    rank: Annotated[int, Field(ge=0, le=1_000_000)] = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that are stored together or not at all."""

    units: tuple[UnitEntry, ...] = ()
    people: tuple[PersonEntry, ...] = ()
    posts: tuple[PostEntry, ...] = ()
    routes: tuple[RouteEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one place of an entry."""

    row: str
    field: str
    sentence: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def place(self) -> str:
        """Row and field, as far as there are any."""
        return " ".join(part for part in (self.row, self.field) if part)


def _same(text: str) -> str:
    return text


class Faulty(Invalid):
    """Entries that do not fit. `faults` lists every one; nothing was stored."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        several = len(faults) > 1
        first = faults[0]
        super().__init__(
            N_("有{count}处错误，未导入任何内容。请修改后重新导入。")
            if several
            else first.sentence,
            fields={fault.place: fault.sentence.format_map(fault.params) for fault in faults},
            params={"count": len(faults)} if several else first.params,
        )

    def field_texts(self, translate: Callable[[str], str] = _same) -> dict[str, str]:
        """Place to sentence in the language of `translate`."""
        return {
            fault.place: translate(fault.sentence).format_map(fault.params) for fault in self.faults
        }


FORM: Mapping[tuple[str, str], str] = {
    ("missing", ""): N_("缺少这一项，请补上。"),
    ("extra_forbidden", ""): N_("没有这一项，请检查拼写。"),
    ("string_pattern_mismatch", "code"): N_(
        "编码只能用字母、数字、点、横线和下划线，不超过32个字符。"
    ),
    ("string_pattern_mismatch", "login"): N_("登录名用小写字母、数字、点、横线，2至64个字符。"),
    ("string_pattern_mismatch", "email"): N_("这不是邮箱地址，例如 name@example.gov.cn。"),
    ("string_pattern_mismatch", "phone"): N_("电话只能有数字、空格、横线和加号。"),
    ("string_pattern_mismatch", "lang"): N_("语言写 zh 或 en。"),
    ("string_too_short", ""): N_("不能为空。"),
    ("string_too_long", ""): N_("太长，最多{max_length}个字。"),
    ("string_type", ""): N_("请填文字。"),
}


def form_sentence(error: Mapping[str, Any]) -> str:
    """The sentence for one of pydantic's findings; its places are filled from ``ctx``."""
    kind, name = error["type"], str(error["loc"][0]) if error["loc"] else ""
    if kind.startswith("date"):
        return N_("请写成日期，例如 2026-03-01。")
    if kind.startswith("bool"):
        return N_("请写 true 或 false。")
    return FORM.get((kind, name)) or FORM.get((kind, "")) or N_("填写不正确，请检查。")
