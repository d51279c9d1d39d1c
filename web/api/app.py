"""The API as an application of its own below ``/api``, with its description and a page to read."""

import re
from collections import defaultdict

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.routing import Route as Place

from web.api import auth, docs, openapi
from web.api.route import Route
from web.api.router import PREFIX, Address, troubled
from web.api.routes import ROUTES
from web.render import Pages
from web.visit import Runtime, language
from workflow.labels import Labels

_BELOW = PREFIX.removeprefix("/api")


def create_api(runtime: Runtime, labels: Labels, pages: Pages) -> Starlette:
    """The application that answers below ``/api`` for this installation."""
    settings = runtime.settings

    async def description(request: Request) -> Response:
        return JSONResponse(openapi.document(auth.language(request, settings.lang)))

    async def page(request: Request) -> Response:
        lang = language(request, None, settings.lang)
        return HTMLResponse(docs.page(pages, lang, base_url=settings.base_url))

    by_path: dict[str, dict[str, Route]] = defaultdict(dict)
    for route in ROUTES:
        by_path[route.path][route.method] = route
    places: list[BaseRoute] = [
        Place(_BELOW + path, Address(runtime, labels, routes).answer, methods=list(routes))
        for path, routes in by_path.items()
    ]
    places.append(Place("/openapi.json", description, methods=["GET"]))
    places.append(Place("/docs", page, methods=["GET"]))
    answer = troubled(runtime)
    app = Starlette(routes=places, exception_handlers={HTTPException: answer, Exception: answer})
    app.router.redirect_slashes = False
    return app


def mounted(api: Starlette) -> Mount:
    """The application in its place; also for addresses with a line break, which are not found."""
    place = Mount("/api", app=api)
    place.path_regex = re.compile(place.path_regex.pattern, re.DOTALL)
    return place
