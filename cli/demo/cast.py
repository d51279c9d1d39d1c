"""Who plays which part: the people of the demo as the engine knows them on a day."""

from collections.abc import Mapping
from datetime import date, datetime

from workflow.issues import rules
from workflow.issues.case import Case
from workflow.issues.office import Office
from workflow.units.directory import Directory
from workflow.units.rules import Actor, actor, people_at, units_in


class Cast:
    """Finds the person for a step, with the posts of that day."""

    def __init__(self, directory: Directory, office: Office, logins: Mapping[str, str]) -> None:
        self.directory, self.office, self.logins = directory, office, logins
        self._known: dict[tuple[int, date], Actor] = {}

    def named(self, post: str, at: datetime) -> Actor:
        """The person behind ``code.post``, as a story writes it."""
        person = self.directory.person_by_login(self.logins[post])
        assert person is not None
        return self._person(person.id, self.office.timing.day(at))

    def at_desk(self, unit_id: int, post: str, at: datetime) -> Actor:
        """The first person who does the work of a desk."""
        on = self.office.timing.day(at)
        people = people_at(self.directory, (unit_id, post), on, units={"issuer": [unit_id]})
        return self._person(people[0], on)

    def able(self, case: Case, action: str, at: datetime) -> Actor:
        """The first person who may take the action; where nobody may, the first who comes near.

        The engine then refuses, and its sentence says what is wrong with the story.
        """
        house = self.office.house(self.directory)
        on = self.office.timing.day(at)
        transition = case.loop.by_state[case.state].get(action)
        near: Actor | None = None
        for role in transition.by if transition else ():
            desks = units_in(self.directory, role.relation, case.units, post=role.post, on=on)
            for unit in desks:
                for person in people_at(self.directory, (unit, role.post), on, units=case.units):
                    found = self._person(person, on)
                    if rules.refusal(case, action, found, at, house) is None:
                        return found
                    near = near or found
        return near or self.named(next(iter(self.logins)), at)

    def _person(self, person_id: int, on: date) -> Actor:
        known = (person_id, on)
        if known not in self._known:
            self._known[known] = actor(self.directory, person_id, on)
        return self._known[known]
