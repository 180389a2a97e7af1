"""Putting queued letters into words and messages; needs the file store, no database and no Prefect."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage

from db.outbox import QueuedLetter
from domain.errors import BadInputError, UnknownThingError
from flows.files import file_store
from flows.settings import settings
from notifications.letters import letter_of
from notifications.mail import SealedMessage
from notifications.message import Sender, compose, message_id, sealed
from notifications.rendering import render


def write_letters(letters: Sequence[QueuedLetter], sender: Sender) -> list[EmailMessage | str]:
    """Return a message for each letter, or why there is none: one bad letter stops no other."""
    return [_written(letter, sender) for letter in letters]


def seal_letters(letters: Sequence[QueuedLetter], sender: Sender) -> list[SealedMessage | str]:
    """Return :func:`write_letters` in bytes, which are cheap to pass from process to process."""
    return [one if isinstance(one, str) else sealed(one) for one in write_letters(letters, sender)]


def _written(letter: QueuedLetter, sender: Sender) -> EmailMessage | str:
    envelope = letter.envelope
    try:
        files = [
            (attachment.filename, attachment.media_type, file_store().get(attachment.content))
            for attachment in envelope.attachments
        ]
        rendered = render(letter_of(envelope), envelope.language, overrides=settings().letters_folder)
        name = message_id(envelope.key, sender.domain)
        return compose(rendered, envelope, sender, files, message_id=name, date=letter.queued_at)
    except (BadInputError, UnknownThingError) as error:
        return str(error)
