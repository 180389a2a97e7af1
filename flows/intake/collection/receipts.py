"""The receipt for a message with nominations."""

from __future__ import annotations

from collections.abc import Sequence

from domain.intake.mailbox import IncomingMessage
from domain.letters.envelope import Attachment, Envelope
from flows.letters.application_letters import ApplicationLetters
from notifications.letters.lines import FileLine
from notifications.letters.organisation import FileReceiptLetter


class ReceiptLetters(ApplicationLetters):
    """Writes answers to what came by mail."""

    __slots__ = ()

    def file_receipt(self, message: IncomingMessage, files: Sequence[FileLine], report: Attachment) -> Envelope:
        """Answer a message with nominations: what became of the rows, to the focal point as registered."""
        organisation = self.organisations[message.organisation]
        letter = FileReceiptLetter(
            **self._head(),
            organisation_name=organisation.name,
            received_at=message.received_at,
            files=tuple(files),
        )
        return self._to_organisation(
            organisation, letter, key=str(message.id), in_reply_to=message.message_id, attachments=(report,)
        )
