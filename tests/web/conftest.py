"""The small city behind the real application; people are logged in as they would be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import event
from starlette.testclient import TestClient

from config.settings import Settings, load_settings
from tests.world import World, entered
from web.app import create_app
from workflow.db import Database
from workflow.issues.office import Office

SAME = {"sec-fetch-site": "same-origin", "accept-language": "zh-CN"}


@dataclass
class WorldRuntime:
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


class Outline(HTMLParser):
    """What a test asks of a page: its forms with their fields, its text, its links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self.links: list[str] = []
        self.issues: list[str] = []
        """Numbers of the issues in lists."""
        self.ids: set[str] = set()
        self.problems: list[str] = []
        self._form: dict[str, str] | None = None
        self._skip = 0
        self._text: list[str] = []
        self.feed(html)
        self.text = " ".join(" ".join(self._text).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("script", "style"):
            self._skip += 1
            if tag == "style" or "src" not in found:
                self.problems.append(f"inline {tag}")
        self.problems += [name for name, _ in attrs if name == "style" or name.startswith("on")]
        if "id" in found:
            if found["id"] in self.ids:
                self.problems.append(f"id {found['id']} twice")
            self.ids.add(found["id"] or "")
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
            if found.get("class") == "title":
                self.issues.append(str(found["href"]).rpartition("/")[2])
        if tag == "form":
            self._form = self.forms.setdefault(str(found.get("action")), {})
        if tag in ("input", "select", "textarea") and self._form is not None and "name" in found:
            self._form[str(found["name"])] = str(found.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._skip -= 1
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self._text.append(data)


class Visitor:
    """One browser."""

    def __init__(self, client: TestClient, world: World) -> None:
        self.client = client
        self.world = world

    def enter(self, login: str) -> "Visitor":
        """Take a post of the demo."""
        person = self.world.actor(login).person_id
        self.post("/login/as", person=str(person))
        return self

    def get(self, path: str, status: int = 200, **headers: str) -> Response:
        """Open a page; it must be clean HTML."""
        response = self.client.get(path, headers=SAME | headers)
        assert response.status_code == status, response.text
        return response

    def page(self, path: str, status: int = 200) -> Outline:
        """Open a page and look at it."""
        return outline(self.get(path, status))

    def post(self, path: str, status: int = 303, files: Any = None, **data: Any) -> Response:
        """Send a form; a redirection is not followed."""
        response = self.client.post(
            path, data=data, files=files, headers=SAME, follow_redirects=False
        )
        assert response.status_code == status, response.text
        return response

    def act(self, number: str, action: str, status: int = 303, **data: Any) -> Response:
        """Open the issue's page and send the form of one of its actions as it stands there."""
        path = f"/issues/{number}/actions/{action}"
        forms = self.page(f"/issues/{number}").forms
        assert path in forms, sorted(forms)
        return self.post(path, status, **(forms[path] | data))


def outline(response: Response) -> Outline:
    """The page of an answer, checked for what our policy forbids."""
    found = Outline(response.text)
    assert not found.problems, found.problems
    assert not re.search(r"\{\{|\}\}|\{%|Undefined", response.text)
    return found


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    """A city on Monday morning, without issues."""
    with entered(sqlite_url) as world:
        yield world


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A demo in its own folder."""
    return load_settings(env_file=None, demo=True, data_dir=tmp_path / "data", max_upload_mb=2)


@pytest.fixture
def client(world: World, settings: Settings) -> Iterator[TestClient]:
    """The application; an error that nobody expected fails the test."""
    app = create_app(WorldRuntime(world, settings))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def visitor(client: TestClient, world: World) -> Visitor:
    """Somebody in front of the log-in page."""
    return Visitor(client, world)


@pytest.fixture
def statements(world: World) -> Iterator[list[str]]:
    """Every statement that is sent to the database from now on."""
    seen: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(world.database.engine, "before_cursor_execute", note)
