"""One request of one person: who they are today, what they may see, in which language, when.

A visit reads everything through one transaction and is over with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol

from starlette.requests import Request

from config.language import LANGUAGES, Catalogue, catalogue, preferred
from config.settings import Settings
from web.words import Words
from workflow.db import Database, Tx
from workflow.errors import N_, NotAllowed
from workflow.issues import counts
from workflow.issues.office import Office
from workflow.issues.views import NextRung
from workflow.labels import Labels
from workflow.operations import queries as operations
from workflow.operations.queries import ADMIN
from workflow.outbox import queries as outbox
from workflow.units import queries as units
from workflow.units import sessions
from workflow.units.directory import Directory, PersonInfo
from workflow.units.rules import Actor, Scope, actor, scope_of
from workflow.units.sessions import Session

COOKIE = "bihuan"
LANGUAGE_COOKIE = "lang"


class Runtime(Protocol):
    """What the process that serves has at hand (``tasks/runtime.py``)."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def office(self) -> Office: ...

    def now(self) -> datetime:
        """The moment, aware."""


@dataclass
class Visit:
    """A request with everything that a page needs to answer it."""

    request: Request
    runtime: Runtime
    labels: Labels
    tx: Tx
    now: datetime
    lang: str
    session: Session | None
    directory: Directory
    person: PersonInfo | None
    render: Callable[..., Any] = field(repr=False)

    @property
    def settings(self) -> Settings:
        """The settings of the installation."""
        return self.runtime.settings

    @property
    def office(self) -> Office:
        """The standing arrangements."""
        return self.runtime.office

    @cached_property
    def today(self) -> date:
        """The civil day where the office is."""
        return self.office.timing.day(self.now)

    @cached_property
    def actor(self) -> Actor:
        """The person with today's desks. Raises NotAllowed for somebody who is not logged in."""
        if self.person is None:
            raise NotAllowed(N_("请先登录。"), code="not_logged_in")
        return actor(self.directory, self.person.id, self.today)

    @cached_property
    def scope(self) -> Scope:
        """What the person may see."""
        return scope_of(self.directory, self.actor)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The sentences of the visit's language."""
        return catalogue(self.lang)

    @cached_property
    def words(self) -> Words:
        """The names of things in the visit's language."""
        return Words(
            lang=self.lang,
            labels=self.labels,
            directory=self.directory,
            timing=self.office.timing,
            now=self.now,
            loop_of=lambda version: self.office.loop_of(self.tx, version),
        )

    @cached_property
    def strip(self) -> NextRung | None:
        """The rung that comes next among what the person sees; for the demo's strip."""
        return None if self.person is None else counts.next_rung(self.tx, self.scope)

    @cached_property
    def is_quarantined(self) -> bool:
        """Whether an administrator, and only one, has to be told that nothing leaves."""
        if self.person is None or not any(post.post == ADMIN for post in self.actor.held):
            return False
        return operations.quarantined_since(self.tx) is not None

    @cached_property
    def unread(self) -> int:
        """How many items of the inbox are not read."""
        if self.person is None:
            return 0
        return outbox.unread(self.tx, person_id=self.person.id)


def open_visit(request: Request, tx: Tx, *, now: datetime, for_update: bool = False) -> Visit:
    """Find out who asks; one statement for the session and the directory's version."""
    state = request.app.state
    token = request.cookies.get(COOKIE)
    session = sessions.find(tx, token, now=now, for_update=for_update) if token else None
    if session is None:
        directory, person = units.directory(tx), None
    else:
        directory = units.directory_at(tx, session.directory_version)
        person = directory.person(session.person_id)
        request.state.person_id = person.id  # for web/denials.py
    return Visit(
        request=request,
        runtime=state.runtime,
        labels=state.labels,
        tx=tx,
        now=now,
        lang=language(request, person, state.runtime.settings.lang),
        session=session,
        directory=directory,
        person=person,
        render=state.pages.render,
    )


def language(request: Request, person: PersonInfo | None, default: str) -> str:
    """The address first, then the choice made before, the browser's, the person's, the office's."""
    own = person.lang if person else None
    wanted = (
        request.query_params.get("lang"),
        request.cookies.get(LANGUAGE_COOKIE),
        preferred(request.headers.get("accept-language", "")),
        own,
    )
    return next((lang for lang in wanted if lang in LANGUAGES), default)


def form_text(form: Mapping[str, Any], name: str) -> str:
    """A text field of a form, without the spaces around it."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
