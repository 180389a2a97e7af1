"""What can happen to an application. Events carry ids, codes and times, never a person's data."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from domain.actors import Actor, Way
from domain.clocks import Clock
from domain.reasons import ReasonCode
from domain.roles import Role
from domain.values import (
    ElectionCode,
    Frozen,
    OfficeCode,
    OrganisationCode,
    RegionCode,
    RuleName,
    Serial,
    UtcTime,
)

Reasons = Annotated[tuple[ReasonCode, ...], Field(min_length=1)]


class _Happening(Frozen):
    application_id: UUID
    at: UtcTime
    actor: Actor


class _Decided(_Happening):
    decision_id: UUID
    note_id: UUID | None = None
    """The officer's note that states the facts."""


class NominationRecorded(_Happening):
    """The first event: a row of a nominations file, or what an officer took down, became an application."""

    kind: Literal["nomination_recorded"] = "nomination_recorded"
    election: ElectionCode
    organisation: OrganisationCode
    role: Role
    received_at: UtcTime
    held: bool = False
    way: Way = Way.FILE
    in_place_of: Annotated[UUID | None, Field(description="whose place in the queue it keeps")] = None


class NominationReleased(_Happening):
    """The organisation was admitted, or an officer vouched for the sender."""

    kind: Literal["nomination_released"] = "nomination_released"


class NominationCorrected(_Happening):
    """A newer version of the row arrived; *late* says that its cure clock had run out."""

    kind: Literal["nomination_corrected"] = "nomination_corrected"
    person_version: int
    late: bool = False
    way: Way = Way.FILE


class DeficiencyNoted(_Happening):
    """Something the organisation can mend until *due_at*."""

    kind: Literal["deficiency_noted"] = "deficiency_noted"
    reasons: Reasons
    due_at: UtcTime


class CompletenessConfirmed(_Happening):
    """Everything the profile asks for is there; the decision clock runs until *due_at*."""

    kind: Literal["completeness_confirmed"] = "completeness_confirmed"
    due_at: UtcTime


class ApplicationReferred(_Happening):
    """Checks found something that an officer must judge."""

    kind: Literal["application_referred"] = "application_referred"
    rules: tuple[RuleName, ...]
    due_at: UtcTime


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


class DeferralEnded(_Happening):
    """The fact is known, or the time is over."""

    kind: Literal["deferral_ended"] = "deferral_ended"
    due_at: UtcTime


class ApplicationApproved(_Happening):
    """Accreditation granted, by the profile's rule for clear cases or by an officer's decision."""

    kind: Literal["application_approved"] = "application_approved"
    decision_id: UUID | None = None
    note_id: UUID | None = None


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


class RegionAssigned(_Happening):
    """Placed by a plan; no region means *at large*, which gets a credential all the same."""

    kind: Literal["region_assigned"] = "region_assigned"
    region: RegionCode | None
    office: OfficeCode | None
    plan_id: UUID


class PlacementOrdered(_Happening):
    """An officer forbade a region to somebody, reserved one, or lifted such an order; the next plan obeys."""

    kind: Literal["placement_ordered"] = "placement_ordered"
    order: Literal["exclude", "pin", "lift"]
    region: RegionCode
    rule: RuleName = "officers_order"
    """Why, as a rule that explanations cite."""


class AssignmentWithdrawn(_Happening):
    """A new plan takes the place back; the accreditation stands."""

    kind: Literal["assignment_withdrawn"] = "assignment_withdrawn"
    plan_id: UUID


class CredentialIssued(_Happening):
    """A signed credential exists under *serial*."""

    kind: Literal["credential_issued"] = "credential_issued"
    serial: Serial
    valid_until: UtcTime


class CredentialReissued(_Happening):
    """A new serial replaces the old one (loss, damage, correction)."""

    kind: Literal["credential_reissued"] = "credential_reissued"
    serial: Serial
    replaces: Serial
    valid_until: UtcTime


class CredentialSuspended(_Decided):
    """Set aside until *due_at* while facts are established."""

    kind: Literal["credential_suspended"] = "credential_suspended"
    reasons: Reasons
    due_at: UtcTime


class SuspensionLifted(_Decided):
    """The application stands again where it stood before the suspension.

    By the engine at the end that the suspension named, under the decision that named it; by an officer before.
    """

    kind: Literal["suspension_lifted"] = "suspension_lifted"


class RevocationProposed(_Decided):
    """A first officer proposes revocation; the person may reply until *reply_until* before it is confirmed."""

    kind: Literal["revocation_proposed"] = "revocation_proposed"
    reasons: Reasons
    reply_until: UtcTime | None = None


class AccreditationRevoked(_Decided):
    """A second, different officer confirmed the proposed revocation."""

    kind: Literal["accreditation_revoked"] = "accreditation_revoked"
    reasons: Reasons


class AppealLodged(_Happening):
    """The person or the organisation asked for review."""

    kind: Literal["appeal_lodged"] = "appeal_lodged"
    due_at: UtcTime
    against: UUID | None = None
    """The decision appealed against."""

    late: bool = False
    """It came after the period; whether that matters is for the appeals officers to say."""

    decision_id: UUID | None = None
    note_id: UUID | None = None


class AppealGranted(_Decided):
    """What the decision took away is given back."""

    kind: Literal["appeal_granted"] = "appeal_granted"


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


class DeadlinePassed(_Happening):
    """A clock ran out at *due_at* and nobody had acted: recorded, reported, and nothing else follows from it."""

    kind: Literal["deadline_passed"] = "deadline_passed"
    clock: Clock
    due_at: UtcTime


class ApplicationWithdrawn(_Happening):
    """Given up by the organisation or the person; no fault."""

    kind: Literal["application_withdrawn"] = "application_withdrawn"
    reasons: Reasons = (ReasonCode.W01,)
    by: Literal["organisation", "applicant"] = "organisation"
    way: Way = Way.FILE
    replaced_by: UUID | None = None


class AccreditationExpired(_Happening):
    """The end of validity that the profile sets."""

    kind: Literal["accreditation_expired"] = "accreditation_expired"


CourseEvent = (
    NominationRecorded
    | NominationReleased
    | NominationCorrected
    | DeficiencyNoted
    | CompletenessConfirmed
    | ApplicationReferred
    | DeferralEnded
    | RegionAssigned
    | PlacementOrdered
    | AssignmentWithdrawn
    | CredentialIssued
    | CredentialReissued
    | AppealLodged
    | DeadlinePassed
    | ApplicationWithdrawn
    | AccreditationExpired
)
"""What the engine, the calendar or the organisation brings about."""

DecisionEvent = (
    InformationRequested
    | ApplicationDeferred
    | ApplicationApproved
    | RefusalProposed
    | ProposalReturned
    | ApplicationRefused
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

EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
