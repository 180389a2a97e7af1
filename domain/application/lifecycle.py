"""The single definition of how an application may move. Documentation and tests are generated from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.application import events as e
from domain.application.status import ACCREDITED, FINAL, PLACED, REVIEWED, REVOCABLE, UNDECIDED, Status


class Restored(StrEnum):
    """A target that depends on the application's own past."""

    BEFORE_SUSPENSION = "the status before the suspension"
    AS_DECIDED = "the decision appealed against"
    TAKEN_AWAY = "what that decision took away"
    UNLESS_LIFTED = "lifted or still suspended"
    BEFORE_REFUSAL = "the status before the refusal"


Target = Status | Restored
Kind = type[e.Event]


def _stay(kinds: tuple[Kind, ...], *statuses: Status) -> Iterator[tuple[tuple[Status, Kind], Target]]:
    return (((status, kind), status) for kind in kinds for status in Status if status in statuses)


_SCREENED = (Status.INCOMPLETE, Status.IN_VETTING, *REVIEWED)
_REFUSABLE = (Status.HELD, Status.INCOMPLETE, Status.IN_REVIEW)
_CLOCKED = (*_REFUSABLE, *REVOCABLE, Status.IN_VETTING, Status.DEFERRED, Status.UNDER_APPEAL)

TRANSITIONS: Final[Mapping[tuple[Status, Kind], Target]] = MappingProxyType(
    {
        (Status.HELD, e.NominationReleased): Status.SUBMITTED,
        # Of somebody accredited an officer corrects contact data, and what a badge in use says, which is replaced.
        **dict(_stay((e.NominationCorrected,), *UNDECIDED, *ACCREDITED)),
        (Status.SUBMITTED, e.DeficiencyNoted): Status.INCOMPLETE,
        (Status.INCOMPLETE, e.DeficiencyNoted): Status.INCOMPLETE,  # a correction mended some of it
        # What the person was asked or told has arrived; their time ends later than it was set.
        **dict(_stay((e.NoticeServed,), Status.INCOMPLETE, *REVOCABLE)),
        (Status.SUBMITTED, e.CompletenessConfirmed): Status.IN_VETTING,
        (Status.INCOMPLETE, e.CompletenessConfirmed): Status.IN_VETTING,
        (Status.IN_VETTING, e.ApplicationApproved): Status.APPROVED,
        # A run-off or a repeated vote: at once, or when whoever stays has said so.
        (Status.SUBMITTED, e.AccreditationCarriedOver): Status.APPROVED,
        (Status.IN_VETTING, e.AccreditationCarriedOver): Status.APPROVED,
        (Status.IN_VETTING, e.ApplicationReferred): Status.IN_REVIEW,
        # Two people of one name stay two people: the case goes on as it stands.
        **dict(_stay((e.HitCleared,), *_SCREENED)),
        (Status.IN_REVIEW, e.ApplicationApproved): Status.APPROVED,
        (Status.IN_REVIEW, e.InformationRequested): Status.INCOMPLETE,
        (Status.IN_REVIEW, e.ApplicationDeferred): Status.DEFERRED,
        (Status.DEFERRED, e.DeferralEnded): Status.IN_REVIEW,
        # Proposals change nothing but that they are open; the second officer confirms or returns them.
        **dict(_stay((e.RefusalProposed,), *_REFUSABLE)),
        **dict(_stay((e.RevocationProposed,), *REVOCABLE)),
        # A warning takes nothing away; a reply to a measure, and its answer, change nothing by themselves.
        **dict(_stay((e.WarningGiven,), *ACCREDITED)),
        **dict(_stay((e.ReplyRecorded, e.ReplyAnswered), *REVOCABLE)),
        # What a list or a policy of a later day says goes to an officer; the accreditation stands meanwhile.
        **dict(_stay((e.SecondLookDue, e.AccreditationUpheld), *REVOCABLE)),
        **dict(_stay((e.DismissalProposed,), Status.UNDER_APPEAL)),
        # An appeal against a warning or a suspension: the accreditation stands, or is set aside, before and meanwhile.
        **dict(_stay((e.AppealLodged, e.DismissalProposed, e.AppealDismissed), *REVOCABLE)),
        **dict(_stay((e.AppealGranted,), *ACCREDITED)),
        (Status.SUSPENDED, e.AppealGranted): Restored.UNLESS_LIFTED,
        **dict(_stay((e.ProposalReturned,), *_REFUSABLE, *REVOCABLE, Status.UNDER_APPEAL)),
        **{(status, e.ApplicationRefused): Status.REFUSED for status in _REFUSABLE},
        # Until its letter leaves; see domain/decisions/recall.py.
        (Status.REFUSED, e.RefusalRecalled): Restored.BEFORE_REFUSAL,
        **dict(_stay((e.PlacementOrdered,), *UNDECIDED, Status.APPROVED, Status.ASSIGNED)),
        # Whether somebody may be placed in a region; it touches no accreditation (domain/assignment/consents.py).
        **dict(_stay((e.NoticeAnswered,), *UNDECIDED, *REVOCABLE)),
        (Status.APPROVED, e.RegionAssigned): Status.ASSIGNED,
        (Status.ASSIGNED, e.RegionAssigned): Status.ASSIGNED,
        # Who is at large: the credential names no region, and a place that became free does not contradict it. And who
        # does not accept a notice: their badge is replaced.
        (Status.CREDENTIALED, e.RegionAssigned): Status.CREDENTIALED,
        # Who serves a region can change while a badge is in use: it names the region, not the office.
        **dict(_stay((e.OfficeChanged,), *PLACED, Status.SUSPENDED)),
        (Status.ASSIGNED, e.AssignmentWithdrawn): Status.APPROVED,
        (Status.ASSIGNED, e.CredentialIssued): Status.CREDENTIALED,
        (Status.CREDENTIALED, e.CredentialReissued): Status.CREDENTIALED,
        (Status.CREDENTIALED, e.CredentialSuspended): Status.SUSPENDED,
        (Status.SUSPENDED, e.SuspensionLifted): Restored.BEFORE_SUSPENSION,
        **{(status, e.AccreditationRevoked): Status.REVOKED for status in Status if status in REVOCABLE},
        (Status.CREDENTIALED, e.AccreditationExpired): Status.EXPIRED,
        (Status.SUSPENDED, e.AccreditationExpired): Status.EXPIRED,
        (Status.REFUSED, e.AppealLodged): Status.UNDER_APPEAL,
        (Status.REVOKED, e.AppealLodged): Status.UNDER_APPEAL,
        (Status.UNDER_APPEAL, e.AppealGranted): Restored.TAKEN_AWAY,
        (Status.UNDER_APPEAL, e.AppealDismissed): Restored.AS_DECIDED,
        (Status.UNDER_APPEAL, e.AppealRemanded): Status.IN_REVIEW,
        # Election day moved; what the case waits for is the same.
        **dict(_stay((e.ClockMoved,), Status.INCOMPLETE, Status.IN_VETTING, Status.IN_REVIEW)),
        # That time ran out is recorded; it decides nothing.
        **dict(_stay((e.DeadlinePassed,), *_CLOCKED)),
        **{(status, e.ApplicationWithdrawn): Status.WITHDRAWN for status in Status if status not in FINAL},
    }
)
