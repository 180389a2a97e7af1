"""PDF files of every kind that people send, written by hand so that each says exactly what a test is about."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle

from PIL import Image, ImageDraw

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
"""ISO 32000-1, 7.6.3.3."""


@dataclass(frozen=True)
class Lock:
    """A password's lock of ISO 32000-1, 7.6.3, revision 2 or 3 (RC4); without *user* the file opens for everybody."""

    owner: bytes
    user: bytes = b""
    revision: int = 3


@dataclass(frozen=True)
class Pdf:
    """What stands in a file: a content stream for each page, with the picture ``/I`` and letters ``/F`` at hand."""

    pages: Sequence[bytes]
    picture: Image.Image | None = None
    catalog: bytes = b""
    page_entries: bytes = b""
    more: Sequence[bytes] = ()
    """Further objects, of which the first has number 5."""
    size: tuple[int, int] = (595, 842)
    lock: Lock | None = field(default=None)

    def written(self) -> bytes:
        objects = self._objects()
        key = b""
        trailer = b""
        if self.lock is not None:
            entries, key = _locked(self.lock)
            trailer = b"/ID [<00><00>] /Encrypt << %s >>" % entries
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places: list[int] = []
        for number, (entries, stream) in enumerate(objects, start=1):
            places.append(len(out))
            if stream is not None and key:
                stream = _rc4(_of_object(key, number), stream)  # noqa: PLW2901 -- the same stream, locked
            body = entries if stream is None else _stream(entries, stream)
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        out += b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
        return bytes(out)

    def _objects(self) -> list[tuple[bytes, bytes | None]]:
        first = 5 + len(self.more)
        kids = b" ".join(b"%d 0 R" % (first + 2 * number) for number in range(len(self.pages)))
        objects: list[tuple[bytes, bytes | None]] = [
            (b"<< /Type /Catalog /Pages 2 0 R %s >>" % self.catalog, None),
            (b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(self.pages)), None),
            _picture(self.picture or Image.new("RGB", (2, 2))),
            (b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", None),
            *((one, None) for one in self.more),
        ]
        for number, content in enumerate(self.pages):
            page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R %s" % (
                *self.size, first + 2 * number + 1, self.page_entries,
            )  # fmt: skip
            objects += [
                (page + b" /Resources << /XObject << /I 3 0 R >> /Font << /F 4 0 R >> >> >>", None),
                (b"", content),
            ]
        return objects


SHOWING_THE_PICTURE = b"q 500 0 0 350 47 400 cm /I Do Q"


def letters(*lines: str) -> bytes:
    """Return a content stream of *lines*."""
    shown = b" ".join(b"(%s) Tj T*" % line.encode() for line in lines)
    return b"BT /F 14 Tf 18 TL 60 700 Td %s ET" % shown


def an_identity_page() -> Image.Image:
    """Return something like the page of a passport."""
    page = Image.new("RGB", (1_000, 700), "#dfe6ee")
    pen = ImageDraw.Draw(page)
    pen.rectangle((60, 120, 340, 480), fill="#8a6a55")
    for line in range(8):
        pen.rectangle((400, 130 + 45 * line, 700 + 20 * line, 150 + 45 * line), fill="#1c2b3a")
    pen.rectangle((40, 590, 960, 670), fill="#f6f6f2")
    pen.text((60, 605), "P<XVDTORNEK<<ILVA" + "<" * 27, fill="black")
    return page


def _picture(picture: Image.Image) -> tuple[bytes, bytes]:
    target = io.BytesIO()
    picture.convert("RGB").save(target, "JPEG", quality=90)
    entries = b"/Type /XObject /Subtype /Image /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode"
    return b"%s /Width %d /Height %d" % (entries, *picture.size), target.getvalue()


def _stream(entries: bytes, content: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content)


def _locked(lock: Lock) -> tuple[bytes, bytes]:
    """Return the entries of the encryption dictionary, and the key of the file (algorithms 2 to 5)."""
    length = 5 if lock.revision == 2 else 16
    owner = _hashed(_padded(lock.owner or lock.user), length, again=lock.revision > 2)
    o_entry = _repeatedly(owner, _padded(lock.user), lock.revision)
    permissions = (-3904).to_bytes(4, "little", signed=True)
    key = _hashed(_padded(lock.user) + o_entry + permissions + b"\x00", length, again=lock.revision > 2)
    if lock.revision == 2:
        u_entry = _rc4(key, _PADDING)
    else:
        u_entry = _repeatedly(key, hashlib.md5(_PADDING + b"\x00").digest(), 3).ljust(32, b"\x00")  # noqa: S324
    version = 1 if lock.revision == 2 else 2
    entries = b"/Filter /Standard /V %d /R %d /Length %d /P -3904 /O <%s> /U <%s>" % (
        version, lock.revision, 8 * length, o_entry.hex().encode(), u_entry.hex().encode(),
    )  # fmt: skip
    return entries, key


def _padded(password: bytes) -> bytes:
    return (password + _PADDING)[:32]


def _hashed(said: bytes, length: int, *, again: bool) -> bytes:
    key = hashlib.md5(said).digest()  # noqa: S324 -- the standard's
    for _ in range(50 if again else 0):
        key = hashlib.md5(key[:length]).digest()  # noqa: S324 -- the standard's
    return key[:length]


def _repeatedly(key: bytes, content: bytes, revision: int) -> bytes:
    for number in range(20 if revision > 2 else 1):
        content = _rc4(bytes(byte ^ number for byte in key), content)
    return content


def _of_object(key: bytes, number: int) -> bytes:
    return hashlib.md5(key + number.to_bytes(3, "little") + b"\x00\x00").digest()[: min(16, len(key) + 5)]  # noqa: S324


def _rc4(key: bytes, content: bytes) -> bytes:
    box = list(range(256))
    at = 0
    for place, byte in zip(range(256), cycle(key), strict=False):
        at = (at + box[place] + byte) % 256
        box[place], box[at] = box[at], box[place]
    out = bytearray()
    place = at = 0
    for byte in content:
        place = (place + 1) % 256
        at = (at + box[place]) % 256
        box[place], box[at] = box[at], box[place]
        out.append(byte ^ box[(box[place] + box[at]) % 256])
    return bytes(out)
