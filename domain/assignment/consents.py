"""Consent to notices: what each person answered themselves, and whom a letter asks (practice: section 13.4).

An organisation cannot accept for its people: what a nomination says is an announcement, by which is known whom to ask.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from domain.letters.asking import Asking
from domain.values import NoticeId, UtcTime


class Consent(StrEnum):
    """How somebody stands to one version of a notice."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    ASKED = "asked"
    LAPSED = "lapsed"
    NOT_ASKED = "not asked"


ENDS_A_PLACE: Final = frozenset({Consent.DECLINED, Consent.LAPSED})
"""Who is in the region of the notice is moved by the next plan that may move people."""


class ConsentRequest(Asking):
    """A letter that asks one person about one version of a notice. Its link serves once."""

    application_id: UUID
    notice: NoticeId

    def is_open(self, now: UtcTime) -> bool:
        """Whether it can still be answered by its link."""
        return not self.closed and not self.is_over(now)


@dataclass(frozen=True, slots=True)
class Consents:
    """What everybody of an election answered, and what each was asked."""

    answers: Mapping[UUID, Mapping[NoticeId, bool]]
    requests: Mapping[tuple[UUID, NoticeId], ConsentRequest]

    def accepted(self, known: UUID) -> tuple[NoticeId, ...]:
        """Return the notices that somebody accepted and has not declined since."""
        return tuple(notice for notice, yes in self.answers.get(known, {}).items() if yes)

    def of(self, known: UUID, notice: NoticeId, *, now: UtcTime) -> Consent:
        """Return how somebody stands to *notice* at the moment *now*.

        A request that another version overtook asks nothing any more, even where that version comes into force again.
        """
        answer = self.answers.get(known, {}).get(notice)
        if answer is not None:
            return Consent.ACCEPTED if answer else Consent.DECLINED
        request = self.requests.get((known, notice))
        if request is None or request.closed:
            return Consent.NOT_ASKED
        return Consent.LAPSED if request.is_over(now) else Consent.ASKED

    def open_about_others(self, in_force: Collection[NoticeId]) -> list[ConsentRequest]:
        """Return the requests that wait for an answer about notices that are not *in_force*."""
        return [one for (_, notice), one in self.requests.items() if notice not in in_force and not one.closed]

    def yes_only(self) -> Self:
        """Return the same without what ends places: for plans that add people and move nobody."""
        agreed = {known: dict.fromkeys(self.accepted(known), True) for known in self.answers}
        return replace(self, answers=agreed, requests={})


NO_CONSENTS: Final = Consents({}, {})
