"""Where an application can stand."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """The authoritative names of an application's statuses."""

    HELD = "held"
    SUBMITTED = "submitted"
    INCOMPLETE = "incomplete"
    IN_VETTING = "in vetting"
    IN_REVIEW = "in review"
    DEFERRED = "deferred"
    APPROVED = "approved"
    ASSIGNED = "assigned"
    CREDENTIALED = "credentialed"
    SUSPENDED = "suspended"
    REFUSED = "refused"
    REVOKED = "revoked"
    UNDER_APPEAL = "under appeal"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


FINAL: Final = frozenset({Status.WITHDRAWN, Status.EXPIRED})
UNDECIDED: Final = frozenset(
    {
        Status.HELD,
        Status.SUBMITTED,
        Status.INCOMPLETE,
        Status.IN_VETTING,
        Status.IN_REVIEW,
        Status.DEFERRED,
    }
)
ACCREDITED: Final = frozenset({Status.APPROVED, Status.ASSIGNED, Status.CREDENTIALED})

MEANING: Final[dict[Status, str]] = {
    Status.HELD: "its organisation is not admitted yet, or the sender is unknown",
    Status.SUBMITTED: "recorded from a nomination",
    Status.INCOMPLETE: "a deficiency notice or a question was sent; the cure clock runs",
    Status.IN_VETTING: "complete; checks are due or running",
    Status.IN_REVIEW: "an officer must decide",
    Status.DEFERRED: "put off for a named fact until a named time",
    Status.APPROVED: "accreditation granted",
    Status.ASSIGNED: "has a region, or is at large; both get a credential",
    Status.CREDENTIALED: "holds a valid credential",
    Status.SUSPENDED: "set aside until a named date",
    Status.REFUSED: "refused with reasons; the letter names the remedy",
    Status.REVOKED: "revoked with reasons; the letter names the remedy",
    Status.UNDER_APPEAL: "reviewed by officers who took no part",
    Status.WITHDRAWN: "given up by the organisation or the person",
    Status.EXPIRED: "past the end of its validity",
}
