"""A letter on its way: what the outbox keeps, independent of how letters are worded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

from pydantic import Field

from domain.application.status import Status
from domain.values import Frozen, LanguageCode, OrganisationCode, Sha256, UtcTime

if TYPE_CHECKING:
    from domain.application.application import Application


class LetterKind(StrEnum):
    """Every letter there is; each names a folder of templates."""

    RECEIPT = "receipt"
    DEFICIENCY = "deficiency"
    CORRECTIONS = "corrections"
    REFERRAL = "referral"
    APPROVAL = "approval"
    DEFERRAL = "deferral"
    REFUSAL = "refusal"
    CONSENT = "consent"
    PLEDGE = "pledge"
    PLACEMENT = "placement"
    CREDENTIAL = "credential"
    ROSTER = "roster"
    SUMMARY = "summary"
    ORGANISATION = "organisation"
    ORGANISATION_APPEAL = "organisation_appeal"
    DOUBLE_NOMINATION = "double_nomination"
    WITHDRAWAL = "withdrawal"
    COLLECTION = "collection"
    CREDENTIAL_CHANGE = "credential_change"
    MEASURE = "measure"
    APPEAL_RECEIPT = "appeal_receipt"
    APPEAL_OUTCOME = "appeal_outcome"
    EXPIRY = "expiry"
    OFFICE_CHANGE = "office_change"
    CALENDAR = "calendar"
    FOLLOW_ON = "follow_on"
    POLICY = "policy"
    DIGEST = "digest"
    ESCALATION = "escalation"
    CLEARANCE = "clearance"
    REMINDER = "reminder"
    VISA = "visa"
    FILE_RECEIPT = "file_receipt"
    ALARM = "alarm"
    PARCEL = "parcel"
    SHIFT = "shift"
    CHECKPOINT = "checkpoint"
    BREACH = "breach"


class LetterState(StrEnum):
    """The state of a letter in the outbox."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    CANCELLED = "cancelled"
    GATHERED = "gathered"
    """It does not go by itself: a parcel brings it."""


class LetterOrder(StrEnum):
    """What an officer may order about letters."""

    CONFIRM = "confirm"
    CANCEL = "cancel"
    RESEND = "resend"
    RETRY = "retry"
    HAND_OVER = "hand over"


class Attachment(Frozen):
    """A file that goes with a letter, by its content hash in the file store."""

    filename: str
    media_type: str
    content: Sha256


class OnlyWhile(Frozen):
    """What a reminder rests on: its application in one of these statuses, and as it was in what is named besides."""

    statuses: Annotated[tuple[Status, ...], Field(min_length=1)]
    version: int | None = None
    person_version: Annotated[int | None, Field(description="of the nomination that the letter speaks of")] = None
    region: Annotated[str | None, Field(description="where the letter says the person goes; empty: at large")] = None
    before: Annotated[UtcTime | None, Field(description="from then on it comes too late")] = None
    briefing: Annotated[str | None, Field(description="mark of the briefing that it reminds of")] = None

    def holds(self, application: Application, *, now: UtcTime, briefings: Collection[str] = ()) -> bool:
        """Whether the reason is still there in *application* as it stands *now*, with the marks of all *briefings*."""
        return (
            application.status in self.statuses
            and self.version in {None, application.version}
            and self.person_version in {None, application.person_version}
            and self.region in {None, application.region or ""}
            and (self.before is None or now < self.before)
            and (self.briefing is None or self.briefing in briefings)
        )


BEGIN_A_TIME: Final = frozenset({
    LetterKind.DEFICIENCY, LetterKind.MEASURE, LetterKind.CONSENT, LetterKind.PLEDGE, LetterKind.ORGANISATION,
    LetterKind.ROSTER, LetterKind.SUMMARY, LetterKind.PARCEL, LetterKind.OFFICE_CHANGE,
})  # fmt: skip
"""Letters that give somebody a time, which runs from when they leave; a parcel may hold several."""


class Envelope(Frozen):
    """A letter to queue: a stable key (putting it twice does nothing), whom it is for, and its typed contents."""

    key: Annotated[str, Field(max_length=200)]
    kind: LetterKind
    to: Annotated[str, Field(repr=False)]
    copy_to: Annotated[str, Field(repr=False)] = ""
    language: LanguageCode = "en"
    copy_language: Annotated[LanguageCode | None, Field(description="of the copy; the letter follows in it")] = None
    only_while: Annotated[OnlyWhile | None, Field(description="looked at again when it would be sent")] = None
    application_id: UUID | None = None
    organisation: OrganisationCode | None = None
    in_reply_to: Annotated[str, Field(pattern=r"^(<[!-;=?-~]{1,240}@[!-;=?-~]{1,240}>)?$", repr=False)] = ""
    """The Message-ID of the message that this letter answers, if any."""
    contents: Annotated[Mapping[str, object], Field(repr=False)]
    attachments: tuple[Attachment, ...] = ()
    leaves_at: Annotated[UtcTime | None, Field(description="from which the time that it gives runs")] = None

    edition: int = 0
    """Of letters written after a restore, its number: what was sent before under the same key is another letter."""

    @property
    def known_as(self) -> str:
        """What the Message-ID is made of: the same for every attempt, another after a restore."""
        return f"{self.key}~{self.edition}" if self.edition else self.key

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
