"""Any COSE_Sign1 or CBOR Web Token in a code, ours or not: taken apart, checked against given keys, shown.

The generic mode of ``accredit credential inspect``. It never says that a person may enter, only whether one of
the given keys signed the message, so that foreign test corpora can be run through the layer under OAC1.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from domain.credentials import base45, cbor, cose
from domain.credentials.bundle import ListRefusedError
from domain.credentials.jwk import ForeignKey, octets_of
from domain.credentials.status_list import inflated
from domain.numbers import number_of

_PREFIX: Final = re.compile(r"[A-Za-z0-9]{1,16}:")
_LONGEST_TEXT: Final = 200_000
_ZLIB_HEADS: Final = frozenset({0x08, 0x18, 0x28, 0x38, 0x48, 0x58, 0x68, 0x78})
_EXPIRES, _NOT_BEFORE, _ISSUED_AT = 4, 5, 6
_X5CHAIN, _X5T = 33, 34
_SHA256_LENGTHS: Final = {-16: 32, -15: 8}
"""SHA-256, and its first eight bytes, as RFC 9054 numbers them."""


class Encoding(StrEnum):
    """How a text stands for bytes."""

    BASE45 = "base45"
    HEX = "hex"
    BASE64 = "base64"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found. ``code`` is VERIFIED, or the first check that failed.

    TEXT, BASE45 (it looks like base45 and is not), CBOR, STRUCTURE, ALG, UNKNOWN_KEY or SIGNATURE; ``octets`` are what
    the text stands for, still folded, as far as it got.
    """

    code: str
    detail: str = ""
    sign1: cose.Sign1 | None = None
    octets: bytes = b""

    @property
    def is_verified(self) -> bool:
        """Whether one of the keys, chosen by key id, made the signature."""
        return self.code == "VERIFIED"

    @property
    def claims(self) -> cbor.Cbor:
        """The payload as CBOR, or None when it is something else (``claims_problem``)."""
        return self._payload()[0]

    @property
    def claims_problem(self) -> str:
        """Why the payload is not one item of CBOR; empty where it is."""
        return self._payload()[1]

    def _payload(self) -> tuple[cbor.Cbor, str]:
        if self.sign1 is None:
            return None, ""
        try:
            return cbor.read(self.sign1.payload, deterministic=False), ""
        except cbor.CborError as error:
            return None, str(error)

    def standing(self, now: datetime) -> str:
        """Return "current", "expired", "not yet" or, without numeric times, "untimed" (RFC 8392, 3.1).

        What was issued later than *now* is not yet current either.
        """
        claims = self.claims if isinstance(self.claims, dict) else {}
        begins, ends = claims.get(_NOT_BEFORE), claims.get(_EXPIRES)
        starts = (begins, claims.get(_ISSUED_AT))
        if any(isinstance(start, int | float) and now.timestamp() < start for start in starts):
            return "not yet"
        if isinstance(ends, int | float) and now.timestamp() > ends:
            return "expired"
        return "current" if isinstance(begins, int | float) or isinstance(ends, int | float) else "untimed"


def inspect(
    text: str,
    keys: Sequence[ForeignKey],
    *,
    external_aad: bytes = b"",
    payload: bytes | None = None,
    encoding: Encoding | None = None,
) -> Inspection:
    """Return what *text* is and whether one of *keys* signed it; never raises, whatever the text is.

    *payload* is that of a message which carries none.

    Accepted on the way: a prefix of up to sixteen letters ending in a colon, base45, hexadecimal or base64 (only
    *encoding* where it is given), and one layer of zlib of at most a mebibyte. The first reading that is a COSE_Sign1
    counts.
    """
    line = text.strip("\r\n\ufeff")
    if not line:
        return Inspection("TEXT", "there is nothing")
    if len(line) > _LONGEST_TEXT:
        return Inspection("TEXT", f"longer than {number_of(_LONGEST_TEXT, 'characters')}")
    if kind := other_kind(line):
        return Inspection("TEXT", f"{kind}, which is no COSE message")
    failures: list[Inspection] = []
    for octets in _messages(line, encoding):
        try:
            sign1 = cose.parse_sign1(_unpacked(octets), deterministic=False, detached=payload)
        except cose.Sign1RefusedError as error:
            failures.append(Inspection(error.fault.name, error.detail, octets=octets))
            continue
        return replace(_verified(sign1, keys, external_aad), octets=octets)
    return _likeliest(failures, line, encoding)


def other_kind(text: str) -> str:
    """Return what a signed text of another family is, by how it begins; empty for whatever may be a COSE message."""
    line = text.strip()
    return next((kind for kind, pattern in _OTHER_KINDS.items() if pattern.match(line)), "")


_OTHER_KINDS: Final = {
    "a SMART Health Card (shc:/)": re.compile(r"shc:/[0-9/]+$", re.IGNORECASE),
    "a PASETO token": re.compile(r"v[1-4]\.(?:public|local)\.[\w.-]+$"),
    "an SD-JWT": re.compile(r"eyJ[\w-]*\.[\w-]*\.[\w-]*~"),
    "a JSON Web Signature (JWS or JWT)": re.compile(r"eyJ[\w-]*\.[\w-]*\.[\w-]*$"),
    "an encrypted JSON Web Token (JWE)": re.compile(r"eyJ[\w-]*(?:\.[\w-]*){4}$"),
}


def _likeliest(failures: Sequence[Inspection], line: str, encoding: Encoding | None) -> Inspection:
    """Return why the text is refused: as what it looks like most, not as what it could be read as by force."""
    well_formed = next((failure for failure in failures if failure.code != "CBOR"), None)
    problem = _base45_problem(line) if encoding in {None, Encoding.BASE45} else ""
    if well_formed is None and problem:
        return Inspection("BASE45", problem)
    readable = encoding.value if encoding else "base45, hexadecimal or base64"
    return well_formed or next(iter(failures), Inspection("TEXT", f"not {readable}"))


def _base45_problem(line: str) -> str:
    """Return what is wrong with text of base45 characters only; empty where nothing is, or where it is other text."""
    prefix = _PREFIX.match(line)
    readings = [line, *([line[prefix.end() :]] if prefix else [])]
    problems: list[str] = []
    for written in readings:
        try:
            base45.decode(written)
        except base45.Base45Error as error:
            problems.append(str(error))
    looks_like_it = set(readings[-1]) <= set(base45.ALPHABET)
    return problems[-1] if looks_like_it and len(problems) == len(readings) else ""


def _verified(sign1: cose.Sign1, keys: Sequence[ForeignKey], external_aad: bytes) -> Inspection:
    named, candidates = sign1.algorithm_id, _named_by_certificate(sign1, keys)
    usable = [key for key in candidates if isinstance(named, int) and named in {int(known) for known in key.algorithms}]
    try:
        cose.verify_sign1(sign1, usable, cose.EVERY_ALGORITHM, external_aad)
    except cose.Sign1RefusedError as error:
        code, detail = error.fault.name, error.detail
        if error.fault is cose.Fault.UNKNOWN_KEY and any(_answers(key, sign1) for key in candidates):
            code, detail = "ALG", "the key that it names is meant for another algorithm"
        elif error.fault is cose.Fault.UNKNOWN_KEY and candidates is not keys:
            detail = "none of the given certificates is the one that it names"
        return Inspection(code, detail, sign1)
    return Inspection("VERIFIED", "", sign1)


def _answers(key: ForeignKey, sign1: cose.Sign1) -> bool:
    return sign1.key_id in key.key_ids if sign1.key_id is not None else not key.key_ids


def _named_by_certificate(sign1: cose.Sign1, keys: Sequence[ForeignKey]) -> Sequence[ForeignKey]:
    """Return the keys to look among: where certificate headers stand for the key id, the one of that certificate.

    RFC 9360: ``x5t`` names a certificate by its hash, ``x5chain`` carries it. What is carried is not believed: its
    SHA-256 must be that of a given certificate. A key id counts before both.
    """
    if cose.KID in sign1.headers or cose.KID in sign1.unprotected:
        return keys
    fingerprint = _fingerprint(sign1.headers) or _fingerprint(sign1.unprotected)
    if fingerprint is None:
        return keys
    return [replace(key, key_ids=frozenset()) for key in keys if fingerprint in key.key_ids]


def _fingerprint(headers: cose.Headers) -> bytes | None:
    match headers.get(_X5T), headers.get(_X5CHAIN):
        case [int() as algorithm, bytes() as digest], _ if len(digest) == _SHA256_LENGTHS.get(algorithm):
            return digest
        case _, (bytes() as leaf) | [bytes() as leaf, *_]:
            return sha256(leaf).digest()
        case _:
            return None


def _messages(line: str, encoding: Encoding | None) -> Iterator[bytes]:
    """Yield the bytes that *line* may stand for, the likeliest first; a blank is a base45 digit and stays."""
    prefix = _PREFIX.match(line)
    rest = [line[prefix.end() :]] if prefix else []
    squeezed = "".join(line.split())
    readings: list[tuple[Encoding, Callable[[str], bytes], str]] = [
        *((Encoding.BASE45, base45.decode, part) for part in rest),
        *((Encoding.HEX, bytes.fromhex, part) for part in (*rest, squeezed)),
        (Encoding.BASE45, base45.decode, line),
        *((Encoding.BASE64, octets_of, part) for part in (*rest, squeezed)),
    ]
    for name, decode, written in readings:
        if encoding not in {None, name}:
            continue
        try:
            yield decode(written)
        except (ValueError, base45.Base45Error, binascii.Error):
            continue


def _unpacked(message: bytes) -> bytes:
    if not message or message[0] not in _ZLIB_HEADS:
        return message
    try:
        return inflated(message)
    except ListRefusedError as error:
        raise cose.Sign1RefusedError(cose.Fault.CBOR, "compressed in a way that does not unfold") from error


def shown(value: cbor.Cbor) -> Any:
    """Return *value* as JSON can hold it: bytes as ``h'…'``, map keys as text, tags as ``{"tag", "value"}``."""
    match value:
        case bytes():
            return f"h'{value.hex()}'"
        case list():
            return [shown(member) for member in value]
        case dict():
            return {_key(key): shown(member) for key, member in value.items()}
        case cbor.Tagged():
            return {"tag": value.tag, "value": shown(value.content)}
        case float() if value != value or abs(value) == float("inf"):  # noqa: PLR0124 -- NaN is the one number unlike itself
            return str(value)
        case _:
            return value


def _key(key: int | str | bytes) -> str:
    return f"h'{key.hex()}'" if isinstance(key, bytes) else str(key)
