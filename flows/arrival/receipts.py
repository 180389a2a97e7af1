"""The receipt for a message with nominations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from domain.correspondence import Attachment, Envelope, LetterKind
from domain.incoming import IncomingMessage
from flows.desk import Desk
from flows.mail.letters import LetterDesk
from notifications.letters import FileLine, FileReceiptLetter, contents_of


class ReceiptLetters(LetterDesk):
    """Writes answers to what came by mail."""

    __slots__ = ()

    @classmethod
    def at(cls, at_desk: Desk) -> Self:
        """Return the letters of *at_desk*."""
        return cls(at_desk.profile, at_desk.geography, at_desk.organisations, at_desk.now)

    def file_receipt(self, message: IncomingMessage, files: Sequence[FileLine], report: Attachment) -> Envelope:
        """Answer a message with nominations: what became of the rows, to the focal point as registered."""
        organisation = self.organisations[message.organisation]
        letter = FileReceiptLetter(
            **self._head(),
            greeting_name=organisation.focal_point.name,
            organisation_name=organisation.name,
            received_at=message.received_at,
            files=tuple(files),
        )
        return Envelope(
            key=f"{LetterKind.FILE_RECEIPT}:{message.id}",
            kind=LetterKind.FILE_RECEIPT,
            to=organisation.focal_point.email,
            language=self._language(organisation.language),
            organisation=organisation.code,
            in_reply_to=message.message_id,
            contents=contents_of(letter),
            attachments=(report,),
        )
