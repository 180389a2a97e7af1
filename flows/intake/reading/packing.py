"""What came in one message, or in several, written as one package: the same bytes every time."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import suppress
from lzma import LZMAError
from pathlib import Path
from typing import Final, TypeAlias
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from flows.intake.reading.file_names import names_of
from flows.intake.reading.packages import UNREADABLE, Package, PackageError, is_table

Named: TypeAlias = tuple[str, bytes]
"""A file by its name."""
_ZIP_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def pack(path: Path, archives: Sequence[Named], *, first: Iterable[Named], last: Iterable[Named]) -> None:
    """Write *first*, what the *archives* hold, and *last* to *path*; of files of one name the first counts.

    A member that cannot be unpacked is left out, as if it had not come.
    """
    with ZipFile(path, "w", ZIP_STORED) as out:
        taken: set[str] = set()
        for name, content in first:
            _put(out, taken, name, content)
        for name, content in archives:
            package = Package.of(io.BytesIO(content), name)
            for member in package.members:
                with suppress(*UNREADABLE, MemoryError, LZMAError):
                    _put(out, taken, next(names_of(member)), package.archive.read(member))
        for name, content in last:
            _put(out, taken, name, content)


def _put(out: ZipFile, taken: set[str], name: str, content: bytes) -> None:
    if name not in taken:
        out.writestr(ZipInfo(name, _ZIP_EPOCH), content)
        taken.add(name)


def holds_no_table(archive: Named) -> bool:
    """Return whether it is an archive of photographs alone; one that cannot be opened is none."""
    try:
        package = Package.of(io.BytesIO(archive[1]), archive[0])
    except PackageError:
        return False
    members = package.archive.namelist()
    return "[Content_Types].xml" not in members and not any(is_table(name) for name in members)
