"""Closing with filing, look-back, archive, relapse; and the replies to those who reported."""

from workflow.errors import N_, Invalid
from workflow.issues.effect import Effect, Step


def close(step: Step) -> Effect:
    """Decide that it is closed (销号); this event is never altered."""
    return Effect(facts={"closed": step.noted(filing_number=step.values.get("filing_number"))})


def look_back(step: Step) -> Effect:
    """Record what a look-back (回头看) found."""
    found = [*step.case.facts.get("look_backs", ()), step.noted(finding=step.values["finding"])]
    return Effect(facts={"look_backs": found}, evidence=step.values.get("evidence", ()))


def archive(step: Step) -> Effect:
    """File it away."""
    return Effect(facts={"archived": step.noted()})


def relapse(step: Step) -> Effect:
    """It is back (反弹): a new issue is opened, linked, supervised one level higher."""
    return Effect(
        facts={"relapse": step.noted(finding=step.values["finding"])},
        relapses=True,
        evidence=step.values.get("evidence", ()),
    )


def reply(step: Step) -> Effect:
    """Record the reply that one source was given."""
    wanted = step.values["source_id"]
    source = next((s for s in step.case.sources if s.id == wanted), None)
    if source is None:
        raise Invalid.at("source_id", N_("没有这个来源，请从列表中选择。"))
    if source.replied:
        raise Invalid.at("source_id", N_("这个来源已经答复过。"))
    return Effect(replies_to=wanted)
