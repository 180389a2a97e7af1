"""What outside the database tells which credentials were given out: keys, register, mail, a database set aside."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from io import BytesIO
from pathlib import Path
from typing import Final
from uuid import UUID
from zipfile import BadZipFile, ZipFile

from domain.credentials.ring import KeyFolderError
from domain.letters.envelope import LetterKind
from domain.oversight.restoration import ToldBy, UnknownCredential, number_in, serials_in
from domain.values import ElectionCode, Serial
from flows.issuance.publication.files import REGISTER
from flows.issuance.signing.given_out import GivenOut
from flows.settings import settings

_LARGEST_LETTER: Final = 64 << 20
_BADGE: Final = re.compile(r"badge-([\w-]+)\.pdf")


@dataclass(frozen=True)
class Search:
    """One search through everything outside the database that may tell what was given out."""

    election: ElectionCode
    prefix: str
    most: int
    """Places in the status list: no number as high was ever given out."""
    set_aside: Path | None = None
    said: tuple[Serial, ...] = ()
    read: list[ToldBy] = field(default_factory=list[ToldBy])

    def found(self) -> dict[Serial, UnknownCredential]:
        """Return every serial that any source tells, by the first that does; :attr:`read` says which could be read."""
        told: dict[Serial, UnknownCredential] = {}
        sources: Mapping[ToldBy, Callable[[], Mapping[Serial, UUID | None] | None]] = {
            ToldBy.KEYS: self._keys,
            ToldBy.OLD_DATABASE: self._old_database,
            ToldBy.REGISTER: self._register,
            ToldBy.MAIL: self._mail,
            ToldBy.OFFICER: lambda: dict.fromkeys(self.said) if self.said else None,
        }
        for by, source in sources.items():
            if (serials := source()) is None:
                continue
            self.read.append(by)
            for serial, case in serials.items():
                if 0 < (number_in(serial, self.prefix) or 0) < self.most:
                    told.setdefault(serial, UnknownCredential(serial=serial, told_by=by, application=case))
        return told

    def _keys(self) -> Mapping[Serial, UUID | None] | None:
        with suppress(KeyFolderError):
            return GivenOut(settings().keys_folder).read(self.election)
        return None

    def _old_database(self) -> Mapping[Serial, UUID | None] | None:
        if self.set_aside is None:
            return None
        query = "SELECT serial, application_id FROM credential WHERE election = ?"
        try:
            with closing(sqlite3.connect(f"file:{self.set_aside}?mode=ro", uri=True)) as old:
                return {str(serial): UUID(str(case)) for serial, case in old.execute(query, (self.election,))}
        except (sqlite3.Error, ValueError):
            return None

    def _register(self) -> Mapping[Serial, UUID | None] | None:
        folder = settings().public_folder
        with suppress(OSError, ValueError, KeyError, TypeError):
            if folder:
                listed = json.loads((folder / REGISTER).read_text("utf-8"))["credentials"]
                return {str(entry["serial"]): None for entry in listed}
        return None

    def _mail(self) -> Mapping[Serial, UUID | None] | None:
        folder = settings().maildir
        paths = [path for part in ("new", "cur") for path in sorted((folder / part).glob("*"))]
        if not paths:
            return None
        return {serial: None for path in paths for serial in _in_message(path, self.prefix)}


def _in_message(path: Path, prefix: str) -> Iterator[Serial]:
    """Yield the serials that a letter brings."""
    with suppress(OSError, ValueError, LookupError):
        if path.stat().st_size <= _LARGEST_LETTER:
            for part in message_from_bytes(path.read_bytes()).walk():
                yield from _in_part(part, prefix)


def _in_part(part: Message, prefix: str) -> Iterator[Serial]:
    """Yield the serials in names of badges, and in letters of a parcel that bring one.

    Other words of a letter are not believed: what people and organisations call themselves stands in them.
    """
    yield from _of_badges(str(part.get_filename() or ""), prefix)
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return
    if part.get_content_maintype() == "text":
        yield from _of_badges(content.decode("utf-8", "replace"), prefix)
    elif part.get_content_type() == "application/zip":
        with suppress(BadZipFile, NotImplementedError), ZipFile(BytesIO(content)) as parcel:
            for name in parcel.namelist():
                if f" {LetterKind.CREDENTIAL} " in name and name.endswith(".html"):
                    yield from serials_in(parcel.read(name).decode("utf-8", "replace"), prefix)


def _of_badges(words: str, prefix: str) -> Iterator[Serial]:
    for name in _BADGE.findall(words):
        yield from serials_in(name, prefix)
