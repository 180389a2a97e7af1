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
from domain.letters.envelope import Attachment, LetterKind
from domain.values import LanguageCode
from flows.delivery.archives import archive, as_it_leaves, parcel_as_it_leaves
from flows.settings import settings
from flows.storage.files import file_store
from notifications.letters.lines import Letter
from notifications.letters.rendering import Download, Rendered, render
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
        if envelope.kind is LetterKind.PARCEL:
            said: Letter = parcel_as_it_leaves(letter)
            files += archive(letter, lambda own: _worded(own, as_it_leaves(own), envelope.language, house).html)
        else:
            said = as_it_leaves(letter)
        opened = said.opened(envelope.key, house.secret) if house.sends else said
        rendered = _worded(letter, opened, envelope.language, house, downloads)
        name = message_id(envelope.known_as, sender.domain)
        return compose(rendered, envelope, sender, files, message_id=name, date=letter.queued_at)
    except (BadInputError, UnknownThingError) as error:
        return str(error)


def _worded(
    letter: QueuedLetter,
    said: Letter,
    language: LanguageCode,
    house: WritingRules,
    downloads: Sequence[Download] = (),
) -> Rendered:
    envelope = letter.envelope
    return render(
        said,
        language,
        beneath=[below for below in (envelope.copy_language, house.beneath) if below],
        code=letter_code(envelope.key, house.secret) if house.secret else "",
        downloads=downloads,
        overrides=settings().letters_folder,
    )


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
