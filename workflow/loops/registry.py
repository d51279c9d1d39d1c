"""The definitions that an office has in ``config/loops``: found, read and proved once a process."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from workflow.errors import N_, ConfigError, NotFound
from workflow.loops.actions import ensure_version
from workflow.loops.definition import read
from workflow.loops.load import Document, Mark, load
from workflow.loops.loop import Loop
from workflow.loops.problems import Problem, problem
from workflow.loops.queries import by_version
from workflow.loops.soundness import prove

__all__ = ["Verdict", "by_version", "check", "ensure_version", "find", "load_all"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one definition: a loop, or the problems that speak against it."""

    document: Document
    loop: Loop | None
    problems: tuple[Problem, ...]

    @property
    def is_sound(self) -> bool:
        """Whether issues may run on it."""
        return not self.problems

    def mark(self, found: Problem) -> Mark:
        """Return the place in the file that a problem is about."""
        return self.document.mark(found.where)


def check(path: Path, folder: Path) -> Verdict:
    """Read and prove one file; its part loop is looked for beside it, then in ``folder``.

    Raises:
        ConfigError: it is not readable as YAML; the error names file, line and column.
    """
    document = load(path)
    loop = read(document.content)
    if not isinstance(loop, Loop):
        return Verdict(document, None, loop)
    part, missing = _part_loop(loop, (path.parent, folder))
    problems = (*missing, *prove(loop, part))
    return Verdict(document, loop, problems)


def _part_loop(loop: Loop, folders: tuple[Path, ...]) -> tuple[Loop | None, tuple[Problem, ...]]:
    """Return the loop of the parts; what is wrong with that one is its own matter."""
    if loop.part_loop is None:
        return None, ()
    if loop.part_loop == loop.name:
        return loop, _unlike_part(loop, loop)
    for folder in folders:
        path = folder / f"{loop.part_loop}.yaml"
        if path.is_file():
            part = read(load(path).content)
            return (part, _unlike_part(loop, part)) if isinstance(part, Loop) else (None, ())
    where = ("part_loop",)
    return None, (problem("no_part_loop/missing", where, name=loop.part_loop),)


def _unlike_part(loop: Loop, part: Loop) -> tuple[Problem, ...]:
    if part.born_by == "split":
        return ()
    return (problem("no_part_loop/root", ("part_loop",), name=loop.part_loop),)


def find(folder: Path, name: str) -> Path:
    """Return the file of one definition in a folder; a file has its loop's name.

    Raises:
        NotFound: there is none of that name; the sentence lists those there are.
    """
    known = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    if name in known:
        return known[name]
    guess = get_close_matches(name, known, n=1)
    if guess:
        raise NotFound(
            N_("没有名为“{name}”的流程，是否指“{near}”？"),
            params={"name": name, "near": guess[0]},
        )
    raise NotFound(
        N_("没有名为“{name}”的流程。现有：{known}。"),
        params={"name": name, "known": "、".join(known) or "—"},
    )


@lru_cache(maxsize=8)
def load_all(folder: Path) -> Mapping[str, Loop]:
    """Return every definition of a folder by name, each proved sound; read once a process.

    Raises:
        ConfigError: one of them is broken or unsound; names file, line, reason and trace.
    """
    return MappingProxyType({path.stem: _sound(path) for path in sorted(folder.glob("*.yaml"))})


def _sound(path: Path) -> Loop:
    verdict = check(path, path.parent)
    if verdict.loop is None or verdict.problems:
        raise _refused(verdict, path)
    if verdict.loop.name != path.stem:
        raise ConfigError(
            N_("文件名须与流程名一致：流程叫“{loop}”，文件请改名为 {loop}.yaml。"),
            file=str(path),
            line=verdict.document.mark(("loop",)).line,
            code="misnamed",
            params={"loop": verdict.loop.name},
        )
    return verdict.loop


def _refused(verdict: Verdict, path: Path) -> ConfigError:
    found = verdict.problems[0]
    mark = verdict.mark(found)
    return ConfigError(
        N_("流程定义不能用（共{count}处问题）：{reason}{trace}"),
        file=str(path),
        line=mark.line,
        column=mark.column,
        code=found.code,
        params={
            "count": len(verdict.problems),
            "reason": found.text(),
            "trace": f"（{' → '.join(found.trace)}）" if found.trace else "",
        },
    )
