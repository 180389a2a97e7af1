"""ZIP packages: a nominations file with its photographs and documents in one archive, never unpacked as a whole.

What came in one message, or in several, is written as one package: the same bytes every time.

Members are read by their name in the archive and written nowhere, so no name can lead anywhere. What an archive
claims is checked before anything is read: how many members, how large each and all, and how much they shrank.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO, Final, TypeAlias
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from domain.errors import BadInputError
from domain.identity.photo import FileProblem
from domain.messages import Message, ReadingNote
from flows.intake.reading.file_names import Names, comparable, names_of

MOST_MEMBERS: Final = 50_000
LARGEST_MEMBER: Final = 20 * 2**20
"""Bytes of a photograph or document."""
LARGEST_TABLE: Final = 200 * 2**20
LARGEST_WHOLE: Final = 8 * 2**30
MOST_SHRUNK: Final = 200
"""Photographs shrink little, text ten times; more than this is a trap."""
_SMALL: Final = 2**20
_TABLES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".ods", ".jsonl", ".ndjson")
_MEANT: Final = (".xls", ".xlsb", ".numbers", ".gsheet")
"""Endings of tables that cannot be read: opened where there is no other, to say so."""
_ARCHIVES: Final = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz")
_MOST_NAMED: Final = 5
_ENCRYPTED: Final = 1
_BLOCK: Final = 2**18
_METHODS: Final = frozenset({0, 8, 12, 14})
"""Stored, Deflate, BZIP2, LZMA."""
_METHOD_NAMES: Final = {
    1: "Shrink", 6: "Implode", 9: "Deflate64", 10: "PKWARE Implode", 93: "Zstandard", 95: "XZ", 96: "JPEG",
    97: "WavPack", 98: "PPMd", 99: "AES encryption",
}  # fmt: skip
"""How a ZIP entry may be packed besides (APPNOTE.TXT, 4.4.5)."""
_LARGEST_DIRECTORY: Final = 64 * 2**20
"""Bytes of the list of members; 50,000 long names are about 20 MB."""
_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 2**16
_LEFT_OUT: Final = {str(problem).encode(): problem for problem in (FileProblem.PACKED, FileProblem.DAMAGED)}
"""What stands beside the name of a member that could not be unpacked when a package was written, in place of it."""
UNREADABLE: Final = (BadZipFile, OSError, ValueError, EOFError, RuntimeError, NotImplementedError, zlib.error)
"""What reading a damaged or hostile archive raises."""


class PackageError(BadInputError):
    """A ZIP archive that cannot be read, or is not what an organisation would send."""


def is_table(name: str) -> bool:
    """Return whether a member called *name* is meant as a table: by its ending, of which a text's says nothing."""
    return name.lower().endswith((*_TABLES, *_MEANT)) and not name.lower().endswith(".txt")


def opened_archive(file: Path | IO[bytes]) -> ZipFile:
    """Return the archive in *file*; raises :class:`BadZipFile` also where its list of members would fill the memory."""
    if isinstance(file, Path):
        with file.open("rb") as stream:
            _refuse_long_directory(stream)
    else:
        _refuse_long_directory(file)
    return ZipFile(file)


def _refuse_long_directory(stream: IO[bytes]) -> None:
    stream.seek(0, os.SEEK_END)
    stream.seek(max(0, stream.tell() - _END_SIZE - _LONGEST_COMMENT))
    tail = stream.read()
    stream.seek(0)
    end = tail[tail.rfind(_END) :][:_END_SIZE]
    # Of archives that are larger than this field can say, the list is as long as it likes: nobody sends such.
    if len(end) == _END_SIZE and int.from_bytes(end[12:16], "little") > _LARGEST_DIRECTORY:
        raise BadZipFile("too many members")


def is_package(path: Path) -> bool:
    """Return whether the archive at *path* is a package, not a workbook (which is an archive too)."""
    try:
        with opened_archive(path) as archive:
            names = set(archive.namelist())
            kind = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except UNREADABLE:
        return False
    return "[Content_Types].xml" not in names and b"opendocument" not in kind


def nominations_in(path: Path, folder: Path, *, name: str) -> tuple[Path, str, list[ReadingNote]]:
    """Write the one nominations file of the package to *folder*; returns it, how to call it, and what was left packed.

    Raises :class:`PackageError`.
    """
    try:
        with opened_archive(path) as archive:
            members = checked(archive, name)
            _require_unpackable(members, name)
            found = _one_table(members, name)
            table = folder / "nominations"
            with archive.open(found) as packed, table.open("wb") as out:
                for block in _blocks(packed, LARGEST_TABLE, name):
                    out.write(block)
    except PackageError:
        raise
    except UNREADABLE as error:
        raise PackageError(name, Message.of("package_damaged")) from error
    return table, f"{name}, {PurePosixPath(found.filename.replace(chr(92), '/')).name}", list(_left_packed(members))


def _left_packed(members: Sequence[ZipInfo]) -> Iterator[ReadingNote]:
    found = [PurePosixPath(member.filename).name for member in members if member.filename.lower().endswith(_ARCHIVES)]
    if found:
        named = ", ".join(repr(name[:60]) for name in found[:_MOST_NAMED])
        yield ReadingNote.of("archives_left", count=len(found), names=named)


def _one_table(members: Sequence[ZipInfo], name: str) -> ZipInfo:
    found = [member for member in members if member.filename.lower().endswith(_TABLES)]
    # A text is a table where there is no other: most are a letter or the notes of whoever packed the archive.
    found = [member for member in found if not member.filename.lower().endswith(".txt")] or found
    found = found or [member for member in members if member.filename.lower().endswith(_MEANT)]
    if len(found) != 1:
        called = ", ".join(repr(PurePosixPath(info.filename).name[:60]) for info in found[:5])
        if found:
            raise PackageError(name, Message.of("package_of_tables", count=len(found), tables=called))
        raise PackageError(name, Message.of("package_without_table", count=0))
    return found[0]


def checked(archive: ZipFile, name: str) -> list[ZipInfo]:
    """Return the members that organisations mean to send; raises :class:`PackageError` beyond the limits."""
    members = [info for info in archive.infolist() if info.filename and not info.is_dir() and not _is_litter(info)]
    if len(archive.infolist()) > MOST_MEMBERS:
        raise PackageError(name, Message.of("package_too_full", most=MOST_MEMBERS))
    if sum(member.file_size for member in members) > LARGEST_WHOLE:
        raise PackageError(name, Message.of("package_too_large", gigabytes=LARGEST_WHOLE // 2**30))
    for number, member in enumerate(members, start=1):
        largest = LARGEST_TABLE if member.filename.lower().endswith(_TABLES) else LARGEST_MEMBER
        if member.file_size > largest:
            raise PackageError(name, Message.of("member_too_large", number=number, megabytes=largest // 2**20))
        if member.file_size > _SMALL and member.file_size > MOST_SHRUNK * max(member.compress_size, 1):
            raise PackageError(name, Message.of("member_shrunk", number=number, times=MOST_SHRUNK))
    return members


def _require_unpackable(members: Iterable[ZipInfo], name: str) -> None:
    """Raise :class:`PackageError` for a list of which anything cannot be unpacked: it is sent again, as a whole."""
    if sealed := next(filter(None, map(_seal, members)), None):
        raise PackageError(name, sealed)


def _seal(member: ZipInfo) -> Message | None:
    """Return why a member cannot be unpacked here, of which the name can be read all the same."""
    if member.flag_bits & _ENCRYPTED:
        return Message.of("package_protected")
    if member.compress_type not in _METHODS:
        method = _METHOD_NAMES.get(member.compress_type, f"number {member.compress_type}")
        return Message.of("packed_by_method", method=method)
    return None


def _is_litter(member: ZipInfo) -> bool:
    # In Shift-JIS and Big5 the second byte of a letter may be a backslash: 表 is no folder.
    name = member.filename.replace("\\", "/") if member.filename.isascii() else member.filename
    parts = PurePosixPath(name).parts
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


def _content_mark(member: ZipInfo) -> tuple[str, int, int]:
    """Return what is the same of one file that was packed twice, in two folders."""
    return comparable(member.filename).rpartition("/")[2], member.CRC, member.file_size


@dataclass(slots=True)
class Package:
    """The photographs and documents of a package, found by the names that the rows give."""

    archive: ZipFile
    members: tuple[ZipInfo, ...]
    names: Names[ZipInfo]

    @classmethod
    def of(cls, file: IO[bytes], name: str) -> Package:
        """Return the package in *file*, also where only the names of its members can be had; raises PackageError."""
        try:
            archive = opened_archive(file)
            members = tuple({_content_mark(member): member for member in reversed(checked(archive, name))}.values())
            return cls(archive, members, Names[ZipInfo].of((member, names_of(member)) for member in members))
        except UNREADABLE as error:
            raise PackageError(name, Message.of("package_damaged")) from error

    def content(self, name: str) -> bytes | None:
        """Return the member that *name* means; None where there is none or it cannot be unpacked."""
        try:
            return self.unpacked(name)
        except PackageError:
            return None

    def unpacked(self, name: str) -> bytes | None:
        """Return the member that *name* means; None where there is none.

        Raises :class:`PackageError` with the problem as its code: damage, a way of packing that is not known here, or
        a name that means several different files alike.
        """
        member = self.names.find(name)
        if member is None:
            if self.names.is_shared(name):
                raise PackageError("package", Message.of("file_several"))
            return None
        problem = FileProblem.PACKED if _seal(member) else _LEFT_OUT.get(member.comment)
        if problem:
            raise PackageError("package", Message.of(problem))
        try:
            with self.archive.open(member) as packed:
                return b"".join(_blocks(packed, LARGEST_MEMBER, "package"))
        except UNREADABLE as error:
            raise PackageError("package", Message.of(FileProblem.DAMAGED)) from error


Named: TypeAlias = tuple[str, bytes]
"""A file by its name."""
_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def pack(path: Path, archives: Sequence[Named], *, first: Iterable[Named], last: Iterable[Named]) -> None:
    """Write *first*, what the *archives* hold, and *last* to *path*; of files of one name the first counts.

    Of a member that cannot be unpacked, and that no other part has, the name is written and what is wrong with it.
    """
    with ZipFile(path, "w", ZIP_STORED) as out:
        taken: set[str] = set()
        left: dict[str, FileProblem] = {}
        for name, content in first:
            _put(out, taken, name, content)
        for name, content in archives:
            left |= _put_all(out, taken, _whole_or_pictures(content, name))
        for name, content in last:
            _put(out, taken, name, content)
        for name, problem in left.items():
            _put(out, taken, name, b"", str(problem))


def _whole_or_pictures(content: bytes, name: str) -> Package:
    package = Package.of(io.BytesIO(content), name)
    if any(is_table(member.filename) for member in package.members):
        _require_unpackable(package.members, name)
    return package


def _put_all(out: ZipFile, taken: set[str], package: Package) -> Mapping[str, FileProblem]:
    """Put every member of *package*; returns those that cannot be unpacked."""
    left: dict[str, FileProblem] = {}
    for member in package.members:
        name = next(names_of(member))
        left[name] = FileProblem.PACKED if _seal(member) else FileProblem.DAMAGED
        with suppress(*UNREADABLE, MemoryError, LZMAError):
            _put(out, taken, name, package.archive.read(member))
            del left[name]
    return left


def _put(out: ZipFile, taken: set[str], name: str, content: bytes, comment: str = "") -> None:
    if name not in taken:
        member = ZipInfo(name, _ZIP_EPOCH)
        member.comment = comment.encode()
        out.writestr(member, content)
        taken.add(name)


class Inside(StrEnum):
    """What an archive in a message is taken for."""

    LIST = "list"
    """A list, or what cannot be opened, of which whoever reads it says so."""
    PICTURES = "pictures"
    SEALED = "sealed"
    """Pictures of which the names can be read and nothing else."""


def inside_of(archive: Named) -> Inside:
    """Return what an archive holds, by the names of its members."""
    try:
        package = Package.of(io.BytesIO(archive[1]), archive[0])
    except PackageError:
        return Inside.LIST
    members = package.archive.namelist()
    if "[Content_Types].xml" in members or any(is_table(name) for name in members):
        return Inside.LIST
    return Inside.SEALED if any(map(_seal, package.members)) else Inside.PICTURES
