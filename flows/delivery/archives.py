"""What a parcel brings, as it leaves: counts and times for its letter, a list and the letters in one archive."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO, StringIO
from itertools import chain, count
from pathlib import PurePath
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from db.letters.outbox import QueuedLetter
from domain.letters.envelope import LetterState
from domain.values import LanguageCode
from flows.settings import settings
from flows.storage.files import file_store
from notifications.letters import letter_of
from notifications.letters.application import DeficiencyLetter, ReferralLetter
from notifications.letters.lines import KindCount, Letter, OpenCase
from notifications.letters.organisation import ParcelLetter
from notifications.letters.words import words
from notifications.mail.message import File
from notifications.workbooks import plain

_TIMELESS: Final = (1980, 1, 1, 0, 0, 0)
"""What a spreadsheet would read as a formula."""


def as_it_leaves(letter: QueuedLetter) -> Letter:
    """Return the letter with its time beginning when it leaves, or when it left; one that waits says what it would."""
    at = letter.sent_at if letter.state is LetterState.SENT else None
    if letter.state in {LetterState.SENDING, LetterState.SENT}:
        at = letter.envelope.leaves_at or at
    return letter_of(letter.envelope).leaving(at) if at else letter_of(letter.envelope)


def contents_of_parcel(parcel: QueuedLetter) -> tuple[QueuedLetter, ...]:
    """Return what *parcel* brings: letters that go with it alone leave when it leaves."""
    return tuple(_with(parcel, letter) for letter in parcel.enclosed)


def _with(parcel: QueuedLetter, letter: QueuedLetter) -> QueuedLetter:
    if letter.state is not LetterState.GATHERED:
        return letter
    envelope = letter.envelope.revised(leaves_at=parcel.envelope.leaves_at)
    return replace(letter, envelope=envelope, state=parcel.state, sent_at=parcel.sent_at)


def parcel_as_it_leaves(parcel: QueuedLetter) -> ParcelLetter:
    """Return the letter of *parcel* with what is in it now; without anything in it, as it was made."""
    made = ParcelLetter.model_validate(dict(parcel.envelope.contents))
    letters = [as_it_leaves(letter) for letter in contents_of_parcel(parcel)]
    if not letters:
        return made
    return made.revised(
        counts=tuple(
            KindCount(kind=kind, letters=count) for kind, count in Counter(letter.kind for letter in letters).items()
        ),
        due=min((letter.due for letter in letters if isinstance(letter, DeficiencyLetter)), default=None),
        cases=tuple(
            OpenCase(case_number=letter.case_number, due=letter.due)
            for letter in letters
            if isinstance(letter, ReferralLetter) and letter.due
        ),
    )


def archive(parcel: QueuedLetter, page: Callable[[QueuedLetter], str]) -> list[File]:
    """Return one archive with a list and, each a *page*, the letters with what is attached to them; none for officers.

    The same letters give the same bytes.
    """
    made = ParcelLetter.model_validate(dict(parcel.envelope.contents))
    if not made.organisation_name or not parcel.enclosed:
        return []
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as into:
        _add(into, "list.csv", _list(parcel, parcel.envelope.language))
        for letter in contents_of_parcel(parcel):
            _add(into, f"{_stem(letter)}.html", page(letter).encode())
            for attachment in letter.envelope.attachments:
                name = f"{_stem(letter)}{PurePath(attachment.filename).suffix}"
                _add(into, name, file_store().get(attachment.content))
    stage = parcel.envelope.key.split(":")[1]
    return [(f"letters-{stage}.zip", "application/zip", packed.getvalue())]


def _add(into: ZipFile, name: str, content: bytes) -> None:
    """Add a file; where its name is taken, as by two letters on one version of a case, it gets a number."""
    path = PurePath(name)
    names = chain([name], (f"{path.stem} {number}{path.suffix}" for number in count(2)))
    free = next(offered for offered in names if offered not in into.NameToInfo)
    into.writestr(ZipInfo(free, _TIMELESS), content, ZIP_DEFLATED)


def _stem(letter: QueuedLetter) -> str:
    """Return what the files of *letter* are called: the case, which kind, and which version of the case."""
    said = letter.envelope.contents
    return f"{said['case_number']} {letter.envelope.kind} {letter.envelope.key.rpartition(':')[2]}"


def _list(parcel: QueuedLetter, language: LanguageCode) -> bytes:
    """Return the list as CSV that spreadsheets read as UTF-8."""
    phrases = words(parcel.envelope.kind, language, settings().letters_folder)
    written = StringIO()
    table = csv.writer(written)
    table.writerow([phrases[f"label.{name}"] for name in ("case", "applicant", "letter", "due")])
    table.writerows(_lines(parcel, phrases.__getitem__))
    return written.getvalue().encode("utf-8-sig")


def _lines(parcel: QueuedLetter, say: Callable[[str], str]) -> Iterator[tuple[str, str, str, str]]:
    for queued in contents_of_parcel(parcel):
        letter = as_it_leaves(queued)
        name = str(queued.envelope.contents["applicant_name"])
        due = f"{letter.due:%Y-%m-%d %H:%M} UTC" if isinstance(letter, DeficiencyLetter) else ""
        case = str(queued.envelope.contents["case_number"])
        yield case, str(plain(name)), say(f"kinds.{queued.envelope.kind}"), due
