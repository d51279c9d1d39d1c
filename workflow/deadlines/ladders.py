"""Reads a ladder file that an office edits. What is wrong is named with file, line and key."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from workflow.deadlines.ladder import ANY, TERMS, Ladder, Ladders, Rung
from workflow.deadlines.limits import SECONDS, Offset, parse_limit, parse_offset
from workflow.errors import N_, ConfigError, Invalid
from workflow.loops import load
from workflow.loops.load import Document, KeyPath
from workflow.loops.vocabulary import POSTS, RELATIONS

MESSAGES = ("reminder", "urging", "overdue", "warning")
"""The messages of a ladder, as in ``workflow/outbox/messages.py``."""
PAPERS = ("urging", "supervision", "bulletin", "admonition", "accountability")
"""The papers that a rung can draft; each has its text in ``templates/papers``."""
PLACES = frozenset({"owner", *RELATIONS})
ONLY_MESSAGES = ("sign", "answer")
"""Clocks of a paper: a paper about an unsigned paper would never end."""
MOST = 40
LEVELS = range(1, 10)
_KEYS = frozenset(each.name for each in fields(Rung))
_RUNG_FORM = "{at: +1wd, level: 3, lamp: orange, message: overdue, to: owner}"


def load_ladders(path: Path, *, lamps: Collection[str] | None = None) -> Ladders:
    """The ladders in one file. `lamps` are those that exist; None does not ask.

    Raises ConfigError with file, line, key and what to do.
    """
    return _Reader(load.load(path), lamps).ladders()


@dataclass(frozen=True, slots=True)
class _Reader:
    document: Document
    lamps: Collection[str] | None

    def ladders(self) -> Ladders:
        content = self.document.content
        self.known(content, ("ladders", "sign_within"), ())
        found = content.get("ladders")
        if not isinstance(found, Mapping) or not found:
            raise self.error(N_("缺少 ladders：写明每个时限的各级。参见 docs/ladders.md。"), ())
        within = content.get("sign_within", Ladders.sign_within)
        self.limit(within, ("sign_within",))
        return Ladders(
            {str(clock): self.clock(str(clock), terms) for clock, terms in found.items()},
            str(within),
        )

    def clock(self, clock: str, terms: Any) -> dict[str, Ladder]:
        path: KeyPath = ("ladders", clock)
        if isinstance(terms, list):
            return {ANY: self.ladder(clock, ANY, terms, path)}
        if not isinstance(terms, Mapping) or not terms:
            raise self.error(
                N_("“{clock}”应写成各级的列表，或者按 short、limited、long 分别列出。"),
                path,
                clock=clock,
            )
        self.known(terms, (*TERMS, ANY), path)
        if ANY not in terms and (missing := [term for term in TERMS if term not in terms]):
            raise self.error(
                N_("“{clock}”缺少 {missing}：short、limited、long 须写全，或者加一个 any。"),
                path,
                clock=clock,
                missing="、".join(missing),
            )
        return {
            term: self.ladder(clock, term, rungs, (*path, term)) for term, rungs in terms.items()
        }

    def ladder(self, clock: str, term: str, entries: Any, path: KeyPath) -> Ladder:
        if not isinstance(entries, list) or len(entries) > MOST:
            raise self.error(
                N_("“{clock}”的各级应写成列表，每行以“- ”开头，最多 {most} 级。"),
                path,
                clock=clock,
                most=MOST,
            )
        rungs: list[Rung] = []
        for index, entry in enumerate(entries):
            rung = self.rung(entry, (*path, index))
            if rung.paper and clock in ONLY_MESSAGES:
                raise self.error(
                    N_("签发和回复的时限只能发消息，不能再起草文书。"), (*path, index, "paper")
                )
            if rungs and _goes_back(parse_offset(rungs[-1].at), parse_offset(rung.at)):
                raise self.error(
                    N_("“{at}”早于上一级的“{before}”。请按先后排列。"),
                    (*path, index, "at"),
                    at=rung.at,
                    before=rungs[-1].at,
                )
            rungs.append(rung)
        return Ladder(clock if term == ANY else f"{clock}.{term}", tuple(rungs))

    def rung(self, entry: Any, path: KeyPath) -> Rung:
        if not isinstance(entry, Mapping):
            raise self.error(N_("一级应写成 {form}。"), path, form=_RUNG_FORM)
        self.known(entry, tuple(sorted(_KEYS)), path)
        for key in ("at", "level"):
            if entry.get(key) is None:
                raise self.error(
                    N_("这一级缺少 {key}。例如 {form}。"), path, key=key, form=_RUNG_FORM
                )
        self.shape(entry, path)
        return Rung(
            at=self.offset(entry["at"], (*path, "at")),
            level=entry["level"],
            lamp=entry.get("lamp"),
            message=entry.get("message"),
            paper=entry.get("paper"),
            to=self.recipient(entry.get("to", "owner"), (*path, "to")),
            copy=self.copies(entry.get("copy"), (*path, "copy")),
            sign=self.recipient(entry["sign"], (*path, "sign")) if entry.get("sign") else None,
            answer_by=self.limit(entry.get("answer_by"), (*path, "answer_by")),
        )

    def shape(self, entry: Mapping[str, Any], path: KeyPath) -> None:
        """What a rung does: one message, one paper with a signer, or a lamp alone."""
        level = entry["level"]
        if not isinstance(level, int) or isinstance(level, bool) or level not in LEVELS:
            raise self.error(N_("level 应为 1 至 9 的整数。"), (*path, "level"))
        self.among(entry, "message", MESSAGES, path)
        self.among(entry, "paper", PAPERS, path)
        if self.lamps is not None:
            self.among(entry, "lamp", tuple(self.lamps), path)
        message, paper = entry.get("message"), entry.get("paper")
        if message and paper:
            raise self.error(
                N_("一级只能写 message 或 paper 之一。请分成两级，at 可以相同。"), path
            )
        if not message and not paper and not entry.get("lamp"):
            raise self.error(N_("这一级什么也没做：请写 message、paper 或 lamp。"), path)
        if paper and not entry.get("sign"):
            raise self.error(N_("文书须有人签发：请写 sign，例如 deputy@issuer。"), path)
        for key in ("sign", "answer_by"):
            if entry.get(key) and not paper:
                raise self.error(N_("{key} 只用于文书（paper）。"), (*path, key), key=key)

    def among(
        self, entry: Mapping[str, Any], key: str, known: tuple[str, ...], path: KeyPath
    ) -> None:
        value = entry.get(key)
        if value is not None and value not in known:
            raise self.error(
                N_("{key} 没有“{value}”。可以写：{known}。"),
                (*path, key),
                key=key,
                value=str(value)[:40],
                known="、".join(known),
            )

    def recipient(self, value: Any, path: KeyPath) -> str:
        post, _, place = str(value).partition("@")
        if value == "owner" or (post in POSTS and place in PLACES):
            return str(value)
        raise self.error(
            N_("看不懂收件人“{value}”。写 owner，或“岗位@位置”：岗位有 {posts}；位置有 {places}。"),
            path,
            value=str(value)[:40],
            posts="、".join(POSTS),
            places="、".join(sorted(PLACES)),
        )

    def copies(self, value: Any, path: KeyPath) -> tuple[str, ...]:
        entries = [] if value is None else value if isinstance(value, list) else [value]
        return tuple(self.recipient(each, (*path, n)) for n, each in enumerate(entries))

    def offset(self, value: Any, path: KeyPath) -> str:
        try:
            return str(parse_offset(value))
        except Invalid as fault:
            raise self.error(fault.message, path, **fault.params) from fault

    def limit(self, value: Any, path: KeyPath) -> str | None:
        if value is None:
            return None
        try:
            found = parse_limit(value)
        except Invalid as fault:
            raise self.error(fault.message, path, **fault.params) from fault
        if found.kind in ("due", "date", "yearly_date"):
            raise self.error(
                N_("这里应写时长，例如 1wd、3nd、2h，不能写“{value}”。"), path, value=str(value)
            )
        return str(found)

    def known(self, entry: Mapping[str, Any], keys: Collection[str], path: KeyPath) -> None:
        for key in entry:
            if key not in keys:
                raise self.error(
                    N_("没有“{key}”这一项。可以写：{keys}。"),
                    (*path, key),
                    key=str(key)[:40],
                    keys="、".join(keys),
                )

    def error(self, message: str, path: KeyPath, **params: object) -> ConfigError:
        return ConfigError(
            message,
            file=self.document.file,
            line=self.document.mark(path).line,
            key=".".join(map(str, path)) or None,
            params=params,
        )


def _goes_back(before: Offset, after: Offset) -> bool:
    """Whether the second is surely earlier: days of two kinds are settled by the calendar."""
    if before.kind in SECONDS and after.kind in SECONDS:
        return before.count * SECONDS[before.kind] > after.count * SECONDS[after.kind]
    if before.kind == after.kind:
        return before.count > after.count
    return (before.count > 0) - (before.count < 0) > (after.count > 0) - (after.count < 0)
