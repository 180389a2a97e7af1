"""Where an application can stand: every status is defined here once, with what it means and what comes next."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Self


class Status(StrEnum):
    """The authoritative names of an application's statuses, each with its meaning and with what an officer does next.

    How applications get from one to another is in :mod:`domain.application.lifecycle`.
    """

    meaning: str
    next_step: str

    def __new__(cls, name: str, meaning: str = "", next_step: str = "Nothing to do.") -> Self:
        """Make the status that is stored and shown as *name*."""
        status = str.__new__(cls, name)
        status._value_ = name
        status.meaning = meaning
        status.next_step = next_step
        return status

    HELD = (
        "held",
        "its organisation is not admitted yet, or the sender is unknown",
        "Admit the organisation (or note that it is not admitted); vetting then takes the case up.",
    )
    SUBMITTED = (
        "submitted",
        "recorded from a nomination",
        "Run intake again: the case waits for its completeness check.",
    )
    INCOMPLETE = (
        "incomplete",
        "a deficiency notice or a question was sent; the cure clock runs",
        "Wait for the correction until the clock ends; after that an officer may propose refusal (R02).",
    )
    IN_VETTING = ("in vetting", "complete; checks are due or running", "Run vetting.")
    IN_REVIEW = ("in review", "an officer must decide", "An officer decides, at the desk or with accredit decide.")
    DEFERRED = (
        "deferred",
        "put off for a named fact until a named time",
        "Wait for the named fact until the clock ends.",
    )
    APPROVED = ("approved", "accreditation granted", "Run assignment.")
    ASSIGNED = ("assigned", "has a region, or is at large; both get a credential", "Run issuance.")
    CREDENTIALED = (
        "credentialed",
        "holds a valid credential",
        "Nothing to do; the badge is on its way or in use.",
    )
    SUSPENDED = ("suspended", "set aside until a named date", "Establish the facts before the clock ends.")
    REFUSED = (
        "refused",
        "refused with reasons; the letter names the remedy",
        "Nothing to do unless an appeal arrives; while its letter waits, who refused can recall it.",
    )
    REVOKED = (
        "revoked",
        "revoked with reasons; the letter names the remedy",
        "Nothing to do unless an appeal arrives.",
    )
    UNDER_APPEAL = (
        "under appeal",
        "reviewed by officers who took no part",
        "Officers who took no part decide the appeal.",
    )
    WITHDRAWN = ("withdrawn", "given up by the organisation or the person")
    EXPIRED = ("expired", "past the end of its validity")


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
"""Nobody has granted or refused it."""
WITH_OFFICERS: Final = frozenset({Status.IN_REVIEW, Status.UNDER_APPEAL})
"""An officer's decision is what it waits for."""
REVIEWED: Final = frozenset({Status.IN_REVIEW, Status.DEFERRED})
"""The checks are over; officers have the case, or have put it off."""
PLACED: Final = frozenset({Status.ASSIGNED, Status.CREDENTIALED})
"""In the field, in a region or at large."""
ON_LISTS: Final = PLACED | {Status.SUSPENDED}
"""On the list of an office: also whoever is set aside, so that the office knows."""
ACCREDITED: Final = PLACED | {Status.APPROVED}
REVOCABLE: Final = ACCREDITED | {Status.SUSPENDED}
"""There is an accreditation that can be taken away."""
FINAL: Final = frozenset({Status.WITHDRAWN, Status.EXPIRED})
"""Nothing leads on."""
CLOSED: Final = FINAL | {Status.REFUSED, Status.REVOKED}
"""Over, unless somebody appeals."""
