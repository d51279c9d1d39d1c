"""The closed sets of the vocabulary are the ones that code carries out, no more and no fewer."""

import pytest

from tests.unit.issues.desk import FORMS, HOUSE, LOOPS, NOW, case, somebody
from tests.unit.units.town import ID
from workflow.issues import rules
from workflow.issues.case import Case
from workflow.issues.fields import AMENDABLE, AMENDED_TYPES, FIELDS, SPEEDS, form
from workflow.issues.guards import GUARDS
from workflow.issues.kinds import RULES
from workflow.issues.kinds.afterwards import reply
from workflow.issues.models import Issue
from workflow.loops import vocabulary
from workflow.units.posts import POSTS


def test_every_kind_but_report_has_its_rule() -> None:
    assert RULES.keys() == vocabulary.KINDS.keys() - {"report"}


def test_every_guard_has_its_predicate_and_its_sentence() -> None:
    assert GUARDS.keys() == vocabulary.GUARDS.keys()
    assert all(sentence.endswith("。") for _, sentence in GUARDS.values())


def test_every_group_of_guards_is_exhaustive_on_any_case() -> None:
    for group in vocabulary.EXHAUSTIVE:
        for issue in (case("publicity"), case("rectifying", speed="at_once", facts={"returns": 2})):
            assert any(GUARDS[name][0](issue) for name in group), group


def test_every_field_of_a_form_has_a_type_and_a_name() -> None:
    assert FIELDS.keys() == vocabulary.FIELDS
    assert all(name == spec.name for name, spec in FIELDS.items())
    assert len({spec.zh for spec in FIELDS.values()}) == len(FIELDS)


def test_choices_are_those_that_are_stored() -> None:
    assert FIELDS["speed"].choices == SPEEDS
    assert FIELDS["field"].choices == AMENDABLE
    assert AMENDABLE.keys() == AMENDED_TYPES.keys()
    assert AMENDABLE.keys() <= set(Case._fields) & Issue.model_fields.keys()


def test_posts_are_the_same_everywhere() -> None:
    assert vocabulary.POSTS.keys() == POSTS


def test_no_two_kinds_share_an_effect_by_mistake() -> None:
    shared = {name for name, rule in RULES.items() if rule.effect is RULES["withdraw"].effect}
    assert shared == {"withdraw", "cancel"}
    assert RULES["reply"].effect is reply


@pytest.mark.parametrize("loop", LOOPS.values(), ids=lambda loop: loop.name)
def test_everybody_is_offered_every_action_or_the_reason_why_not(loop) -> None:
    for state in loop.states:
        issue = case(state, loop.name)
        for login in ID:
            for offer in rules.offered(issue, somebody(login), NOW, HOUSE):
                assert offer.transition is loop.by_state[state][offer.action]
                assert offer.fields == form(offer.transition)
                if offer.refusal is not None:
                    assert (offer.refusal.why_text() or "").endswith("。")
                    assert "{" not in str(offer.refusal)


def test_every_action_of_the_shipped_loops_asks_for_what_its_kind_needs() -> None:
    assert FORMS.keys() == RULES.keys()
    for loop in LOOPS.values():
        for transition in loop.transitions:
            required = {field.spec.name for field in form(transition) if field.required}
            assert required >= set(vocabulary.KINDS[transition.kind].needs)
