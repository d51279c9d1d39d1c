"""Every sentence that people see, as the sources have it: `_()` in pages, `N_()` in code."""

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment

ROOT = Path(__file__).parent.parent


def of_pages() -> dict[str, str]:
    """Msgid to the first place where it stands in a template of a page."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    found: dict[str, str] = {}
    for path in sorted((ROOT / "templates" / "pages").glob("*.html")):
        source = path.read_text(encoding="utf-8")
        for line, _, message in environment.extract_translations(source):  # type: ignore[attr-defined]
            for text in message if isinstance(message, tuple) else (message,):
                if isinstance(text, str):
                    found.setdefault(text, f"{path.name}:{line}")
    return found


def of_code(*packages: str) -> dict[str, str]:
    """Msgid to the first place where it is marked in the packages."""
    found: dict[str, str] = {}
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            place = path.relative_to(ROOT)
            for line, text in _marked(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault(text, f"{place}:{line}")
    return found


def _marked(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            first = node.args[0] if node.args else None
            if name in ("N_", "gettext") and isinstance(first, ast.Constant):
                yield node.lineno, str(first.value)
