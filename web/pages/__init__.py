"""The pages, one file a subject; ``ROUTES`` is the complete list of addresses."""

from web.deps import Endpoint
from web.pages import (
    evidence,
    health,
    inbox,
    issue,
    issues,
    ledger,
    login,
    overview,
    paper,
    plans,
    report,
    work,
)

Route = tuple[str, Endpoint, list[str]]

ROUTES: tuple[Route, ...] = (
    *login.ROUTES,
    *work.ROUTES,
    *report.ROUTES,
    *issues.ROUTES,
    *issue.ROUTES,
    *paper.ROUTES,
    *plans.ROUTES,
    *ledger.ROUTES,
    *inbox.ROUTES,
    *overview.ROUTES,
    *evidence.ROUTES,
    *health.ROUTES,
)
