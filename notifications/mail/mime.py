"""Messages in bytes (RFC 5322, RFC 2045 to 2047, RFC 2231), written as they leave.

The standard library's model of a message takes ten times as long, and a delivery writes nothing else all day.
"""

from __future__ import annotations

import binascii
import re
import textwrap
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

_LINE: Final = 76
_AROUND: Final = len("=?utf-8?b??=")
_FOLDING: Final[dict[str, Any]] = {
    "subsequent_indent": " ", "break_long_words": False, "break_on_hyphens": False, "replace_whitespace": False,
}  # fmt: skip
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9 ._-]{1,60}")
_WHOLE_LINES: Final = re.compile(rb".{1,76}")
_PIECES: Final = re.compile(r"(?:%[0-9A-F]{2}|[^%]){1,18}")


def words(name: str, text: str) -> bytes:
    """Return the header *name* with *text* of any script and length; *text* is one line."""
    if text.isascii() and "=?" not in text and max(map(len, text.split(" "))) < _LINE - len(name) - 2:
        return ("\r\n".join(textwrap.wrap(f"{name}: {text}", _LINE, **_FOLDING)) + "\r\n").encode("ascii")
    return f"{name}: {_encoded(text, len(name) + 2)}\r\n".encode("ascii")


def mailbox(name: str, person: str, address: str) -> bytes:
    """Return the header *name* with *address* under the name of *person*; both are one line."""
    if _ATOMS.fullmatch(person) and len(f"{name}: {person} <{address}>") <= _LINE and "=?" not in person:
        return f"{name}: {person} <{address}>\r\n".encode()
    return f"{name}: {_encoded(person, len(name) + 2)}\r\n <{address}>\r\n".encode()


def _encoded(text: str, taken: int) -> str:
    """Return *text* in encoded words (RFC 2047, 2), a line each, whole characters in each; *taken* is gone already."""
    lines: list[str] = []
    piece, room = b"", (_LINE - taken - _AROUND) // 4 * 3
    for character in text:
        octets = character.encode("utf-8", "replace")
        if len(piece) + len(octets) > room:
            lines.append(_word(piece))
            piece, room = b"", (_LINE - 1 - _AROUND) // 4 * 3
        piece += octets
    return "\r\n ".join([*lines, _word(piece)])


def _word(octets: bytes) -> str:
    return f"=?utf-8?b?{binascii.b2a_base64(octets, newline=False).decode('ascii')}?="


def listed(name: str, addresses: Sequence[str]) -> bytes:
    """Return the header *name* with *addresses*, a line each; outside ASCII they are written as RFC 6532 has them."""
    among = ",\r\n ".join(addresses)
    return f"{name}: {among}\r\n".encode()


def header(name: str, value: str) -> bytes:
    """Return the header *name* with a short *value* as it is."""
    return f"{name}: {value}\r\n".encode()


def text_part(subtype: str, text: str) -> bytes:
    """Return *text* as a part; seven bits pass every server, with and without 8BITMIME."""
    lines = "\r\n".join(text.splitlines()) + "\r\n"
    contents = lines.encode()
    is_foreign = 3 * len(contents) > 4 * len(lines)
    encoded = _in_base64(contents) if is_foreign else binascii.b2a_qp(contents, istext=True)
    kind = header("Content-Type", f'text/{subtype}; charset="utf-8"')
    encoding = header("Content-Transfer-Encoding", "base64" if is_foreign else "quoted-printable")
    return kind + encoding + b"\r\n" + encoded


def file_part(filename: str, media_type: str, contents: bytes) -> bytes:
    """Return *contents* as an attached file; *filename* is one line and leads nowhere."""
    return (
        header("Content-Type", media_type)
        + header("Content-Transfer-Encoding", "base64")
        + header("Content-Disposition", f"attachment;{_named(filename)}")
        + b"\r\n"
        + _in_base64(contents)
    )


def multipart(subtype: str, parts: Sequence[bytes], *, boundary: str) -> bytes:
    """Return *parts* as one, divided by *boundary*, which no encoded part can hold."""
    divider = f"--{boundary}".encode("ascii")
    inner = b"".join(divider + b"\r\n" + part + b"\r\n" for part in parts)
    kind = header("Content-Type", f'multipart/{subtype};\r\n boundary="{boundary}"')
    return kind + b"\r\n" + inner + divider + b"--\r\n"


def _named(filename: str) -> str:
    """Return the parameter that names a file; in pieces where it is long or not ASCII (RFC 2231, 3 and 4)."""
    if _PLAIN_NAME.fullmatch(filename):
        return f'\r\n filename="{filename}"'
    pieces = _PIECES.findall(quote(filename, safe=""))
    if len(pieces) == 1:
        return f"\r\n filename*=utf-8''{pieces[0]}"
    pieces[0] = f"utf-8''{pieces[0]}"
    return ";".join(f"\r\n filename*{place}*={piece}" for place, piece in enumerate(pieces))


def _in_base64(contents: bytes) -> bytes:
    """Return *contents* in lines of 76 letters."""
    return b"\r\n".join(_WHOLE_LINES.findall(binascii.b2a_base64(contents, newline=False))) + b"\r\n"
