"""What the reviewer of a draft is shown: the document, what was read, what keeps it from running."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflow.plans.views import (
    ActionView,
    Head,
    NoteView,
    RecordView,
    SectionView,
    TargetView,
    TaskView,
    TextLine,
    UnitName,
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason against putting a draft into force; `message` is a msgid for `params`."""

    message: str
    params: Mapping[str, object]
    about: str = ""
    """What it is about: ``doubts``, ``tasks``, ``units``, or the id of a task."""

    def text(self) -> str:
        """In Chinese."""
        return self.message.format_map(self.params) if self.params else self.message


@dataclass(frozen=True, slots=True)
class Review:
    """A plan as its reviewer sees it: the document, what was read, what is in doubt."""

    head: Head
    may_edit: bool
    lines: tuple[TextLine, ...]
    sections: tuple[SectionView, ...]
    actions: tuple[ActionView, ...]
    tasks: tuple[TaskView, ...]
    """In the order of the document; ``by_doubt`` has those first that a person should look at."""
    targets: tuple[TargetView, ...]
    """Of the plan as a whole."""
    notes: tuple[NoteView, ...]
    """Of the document as a whole."""
    units: tuple[UnitName, ...]
    """Undecided names first."""
    records: tuple[RecordView, ...]
    left: tuple[Obstacle, ...]
    """Why it cannot be activated yet; empty when it can."""

    @property
    def obstacles(self) -> tuple[str, ...]:
        """The same as Chinese sentences."""
        return tuple(obstacle.text() for obstacle in self.left)

    @property
    def by_doubt(self) -> tuple[TaskView, ...]:
        """Open doubts first, then what nobody has confirmed; each group in the document's order."""
        return tuple(
            sorted(
                self.tasks,
                key=lambda task: (
                    task.doubts == 0,
                    task.state != "active",
                    task.confirmed_at is not None,
                ),
            )
        )

    @property
    def doubts(self) -> int:
        """Notes that nobody has dealt with."""
        return sum(task.doubts for task in self.tasks) + sum(not n.resolved for n in self.notes)
