"""The errors of the engine.

Every message is a Chinese msgid with places such as `{unit}` filled from `params`; the door that
shows it translates first and fills afterwards. It says what is wrong and what to do about it.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self


def N_(text: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark `text` for the catalogue where it cannot be translated yet; returns it unchanged."""
    return text


def _same(text: str) -> str:
    return text


def _filled(shown: str, params: Mapping[str, object]) -> str:
    # Without params the braces in a message are somebody's input, not places.
    return shown.format_map(params) if params else shown


class WorkflowError(Exception):
    """Something that the engine will not or cannot do.

    `message` is shown to people. `code` is stable and made for machines. `field` names the input at
    fault, `why` the rule behind a refusal.
    """

    default_code: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        why: str | None = None,
        params: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field
        self.why = why
        self.params: dict[str, object] = dict(params or {})

    def text(self, translate: Callable[[str], str] = _same) -> str:
        """The message in the language of `translate`, places filled."""
        return self._fill(self.message, translate)

    def why_text(self, translate: Callable[[str], str] = _same) -> str | None:
        """The reason in the language of `translate`, or None if there is none to add."""
        return None if self.why is None else self._fill(self.why, translate)

    def _fill(self, msgid: str, translate: Callable[[str], str]) -> str:
        return _filled(translate(msgid), self.params)

    def __str__(self) -> str:
        return self.text()

    def __reduce__(self) -> tuple[Any, ...]:
        # The default calls the class with the message alone, which loses the required keywords.
        return (self.__class__.__new__, (self.__class__, self.message), self.__dict__)


class NotFound(WorkflowError):
    """No such row, or a row that this person may not know of."""

    default_code = "not_found"


class NotAllowed(WorkflowError):
    """The person does not hold the post that this takes."""

    default_code = "not_allowed"


class Refused(WorkflowError):
    """The action is not possible in this state. `why` is the sentence beside the dead button."""

    default_code = "refused"

    def __init__(
        self,
        message: str,
        *,
        action: str,
        state: str,
        why: str,
        code: str | None = None,
        field: str | None = None,
        params: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, code=code, field=field, why=why, params=params)
        self.action = action
        self.state = state


class Conflict(WorkflowError):
    """Somebody else was first: the version that was read is no longer the current one."""

    default_code = "conflict"


class Invalid(WorkflowError):
    """Input that does not fit. `fields` maps each field at fault to a sentence about it.

    `field_params` fills the places of one field's sentence, where `params` is not meant for it.
    """

    default_code = "invalid"

    def __init__(
        self,
        message: str = N_("填写的内容有误，请按提示修改后重新提交。"),
        *,
        fields: Mapping[str, str] | None = None,
        field_params: Mapping[str, Mapping[str, object]] | None = None,
        code: str | None = None,
        why: str | None = None,
        params: Mapping[str, object] | None = None,
    ) -> None:
        self.fields: dict[str, str] = dict(fields or {})
        self.field_params = dict(field_params or {})
        super().__init__(
            message, code=code, field=next(iter(self.fields), None), why=why, params=params
        )

    @classmethod
    def at(cls, field: str, sentence: str, **params: object) -> Self:
        """One field at fault; the sentence is the message as well."""
        return cls(sentence, fields={field: sentence}, params=params)

    def field_texts(self, translate: Callable[[str], str] = _same) -> dict[str, str]:
        """Field to sentence in the language of `translate`."""
        return {
            name: _filled(translate(sentence), self.field_params.get(name, self.params))
            for name, sentence in self.fields.items()
        }


class ConfigError(WorkflowError):
    """A file that an office edits is wrong.

    `line` and `column` count from 1; `key` is a dotted path.
    """

    default_code = "config"

    def __init__(
        self,
        message: str,
        *,
        file: str,
        line: int | None = None,
        column: int | None = None,
        key: str | None = None,
        code: str | None = None,
        why: str | None = None,
        params: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, code=code, field=key, why=why, params=params)
        self.file = file
        self.line = line
        self.column = column
        self.key = key

    def __str__(self) -> str:
        parts = (self.file, self.line, self.column, self.key)
        place = ":".join(str(part) for part in parts if part is not None)
        return f"{place}: {self.text()}"


class DeliveryError(WorkflowError):
    """A channel did not take a message. A permanent failure is not tried again."""

    default_code = "delivery"

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        code: str | None = None,
        why: str | None = None,
        params: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, code=code, why=why, params=params)
        self.permanent = permanent
