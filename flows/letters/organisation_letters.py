"""Letters to organisations: withdrawals, where they stand, policies, votes that follow, and parcels of letters."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from domain.application.case import Case
from domain.decisions.appeals import AppealOutcome, appeal_due, ground_of, lodging
from domain.election.policies import Policy
from domain.election.unset import needed
from domain.letters.envelope import Attachment, Envelope, LetterKind
from domain.letters.parcels import OFFICERS, Apart, Destination
from domain.organisations.organisation import Organisation, OrganisationAct, OrganisationActKind, OrganisationStatus
from domain.values import ElectionCode, OrganisationCode, UtcTime
from domain.vetting.organisations import answer_due, refused_at
from flows.letters.addressing import AddressedLetters
from flows.letters.application_letters import ApplicationLetters
from notifications.letters.calendar import FollowOnLetter
from notifications.letters.exception import WithdrawalLetter
from notifications.letters.lines import KindCount, ReasonLine
from notifications.letters.organisation import OrganisationAppealLetter, OrganisationLetter, ParcelLetter, PolicyLetter

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
_APPEAL: Final[Mapping[OrganisationActKind, AppealOutcome | None]] = MappingProxyType(
    {
        OrganisationActKind.LODGE_APPEAL: None,
        OrganisationActKind.GRANT_APPEAL: "granted",
        OrganisationActKind.DISMISS_APPEAL: "dismissed",
        OrganisationActKind.REMAND_APPEAL: "remanded",
    }
)
"""How the appeal ended; None: it was lodged."""


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

    def standing(
        self, organisation: Organisation, acts: Sequence[OrganisationAct], *, told_at: UtcTime | None = None
    ) -> Envelope:
        """Tell the focal point where the organisation stands after the last of *acts*, which are all about it.

        *told_at* is when it was told of what it appeals against.
        """
        of_appeal = acts[-1].act in _APPEAL
        letter = self._of_appeal(organisation, acts, told_at) if of_appeal else self._standing(organisation, acts[-1])
        key = f"{self.profile.election.code}:{organisation.code}:{len(acts)}"
        return self._to_organisation(organisation, letter, key=key)

    def _standing(self, organisation: Organisation, act: OrganisationAct) -> OrganisationLetter:
        filed = act.act is OrganisationActKind.APPLY
        outcome: Told = ("waiting" if act.reasons else "received") if filed else _TOLD[act.act]
        refused, last = outcome == "not_admitted", self.profile.closing(organisation.kind, step="organisation")
        return OrganisationLetter(
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

    def _of_appeal(
        self, organisation: Organisation, acts: Sequence[OrganisationAct], told_at: UtcTime | None
    ) -> OrganisationAppealLetter:
        """Write what a person's receipt and outcome of an appeal say, of an organisation."""
        act, outcome = acts[-1], _APPEAL[acts[-1].act]
        remedy = needed(self.profile.remedy, "remedy")
        refusal = acts[refused_at(acts) - 1]
        late = outcome is None and lodging(refusal.at, self.profile, at=act.at, told_at=told_at).late
        return OrganisationAppealLetter(
            **self._head(),
            organisation_name=organisation.name,
            outcome=outcome or "received",
            at=act.at,
            by=remedy.body or self.profile.election.host_body,
            late=late,
            decision_due=self._next_decision(outcome, act.at),
            explanation=act.facts if outcome else "",
            ground=ground_of(outcome, refusal.reasons, self.profile) if outcome else "",
            remedy=self._beyond() if outcome == "dismissed" else None,
        )

    def _next_decision(self, outcome: AppealOutcome | None, at: UtcTime) -> UtcTime | None:
        """Return when the appeal, or what it sent back, is decided."""
        if outcome is None:
            return appeal_due(self.profile, at)
        return answer_due(self.profile, at) if outcome == "remanded" else None

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


class ParcelLetters(AddressedLetters):
    """Writes to organisations, and to officers, what goes to them together."""

    __slots__ = ()

    def parcel(self, destination: Destination, letters: Sequence[Apart]) -> Envelope:
        """Return the parcel of *letters*; its key says of which, because a letter is in one parcel at most."""
        mark = hashlib.sha256("\x1f".join(sorted(letter.letter for letter in letters)).encode()).hexdigest()[:24]
        key = f"{destination.stage}:{mark}"
        counts = Counter(LetterKind(letter.letter.partition(":")[0]) for letter in letters)
        letter = ParcelLetter(
            **self._head(), counts=tuple(KindCount(kind=kind, letters=count) for kind, count in counts.items())
        )
        if destination.organisation == OFFICERS:
            return self._to_authority(letter, to=self.profile.election.officers_email, key=key)
        organisation = self.organisations[destination.organisation]
        return self._to_organisation(organisation, letter.revised(organisation_name=organisation.name), key=key)


class FollowOnLetters(ApplicationLetters):
    """Writes what a vote that follows another one means for an organisation."""

    __slots__ = ()

    def organisation(self, organisation: Organisation, *, cases: int, workbook: Attachment | None) -> Envelope:
        """Tell a focal point who stays, who has to say so in the *workbook*, and whether others may be nominated."""
        rule = self.profile.follows
        if rule is None:
            raise ValueError(f"{self.profile.election.code} follows no election")
        outcome: Literal["stays", "confirm", "reapply"] = "stays"
        if rule.reuse == "reapply" or not cases:
            outcome = "reapply" if rule.reuse != "carry_over" else "stays"
        elif rule.on_notice:
            outcome = "confirm"
        closing = self.profile.closing(organisation.kind)
        letter = FollowOnLetter(
            **self._head(), organisation_name=organisation.name, first=rule.election, day=self.profile.election.day,
            ground=rule.ground, outcome=outcome, cases=cases, regions=self._regions(),
            due=self.profile.cure_due(self.now) if outcome == "confirm" else None,
            closes=closing if closing and closing > self.now else None,
            applies=organisation.standing is OrganisationStatus.APPLIED,
        )  # fmt: skip
        envelope = self._to_organisation(
            organisation, letter, key=organisation.code, attachments=(workbook,) if workbook else ()
        )
        return envelope.revised(key=self.key(organisation.code))

    def key(self, organisation: OrganisationCode) -> str:
        """Return the key of the letter to an organisation: there is one about each such vote."""
        return f"{LetterKind.FOLLOW_ON}:{self.profile.election.code}:{organisation}"

    def _regions(self) -> str:
        """Return the names of the regions, where they are few enough to be read."""
        names = [region.name for region in self.geography.regions]
        return ", ".join(names) if len(names) <= 12 else ""  # noqa: PLR2004 -- more is a list, which the law has
