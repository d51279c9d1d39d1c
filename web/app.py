"""The web application: pages, static files, health; made for one runtime."""

import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from web import errors
from web.api.app import create_api, mounted
from web.assets import Assets
from web.headers import SecurityHeaders
from web.limits import BodyLimit
from web.pages import ROUTES
from web.render import Pages
from web.visit import Runtime
from workflow.labels import Labels, load_labels

_MEGABYTE = 1024 * 1024
_FORM_BYTES = _MEGABYTE
"""What the texts of a form may weigh besides its files."""
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}")
_LOCAL = ["127.0.0.1", "localhost", "[::1]"]


def create_app(
    runtime: Runtime,
    *,
    lifespan: Callable[[FastAPI], Any] | None = None,
    walk: str = "",
) -> FastAPI:
    """Return the application that answers for this installation.

    `walk` is the number of the issue that a newcomer to the demo is invited to walk.
    """
    settings = runtime.settings
    app = FastAPI(
        title="Bihuan",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    assets = Assets()
    app.state.runtime = runtime
    app.state.walk = walk
    app.state.labels = labels = load_labels(settings.config_dir / "labels")
    assets.add("lamps.css", lamp_rules(labels))
    app.state.assets = assets
    app.state.pages = Pages(assets)
    app.router.routes.append(mounted(create_api(runtime, labels, app.state.pages)))
    for path, endpoint, methods in ROUTES:
        app.add_route(path, endpoint, methods=methods)
    app.add_route("/static/{name}", assets.serve, methods=["GET"])
    errors.install(app)
    app.add_middleware(BodyLimit, most=settings.max_upload_mb * _MEGABYTE + _FORM_BYTES)
    app.add_middleware(GZipMiddleware, minimum_size=1500, compresslevel=5)
    app.add_middleware(SecurityHeaders, https=settings.base_url.startswith("https:"))
    hosts = _LOCAL if settings.demo else list(settings.allowed_hosts)
    if hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts)
    return app


def lamp_rules(labels: Labels) -> str:
    """The colours of the lamps as a style sheet; they are the office's own, like their names."""
    colours = (
        (key, str(labels.more("lamps", key, "colour") or "")) for key in labels.keys("lamps")
    )
    return "".join(
        f".lamp-{key}::before{{background:{colour}}}\n"
        for key, colour in colours
        if key.isidentifier() and _COLOUR.fullmatch(colour)
    )
