"""Log in and out. In the demo a post is one click; otherwise login and password."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from threading import Lock

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.deps import local_path, reading, refuse_foreign
from web.forms import Told, told
from web.nextmove import NextMove, next_move
from web.visit import COOKIE, Visit, form_text, open_visit
from workflow.errors import N_, Invalid, NotAllowed, NotFound
from workflow.issues import lists, store
from workflow.issues.case import Case
from workflow.units import sessions
from workflow.units.directory import PersonInfo, UnitInfo
from workflow.units.passwords import is_password
from workflow.units.rules import actor

_LOG = logging.getLogger("bihuan.web")
_TRIES = 5
_PAUSE = timedelta(minutes=15)
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Door:
    """A person of the demo city and what waits for them."""

    person: PersonInfo
    unit: UnitInfo
    posts: tuple[str, ...]
    waits: int


class Tries:
    """Wrong passwords by login name, so that nobody tries them all; kept by each process."""

    def __init__(self) -> None:
        self._wrong: dict[str, list[float]] = defaultdict(list)
        self._lock = Lock()

    def check(self, login: str, at: float) -> None:
        """Raises NotAllowed after too many wrong tries."""
        with self._lock:
            recent = [t for t in self._wrong.get(login, ()) if t > at - _PAUSE.total_seconds()]
            if recent:
                self._wrong[login] = recent
            else:
                self._wrong.pop(login, None)
        if len(recent) >= _TRIES:
            raise NotAllowed(
                N_("密码多次输入错误，请 {minutes} 分钟后再试，或请管理员重设密码。"),
                code="too_many_tries",
                params={"minutes": int(_PAUSE.total_seconds() // 60)},
            )

    def wrong(self, login: str, at: float) -> None:
        """Remember a wrong try."""
        with self._lock:
            self._wrong[login].append(at)

    def forget(self, login: str) -> None:
        """The right password was given."""
        with self._lock:
            self._wrong.pop(login, None)


_tries = Tries()


def page(visit: Visit) -> Response:
    """The log-in page; whoever is logged in already may change the post in the demo."""
    if visit.person is not None and not visit.settings.demo:
        return RedirectResponse("/", 303)
    return _shown(visit, visit.request.query_params.get("next", ""))


def _shown(visit: Visit, following: str, *, login: str = "", error: Told | None = None) -> Response:
    doors = _doors(visit) if visit.settings.demo else ()
    response: Response = visit.render(
        visit,
        "login.html",
        status=error.status if error else 200,
        walk=_walk(visit) if visit.settings.demo else None,
        busy=[door for door in doors if door.waits],
        idle=_by_unit(door for door in doors if not door.waits),
        following=local_path(following) if following else "",
        login=login,
        error=error,
    )
    return response


def _walk(visit: Visit) -> tuple[Case, NextMove | None] | None:
    """The issue that a newcomer is invited to walk, and who moves it next."""
    number = visit.request.app.state.walk
    if not number:
        return None
    case = store.load(visit.tx, visit.office, number=number)
    return case, next_move(visit, case)


def _doors(visit: Visit) -> tuple[Door, ...]:
    """Everybody who holds a post today, in the order of the units."""
    waiting = lists.waiting(visit.tx)
    directory, today = visit.directory, visit.today
    found: list[Door] = []
    for person in directory.people.values():
        held = directory.posts_of(person.id, today)
        if held:
            desks = actor(directory, person.id, today).desks
            posts = tuple(dict.fromkeys(post.post for post in held))
            waits = sum(waiting.get(desk, 0) for desk in desks)
            found.append(Door(person, directory.unit(held[0].unit_id), posts, waits))
    return tuple(sorted(found, key=lambda door: door.unit.id))


def _by_unit(doors: Iterable[Door]) -> list[tuple[UnitInfo, list[Door]]]:
    return [(unit, list(group)) for unit, group in groupby(doors, key=lambda door: door.unit)]


async def enter(request: Request) -> Response:
    """Log in with a password. The costly check runs outside of any transaction."""
    refuse_foreign(request)
    form = await request.form(max_files=0, max_fields=10)
    return await run_in_threadpool(_enter, request, form)


def _enter(request: Request, form: FormData) -> Response:
    runtime = request.app.state.runtime
    now = runtime.now()
    login, password = form_text(form, "login")[:_LONGEST], str(form.get("password") or "")
    following = local_path(form_text(form, "next"))
    error: NotAllowed | Invalid
    try:
        _tries.check(login, now.timestamp())
        with runtime.database.reading() as tx:
            known = sessions.secret_of(tx, login)
        if is_password(password, known[1] if known else None) and known is not None:
            _tries.forget(login)
            with runtime.database.transaction() as tx:
                token = sessions.start(tx, person_id=known[0], now=now)
            _LOG.info("web.login", extra={"person": known[0]})
            return _inside(request, token, following)
        _tries.wrong(login, now.timestamp())
        error = Invalid.at("password", N_("账号或密码不对，请核对后重新输入。"))
    except NotAllowed as refused:
        error = refused
    with runtime.database.reading() as tx:
        visit = open_visit(request, tx, now=now)
        status = 422 if isinstance(error, Invalid) else 429
        shown = told(error, status, visit.catalogue.gettext)
        return _shown(visit, following, login=login, error=shown)


async def enter_as(request: Request) -> Response:
    """Take a post of the demo city with one click; there is no such door elsewhere."""
    if not request.app.state.runtime.settings.demo:
        raise NotFound(N_("没有这个页面。请核对网址，或从首页重新进入。"))
    refuse_foreign(request)
    form = await request.form(max_files=0, max_fields=10)
    return await run_in_threadpool(_enter_as, request, form)


def _enter_as(request: Request, form: FormData) -> Response:
    runtime = request.app.state.runtime
    now = runtime.now()
    chosen = form_text(form, "person")
    with runtime.database.transaction() as tx:
        visit = open_visit(request, tx, now=now)
        person = visit.directory.person(int(chosen) if chosen.isdecimal() else 0)
        actor(visit.directory, person.id, visit.today)
        if old := request.cookies.get(COOKIE):
            sessions.end(tx, old)
        token = sessions.start(tx, person_id=person.id, now=now)
    return _inside(request, token, local_path(form_text(form, "next")))


async def leave(request: Request) -> Response:
    """Log out."""
    refuse_foreign(request)
    return await run_in_threadpool(_leave, request)


def _leave(request: Request) -> Response:
    if token := request.cookies.get(COOKIE):
        with request.app.state.runtime.database.transaction() as tx:
            sessions.end(tx, token)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE)
    return response


def _inside(request: Request, token: str, following: str) -> Response:
    response = RedirectResponse(following, 303)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(sessions.LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.app.state.runtime.settings.base_url.startswith("https:"),
    )
    return response


ROUTES = (
    ("/login", reading(page, anonymous=True), ["GET"]),
    ("/login", enter, ["POST"]),
    ("/login/as", enter_as, ["POST"]),
    ("/logout", leave, ["POST"]),
)
