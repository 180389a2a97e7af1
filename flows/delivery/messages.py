"""Putting queued letters into words and messages; needs the file store, no database and no Prefect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import quote
from uuid import uuid4

from db.letters.outbox import QueuedLetter
from domain.election.profile import ElectionProfile, LetterRules
from domain.errors import BadInputError, UnknownThingError
from domain.letters.envelope import Attachment, LetterState
from domain.values import LanguageCode
from flows.file_store import file_store
from flows.settings import settings
from notifications.letters import letter_of
from notifications.letters.lines import Letter
from notifications.letters.rendering import Download, render
from notifications.mail.mailers import SealedMessage
from notifications.mail.message import File, Sender, compose, letter_code, message_id

DOWNLOADS: Final = "downloads"
"""Folder below home that the operator publishes under the profile's download base."""


@dataclass(frozen=True, slots=True)
class WritingRules:
    """How one election's letters are written, and the secret behind their codes; without it they bear none."""

    rules: LetterRules = field(default_factory=LetterRules)
    beneath: LanguageCode | None = None
    secret: bytes = field(default=b"", repr=False)
    sends: bool = False
    """Whether what is written leaves: whoever only looks at a letter does not see the link that is its recipient's."""

    @classmethod
    def of(cls, profile: ElectionProfile, secret: bytes = b"") -> Self:
        """Return how letters are written by the rules of *profile*."""
        rules = profile.letters
        return cls(rules, profile.languages[0] if rules.official_language_beneath else None, secret)


_PLAIN: Final = WritingRules()


def write_letters(
    letters: Sequence[QueuedLetter], sender: Sender, house: WritingRules = _PLAIN
) -> list[SealedMessage | str]:
    """Return a message for each letter, or why there is none: one bad letter stops no other."""
    return [_written(letter, sender, house) for letter in letters]


def _written(letter: QueuedLetter, sender: Sender, house: WritingRules) -> SealedMessage | str:
    envelope = letter.envelope
    try:
        files, downloads = _enclosed(envelope.attachments, house.rules)
        said = _as_it_leaves(letter)
        rendered = render(
            said.opened(envelope.key, house.secret) if house.sends else said,
            envelope.language,
            beneath=[language for language in (envelope.copy_language, house.beneath) if language],
            code=letter_code(envelope.key, house.secret) if house.secret else "",
            downloads=downloads,
            overrides=settings().letters_folder,
        )
        name = message_id(envelope.key, sender.domain)
        return compose(rendered, envelope, sender, files, message_id=name, date=letter.queued_at)
    except (BadInputError, UnknownThingError) as error:
        return str(error)


def _as_it_leaves(letter: QueuedLetter) -> Letter:
    """Return the letter with its time beginning when it leaves, or when it left; one that waits says what it would."""
    at = letter.sent_at if letter.state is LetterState.SENT else None
    if letter.state in {LetterState.SENDING, LetterState.SENT}:
        at = letter.envelope.leaves_at or at
    return letter_of(letter.envelope).leaving(at) if at else letter_of(letter.envelope)


def _enclosed(attachments: Sequence[Attachment], rules: LetterRules) -> tuple[list[File], list[Download]]:
    """Return what goes with the letter, and what it only names because it is too big."""
    files: list[File] = []
    downloads: list[Download] = []
    for attachment in attachments:
        content = file_store().get(attachment.content)
        if rules.download_base and len(content) > rules.attached_up_to:
            downloads.append((attachment.filename, _published(attachment, content, rules.download_base)))
        else:
            files.append((attachment.filename, attachment.media_type, content))
    return files, downloads


def _published(attachment: Attachment, content: bytes, base: str) -> str:
    """Put *content* where the operator publishes it, under a name that nobody guesses, and return its address."""
    name = attachment.filename.replace("/", "_").lstrip(".")
    folder = settings().home / DOWNLOADS / attachment.content
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / name).exists():
        beside = folder / f".{uuid4().hex}"
        beside.write_bytes(content)
        beside.replace(folder / name)
    return f"{base.rstrip('/')}/{attachment.content}/{quote(name)}"
