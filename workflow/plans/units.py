"""A list of units as written → their names in full. Pure.

市发展和改革委、财政局 names 市财政局; 宜阳县、嵩县等政府 names two governments; 市场监督管理局 behind
市公安局 is 市市场监督管理局, and 豫西河务局 belongs to no city.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from workflow.plans.characters import pieces
from workflow.plans.words import Words

LONGEST_NAME = 40

_PLACE_WORD = r"(?:县级市|县区|市区|县|市|区|乡|镇|旗|州|盟|街道|开发区|园区|管理区)"
_EVERY = re.compile(rf"(?:各(?:有关|相关|责任)?)?{_PLACE_WORD}")
_GOES_ON = re.compile(rf"{_PLACE_WORD}(?:、|人民政府|政府|（|党委|党工委|管委会|管理委员会|办事处)")
_AND = re.compile("以及|和|及|与|会同|/")
_OPEN = re.compile(
    r"等(?:其他|其它|有关|相关|市直|县直|区直|省直|市级|各)*(?:职能|责任|成员)?(?:部门和单位|部门单位|部门|单位)?$"
    r"|等\d{1,3}[个家](?:部门|单位)?$"
)
_OPEN_TO_ALL = re.compile(
    r"等(?:有关|相关|其他|其它|各|所在)(?:县市区|市县区|县区|区县|市县|乡镇|镇街|县（市、区）)(?:人民政府|政府|管委会)(?:（[^（）]{1,12}）)?$"
)
_BARE_OFFICES = ("政府", "人民政府", "管委会", "管理委员会", "办事处", "街道办事处")
_OFFICES = (
    r"(?:(?:党委|党工委)(?:、|和|及)?(?:人民政府|政府|管委会|管理委员会)"
    r"|人民政府|政府|管委会|管理委员会|党工委|街道办事处|办事处)"
)
_OFFICE = re.compile(rf"(?P<place>.{{1,16}}?)等?(?P<office>{_OFFICES})$")
_BARE_PLACE = re.compile(r"[\u4e00-\u9fff]{1,10}(?:县|市|区|镇|乡|旗|州|街道)")
_BARE_PARK = re.compile(
    r"[\u4e00-\u9fff]{0,12}(?:开发区|新区|园区|高新区|经开区|示范区|集聚区|度假区|管理区|工业区|保税区|合作区|实验区)"
)
_PLACE_END = re.compile("[县市区镇乡旗州]$")
_SHORT_PLACE = re.compile("[\u4e00-\u9fff]{2,3}")
_OWN = re.compile(
    "自治区|自治州|兵团|省(?![直级属际部])|州(?![直级])|盟|旗|"
    "市(?!场|容|民|域|属|直|级|辖|政(?:公用|园林|设施|工程|管理|和|局|建设|处|养护|市容|维护))|"
    "县(?![域直属级区市城乡])|区(?![域划块位直属级间])|镇(?![街区办级])|乡(?![村镇])|新区(?!域)"
)
_NAMED = re.compile(r"[\u4e00-\u9fff]{2,6}?(?:省|市|县|区|州|盟|旗)")
_ABROAD = re.compile("省|国家|中央|全国|驻")
_CATCH_ALL = re.compile(
    "各|有关|相关|其他|其它|所有|沿线|沿河|属地|涉及|市直|县直|区直|省直|州直|市级|县级|区级|市属|县属|"
    "(?:市|县|区|省|州)?(?:人民政府|政府|委)?(?:各|有关|相关|其他|直属)|(?:市|县|区|州)?(?:领导小组|专班)?成员单位"
    "|(?:乡镇|镇街|街镇|街道|乡|镇|县区|区县|县市区|村居)(?:人民政府|政府|办事处|村委会)?$"
)


@dataclass(frozen=True, slots=True)
class Names:
    """The units of one list, in the order of print.

    `is_open` when the list ends with 等. `prefix` is the place of the last unit that names one.
    `guessed` are names that got a place although most of their list write it themselves, `odd`
    those that do not look like a unit.
    """

    units: tuple[str, ...]
    is_open: bool = False
    prefix: str | None = None
    guessed: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()


def is_catch_all(name: str) -> bool:
    """Whether a name stands for units that somebody still has to list: 各县区政府, 相关单位."""
    return _CATCH_ALL.match(name) is not None


def looks_like_unit(name: str, words: Words) -> bool:
    """Whether a name ends as units do."""
    return 1 < len(name) <= LONGEST_NAME and words.ending.search(name) is not None


def is_department(name: str, words: Words) -> bool:
    """Whether a name is surely that of an office: it begins with a place or a function."""
    known = (
        name in words.party
        or _own_place(name, words)
        or words.function.match(name)
        or name.startswith("国家")
    )
    return bool(known) and looks_like_unit(name, words) and name[-1] not in "县市区镇乡"


def split(folded: str, words: Words) -> tuple[list[str], bool]:
    """The names of a list as they stand there, and whether it ends with 等."""
    parts = [
        part.strip("。 ")
        for start, end in pieces(folded, "、，；;。\u3000 \n")
        for part in _at_and(folded[start:end].strip(), words)
    ]
    parts = _whole([part for part in parts if part])
    is_open = False
    opened: dict[int, list[str]] = {}
    for n, part in enumerate(parts):
        match = _OPEN.search(part)
        if match is None:
            beyond = _OPEN_TO_ALL.search(part)
            if beyond is not None and words.ending.search(part[: beyond.start()]):
                is_open = True  # 南湖区政府等有关县区政府 names one and all others
                opened[n] = [part[: beyond.start()], part[beyond.start() + 1 :]]
            continue
        name = part[: match.start()]
        # 市水利局等，各县区政府: the list goes on behind 等.
        if n == len(parts) - 1 or words.ending.search(name):
            is_open = True
            parts[n] = name
    whole = (name for n, part in enumerate(parts) for name in opened.get(n, [part]))
    return [part for part in whole if part], is_open


def _at_and(part: str, words: Words) -> list[str]:
    """Two names that 和 joins, but not 发展和改革委: the left side must already be a name."""
    for match in _AND.finditer(part):
        left, right = part[: match.start()], part[match.end() :]
        if (
            left.count("（") == left.count("）")
            and right
            and right not in _BARE_OFFICES
            and words.ending.search(left)
            and words.ending.search(right)
            and len(left) > 1
            and not re.fullmatch("各?[县市区乡镇]{1,3}", left)
        ):
            return [left, *_at_and(right, words)]
    return [part]


def _whole(parts: Sequence[str]) -> list[str]:
    """各县、区人民政府 is one name, not 各县 and 区人民政府."""
    found: list[str] = []
    for part in parts:
        above = found[-1] if found else ""
        head, _, _ = above.rpartition("、")
        two_offices = above.endswith(("党工委", "党委")) and part in _BARE_OFFICES
        if two_offices or (
            above
            and _EVERY.fullmatch(head or above)
            and (_GOES_ON.match(part) or (above.startswith("各") and _EVERY.fullmatch(part)))
        ):
            found[-1] = f"{above}、{part}"
        else:
            found.append(part)
    return found


def full_names(folded: str, words: Words, prefix: str | None = None) -> Names:
    """The units of a list, places and offices distributed; `prefix` is known from before it."""
    return (_remembered if len(folded) <= 300 else _full_names)(folded, words, prefix)


def _full_names(folded: str, words: Words, prefix: str | None) -> Names:
    parts, is_open = split(folded, words)
    parts = _with_parks(_with_offices(parts, words), words)
    found: list[str] = []
    guessed: list[str] = []
    own = sum(1 for part in parts if _own_place(part, words))
    for n, part in enumerate(parts):
        place = _own_place(part, words)
        if place:
            prefix = place
        elif prefix and _lacks_place(part, words, parts[n - 1] if n else ""):
            name = f"{prefix}委{part}" if part in words.party else prefix + part
            if own > 2 and own > len(parts) - own:
                guessed.append(name)
            found.append(name)
            continue
        found.append(part)
    names = tuple(dict.fromkeys(found))
    odd = tuple(name for name in names if not looks_like_unit(name, words))
    return Names(names, is_open, prefix, tuple(guessed), odd)


_remembered = lru_cache(maxsize=4096)(_full_names)


def _with_offices(parts: list[str], words: Words) -> list[str]:
    """嵩县、宜阳县等政府 → 嵩县政府, 宜阳县政府; 江北、江南区政府 → 江北区政府, 江南区政府."""
    found = list(parts)
    for n, part in enumerate(parts):
        match = _OFFICE.fullmatch(part)
        if match is None:
            continue
        place, office = match["place"], match["office"]
        bare = _BARE_PARK if _BARE_PARK.fullmatch(place) else _BARE_PLACE
        if not bare.fullmatch(place) or place.startswith("各"):
            continue
        found[n] = place + office
        above = n - 1
        kind = _PLACE_END.search(place)
        while (
            above >= 0
            and kind is not None
            and bare is _BARE_PLACE
            and _SHORT_PLACE.fullmatch(parts[above])
            and not looks_like_unit(parts[above], words)
            and not words.function.match(parts[above])
        ):
            found[above] = parts[above] + kind[0] + office
            above -= 1
        while above >= 0 and bare.fullmatch(parts[above]) and not parts[above].startswith("各"):
            if bare is _BARE_PLACE and _BARE_PARK.fullmatch(parts[above]):
                break
            found[above] = parts[above] + office
            above -= 1
    return found


_PARK = re.compile(
    r"(?P<place>[\u4e00-\u9fff]{2,4}?)(?P<park>(?:经济|高新|技术|高新技术|产业|工业|经济技术|高新技术产业|先进制造业){0,2}"
    r"(?:开发区|园区|新区|示范区|集聚区)(?:管委会|管理委员会)?)"
)
_SEVERAL = re.compile(
    r"(?P<place>[\u4e00-\u9fff]{2,4})等(?:各?[县市区乡镇]{1,4}|县（市、区）|镇街).{0,6}"
)


def _with_parks(parts: list[str], words: Words) -> list[str]:
    """临汾、侯马经济开发区管委会 → two offices; 伊川、汝阳等县区政府 → two places."""
    found = list(parts)
    for n, part in enumerate(parts):
        several = _SEVERAL.fullmatch(part)
        if several is not None:
            found[n] = several["place"]
            continue
        match = _PARK.fullmatch(part)
        above = n - 1
        while (
            match
            and above >= 0
            and len(parts[above]) <= 4
            and not looks_like_unit(parts[above], words)
        ):
            found[above] = parts[above] + match["park"]
            above -= 1
    return found


def _own_place(name: str, words: Words) -> str | None:
    """The place in front of a department's name, None where there is none."""
    if is_catch_all(name):
        return None
    match = _OWN.match(name)
    if match is not None:
        return match[0] if len(name) > len(match[0]) + 1 else None
    match = None if words.function.match(name) else _NAMED.match(name)
    if match is not None and not _ABROAD.match(name):
        rest = name[match.end() :]
        if words.function.match(rest) or rest.startswith("委"):
            return match[0]
    return None


def _lacks_place(name: str, words: Words, before: str) -> bool:
    """Whether a name is that of a department without its place; a branch only beside another."""
    if name in words.party:
        return True
    if name.endswith("分局") and before.endswith("分局"):
        return words.function.match(name) is not None
    return (
        words.function.match(name) is not None
        and looks_like_unit(name, words)
        and not any(word in name for word in words.not_own)
        and not _BARE_PLACE.fullmatch(name)
        and "市委" not in name
    )


def same_body(names: Iterable[str], words: Words) -> list[tuple[str, ...]]:
    """Groups of names that the office's aliases say are one body written in several ways."""
    groups: dict[str, list[str]] = {}
    for name in names:
        for alias, first in words.alias_of.items():
            if name.endswith(alias):
                key = name[: -len(alias)] + first
                if len(name) - len(alias) <= 4:
                    groups.setdefault(key, []).append(name)
                break
    return [tuple(dict.fromkeys(group)) for group in groups.values() if len(set(group)) > 1]
