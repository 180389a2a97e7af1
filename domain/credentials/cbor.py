"""A small reader and writer of CBOR (RFC 8949), strict enough that one value has one encoding.

Weighed against cbor2 6.3 with all its strict options, which refuse indefinite lengths, equal keys and depth: it still
takes the first item and forgets the rest, accepts longer than shortest heads, unsorted keys, floats and undefined, and
builds dates, patterns and shared lists from tags; its canonical order is that of RFC 7049. A reader of signed bytes
must do none of this, and the offline page must agree with it to the byte. ``test_credential_codecs.py`` keeps the list.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from domain.errors import AccreditationError

Cbor: TypeAlias = "int | float | bytes | str | bool | list[Cbor] | dict[int | str | bytes, Cbor] | Tagged | None"

LARGEST_INTEGER: Final = 2**53 - 1
"""Integers beyond it are refused in the deterministic profile: the offline page could not hold them."""

_STRICT_DEPTH: Final = 8
_LENIENT_DEPTH: Final = 32
_INDEFINITE: Final = 31
_BREAK: Final = 0xFF
_WIDTHS: Final = {24: 1, 25: 2, 26: 4, 27: 8}
_LEAST: Final = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}
_SIMPLE: Final[dict[int, bool | None]] = {20: False, 21: True, 22: None}
_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}
_UNDEFINED: Final = 23


class CborError(AccreditationError):
    """The bytes are not one well-formed item in the profile asked for; the message says why, never what."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tagged item, never interpreted."""

    tag: int
    content: Cbor


def read(encoded: bytes, *, deterministic: bool = True) -> Cbor:
    """Return the one item that *encoded* is, to its last byte.

    In the deterministic profile (RFC 8949, 4.2.1) indefinite lengths, longer than shortest integers, unsorted
    keys, floats and integers beyond 53 bits are refused as well. Both profiles refuse duplicate keys, trailing
    or missing bytes and deep nesting. Raises CborError for anything else.
    """
    reader = _Reader(encoded, deterministic=deterministic)
    value = reader.item(_STRICT_DEPTH if deterministic else _LENIENT_DEPTH)
    if reader.at != len(encoded):
        raise CborError("bytes follow the item")
    return value


class _Reader:
    __slots__ = ("at", "encoded", "strict")

    def __init__(self, encoded: bytes, *, deterministic: bool) -> None:
        self.encoded = encoded
        self.strict = deterministic
        self.at = 0

    def take(self, length: int) -> bytes:
        end = self.at + length
        if end > len(self.encoded):
            raise CborError("the item is cut short")
        taken = self.encoded[self.at : end]
        self.at = end
        return taken

    def head(self) -> tuple[int, int, int]:
        """Return major type, the five low bits, and the argument (-1 when the length is indefinite)."""
        initial = self.take(1)[0]
        major, low = initial >> 5, initial & 31
        if low < 24:  # noqa: PLR2004 -- RFC 8949, 3: below 24 the low bits are the argument itself
            return major, low, low
        if low == _INDEFINITE:
            if self.strict or major in {0, 1, 6}:
                raise CborError("an indefinite length")
            return major, low, -1
        if low not in _WIDTHS:
            raise CborError("a reserved head")
        argument = int.from_bytes(self.take(_WIDTHS[low]))
        if self.strict and argument < _LEAST[low]:
            raise CborError("an integer longer than its shortest form")
        return major, low, argument

    def item(self, depth: int) -> Cbor:
        if depth == 0:
            raise CborError("nested too deeply")
        major, low, argument = self.head()
        match major:
            case 0 | 1:
                return self._integer(argument if major == 0 else -1 - argument)
            case 2 | 3:
                return self._string(major, argument)
            case 4:
                return self._array(argument, depth - 1)
            case 5:
                return self._map(argument, depth - 1)
            case 6:
                return Tagged(argument, self.item(depth - 1))
            case _:
                return self._simple(low, argument)

    def _integer(self, value: int) -> int:
        if self.strict and not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            raise CborError("an integer beyond 53 bits")
        return value

    def _string(self, major: int, length: int) -> bytes | str:
        octets = self.take(length) if length >= 0 else b"".join(self._chunks(major))
        if major == 2:  # noqa: PLR2004 -- RFC 8949, 3.1: major type 2 is a byte string
            return octets
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError as error:
            raise CborError("a text that is not UTF-8") from error

    def _chunks(self, major: int) -> Iterable[bytes]:
        while not self._at_break():
            inner, _, length = self.head()
            if inner != major or length < 0:
                raise CborError("a wrong piece in an indefinite string")
            yield self.take(length)

    def _at_break(self) -> bool:
        if self.at < len(self.encoded) and self.encoded[self.at] == _BREAK:
            self.at += 1
            return True
        return False

    def _more(self, length: int, taken: int) -> bool:
        return taken < length if length >= 0 else not self._at_break()

    def _array(self, length: int, depth: int) -> list[Cbor]:
        values: list[Cbor] = []
        while self._more(length, len(values)):
            values.append(self.item(depth))
        return values

    def _map(self, length: int, depth: int) -> dict[int | str | bytes, Cbor]:
        entries: dict[int | str | bytes, Cbor] = {}
        previous = b""
        while self._more(length, len(entries)):
            start = self.at
            key = self.item(depth)
            if isinstance(key, bool) or not isinstance(key, int | str | bytes):
                raise CborError("a map key that is neither integer nor string")
            if key in entries:
                raise CborError("a duplicate map key")
            spelled = self.encoded[start : self.at]
            if self.strict and spelled <= previous:
                raise CborError("map keys out of order")
            previous = spelled
            entries[key] = self.item(depth)
        return entries

    def _simple(self, low: int, argument: int) -> float | bool | None:
        if low in _SIMPLE:
            return _SIMPLE[low]
        if self.strict or (low not in _FLOATS and low != _UNDEFINED):
            raise CborError("a float or an unknown simple value")
        if low == _UNDEFINED:
            return None
        return float(struct.unpack(_FLOATS[low], argument.to_bytes(_WIDTHS[low]))[0])


def write(value: Cbor) -> bytes:  # noqa: PLR0911 -- one return for each of the eight major types
    """Return the deterministic encoding of *value*: shortest heads, keys sorted by their bytes."""
    match value:
        case bool() | None:
            return bytes([0xF6 if value is None else 0xF5 if value else 0xF4])
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            octets = value.encode()
            return _head(3, len(octets)) + octets
        case list():
            return _head(4, len(value)) + b"".join(map(write, value))
        case dict():
            pairs = sorted((write(key), write(entry)) for key, entry in value.items())
            return _head(5, len(value)) + b"".join(key + entry for key, entry in pairs)
        case Tagged():
            return _head(6, value.tag) + write(value.content)
        case _:
            raise CborError("a float has no place in what we sign")


def _head(major: int, argument: int) -> bytes:
    if argument < 24:  # noqa: PLR2004 -- RFC 8949, 3: below 24 the argument fits the first byte
        return bytes([major << 5 | argument])
    for low, width in _WIDTHS.items():
        if argument < 1 << 8 * width:
            return bytes([major << 5 | low]) + argument.to_bytes(width)
    raise CborError("an integer beyond 64 bits")
