"""What can happen to an application. Events carry ids, codes and times, never a person's data."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, TypeAdapter

from domain.application.actors import Actor, ArrivalWay
from domain.application.clocks import Clock
from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.application.status import Status
from domain.application.weighing import Weighed
from domain.values import (
    ElectionCode,
    Frozen,
    LanguageCode,
    NoticeId,
    OfficeCode,
    OrganisationCode,
    RegionCode,
    RuleName,
    Serial,
    Sha256,
    UtcTime,
)

Reasons = Annotated[tuple[ReasonCode, ...], Field(min_length=1)]
ConsentWay = Literal["link", "paper", "reply"]
"""How somebody answered a notice: the one-time link of a letter, a signed paper, or their own reply to the letter."""


class EventBase(Frozen):
    """What every event says: about which application, when, and by whom."""

    application_id: UUID
    at: UtcTime
    actor: Actor


class RuledEvent(EventBase):
    """What is decided by the rules of the day."""

    rules_version: Annotated[str, Field(max_length=80)] | None = None
    """The version of the profile and the beginning of the hash of all rules; older histories do not say."""


class NominationRecorded(EventBase):
    """The first event: a row of a nominations file, or what an officer took down, became an application."""

    kind: Literal["nomination_recorded"] = "nomination_recorded"
    election: ElectionCode
    organisation: OrganisationCode
    role: Role
    received_at: UtcTime
    held: bool = False
    way: ArrivalWay = ArrivalWay.FILE
    in_place_of: Annotated[UUID | None, Field(description="whose place in the queue it keeps")] = None
    carried_from: Annotated[UUID | None, Field(description="the case of the election that this one follows")] = None


class NominationReleased(EventBase):
    """The organisation was admitted, or an officer vouched for the sender."""

    kind: Literal["nomination_released"] = "nomination_released"


class NominationCorrected(EventBase):
    """A newer version of the row arrived; *late* says that its cure clock had run out."""

    kind: Literal["nomination_corrected"] = "nomination_corrected"
    person_version: int
    late: bool = False
    way: ArrivalWay = ArrivalWay.FILE


class DeficiencyNoted(EventBase):
    """Something the organisation can mend until *due_at*."""

    kind: Literal["deficiency_noted"] = "deficiency_noted"
    reasons: Reasons
    due_at: UtcTime


class NoticeServed(EventBase):
    """The letter that gave the applicant a time reached them later than it was written; the time ends at *due_at*."""

    kind: Literal["notice_served"] = "notice_served"
    due_at: UtcTime


class AccreditationCarriedOver(RuledEvent):
    """Who was accredited in the election that this one follows stays accredited, by the rule of the profile."""

    kind: Literal["accreditation_carried_over"] = "accreditation_carried_over"
    first_case: Annotated[UUID, Field(description="their case in the election that this one follows")]
    region: Annotated[RegionCode | None, Field(description="where they were; a plan keeps them there if it can")] = None


class CompletenessConfirmed(EventBase):
    """Everything the profile asks for is there; the decision clock runs until *due_at*."""

    kind: Literal["completeness_confirmed"] = "completeness_confirmed"
    due_at: UtcTime


class ApplicationReferred(EventBase):
    """Checks found something that an officer must judge."""

    kind: Literal["application_referred"] = "application_referred"
    rules: tuple[RuleName, ...]
    due_at: UtcTime


class DeferralEnded(EventBase):
    """The fact is known, or the time is over."""

    kind: Literal["deferral_ended"] = "deferral_ended"
    due_at: UtcTime


class SecondLookDue(EventBase):
    """Something came to light about somebody accredited; an officer looks at it until *due_at*."""

    kind: Literal["second_look_due"] = "second_look_due"
    rules: tuple[RuleName, ...]
    due_at: UtcTime


class RegionAssigned(EventBase):
    """Placed by a plan; no region means *at large*, which gets a credential all the same."""

    kind: Literal["region_assigned"] = "region_assigned"
    region: RegionCode | None
    office: OfficeCode | None
    plan_id: UUID
    unaccepted: NoticeId | None = None
    """The notice of the place that is left, which the person does not accept; a badge with that place is replaced."""
    shut: Literal[True] | None = None
    """Set where the place that is left is in a region to which nobody is sent any more; the badge is replaced too."""


class OfficeChanged(EventBase):
    """Another office serves the region from now on; the place stays."""

    kind: Literal["office_changed"] = "office_changed"
    office: OfficeCode


class PlacementOrdered(EventBase):
    """An officer forbade a region to somebody, reserved one, or lifted such an order; the next plan obeys."""

    kind: Literal["placement_ordered"] = "placement_ordered"
    order: Literal["exclude", "pin", "lift"]
    region: RegionCode
    rule: RuleName = "officers_order"
    """Why, as a rule that explanations cite."""


class NoticeAnswered(EventBase):
    """The person accepted one version of a region's notice, or declined it; no accreditation changes by it."""

    kind: Literal["notice_answered"] = "notice_answered"
    notice: NoticeId
    accepted: bool
    way: ConsentWay
    language: LanguageCode
    text_sha256: Sha256
    """Of the exact text in that language."""


class AssignmentWithdrawn(EventBase):
    """A new plan takes the place back; the accreditation stands."""

    kind: Literal["assignment_withdrawn"] = "assignment_withdrawn"
    plan_id: UUID


class CredentialIssued(EventBase):
    """A signed credential exists under *serial*."""

    kind: Literal["credential_issued"] = "credential_issued"
    serial: Serial
    valid_until: UtcTime


class CredentialReissued(EventBase):
    """A new serial replaces the old one (loss, damage, correction)."""

    kind: Literal["credential_reissued"] = "credential_reissued"
    serial: Serial
    replaces: Serial
    valid_until: UtcTime
    cause: Annotated[str, Field(pattern="^[a-z_]{1,16}$")] | None = None
    """One of :class:`domain.credentials.states.Cause`; histories from before it was kept do not say."""


class AppealLodged(RuledEvent):
    """The person or the organisation asked for review."""

    kind: Literal["appeal_lodged"] = "appeal_lodged"
    due_at: UtcTime
    against: UUID | None = None
    """The decision appealed against."""

    late: bool = False
    """It came after the period; whether that matters is for the appeals officers to say."""

    decision_id: UUID | None = None
    note_id: UUID | None = None
    facts_sha256: Sha256 | None = None


class DeadlinePassed(EventBase):
    """A clock ran out at *due_at* and nobody had acted: recorded, reported, and nothing else follows from it."""

    kind: Literal["deadline_passed"] = "deadline_passed"
    clock: Clock
    due_at: UtcTime


class ClockMoved(EventBase):
    """Election day moved, and with it the last moment for what runs on the case."""

    kind: Literal["clock_moved"] = "clock_moved"
    due_at: UtcTime


class ApplicationWithdrawn(EventBase):
    """Given up by the organisation or the person; no fault."""

    kind: Literal["application_withdrawn"] = "application_withdrawn"
    reasons: Reasons = (ReasonCode.W01,)
    by: Literal["organisation", "applicant"] = "organisation"
    way: ArrivalWay = ArrivalWay.FILE
    replaced_by: UUID | None = None


class AccreditationExpired(EventBase):
    """The end of validity that the profile sets."""

    kind: Literal["accreditation_expired"] = "accreditation_expired"


CourseEvent = (
    NominationRecorded
    | NominationReleased
    | NominationCorrected
    | DeficiencyNoted
    | NoticeServed
    | AccreditationCarriedOver
    | CompletenessConfirmed
    | ApplicationReferred
    | DeferralEnded
    | SecondLookDue
    | RegionAssigned
    | OfficeChanged
    | PlacementOrdered
    | NoticeAnswered
    | AssignmentWithdrawn
    | CredentialIssued
    | CredentialReissued
    | AppealLodged
    | DeadlinePassed
    | ClockMoved
    | ApplicationWithdrawn
    | AccreditationExpired
)
"""What the engine, the calendar or the organisation brings about."""


class _Decided(RuledEvent):
    decision_id: UUID
    note_id: UUID | None = None
    """The officer's note that states the facts."""
    facts_sha256: Sha256 | None = None
    """Of the facts that the decision states; they are personal and lie elsewhere."""


class HitCleared(EventBase):
    """An officer found that this person and somebody they resemble are two people."""

    kind: Literal["hit_cleared"] = "hit_cleared"
    pair: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="the two sides as they were compared")]


class InformationRequested(_Decided):
    """An officer asked the organisation something; its clock runs until *due_at*."""

    kind: Literal["information_requested"] = "information_requested"
    reasons: Reasons
    due_at: UtcTime


class ApplicationDeferred(_Decided):
    """Put off for a named fact until *due_at*."""

    kind: Literal["application_deferred"] = "application_deferred"
    reasons: Reasons
    due_at: UtcTime


class ApplicationApproved(RuledEvent):
    """Accreditation granted, by the profile's rule for clear cases or by an officer's decision."""

    kind: Literal["application_approved"] = "application_approved"
    decision_id: UUID | None = None
    note_id: UUID | None = None
    facts_sha256: Sha256 | None = None


class RefusalProposed(_Decided):
    """A first officer proposes refusal; nothing changes but that a proposal is open."""

    kind: Literal["refusal_proposed"] = "refusal_proposed"
    reasons: Reasons


class ProposalReturned(_Decided):
    """The second officer did not confirm; the proposal is closed."""

    kind: Literal["proposal_returned"] = "proposal_returned"


class ApplicationRefused(_Decided):
    """A second, different officer confirmed the proposed refusal."""

    kind: Literal["application_refused"] = "application_refused"
    reasons: Reasons


class RefusalRecalled(_Decided):
    """One of the two who refused took it back before the letter left; the case stands where it stood before."""

    kind: Literal["refusal_recalled"] = "refusal_recalled"
    back_to: Literal[Status.HELD, Status.INCOMPLETE, Status.IN_REVIEW]
    reasons: tuple[ReasonCode, ...] = ()
    due_at: UtcTime | None = None


class _Measure(_Decided):
    reasons: Reasons
    weighed: tuple[Weighed, ...] | None = None
    """What the facts state besides; histories from before it was kept do not say."""


class WarningGiven(_Measure):
    """A warning for a minor breach: the accreditation stands; the person may reply until *reply_until*."""

    kind: Literal["warning_given"] = "warning_given"
    reply_until: UtcTime


class ReplyRecorded(_Decided):
    """The person replied to a measure; nothing further is decided before an officer has answered."""

    kind: Literal["reply_recorded"] = "reply_recorded"
    measure: UUID
    """The decision that it is about."""

    answer_due_at: UtcTime | None = None
    """Until when it is answered; histories from before it was kept do not say."""


class ReplyAnswered(_Decided):
    """An officer considered the reply and told the person what came of it."""

    kind: Literal["reply_answered"] = "reply_answered"
    reply: UUID


class AccreditationUpheld(_Decided):
    """An officer looked at what came to light later; the accreditation stands."""

    kind: Literal["accreditation_upheld"] = "accreditation_upheld"


class CredentialSuspended(_Measure):
    """Set aside until *due_at* while facts are established."""

    kind: Literal["credential_suspended"] = "credential_suspended"
    due_at: UtcTime


class SuspensionLifted(_Decided):
    """The application stands again where it stood before the suspension.

    By the engine at the end that the suspension named, under the decision that named it; by an officer before.
    """

    kind: Literal["suspension_lifted"] = "suspension_lifted"


class RevocationProposed(_Measure):
    """A first officer proposes revocation; the person may reply until *reply_until* before it is confirmed."""

    kind: Literal["revocation_proposed"] = "revocation_proposed"
    reply_until: UtcTime | None = None


class AccreditationRevoked(_Decided):
    """A second, different officer confirmed the proposed revocation."""

    kind: Literal["accreditation_revoked"] = "accreditation_revoked"
    reasons: Reasons


class AppealGranted(_Decided):
    """What the decision took away is given back."""

    kind: Literal["appeal_granted"] = "appeal_granted"
    lifts: Literal[True] | None = None
    """Set where it ends the suspension that was appealed against."""


class DismissalProposed(_Decided):
    """A first appeals officer proposes dismissal."""

    kind: Literal["dismissal_proposed"] = "dismissal_proposed"
    reasons: Reasons


class AppealDismissed(_Decided):
    """A second, different appeals officer confirmed; the decision stands."""

    kind: Literal["appeal_dismissed"] = "appeal_dismissed"


class AppealRemanded(_Decided):
    """Sent back to the officers; the decision clock runs anew until *due_at*."""

    kind: Literal["appeal_remanded"] = "appeal_remanded"
    due_at: UtcTime


DecisionEvent = (
    HitCleared
    | InformationRequested
    | ApplicationDeferred
    | ApplicationApproved
    | RefusalProposed
    | ProposalReturned
    | ApplicationRefused
    | RefusalRecalled
    | WarningGiven
    | ReplyRecorded
    | ReplyAnswered
    | AccreditationUpheld
    | CredentialSuspended
    | SuspensionLifted
    | RevocationProposed
    | AccreditationRevoked
    | AppealGranted
    | DismissalProposed
    | AppealDismissed
    | AppealRemanded
)
"""What a decision brings about (an approval may be the profile's rule for clear cases)."""

Event = CourseEvent | DecisionEvent

GRANTS: Final = ("application_approved", "accreditation_carried_over")
"""The kinds of events by which somebody is first accredited."""

EVENT: TypeAdapter[Event] = TypeAdapter(
    Annotated[Event, Field(discriminator="kind")], config=ConfigDict(defer_build=True)
)
