"""Forms: what a page shows of a field, and what a browser's form becomes for the engine."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile

from workflow.errors import Invalid, WorkflowError

Choices = tuple[tuple[str, str], ...]
_SEPARATORS = str.maketrans(dict.fromkeys("；;，,\n", "、"))


@dataclass(frozen=True, slots=True)
class Shown:
    """A field as a template shows it."""

    id: str
    name: str
    label: str
    widget: str
    required: bool = False
    value: str = ""
    choices: Choices = ()
    hint: str = ""
    fault: str = ""
    most: int | None = None
    earliest: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An error as a page says it: the sentence, the reason, and a sentence beside each field."""

    sentence: str
    why: str
    fields: Mapping[str, str]
    status: int

    def stray(self, known: Iterable[str]) -> tuple[str, ...]:
        """Sentences about fields that the form does not show."""
        shown = set(known)
        return tuple(
            text
            for name, text in self.fields.items()
            if name not in shown and text != self.sentence
        )


def told(error: WorkflowError, status: int, translate: Callable[[str], str]) -> Told:
    """Put an error into the words of a page."""
    fields = error.field_texts(translate) if isinstance(error, Invalid) else {}
    sentence = error.text(translate)
    if len(fields) == 1 and sentence in fields.values():
        sentence = Invalid().text(translate)
    return Told(sentence, error.why_text(translate) or "", fields, status)


def texts(form: FormData, names: Iterable[str]) -> dict[str, str]:
    """The text fields that were filled."""
    found: dict[str, str] = {}
    for name in names:
        value = form.get(name)
        if isinstance(value, str) and value.strip():
            found[name] = value.strip()
    return found


def listed(text: str) -> list[str]:
    """甲、乙，丙 as three items."""
    return [item.strip() for item in text.translate(_SEPARATORS).split("、") if item.strip()]


def parts(text: str) -> list[dict[str, Any]]:
    """One part a line: unit｜what｜until."""
    found: list[dict[str, Any]] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.replace("|", "｜").split("｜")]
        if any(cells):
            names = ("responsible", "title", "due", "acceptance")
            found.append({name: cell for name, cell in zip(names, cells, strict=False) if cell})
    return found


def uploads(form: FormData, name: str) -> list[UploadFile]:
    """The files that were chosen; an empty choice is none."""
    return [file for file in form.getlist(name) if isinstance(file, UploadFile) and file.filename]
