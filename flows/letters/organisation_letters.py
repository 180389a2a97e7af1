"""Letters around nominations and their organisations: withdrawals, where an organisation stands, policies."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from domain.application.case import Case
from domain.election.policies import Policy
from domain.letters.envelope import Envelope, LetterKind
from domain.organisations.organisation import Organisation, OrganisationAct, OrganisationActKind
from domain.values import ElectionCode, OrganisationCode
from domain.vetting.organisations import answer_due
from flows.letters.application_letters import ApplicationLetters
from notifications.letters.exception import WithdrawalLetter
from notifications.letters.lines import ReasonLine
from notifications.letters.organisation import OrganisationLetter, PolicyLetter

Told = Literal["received", "admitted", "waiting", "not_admitted", "suspended", "withdrawn"]

_TOLD: Final[Mapping[OrganisationActKind, Told]] = MappingProxyType(
    {
        OrganisationActKind.ASK: "waiting",
        OrganisationActKind.ADMIT: "admitted",
        OrganisationActKind.REFUSE: "not_admitted",
        OrganisationActKind.SUSPEND: "suspended",
        OrganisationActKind.WITHDRAW: "withdrawn",
    }
)


def standing_key(election: ElectionCode, code: OrganisationCode, number: int) -> str:
    """Return the key of the letter about the *number*th act about an organisation."""
    return f"{LetterKind.ORGANISATION}:{election}:{code}:{number}"


class OrganisationLetters(ApplicationLetters):
    """Writes what an organisation's own acts, and acts about organisations, call for."""

    __slots__ = ()

    def withdrawal(self, case: Case, *, by: Literal["organisation", "applicant"], replaced: bool) -> Envelope:
        """Tell person and focal point that the nomination was withdrawn, by whom, and whether somebody takes over."""
        letter = WithdrawalLetter(**self._of_case(case), withdrawn_at=self.now, by=by, replaced=replaced)
        return self._to_person(case, letter)

    def standing(self, organisation: Organisation, act: OrganisationAct, *, number: int) -> Envelope:
        """Tell the focal point where the organisation stands after *act*, its *number*th."""
        filed = act.act is OrganisationActKind.APPLY
        outcome: Told = ("waiting" if act.reasons else "received") if filed else _TOLD[act.act]
        refused, last = outcome == "not_admitted", self.profile.closing(organisation.kind, step="organisation")
        letter = OrganisationLetter(
            **self._head(),
            organisation_name=organisation.name,
            outcome=outcome,
            received_at=act.at if filed else None,
            missed_deadline=last if filed and last and act.at > last else None,
            decision_due=answer_due(self.profile, act.at) if filed else None,
            due=self.profile.cure_due(self.now) if outcome == "waiting" else None,
            closes=self.profile.closing(organisation.kind) if outcome == "admitted" else None,
            reasons=tuple(ReasonLine(**self._reason(code), facts=act.facts) for code in act.reasons),
            remedy=self._remedy() if refused else None,
        )
        envelope = self._to_organisation(organisation, letter, key="")
        return envelope.revised(key=standing_key(self.profile.election.code, organisation.code, number))

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
