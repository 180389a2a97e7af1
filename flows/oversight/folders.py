"""Copies outside the database: letters in the Maildir, what was dropped and uploaded, rows that went back.

They are found and removed here, for everybody when their time is over, and for one person with an erasure.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path
from typing import Final

from domain.application.held_classes import HeldClass
from domain.values import Sha256
from flows.delivery.messages import DOWNLOADS
from flows.intake.collection.drop_folder import QUARANTINED, REFUSED, TAKEN
from flows.settings import settings

_MAIL_PARTS: Final = ("cur", "new", "tmp")
_MOST: Final = 64 * 1024 * 1024
"""Bytes of a member of an archive that are looked through."""
_DEEPEST: Final = 2
"""Archives in archives: a parcel holds workbooks."""


def copies(held_class: HeldClass) -> Iterator[Path]:
    """Yield every file of a class that lies outside the database and the file store."""
    for folder in _folders(held_class):
        if folder.is_dir():
            yield from sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    if held_class is HeldClass.ARRIVAL:
        yield from sorted(settings().home.glob("returned-*.csv"))


def _folders(held_class: HeldClass) -> list[Path]:
    settled = settings()
    if held_class is HeldClass.MAIL:
        besides = (settled.home / name for name in (DOWNLOADS, "preview", "faults"))
        return [*(settled.maildir / part for part in _MAIL_PARTS), *besides]
    if held_class is HeldClass.ARRIVAL:
        put_away = [settled.drop_folder / kind for kind in (TAKEN, REFUSED, QUARANTINED)] if settled.drop_folder else []
        return [*put_away, settled.desk_uploads]
    return []


def clear(held_class: HeldClass) -> int:
    """Remove every copy of a class, with folders that are empty then; returns how many files there were."""
    return _removed(held_class, lambda _: True)


def clear_about(names_them: Callable[[object], bool], digests: Collection[Sha256]) -> int:
    """Remove each copy that names one of the people, or whose content is among *digests*; returns how many."""
    return sum(_removed(held_class, lambda path: _is_about(path, names_them, digests)) for held_class in HeldClass)


def _removed(held_class: HeldClass, is_meant: Callable[[Path], bool]) -> int:
    meant = [path for path in copies(held_class) if is_meant(path)]
    for path in meant:
        path.unlink(missing_ok=True)
    for folder in _folders(held_class):
        inside = sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True) if folder.is_dir() else []
        for path in inside:
            if not any(path.iterdir()):
                path.rmdir()
    return len(meant)


def _is_about(path: Path, names_them: Callable[[object], bool], digests: Collection[Sha256]) -> bool:
    if path.is_symlink():
        return False
    content = path.read_bytes()
    return hashlib.sha256(content).hexdigest() in digests or names_them([path.name, *_texts(path, content)])


def _texts(path: Path, content: bytes) -> Iterator[str]:
    """Yield what a file says: the parts of a message, the members of an archive, or all of it as text."""
    if path.parent.name in _MAIL_PARTS:
        message = message_from_bytes(content, policy=policy.default)
        yield from (str(value) for value in message.values())
        contents = (part.get_payload(decode=True) for part in message.walk())
        yield from (text for piece in contents if isinstance(piece, bytes) for text in _said(piece))
    else:
        yield from _said(content)


def _said(content: bytes, depth: int = 0) -> Iterator[str]:
    """Yield content as text; of an archive, such as a workbook or a parcel, what its members say."""
    if depth > _DEEPEST or not content.startswith(b"PK"):
        yield content.decode("utf-8", "ignore")
        yield content.decode("utf-16", "ignore") if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ""
        return
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for member in archive.infolist():
                yield member.filename
                if member.file_size < _MOST:
                    yield from _said(archive.read(member), depth + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error):
        return
