"""What waits for the person: moves, requests to decide, papers to sign."""

from web.api import cursors, naming, shown
from web.api.models import Work
from web.api.route import Given, Reply
from web.visit import Visit
from workflow.issues import lists


def mine(visit: Visit, given: Given) -> Reply:
    """The person's work, the most urgent first."""
    found = lists.work_list(visit.tx, visit.actor, after=cursors.opened("work", given.query))
    body: Work = {
        "total": found.total,
        "states": naming.state_counts(visit, found.states),
        "moves": [naming.line(visit, row) for row in found.moves],
        "next_cursor": cursors.sealed("work", found.after),
        "requests": [shown.request(visit, each) for each in found.requests],
        "papers": [shown.paper(visit, each) for each in found.papers],
    }
    return Reply(body)
