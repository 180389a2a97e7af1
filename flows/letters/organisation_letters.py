"""Letters around nominations and their organisations: withdrawals, where an organisation stands, policies."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from domain.application.case import Case
from domain.election.policies import Policy
from domain.election.unset import needed
from domain.letters.envelope import Envelope
from domain.organisations.organisation import Organisation, OrganisationAct, OrganisationActKind
from flows.letters.application_letters import ApplicationLetters
from notifications.letters.exception import WithdrawalLetter
from notifications.letters.lines import ReasonLine, RemedyNotice
from notifications.letters.organisation import OrganisationLetter, PolicyLetter

Told = Literal["admitted", "waiting", "not_admitted", "suspended", "withdrawn"]

_TOLD: Final[Mapping[OrganisationActKind, Told]] = MappingProxyType(
    {
        OrganisationActKind.APPLY: "waiting",
        OrganisationActKind.ADMIT: "admitted",
        OrganisationActKind.REFUSE: "not_admitted",
        OrganisationActKind.SUSPEND: "suspended",
        OrganisationActKind.WITHDRAW: "withdrawn",
    }
)


class OrganisationLetters(ApplicationLetters):
    """Writes what an organisation's own acts, and acts about organisations, call for."""

    __slots__ = ()

    def withdrawal(self, case: Case, *, by: Literal["organisation", "applicant"], replaced: bool) -> Envelope:
        """Tell person and focal point that the nomination was withdrawn, by whom, and whether somebody takes over."""
        letter = WithdrawalLetter(**self._of_case(case), withdrawn_at=self.now, by=by, replaced=replaced)
        return self._to_person(case, letter)

    def standing(self, organisation: Organisation, act: OrganisationAct, *, number: int) -> Envelope:
        """Tell the focal point where the organisation stands after *act*, its *number*th."""
        outcome = _TOLD[act.act]
        refused = outcome == "not_admitted"
        letter = OrganisationLetter(
            **self._head(),
            organisation_name=organisation.name,
            outcome=outcome,
            closes=self.profile.closing(organisation.kind) if outcome == "admitted" else None,
            reasons=tuple(ReasonLine(**self._reason(code), facts=act.facts) for code in act.reasons),
            remedy=RemedyNotice.of(needed(self.profile.remedy, "remedy"), due=self.profile.remedy_due(self.now))
            if refused
            else None,
        )
        key = f"{self.profile.election.code}:{organisation.code}:{number}"
        return self._to_organisation(organisation, letter, key=key)

    def policy(self, organisation: Organisation, policy: Policy, *, open_cases: int) -> Envelope:
        """Tell a focal point of a policy in its own words, and how many of the organisation's open cases it touches."""
        calendar = self.profile.working_days
        first = policy.in_force_from or policy.published_on
        letter = PolicyLetter(
            **self._head(),
            policy=policy.id,
            text=policy.text,
            authority=policy.authority,
            ground=policy.ground,
            version=str(policy.version),
            in_force_from=calendar.first_moment(first) if first else self.now,
            in_force_until=calendar.last_moment(policy.in_force_to) if policy.in_force_to else None,
            open_cases=open_cases,
        )
        key = f"{self.profile.election.code}:{policy.citation}:{organisation.code}"
        return self._to_organisation(organisation, letter, key=key)
