"""Files that people send for tables and that are none, told from their content, with how to send what they hold."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, cast
from zipfile import BadZipFile, ZipFile

from domain.errors import BadInputError
from domain.messages import Message
from flows.intake.reading.packages import is_table

_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")
"""The stream of an OLE file in which a workbook with a password lies (MS-OFFCRYPTO, 2.3.4)."""
_MESSAGE_STREAM: Final = "__substg1.0_".encode("utf-16-le")
"""How the streams of an OLE file begin that is a message (MS-OXMSG, 2.1.3)."""
_BLOCK: Final = 2**20
_ENCRYPTED: Final = 1
_SHORTCUTS: Final = (b"[InternetShortcut]", b"[Desktop Entry]", b"[{000214A0")
_LINKED: Final = frozenset({"doc_id", "resource_id"})
"""What names the table in a link of Google Drive, in its older and newer form."""


def refuse_foreign(path: Path, start: bytes, name: str) -> None:
    """Raise :class:`BadInputError` for a file that is meant as a table and cannot be read as one, and say what it is.

    *start* is how the file at *path* begins.
    """
    if start.startswith(_OLE) and _holds(path, _MESSAGE_STREAM):
        raise BadInputError(name, Message.of("outlook_message"))
    if start.startswith(_OLE) and _holds(path, _ENCRYPTED_PACKAGE):
        raise BadInputError(name, Message.of("workbook_protected"))
    if _is_link(start):
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
    """Return whether *start* is all of a link: as Google Drive, Windows, macOS or Linux write one for a table."""
    bare = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if bare.startswith(_SHORTCUTS) or (b"<key>URL</key>" in bare and b"<plist" in bare):
        return True
    try:
        said: Any = json.loads(bare) if bare.startswith(b"{") else None
    except ValueError:
        return False
    names = cast("dict[str, Any]", said).keys() if isinstance(said, dict) else frozenset[str]()
    return bool(_LINKED & names) or {"url", "email"} <= names


def _refuse_archive(path: Path, name: str) -> None:
    try:
        with ZipFile(path) as archive:
            members = {member.filename: member.flag_bits for member in archive.infolist()}
            manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in members else b""
            kind = archive.read("mimetype")[:100] if "mimetype" in members else b""
    except (BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return
    is_package = any(map(is_table, members)) and not any(name.startswith("Index") for name in members)
    if _is_iwork(members) and not is_package:
        raise BadInputError(name, Message.of("numbers_document"))
    if any(member.startswith(("word/", "ppt/")) for member in members) or b"opendocument.text" in kind:
        raise BadInputError(name, Message.of("slides_for_table"))
    if "xl/workbook.bin" in members:
        raise BadInputError(name, Message.of("workbook_old"))
    is_workbook = "[Content_Types].xml" in members or b"opendocument" in kind
    if is_workbook and (b"encryption-data" in manifest or any(bits & _ENCRYPTED for bits in members.values())):
        raise BadInputError(name, Message.of("workbook_protected"))


def _is_iwork(names: Iterable[str]) -> bool:
    """Return whether the members are those of Numbers, Pages or Keynote, plain or in a folder of their own."""
    return any(name.endswith((".iwa", "Index.zip", "buildVersionHistory.plist")) for name in names)
