"""What the engine, the calendar or an organisation brings about. See :mod:`domain.application.events`."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from domain.application.actors import Actor, ArrivalWay
from domain.application.clocks import Clock
from domain.application.reasons import ReasonCode
from domain.application.roles import Role
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
