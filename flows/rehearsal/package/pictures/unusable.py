"""Files that come in place of a picture and cannot be used: cut off, of a telephone, blank, locked."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Unusable(StrEnum):
    """Why a file cannot be used."""

    DAMAGED = "damaged"
    HEIC = "heic"
    BLANK_PDF = "blank_pdf"


_HEIC: Final = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(4000)
"""The beginning of a container as telephones write it (ISO/IEC 23008-12)."""
_OBJECTS: Final = (
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
)


def unusable(kind: Unusable, picture: bytes) -> bytes:
    """Return what lies in the place of *picture*; the same each time."""
    match kind:
        case Unusable.DAMAGED:
            return picture[: len(picture) // 2]
        case Unusable.HEIC:
            return _HEIC
        case Unusable.BLANK_PDF:
            return _blank_pdf()


def locked_workbook() -> bytes:
    """Return the beginning of a workbook with a password: an OLE container that names the encrypted package."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le").ljust(512, b"\0")


def _blank_pdf() -> bytes:
    """Return a document of one page with nothing on it (ISO 32000-1, 7.5)."""
    out, places = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, content in enumerate(_OBJECTS, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, table)
    return bytes(out)
