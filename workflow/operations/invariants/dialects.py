"""The few words in which SQLite and PostgreSQL differ where the rules read JSON and time."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Words:
    """How one database says it."""

    is_sqlite: bool

    def at(self, json: str, *keys: str) -> str:
        """The text at a path; each key is an SQL expression. Null where there is nothing."""
        if self.is_sqlite:
            return f"json_extract({json}, {self._path(keys)})"
        return f"({json} #>> array[{', '.join(f'({key})::text' for key in keys)}])"

    def element(self, json: str, *keys: str) -> str:
        """What stands at a path as JSON text: a string with its quotes."""
        if self.is_sqlite:
            return f"json_quote(json_extract({json}, {self._path(keys)}))"
        return f"(({json} #> array[{', '.join(f'({key})::text' for key in keys)}])::text)"

    def item(self, json: str, index: str, key: str) -> str:
        """The text under a key of one object of a list."""
        if self.is_sqlite:
            return f"json_extract({json}, '$[' || ({index}) || '].' || {key})"
        return f"({json} #>> array[({index})::text, {key}])"

    def items(self, json: str, alias: str) -> str:
        """A list as rows ``alias``, for a FROM; `index` and `value` read them."""
        if self.is_sqlite:
            return f"json_each({json}) {alias}"
        return f"json_array_elements_text({json}) with ordinality {alias}(value, place)"

    def index(self, alias: str) -> str:
        """Where a row of `items` stood, from 0."""
        return f"{alias}.key" if self.is_sqlite else f"({alias}.place - 1)"

    def number(self, expression: str) -> str:
        """A text as a whole number."""
        return f"cast({expression} as bigint)"

    def seconds(self, moment: str) -> str:
        """A stored time in whole epoch seconds."""
        if self.is_sqlite:
            return f"cast(strftime('%s', {moment}) as integer)"
        return f"cast(floor(extract(epoch from {moment})) as bigint)"

    def pairs(self, json: str, alias: str) -> str:
        """An object as rows ``alias``, for a FROM: its `key`, and its `value` as JSON."""
        return f"json_each({json}) {alias}"

    def _path(self, keys: tuple[str, ...]) -> str:
        return " || ".join(["'$'", *(f"""'."' || {key} || '"'""" for key in keys)])


WORDS: Mapping[str, Words] = MappingProxyType(
    {"sqlite": Words(is_sqlite=True), "postgresql": Words(is_sqlite=False)}
)
"""By the name of SQLAlchemy's dialect."""
