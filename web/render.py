"""Pages: one Jinja environment a language, made once; a template is given views and words only."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
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
        body = (
            self._environments[visit.lang]
            .get_template(name)
            .render(
                visit=visit,
                words=visit.words,
                lang=visit.lang,
                other_lang="zh" if visit.lang == "en" else "en",
                here=visit.request.url.path,
                **context,
            )
        )
        return HTMLResponse(body, status_code=status)


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
