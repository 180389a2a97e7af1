"""Officers' work with letters: looking at them, checking their wording, confirming, cancelling, sending again."""

from __future__ import annotations

import os
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from hmac import compare_digest
from pathlib import Path
from typing import Any
from uuid import UUID

from db.letters.letters import LetterFilter
from db.letters.outbox import QueuedLetter
from db.store import Store, open_reader
from domain.errors import BadInputError, UnknownThingError
from domain.letters.envelope import Envelope, LetterKind, LetterState
from domain.values import ElectionCode, Frozen, UtcTime, bare
from flows.context import database
from flows.delivery.messages import WritingRules, write_letters
from flows.settings import settings
from notifications.letters import contents_of
from notifications.letters.samples import SAMPLES
from notifications.mail.message import Sender, letter_code

SAMPLE_SIZE = 5


class LetterLine(Frozen):
    """A letter in a list: keys, codes and times, nothing personal."""

    key: str
    kind: LetterKind
    state: LetterState
    language: str
    application_id: str
    attempts: int
    queued_at: UtcTime
    sent_at: UtcTime | None
    next_at: UtcTime | None
    answer: str

    @classmethod
    def of(cls, letter: QueuedLetter) -> LetterLine:
        """Return *letter* without recipient and contents."""
        envelope = letter.envelope
        return cls(
            key=envelope.key,
            kind=envelope.kind,
            state=letter.state,
            language=envelope.language,
            application_id=str(envelope.application_id or ""),
            attempts=letter.attempts,
            queued_at=letter.queued_at,
            sent_at=letter.sent_at,
            next_at=letter.next_at,
            answer=letter.answer or "",
        )


def lines(election: ElectionCode, wanted: LetterFilter, *, limit: int) -> list[LetterLine]:
    """Return up to *limit* letters, oldest first."""
    with open_reader(database()) as store:
        return [LetterLine.of(letter) for letter in store.letters.matching(election, wanted, limit=limit)]


def letter_history(election: ElectionCode, key: str) -> tuple[LetterLine, list[dict[str, Any]]]:
    """Return a letter and everything that became of it; raises :class:`UnknownThingError`."""
    with open_reader(database()) as store:
        letter = LetterLine.of(store.letters.get(election, key))
        history = store.letters.history(key)
    return letter, [
        {
            "at": attempt.at,
            "state": attempt.state,
            "answer": attempt.answer or "",
            "next": attempt.next_at,
            "officer": attempt.officer or "",
        }
        for attempt in history
    ]


def letter_with_code(election: ElectionCode, code: str) -> LetterLine | None:
    """Return the letter that bears *code*, however it is spaced and written; None where there is none."""
    wanted = bare(code)
    with open_reader(database()) as store:
        secret = store.elections.secret(election)
        for key in store.outbox.keys(election):
            if compare_digest(letter_code(key, secret).replace("-", "").encode(), wanted.encode()):
                return LetterLine.of(store.letters.get(election, key))
    return None


class HeldLetters(Frozen):
    """What waits for a confirmation: how many of each kind and language, and some of them to look at."""

    count: int
    groups: dict[str, int]
    sample: tuple[LetterLine, ...]
    mark: str
    """Which they are: of other letters it is another one."""


def held_letters(election: ElectionCode) -> HeldLetters:
    """Return what waits for a confirmation, with a sample spread over all of it."""
    held = LetterFilter(state=LetterState.HELD)
    with open_reader(database()) as store:
        counts, mark = store.counts.letters(election), store.letters.mark(election, held)
        sample = [
            letter
            for kind in counts
            for letter in store.letters.matching(election, held.revised(kind=LetterKind(kind)), limit=SAMPLE_SIZE)
        ]
    groups = {kind: states["held"] for kind, states in counts.items() if states.get("held")}
    return HeldLetters(
        count=sum(groups.values()), groups=groups, sample=tuple(LetterLine.of(letter) for letter in sample), mark=mark
    )


class Preview(Frozen):
    """A letter as it would leave: its headers, and the files with its text and its HTML."""

    headers: tuple[tuple[str, str], ...]
    text: Path
    html: Path

    def __repr__(self) -> str:
        return f"<preview in {self.text.parent}>"

    __str__ = __repr__


def preview(
    election: ElectionCode, kind: LetterKind, application_id: UUID | None = None, *, language: str = "", folder: Path
) -> Preview:
    """Write the newest *kind* of letter about an application, or an invented one, to *folder* as text and HTML.

    Raises :class:`UnknownThingError` where the application has no such letter and :class:`BadInputError` where the
    letter cannot be written.
    """
    with open_reader(database()) as store:
        profile = store.elections.profile(election)
        sender = Sender.of(profile.election, address=settings().mail_from)
        house = WritingRules.of(profile, store.elections.secret(election))
        letter = _newest(store, kind, application_id) if application_id else _invented(kind)
    envelope = letter.envelope.revised(language=language or letter.envelope.language)
    (message,) = write_letters([_readdressed(letter, envelope)], sender, house)
    if isinstance(message, str):
        raise BadInputError(f"{kind} letter", message, remedy="")
    return _kept(message.contents, folder / f"{kind}-{envelope.language}")


def _newest(store: Store, kind: LetterKind, application_id: UUID) -> QueuedLetter:
    found = [letter for letter in store.outbox.of_application(application_id) if letter.envelope.kind is kind]
    if not found:
        raise UnknownThingError(f"{kind} letter about the application", str(application_id))
    return found[-1]


def _invented(kind: LetterKind) -> QueuedLetter:
    letter = next(sample for sample in SAMPLES.values() if sample.kind is kind)
    envelope = Envelope(key=f"sample:{kind}", kind=kind, to="recipient@mission.example", contents=contents_of(letter))
    return QueuedLetter(envelope, LetterState.QUEUED, 0, letter.written_at, None, None)


def _readdressed(letter: QueuedLetter, envelope: Envelope) -> QueuedLetter:
    return QueuedLetter(envelope, letter.state, letter.attempts, letter.queued_at, letter.sent_at, letter.answer)


def _kept(contents: bytes, stem: Path) -> Preview:
    stem.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    message = message_from_bytes(contents, policy=policy.default)
    files: dict[str, Path] = {}
    for form, ending in (("plain", ".txt"), ("html", ".html")):
        part: Any = message.get_body((form,))
        files[form] = stem.with_name(stem.name + ending)
        # Letters are about persons: the files are their owner's.
        with os.fdopen(
            os.open(files[form], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(part.get_content())
    # The structured reader of Python 3.11 puts spaces between encoded words (RFC 2047, 6.2 forbids it).
    raw = message_from_bytes(contents).items()
    headers = tuple((name, " ".join(str(make_header(decode_header(value))).split())) for name, value in raw)
    return Preview(headers=headers, text=files["plain"], html=files["html"])
