"""Files that people send for tables and that are none, told from their content, with how to send what they hold."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from domain.errors import BadInputError
from domain.messages import Message

_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")
"""The stream of an OLE file in which a workbook with a password lies (MS-OFFCRYPTO, 2.3.4)."""
_BLOCK: Final = 2**20
_ENCRYPTED: Final = 1


def refuse_foreign(path: Path, start: bytes, name: str) -> None:
    """Raise :class:`BadInputError` for a file that is meant as a table and cannot be read as one, and say what it is.

    *start* is how the file at *path* begins.
    """
    if start.startswith(_OLE) and _holds(path, _ENCRYPTED_PACKAGE):
        raise BadInputError(name, Message.of("workbook_protected"))
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _is_link(start):
        raise BadInputError(name, Message.of("link_for_table"))
    if start.startswith(b"PK\x03\x04"):
        _refuse_archive(path, name)


def _holds(path: Path, sign: bytes) -> bool:
    tail = b""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            if sign in tail + block:
                return True
            tail = block[-len(sign) :]
    return False


def _is_link(start: bytes) -> bool:
    try:
        said: Any = json.loads(start.decode("utf-8-sig"))
    except ValueError:
        return False
    return (
        isinstance(said, dict) and "url" in said and any(email in said for email in ("doc_id", "resource_id", "email"))
    )


def _refuse_archive(path: Path, name: str) -> None:
    try:
        with ZipFile(path) as archive:
            members = {member.filename: member.flag_bits for member in archive.infolist()}
            manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in members else b""
            kind = archive.read("mimetype")[:100] if "mimetype" in members else b""
    except (BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return
    if _is_iwork(members):
        raise BadInputError(name, Message.of("numbers_document"))
    if any(member.startswith(("word/", "ppt/")) for member in members) or b"opendocument.text" in kind:
        raise BadInputError(name, Message.of("slides_for_table"))
    is_workbook = "[Content_Types].xml" in members or b"opendocument" in kind
    if is_workbook and (b"encryption-data" in manifest or any(bits & _ENCRYPTED for bits in members.values())):
        raise BadInputError(name, Message.of("workbook_protected"))


def _is_iwork(names: Iterable[str]) -> bool:
    """Return whether the members are those of Numbers, Pages or Keynote, plain or in a folder of their own."""
    return any(name.endswith((".iwa", "Index.zip", "buildVersionHistory.plist")) for name in names)
