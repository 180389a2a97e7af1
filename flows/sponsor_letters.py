"""Letters around nominations and their organisations: withdrawals, and where an organisation stands."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, Self

from domain.admission import Act, OrganisationAct
from domain.correspondence import Envelope, LetterKind
from domain.organisation import Organisation
from domain.unset import needed
from flows.desk import Desk
from flows.letters import Case, LetterDesk
from notifications.letters import OrganisationLetter, ReasonLine, RemedyNotice, WithdrawalLetter, contents_of

Told = Literal["admitted", "waiting", "not_admitted", "suspended", "withdrawn"]

_TOLD: Final[Mapping[Act, Told]] = MappingProxyType(
    {
        Act.APPLY: "waiting",
        Act.ADMIT: "admitted",
        Act.REFUSE: "not_admitted",
        Act.SUSPEND: "suspended",
        Act.WITHDRAW: "withdrawn",
    }
)


class SponsorLetters(LetterDesk):
    """Writes what an organisation's own acts, and acts about organisations, call for."""

    __slots__ = ()

    @classmethod
    def at(cls, at_desk: Desk) -> Self:
        """Return the letters of *at_desk*."""
        return cls(at_desk.profile, at_desk.geography, at_desk.organisations, at_desk.now)

    def withdrawal(self, case: Case, *, by: Literal["organisation", "applicant"], replaced: bool) -> Envelope:
        """Tell person and focal point that the nomination was withdrawn, by whom, and whether somebody takes over."""
        letter = WithdrawalLetter(**self._of_case(case), withdrawn_at=self.now, by=by, replaced=replaced)
        return self._to_person(LetterKind.WITHDRAWAL, case, letter)

    def standing(self, organisation: Organisation, act: OrganisationAct, *, number: int) -> Envelope:
        """Tell the focal point where the organisation stands after *act*, its *number*th."""
        outcome = _TOLD[act.act]
        refused = outcome == "not_admitted"
        letter = OrganisationLetter(
            **self._head(),
            greeting_name=organisation.focal_point.name,
            organisation_name=organisation.name,
            outcome=outcome,
            closes=self.profile.closing(organisation.kind) if outcome == "admitted" else None,
            reasons=tuple(ReasonLine(**self._reason(code), facts=act.facts) for code in act.reasons),
            remedy=RemedyNotice.of(needed(self.profile.remedy, "remedy"), due=self.profile.remedy_due(self.now))
            if refused
            else None,
        )
        return Envelope(
            key=f"{LetterKind.ORGANISATION}:{self.profile.election.code}:{organisation.code}:{number}",
            kind=LetterKind.ORGANISATION,
            to=organisation.focal_point.email,
            language=self._language(organisation.language),
            organisation=organisation.code,
            contents=contents_of(letter),
        )
