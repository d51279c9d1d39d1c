"""The actions of an issue: what is offered with its form, what is not and why, and taking one."""

from functools import lru_cache
from typing import Any

from config.language import catalogue
from web.api import issues
from web.api.models import Offers, OfferShown
from web.api.route import Given, Reply
from web.visit import Visit
from workflow.evidence import actions as evidence
from workflow.issues import actions, rules, store
from workflow.issues.fields import FIELDS, model
from workflow.issues.rules import Offer
from workflow.loops.loop import Transition


def offered(visit: Visit, given: Given) -> Reply:
    """Every action of the issue's state."""
    view = issues.seen(visit, given)
    case = store.load(visit.tx, visit.office, issue_id=view.id)
    offers = rules.offered(case, visit.actor, visit.now, visit.office.house(visit.directory))
    body: Offers = {
        "number": view.number,
        "version": view.version,
        "state": view.state,
        "state_label": visit.words.state(view.loop_version, view.state),
        "actions": [_offer(visit, each) for each in offers],
    }
    return Reply(body)


def take(visit: Visit, given: Given) -> Reply:
    """Take one action at the version that the caller saw."""
    body = dict(given.body)
    names = issues.file_names(body)
    number = issues.number_of(given)
    outcome = actions.act(
        visit.tx,
        visit.office,
        number=number,
        action=given.path["action"],
        data=body.get("data", {}),
        version=body["version"],
        by=visit.actor,
        now=visit.now,
        door="api",
    )
    if names:
        case = store.load(visit.tx, visit.office, number=number)
        evidence.name_files(visit.tx, issue_id=case.id, event_seq=outcome.version, names=names)
    return Reply(issues.done(outcome))


def _offer(visit: Visit, offer: Offer) -> OfferShown:
    refusal, translate = offer.refusal, visit.catalogue.gettext
    return {
        "action": offer.action,
        "label": visit.words.transition(offer.transition),
        "kind": offer.transition.kind,
        "allowed": offer.allowed,
        "why": (refusal.why_text(translate) or refusal.text(translate)) if refusal else None,
        "code": refusal.code if refusal else None,
        "form": form(offer.transition, visit.lang),
    }


def form(transition: Transition, lang: str) -> dict[str, Any]:
    """The JSON Schema of an action's ``data``, its fields named as on the page."""
    return _form(transition.needs, transition.takes, lang, model(transition))


@lru_cache(maxsize=512)
def _form(
    needs: tuple[str, ...], takes: tuple[str, ...], lang: str, of: type[Any]
) -> dict[str, Any]:
    schema: dict[str, Any] = of.model_json_schema()
    schema.pop("title", None)
    translate = catalogue(lang).gettext
    for name in (*needs, *takes):
        schema["properties"][name]["title"] = translate(FIELDS[name].zh)
    return schema
