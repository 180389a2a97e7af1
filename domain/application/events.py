"""What can happen to an application. Events carry ids, codes and times, never a person's data."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, TypeAdapter

from domain.application.process_events import (
    AccreditationCarriedOver,
    AccreditationExpired,
    AppealLodged,
    ApplicationReferred,
    ApplicationWithdrawn,
    AssignmentWithdrawn,
    ClockMoved,
    CompletenessConfirmed,
    ConsentWay,
    CourseEvent,
    CredentialIssued,
    CredentialReissued,
    DeadlinePassed,
    DeferralEnded,
    DeficiencyNoted,
    EventBase,
    NominationCorrected,
    NominationRecorded,
    NominationReleased,
    NoticeAnswered,
    NoticeServed,
    OfficeChanged,
    PlacementOrdered,
    Reasons,
    RegionAssigned,
    RuledEvent,
    SecondLookDue,
)
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.application.weighing import Weighed
from domain.values import Sha256, UtcTime

__all__ = [
    "EVENT",
    "GRANTS",
    "AccreditationCarriedOver",
    "AccreditationExpired",
    "AccreditationRevoked",
    "AccreditationUpheld",
    "AppealDismissed",
    "AppealGranted",
    "AppealLodged",
    "AppealRemanded",
    "ApplicationApproved",
    "ApplicationDeferred",
    "ApplicationReferred",
    "ApplicationRefused",
    "ApplicationWithdrawn",
    "AssignmentWithdrawn",
    "ClockMoved",
    "CompletenessConfirmed",
    "ConsentWay",
    "CourseEvent",
    "CredentialIssued",
    "CredentialReissued",
    "CredentialSuspended",
    "DeadlinePassed",
    "DecisionEvent",
    "DeferralEnded",
    "DeficiencyNoted",
    "DismissalProposed",
    "Event",
    "HitCleared",
    "InformationRequested",
    "NominationCorrected",
    "NominationRecorded",
    "NominationReleased",
    "NoticeAnswered",
    "NoticeServed",
    "OfficeChanged",
    "PlacementOrdered",
    "ProposalReturned",
    "RefusalProposed",
    "RefusalRecalled",
    "RegionAssigned",
    "ReplyAnswered",
    "ReplyRecorded",
    "RevocationProposed",
    "RuledEvent",
    "SecondLookDue",
    "SuspensionLifted",
    "WarningGiven",
]


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
