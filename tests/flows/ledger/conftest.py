"""A city, the words of ledgers, and a hand that brings a workbook in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.world import CONFIG, World
from workflow.evidence import actions as evidence
from workflow.evidence.storage import Storage
from workflow.ledger import actions, queries, staging
from workflow.ledger.staging import Staged
from workflow.ledger.tools import Tools, open_tools
from workflow.ledger.views import ImportView
from workflow.outbox.models import Outbox
from workflow.units import queries as units
from workflow.units.rules import scope_of

OUTBOX = Outbox.__table__


ON_BOTH = (
    "takes_its_way",
    "told_once",
    "in_the_middle_it_goes_on[postgresql-41]",
    "broken_off_staging",
    "earlier_ledger",
    "what_has_changed",
    "unknown_unit_is_chosen",
    "two_workers",
)
"""What depends on the database is tried on PostgreSQL every time, the rest with the long tests."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what SQLite has proved to `make test-long`."""
    here = Path(__file__).parent
    for item in items:
        is_ours = here in item.path.parents and "[postgresql" in item.name
        if is_ours and not any(name in item.name for name in ON_BOTH):
            item.add_marker(pytest.mark.long)


@dataclass
class Clerk:
    """Somebody who brings ledgers in."""

    world: World
    tools: Tools
    storage: Storage
    login: str = "gj.dispatcher"

    def stage(
        self, data: bytes, name: str = "台账.xlsx", given: Mapping[str, Any] | None = None
    ) -> Staged:
        """Read and lay down."""
        zone = self.world.office.timing.zone
        return staging.stage(
            self.world.database,
            self.tools,
            data=data,
            upload=evidence.seal(self.storage, data, name, zone=zone),
            name=name,
            given=given,
            by=self.world.actor(self.login),
            now=self.world.now,
        )

    def confirm(self, import_id: int, **options: Any) -> None:
        """Let it count."""
        with self.world.database.transaction() as tx:
            actions.confirm(
                tx,
                self.tools,
                import_id,
                options=options,
                by=self.world.actor(self.login),
                now=self.world.now,
            )

    def activate(self, import_id: int) -> int:
        """Make the issues."""
        return actions.activate(self.world.database, self.tools, import_id, now=self.world.now)

    def bring_in(self, data: bytes, **options: Any) -> int:
        """All of it."""
        import_id = self.stage(data).import_id
        self.confirm(import_id, **options)
        self.activate(import_id)
        return import_id

    def view(self, import_id: int) -> ImportView:
        """The import as its own office sees it."""
        with self.world.database.reading() as tx:
            scope = scope_of(units.directory(tx), self.world.actor(self.login))
            return queries.get(tx, import_id, scope)

    def rows(self, import_id: int) -> list[Any]:
        """Its rows with way and issue."""
        with self.world.database.reading() as tx:
            found = self.view(import_id)
            by = self.world.actor(self.login)
            return queries.rows(tx, self.tools, found, by, self.world.now, limit=1000)

    def preview(self, import_id: int) -> Any:
        """What it would do."""
        with self.world.database.reading() as tx:
            found = self.view(import_id)
            by = self.world.actor(self.login)
            return queries.preview(tx, self.tools, found, by, self.world.now)

    def count(self, table: Any) -> int:
        """Rows of a table."""
        with self.world.database.reading() as tx:
            return int(tx.execute(select(func.count()).select_from(table)).scalar_one())

    def messages(self) -> list[Any]:
        """What waits to be sent."""
        with self.world.database.reading() as tx:
            return list(tx.execute(select(OUTBOX).order_by(OUTBOX.c.id)))


@pytest.fixture(scope="session")
def open_ledger() -> Callable[[World, Path], Clerk]:
    """Makes a clerk for a city."""
    return lambda world, folder: Clerk(
        world, open_tools(world.office, CONFIG), Storage(folder / "evidence")
    )


@pytest.fixture
def clerk(world: World, tmp_path: Path, open_ledger: Callable[[World, Path], Clerk]) -> Clerk:
    """The dispatcher of the office."""
    return open_ledger(world, tmp_path)
