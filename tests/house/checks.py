"""Rules of the house that no ready-made tool knows; each takes a file and yields what it found."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("workflow", "tasks", "web", "cli", "config")
LONGEST = 400

# Rules only: no session, no clock. They and all that they use import nothing but the standard
# library and pydantic, so that a decision can be tried without a database.
PURE = (
    "workflow/errors.py",
    "workflow/loops/definition.py",
    "workflow/loops/soundness.py",
    "workflow/loops/export.py",
    "workflow/issues/rules.py",
    "workflow/units/rules.py",
    "workflow/deadlines/calendar.py",
    "workflow/deadlines/ladder.py",
    "workflow/deadlines/running.py",
    "workflow/escalation/reach.py",
    "workflow/escalation/rungs.py",
    "workflow/notices/numbering.py",
    "workflow/evidence/checks.py",
    "workflow/plans/parse.py",
    "workflow/audit/chain.py",
    "workflow/outbox/messages.py",
)
CLOCKS = re.compile(
    r"(datetime\.)?datetime\.(now|utcnow|today)|(datetime\.)?date\.today"
    r"|time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|localtime|gmtime"
    r"|ctime|sleep)|uuid\.uuid1"
    r"|(sqlalchemy\.|sqlmodel\.)?func\.(now|current_timestamp|current_date|localtimestamp)"
)
PURE_LIBRARIES = sys.stdlib_module_names | {"pydantic", "pydantic_core"}
# Ten megabytes and more of every process that never opens a document: `workflow/libraries.py`.
LATER = {"openpyxl", "xlsxwriter", "pypdfium2", "python_calamine", "lxml", "docx"}
ETA = {"eta", "countdown", "autoretry_for", "retry_backoff", "default_retry_delay"}


@dataclass(frozen=True)
class Source:
    """One Python file of the repository; `path` is relative to its root."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def package(self) -> str:
        return self.path.partition("/")[0]

    @cached_property
    def feature(self) -> str | None:
        """The folder inside workflow, None elsewhere."""
        parts = PurePosixPath(self.path).parts
        return parts[1] if parts[0] == "workflow" and len(parts) > 2 else None

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Line and full name of each thing imported, wherever it stands."""
        found: list[tuple[int, str]] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
        return found

    @cached_property
    def aliases(self) -> dict[str, str]:
        """What a name at the start of an expression stands for."""
        names: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names |= {alias.asname: alias.name for alias in node.names if alias.asname}
            elif isinstance(node, ast.ImportFrom):
                names |= {
                    alias.asname or alias.name: f"{node.module}.{alias.name}"
                    for alias in node.names
                }
        return names


Finding = tuple[int, str]  # line, sentence
Check = Callable[[Source], Iterator[Finding]]


def no_clock(source: Source) -> Iterator[Finding]:
    """Below the doors `now` is an argument. Aliases and bare references count as well."""
    if source.package not in ("workflow", "config"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            head, dot, rest = ast.unparse(node).partition(".")
            name = source.aliases.get(head, head) + dot + rest
            if CLOCKS.fullmatch(name):
                yield node.lineno, f"{name}: take `now` as an argument"


def one_commit(source: Source) -> Iterator[Finding]:
    """Only `workflow/db.py` ends a transaction."""
    if source.path == "workflow/db.py" or source.path.startswith("workflow/migrations/"):
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        spoken = [
            argument.value.strip().rstrip(";").upper()
            for argument in node.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        if called in ("commit", "rollback") or {"COMMIT", "ROLLBACK"} & set(spoken):
            yield node.lineno, "commit and rollback belong to workflow/db.py"


def imports_at_top(source: Source) -> Iterator[Finding]:
    """No import inside a function."""
    for function in ast.walk(source.tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield node.lineno, "import inside a function"


def loaded_later(source: Source) -> Iterator[Finding]:
    """Large libraries are loaded at their first use; type checkers may see them before."""
    for_types = {
        id(child)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for part in node.body
        for child in ast.walk(part)
    }
    for node in ast.walk(source.tree):
        if id(node) in for_types:
            continue
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            if name.partition(".")[0] in LATER:
                yield node.lineno, f"{name}: load it with workflow.libraries.Library"


def no_eta(source: Source) -> Iterator[Finding]:
    """SQL holds every timer: no Celery ETA, no countdown, no retry with a delay."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in ETA:
                    yield node.lineno, f"{keyword.arg}=: a timer outside SQL"


def short(source: Source) -> Iterator[Finding]:
    """A file has one subject."""
    length = source.text.count("\n")
    if length > LONGEST and not source.path.startswith("workflow/migrations/versions/"):
        yield LONGEST, f"{length} lines; split by subject"


def own_models(source: Source) -> Iterator[Finding]:
    """Of another feature import actions, queries and pure files, not models."""
    if source.path == "workflow/metadata.py":
        return
    for line, name in source.imports:
        match = re.match(r"workflow\.(\w+)\.models\b", name)
        if match and match[1] != source.feature:
            yield line, f"{name} belongs to the feature {match[1]}"


def file_of(module: str) -> str | None:
    """The file of a module of this repository, None for any other name."""
    stem = module.replace(".", "/")
    found = (path for path in (f"{stem}.py", f"{stem}/__init__.py") if (ROOT / path).is_file())
    return next(found, None)


def pure(source: Source) -> Iterator[Finding]:
    """A pure file and all that it uses import the standard library and pydantic, nothing more."""
    if source.path not in PURE:
        return
    waiting, seen = [(source, 0)], {source.path}
    while waiting:
        current, asked_from = waiting.pop()
        for line, name in current.imports:
            # `from a.b import c`: c may be a module or a name in one.
            path = file_of(name) or file_of(name.rpartition(".")[0])
            if path and path not in seen:
                seen.add(path)
                text = (ROOT / path).read_text(encoding="utf-8")
                waiting.append((Source(path, text), asked_from or line))
            elif not path and name.partition(".")[0] not in PURE_LIBRARIES:
                yield asked_from or line, f"reaches {name} ({current.path}:{line})"


def empty_package(source: Source) -> Iterator[Finding]:
    """A feature's `__init__.py` is a docstring, so that importing one file of it loads no other."""
    parts = PurePosixPath(source.path).parts
    if parts[0] == "workflow" and parts[-1] == "__init__.py" and len(parts) <= 3:
        for node in source.tree.body:
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                yield node.lineno, "only a docstring here"


def live_annotations(source: Source) -> Iterator[Finding]:
    """SQLModel reads annotations when the class is made; postponed ones break it."""
    if source.path.endswith("models.py"):
        for line, name in source.imports:
            if name == "__future__.annotations":
                yield line, "no postponed annotations in a file with tables"


CHECKS: tuple[Check, ...] = (
    no_clock,
    one_commit,
    imports_at_top,
    loaded_later,
    no_eta,
    short,
    own_models,
    pure,
    empty_package,
    live_annotations,
)


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file of the product, each taken apart once."""
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    )
