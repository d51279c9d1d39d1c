"""Libraries that few requests need, loaded at their first use: a process that waits stays small."""

from importlib import import_module
from typing import Any


class Library:
    """Stands for a module and loads it when something of it is first asked for.

    Type checkers are shown the module itself::

        if TYPE_CHECKING:
            import openpyxl
        else:
            openpyxl = Library("openpyxl")
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        """Raises AttributeError for what the module does not have, ImportError without it."""
        found = getattr(import_module(self._name), name)
        setattr(self, name, found)  # the next time it is found without coming here
        return found
