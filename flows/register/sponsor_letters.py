"""Letters around nominations and their organisations: withdrawals, where an organisation stands, policies."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, Self

from domain.admission import Act, OrganisationAct
from domain.correspondence import Envelope, LetterKind
from domain.organisation import Organisation
from domain.policies import Policy
from domain.unset import needed
from flows.desk import Desk
from flows.mail.letters import Case, LetterDesk
from notifications.letters import (
    OrganisationLetter,
    PolicyLetter,
    ReasonLine,
    RemedyNotice,
    WithdrawalLetter,
    contents_of,
)

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

    def policy(self, organisation: Organisation, policy: Policy, *, open_cases: int) -> Envelope:
        """Tell a focal point of a policy in its own words, and how many of the organisation's open cases it touches."""
        calendar = self.profile.working_days
        first = policy.in_force_from or policy.published_on
        letter = PolicyLetter(
            **self._head(),
            greeting_name=organisation.focal_point.name,
            policy=policy.id,
            text=policy.text,
            authority=policy.authority,
            ground=policy.ground,
            version=str(policy.version),
            in_force_from=calendar.first_moment(first) if first else self.now,
            in_force_until=calendar.last_moment(policy.in_force_to) if policy.in_force_to else None,
            open_cases=open_cases,
        )
        return Envelope(
            key=f"{LetterKind.POLICY}:{self.profile.election.code}:{policy.citation}:{organisation.code}",
            kind=LetterKind.POLICY,
            to=organisation.focal_point.email,
            language=self._language(organisation.language),
            organisation=organisation.code,
            contents=contents_of(letter),
        )
