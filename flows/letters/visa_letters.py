"""Letters with which accredited people from abroad ask for a visa, where the profile has them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Final
from uuid import UUID

from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.case import Case
from domain.application.status import ACCREDITED
from domain.letters.envelope import Envelope, LetterKind, OnlyWhile
from domain.values import ElectionCode, Frozen, bare
from flows.context import ElectionContext, database
from flows.letters.application_letters import ApplicationLetters
from notifications.letters.calendar import VisaLetter

STANDS: Final = tuple(sorted(ACCREDITED))
"""Where an accreditation stands that a consulate may rely on."""


class VisaLetters(ApplicationLetters):
    """Writes what a consulate must see."""

    __slots__ = ()

    def visa(self, case: Case, ground: str) -> Envelope:
        """Support somebody's visa; a new day, a new end or a corrected nomination makes another letter."""
        application, nomination, day = case.application, case.nomination, self.profile.election.day
        ends = application.valid_until or self.profile.valid_until(self.profile.effective(self.now))
        letter = VisaLetter(
            **self._of_case(case), **self._of_role(case), nationality=", ".join(nomination.nationalities), day=day,
            valid_until=ends, arrival=nomination.arrival, departure=nomination.departure, ground=ground,
        )  # fmt: skip
        rests_on = OnlyWhile(statuses=STANDS, person_version=application.person_version)
        return self._to_person(case, letter).revised(
            key=_key(application, day), only_while=rests_on, copy_to="", copy_language=None
        )  # fmt: skip


class Support(Frozen):
    """What the office says to a consulate that gives the code of such a letter."""

    stands: bool
    """Whether the accreditation stands today."""
    is_current: bool
    """Whether no later letter says otherwise."""
    is_theirs: bool = False
    """Whether the document that was shown is the person's."""


def support_of(election: ElectionCode, application: UUID, key: str, *, document: str = "") -> Support:
    """Return what holds today of the letter *key*; the number of a *document* is compared and kept nowhere."""
    with open_reader(database()) as store:
        case = store.applications.get(application)
        person = store.people.current([application]).get(application)
        day = store.elections.profile(election).election.day
    return Support(
        stands=case.status in ACCREDITED,
        is_current=key == _key(case, day),
        is_theirs=person is not None and bare(document) == bare(person.document_number) != "",
    )


def _key(application: Application, day: date) -> str:
    """Return what the letter is known by: another day or a corrected nomination makes another one."""
    return f"{LetterKind.VISA}:{application.id}:{application.person_version}:{day}"


def support_visas(store: Store, context: ElectionContext) -> Counter[str]:
    """Queue the letter for everybody accredited who is no citizen of the host, once for each day and nomination."""
    support = context.profile.letters.visa_support
    if support is None:
        return Counter()
    cases = store.applications.all_in(context.election, *STANDS)
    people, told = store.people.current([case.id for case in cases]), store.letters.keys_of(
        context.election, LetterKind.VISA
    )  # fmt: skip
    letters = VisaLetters.at(context)
    fresh = [
        letter
        for case in cases
        if (person := people.get(case.id))
        and person.nationalities
        and context.profile.election.host_country not in person.nationalities
        if (letter := letters.visa(Case(case, person), support.ground)).key not in told
    ]
    for letter in fresh:
        store.outbox.put(context.election, letter, now=context.now)
    return Counter({"visa letters": len(fresh)})
