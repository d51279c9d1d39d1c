"""The small city behind the real application, asked by programs: one token a person."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response
from PIL import Image
from starlette.testclient import TestClient

from config.settings import Settings, load_settings
from tests.world import World, entered
from web.app import create_app
from workflow.db import Database
from workflow.issues.office import Office
from workflow.tokens import actions as tokens

V1 = "/api/v1"


@dataclass
class ServingWorld:
    """What a serving process has at hand, with the world's clock."""

    world: World
    settings: Settings

    @property
    def database(self) -> Database:
        return self.world.database

    @property
    def office(self) -> Office:
        return self.world.office

    def now(self) -> datetime:
        return self.world.now


def jpeg(colour: tuple[int, int, int] = (90, 120, 80)) -> bytes:
    """A small photograph."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Program:
    """Another system that holds one token for each person that it speaks for."""

    client: TestClient
    world: World
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, login: str) -> str:
        """The person's token, made when it is first needed."""
        if login not in self.tokens:
            with self.world.database.transaction() as tx:
                made = tokens.add(tx, login=login, days=30, now=self.world.now, door="test")
            self.tokens[login] = made.secret
        return self.tokens[login]

    def headers(self, login: str, **more: str) -> dict[str, str]:
        """The headers of a request in the name of a person."""
        return {"authorization": f"Bearer {self.token(login)}", "accept-language": "zh", **more}

    def get(self, path: str, by: str, status: int = 200, **query: Any) -> Any:
        """Ask; the answer's JSON."""
        response = self.client.get(V1 + path, params=query, headers=self.headers(by))
        assert response.status_code == status, response.text
        return response.json()

    def post(
        self, path: str, by: str, body: Any, status: int = 200, key: str | None = None
    ) -> Response:
        """Send JSON under a key of its own, or the one given; "" for none."""
        key = uuid4().hex if key is None else key
        headers = self.headers(by, **({"idempotency-key": key} if key else {}))
        response = self.client.post(V1 + path, json=body, headers=headers)
        assert response.status_code == status, response.text
        return response

    def act(self, number: str, action: str, by: str, status: int = 200, **data: Any) -> Any:
        """Take an action at the version that is current, as the offers tell it."""
        version = self.get(f"/issues/{number}/actions", by)["version"]
        body = {"version": version, "data": data}
        return self.post(f"/issues/{number}/actions/{action}", by, body, status).json()

    def upload(
        self, name: str, content: bytes, by: str, status: int = 201, **headers: str
    ) -> Response:
        """Upload a file."""
        response = self.client.post(
            f"{V1}/evidence", files={"file": (name, content)}, headers=self.headers(by, **headers)
        )
        assert response.status_code == status, response.text
        return response


BOTH = pytest.mark.parametrize("kind", ["sqlite_url", "postgres_url"])
"""Runs a test once on each database."""


@pytest.fixture
def kind() -> str:
    """Which database a test runs on unless it says otherwise."""
    return "sqlite_url"


@pytest.fixture
def world(kind: str, request: pytest.FixtureRequest) -> Iterator[World]:
    """A city on Monday morning, without issues, on either database."""
    with entered(request.getfixturevalue(kind), pool_size=10) as world:
        yield world


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation in its own folder."""
    return load_settings(env_file=None, data_dir=tmp_path / "data", max_upload_mb=2)


@pytest.fixture
def client(world: World, settings: Settings) -> Iterator[TestClient]:
    """The whole application."""
    app = create_app(ServingWorld(world, settings))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def program(client: TestClient, world: World) -> Program:
    """Somebody's program."""
    return Program(client, world)
