"""The two questions that a supervisor of processes asks, through the real application."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from config.settings import load_settings
from tests.web.conftest import WorldRuntime
from tests.world import World, build
from web.app import create_app
from workflow import migrate
from workflow.db import Database


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[World]:
    database = Database(f"sqlite:///{tmp_path}/migrated.db", pool_size=2)
    migrate.upgrade(database)
    yield build(database)
    database.close()


def test_ready_means_schema_and_no_lag(migrated: World, tmp_path: Path) -> None:
    settings = load_settings(env_file=None, demo=True, data_dir=tmp_path)
    app = create_app(WorldRuntime(migrated, settings))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        checks = client.get("/readyz").json()["checks"]
        assert checks["schema"]["state"] == "ok"
        assert checks["sweep"]["state"] == "ok"

        migrated.report()
        migrated.after(days=30)
        late = client.get("/readyz")
        assert late.status_code == 503
        assert late.json()["checks"]["sweep"]["lag_seconds"] > 86_400
