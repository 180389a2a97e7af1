"""ZIP packages: a nominations file with its photographs and documents in one archive, never unpacked as a whole.

Members are read by their name in the archive and written nowhere, so no name can lead anywhere. What an archive
claims is checked before anything is read: how many members, how large each and all, and how much they shrank.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from domain.errors import BadInputError
from domain.messages import Message

MOST_MEMBERS: Final = 50_000
LARGEST_MEMBER: Final = 20 * 2**20
"""Bytes of a photograph or document."""
LARGEST_TABLE: Final = 200 * 2**20
LARGEST_WHOLE: Final = 8 * 2**30
MOST_SHRUNK: Final = 200
"""Photographs shrink little, text ten times; more than this is a trap."""
_SMALL: Final = 2**20
_TABLES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".ods", ".jsonl", ".ndjson")
_ENCRYPTED: Final = 1
_BLOCK: Final = 2**18
_UNREADABLE: Final = (BadZipFile, OSError, ValueError, EOFError, RuntimeError, NotImplementedError, zlib.error)


class PackageError(BadInputError):
    """A ZIP archive that cannot be read, or is not what an organisation would send."""


def is_package(path: Path) -> bool:
    """Return whether the archive at *path* is a package, not a workbook (which is an archive too)."""
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
            kind = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except _UNREADABLE:
        return False
    return "[Content_Types].xml" not in names and b"opendocument" not in kind


def nominations_in(path: Path, folder: Path, *, name: str) -> tuple[Path, str]:
    """Write the one nominations file of the package to *folder*; returns it and how to call it.

    Raises :class:`PackageError`.
    """
    try:
        with ZipFile(path) as archive:
            found = _one_table(checked(archive, name), name)
            table = folder / "nominations"
            with archive.open(found) as packed, table.open("wb") as out:
                for block in _blocks(packed, LARGEST_TABLE, name):
                    out.write(block)
    except PackageError:
        raise
    except _UNREADABLE as error:
        raise PackageError(name, Message.of("package_damaged")) from error
    return table, f"{name}, {PurePosixPath(found.filename.replace(chr(92), '/')).name}"


def _one_table(members: Sequence[ZipInfo], name: str) -> ZipInfo:
    found = [member for member in members if member.filename.lower().endswith(_TABLES)]
    # A text is a table where there is no other: most are a letter or the notes of whoever packed the archive.
    found = [member for member in found if not member.filename.lower().endswith(".txt")] or found
    if len(found) != 1:
        called = ", ".join(repr(PurePosixPath(one.filename).name[:60]) for one in found[:5])
        if found:
            raise PackageError(name, Message.of("package_of_tables", count=len(found), tables=called))
        raise PackageError(name, Message.of("package_without_table", count=0))
    return found[0]


def checked(archive: ZipFile, name: str) -> list[ZipInfo]:
    """Return the members that organisations mean to send; raises :class:`PackageError` beyond the limits."""
    members = [one for one in archive.infolist() if one.filename and not one.is_dir() and not _is_litter(one.filename)]
    if len(archive.infolist()) > MOST_MEMBERS:
        raise PackageError(name, Message.of("package_too_full", most=MOST_MEMBERS))
    if sum(one.file_size for one in members) > LARGEST_WHOLE:
        raise PackageError(name, Message.of("package_too_large", gigabytes=LARGEST_WHOLE // 2**30))
    for number, one in enumerate(members, start=1):
        largest = LARGEST_TABLE if one.filename.lower().endswith(_TABLES) else LARGEST_MEMBER
        if one.file_size > largest:
            raise PackageError(name, Message.of("member_too_large", number=number, megabytes=largest // 2**20))
        if one.file_size > _SMALL and one.file_size > MOST_SHRUNK * max(one.compress_size, 1):
            raise PackageError(name, Message.of("member_shrunk", number=number, times=MOST_SHRUNK))
        if one.flag_bits & _ENCRYPTED:
            raise PackageError(name, Message.of("package_protected"))
    return members


def _is_litter(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or parts[0] == "__MACOSX" or parts[-1].startswith((".", "~$")):
        return True
    return parts[-1].lower() in {"thumbs.db", "desktop.ini"}


def _blocks(packed: IO[bytes], most: int, name: str) -> Iterator[bytes]:
    """Yield what *packed* holds; a member larger than it claims ends at *most* bytes with an error."""
    got = 0
    while block := packed.read(_BLOCK):
        got += len(block)
        if got > most:
            raise PackageError(name, Message.of("some_member_too_large", megabytes=most // 2**20))
        yield block


@dataclass(slots=True)
class Package:
    """The photographs and documents of a package, found by the names that the rows give."""

    archive: ZipFile
    members: dict[str, ZipInfo]

    @classmethod
    def of(cls, file: IO[bytes], name: str) -> Package:
        """Return the package in *file*; raises :class:`PackageError`."""
        try:
            archive = ZipFile(file)
            return cls(archive, _by_name(checked(archive, name)))
        except _UNREADABLE as error:
            raise PackageError(name, Message.of("package_damaged")) from error

    def content(self, name: str) -> bytes | None:
        """Return the member called *name*; None where there is none or it cannot be unpacked."""
        member = self.members.get(comparable(name)) or self.members.get(comparable(name).rpartition("/")[2])
        if member is None:
            return None
        try:
            with self.archive.open(member) as packed:
                return b"".join(_blocks(packed, LARGEST_MEMBER, "package"))
        except (PackageError, *_UNREADABLE):
            return None


def comparable(name: str) -> str:
    """Return a file's name as it is compared: systems differ in capitals, strokes and how they write accents."""
    return unicodedata.normalize("NFC", "/".join(PurePosixPath(name.replace("\\", "/")).parts)).casefold()


def _by_name(members: Sequence[ZipInfo]) -> dict[str, ZipInfo]:
    """Return *members* by whole name and, where only one is called so, by the last part of it."""
    short: dict[str, list[ZipInfo]] = {}
    for one in members:
        short.setdefault(comparable(one.filename).rpartition("/")[2], []).append(one)
    return {name: found[0] for name, found in short.items() if len(found) == 1} | {
        comparable(one.filename): one for one in members
    }
