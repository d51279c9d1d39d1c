"""Pages: one Jinja environment a language, made once; a template is given views and words only."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from config.language import LANGUAGES, catalogue
from web.assets import Assets

FOLDER = Path(__file__).parent.parent / "templates" / "pages"


class Pages:
    """All templates of the pages."""

    def __init__(self, assets: Assets) -> None:
        self._environments = {lang: _environment(lang, assets) for lang in LANGUAGES}

    def text(self, name: str, lang: str, **context: Any) -> str:
        """A page as text."""
        return self._environments[lang].get_template(name).render(lang=lang, **context)

    def render(self, visit: Any, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """A page for a visit."""
        other = "zh" if visit.lang == "en" else "en"
        here = page_of(visit.request)
        query = [pair for pair in visit.request.query_params.multi_items() if pair[0] != "lang"]
        template = self._environments[visit.lang].get_template(name)
        body = template.render(
            visit=visit,
            words=visit.words,
            lang=visit.lang,
            other_lang=other,
            in_other_lang=f"{here}?{urlencode([*query, ('lang', other)])}",
            here=here,
            **context,
        )
        return HTMLResponse(body, status_code=status)


def page_of(request: Request) -> str:
    """The address of the page, also when it is shown again by the answer to one of its forms."""
    known = request.path_params
    if "number" in known:
        return f"/issues/{quote(known['number'])}"
    if "id" in known:
        return f"/papers/{quote(known['id'])}"
    if "plan" in known and request.method == "POST":
        return f"/plans/{quote(known['plan'])}"
    if "ledger" in known and request.method == "POST":
        return f"/ledger/{quote(known['ledger'])}"
    return request.url.path


def _environment(lang: str, assets: Assets) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    words = catalogue(lang)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True
    )
    environment.globals["asset"] = assets.url
    environment.filters["iso"] = _iso
    return environment


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
