"""Consent to notices: what each person answered themselves, and whom a letter asks (practice: section 13.4).

An organisation cannot accept for its people: what a nomination says is an announcement, by which is known whom to ask.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import Field

from domain.values import Frozen, NoticeId, Sha256, UtcTime


class Consent(StrEnum):
    """How somebody stands to one version of a notice."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    ASKED = "asked"
    LAPSED = "lapsed"
    NOT_ASKED = "not asked"


ENDS_A_PLACE: Final = frozenset({Consent.DECLINED, Consent.LAPSED})
"""Who is in the region of the notice is moved by the next plan that may move people."""


class ConsentRequest(Frozen):
    """A letter that asks one person about one version of a notice. Its link serves once."""

    application_id: UUID
    notice: NoticeId
    letter: str
    asked_at: UtcTime
    due_at: UtcTime
    """The end of the time as it was set when the letter was written."""
    closed: Annotated[bool, Field(description="it was answered, or a later version took its place")] = False
    told_at: Annotated[UtcTime | None, Field(description="since when it has arrived; unset: it has not")] = None

    @property
    def ends(self) -> UtcTime | None:
        """When the time is over: as long after the letter arrived as was given; unset: it has not begun."""
        return None if self.told_at is None else self.told_at + (self.due_at - self.asked_at)

    def is_open(self, now: UtcTime) -> bool:
        """Whether it can still be answered by its link."""
        return not self.closed and (self.ends is None or now < self.ends)


@dataclass(frozen=True, slots=True)
class Consents:
    """What everybody of an election answered, and what each was asked."""

    answers: Mapping[UUID, Mapping[NoticeId, bool]]
    requests: Mapping[tuple[UUID, NoticeId], ConsentRequest]

    def accepted(self, known: UUID) -> tuple[NoticeId, ...]:
        """Return the notices that somebody accepted and has not declined since."""
        return tuple(notice for notice, yes in self.answers.get(known, {}).items() if yes)

    def of(self, known: UUID, notice: NoticeId, *, now: UtcTime) -> Consent:
        """Return how somebody stands to *notice* at the moment *now*."""
        answer = self.answers.get(known, {}).get(notice)
        if answer is not None:
            return Consent.ACCEPTED if answer else Consent.DECLINED
        request = self.requests.get((known, notice))
        if request is None:
            return Consent.NOT_ASKED
        return Consent.LAPSED if request.ends is not None and request.ends <= now else Consent.ASKED

    def yes_only(self) -> Self:
        """Return the same without what ends places: for plans that add people and move nobody."""
        agreed = {known: dict.fromkeys(self.accepted(known), True) for known in self.answers}
        return replace(self, answers=agreed, requests={})


NO_CONSENTS: Final = Consents({}, {})


def consent_token(secret: bytes, letter: str, mark: str) -> str:
    """Return what the link of *letter* carries: nobody makes it without *secret*, and *mark* is random each time."""
    made = hmac.digest(secret, f"consent\x1f{letter}\x1f{mark}".encode(), "sha256")
    return urlsafe_b64encode(made).decode().rstrip("=")


def token_sha256(token: str) -> Sha256:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
