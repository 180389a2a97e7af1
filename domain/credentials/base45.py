"""Base45 (RFC 9285), strictly: one text for each byte string, and nothing else accepted."""

from __future__ import annotations

from typing import Final

import base45

from domain.errors import AccreditationError

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


class Base45Error(AccreditationError):
    """A character outside the alphabet, a length that cannot be, or a group beyond its bytes."""

    exit_code = 2


def encode(octets: bytes) -> str:
    """Return the base45 text of *octets*."""
    return str(base45.b45encode(octets), "ascii")


def decode(text: str) -> bytes:
    """Return the bytes of *text*; lower case, line ends, a dangling character and overflow raise Base45Error."""
    # The library drops line ends at the end of a text, so that several texts would stand for the same bytes.
    if text.endswith("\n"):
        raise Base45Error("a character outside the alphabet")
    try:
        return bytes(base45.b45decode(text))
    except ValueError as error:
        raise Base45Error("no text of base45") from error
