"""Letters after a theft of personal data: whom the law has told, and the report to the supervising authority."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from domain.application.application import case_number
from domain.application.case import Case
from domain.application.held_classes import FIELDS, HeldClass
from domain.letters.envelope import Envelope, LetterKind
from domain.organisations.organisation import Organisation
from domain.oversight.breach import Breach
from flows.letters.addressing import AddressedLetters
from notifications.letters.breach import BreachLetter

REPORT = "report"
"""What stands in the key of the report, where others have a case number or an organisation's code."""


class BreachLetters(AddressedLetters):
    """Writes the letters that one breach calls for."""

    __slots__ = ()

    def all_of(self, breach: Breach, cases: Mapping[UUID, Case]) -> Iterator[Envelope]:
        """Yield the report, and a letter to each person and organisation, unless the thief can read none of it."""
        yield self.report(breach)
        if not breach.can_be_read:
            return
        for known in breach.people:
            yield self._of_person(breach, cases[known])
        for code in breach.organisations:
            yield self._of_organisation(breach, self.organisations[code])

    def report(self, breach: Breach) -> Envelope:
        """Return the report, addressed to the authority, or to the officers where the profile has no address for it."""
        election, rights = self.profile.election, self.profile.data_rights
        letter = BreachLetter(
            **self._said(breach), about="authority", greeting_name=rights.supervisor, classes=breach.classes,
            due=breach.due_at, ground=breach.ground, parts=breach.parts, readable=breach.can_be_read,
            people=len(breach.people), organisations=len(breach.organisations), facts=breach.facts,
            without_case=sum(breach.without_case.values()),
        )  # fmt: skip
        to = rights.supervisor_email or election.officers_email
        return self._to_authority(letter, to=to, key=self._key(breach, REPORT))

    def _of_person(self, breach: Breach, case: Case) -> Envelope:
        number = case_number(case.application.id)
        lay = tuple(data_class for data_class in breach.classes if data_class in FIELDS)
        letter = BreachLetter(
            **self._said(breach), about="person", greeting_name=case.nomination.name, classes=lay, case_number=number
        )
        key = f"{LetterKind.BREACH}:{self._key(breach, number)}"
        return self._to_person(case, letter).revised(key=key)

    def _of_organisation(self, breach: Breach, organisation: Organisation) -> Envelope:
        letter = BreachLetter(
            **self._said(breach), about="organisation", classes=(HeldClass.FOCAL_POINT,),
            without_case=breach.without_case.get(organisation.code, 0),
        )  # fmt: skip
        return self._to_organisation(organisation, letter, key=self._key(breach, organisation.code))

    def _said(self, breach: Breach) -> dict[str, Any]:
        return self._head() | {"known_at": breach.known_at}

    def _key(self, breach: Breach, about: str) -> str:
        return f"{self.profile.election.code}:{breach.mark}:{about}"
