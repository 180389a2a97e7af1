"""What a credential says about its holder, and its one encoding as claims of a CBOR Web Token (RFC 8392)."""

from __future__ import annotations

import hmac
import unicodedata
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Final, Self

from pydantic import Field, PrivateAttr, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from domain.credentials import cbor
from domain.errors import AccreditationError
from domain.values import CountryCode, Frozen, OrganisationCode, RegionCode, Serial, UtcTime, bare

ISSUER, SUBJECT, EXPIRES, NOT_BEFORE, ISSUED_AT, STATUS, HOLDER = 1, 2, 4, 5, 6, 65535, -70001
NAME, ROLE, ORGANISATION, NATIONALITY, REGIONS, CONSENT, PHOTO, DOCUMENT, FLAGS = range(1, 10)

LONGEST_NAME: Final = 60
"""UTF-8 bytes of a name in a token; more is cut and flagged."""

LARGEST_PAYLOAD: Final = 198
"""Bytes of claims that still make a token of 430 characters (283 bytes) with its headers and signature."""

LATEST_SECOND: Final = 2**32 - 1
_NAME_TRUNCATED: Final = 1
_TOO_LONG: Final = "too_long_for_a_token"
_KEPT_FORMATS: Final = "\u200c\u200d"  # joiners that change how Persian and Indic names are written

IssuerCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,8}$")]
RoleCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{1,8}$")]

TEST_ISSUER: Final = "TEST"
"""The only issuer that keys made for demonstration and tests may speak for."""


class ClaimsError(AccreditationError):
    """Signed bytes that do not say what a credential must say; the message names the claim only."""

    exit_code = 2


class CredentialClaims(Frozen):
    """One credential. Equal claims have equal bytes, and those bytes have room in a QR code of version 13-M.

    Regions are the operator's own short codes, not numbers in a table: a station reads ``NORTH-2`` with no
    table at hand, a number would mean something else once the table changes, and one code of eight letters costs
    twelve characters of the 430. Empty regions mean "at large" (all regions). When codes are long it is the name
    that gives way (``fitting``), never below what the model allows, and the token says so in its flags.
    """

    issuer: IssuerCode
    serial: Serial
    issued_at: UtcTime
    valid_from: UtcTime
    valid_until: UtcTime
    role: RoleCode
    organisation: OrganisationCode
    nationality: CountryCode = Field(repr=False)
    regions: tuple[RegionCode, ...] = Field(default=(), max_length=6)
    name: str = Field(min_length=1, repr=False)
    name_truncated: bool = False
    status_index: int = Field(ge=0, lt=2**24)
    photo_hash: Annotated[bytes, Field(min_length=16, max_length=16)] | None = None
    document_tag: Annotated[bytes, Field(min_length=8, max_length=8)] | None = Field(default=None, repr=False)
    consent_level: int | None = Field(default=None, ge=0, le=23)
    _payload: bytes = PrivateAttr()

    def __str__(self) -> str:
        """Name the credential by its serial; nothing personal."""
        return f"credential {self.serial}"

    @classmethod
    def fitting(cls, name: str, **claims: object) -> Self:
        """Return the claims with *name* made printable and cut to the bytes that the other claims leave."""
        clean = printable_name(name)
        try:
            return cls.model_validate({**claims, "name": clean, "name_truncated": False})
        except ValidationError as error:
            if {problem["type"] for problem in error.errors()} != {_TOO_LONG}:
                raise
        bare = cls.model_validate({**claims, "name": "-", "name_truncated": True})
        room = min(LONGEST_NAME, LARGEST_PAYLOAD - len(bare.payload))
        cut = cut_name(clean, room)
        return cls.model_validate({**claims, "name": cut, "name_truncated": cut != clean})

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        times = (self.issued_at, self.valid_from, self.valid_until)
        if any(moment.microsecond or not 0 <= moment.timestamp() <= LATEST_SECOND for moment in times):
            raise ValueError("times are whole seconds between 1970 and 2106")
        if self.valid_until < self.valid_from:
            raise ValueError("the validity ends before it begins")
        if self.name != printable_name(self.name) or len(self.name.encode()) > LONGEST_NAME:
            kind = _TOO_LONG if self.name == printable_name(self.name) else "value_error"
            raise PydanticCustomError(
                kind, "a name is NFC, printable and at most {most} bytes of UTF-8", {"most": LONGEST_NAME}
            )
        self._payload = encode_claims(self)
        if len(self._payload) > LARGEST_PAYLOAD:
            raise PydanticCustomError(_TOO_LONG, "these claims do not fit a token of 430 characters")
        return self

    @property
    def payload(self) -> bytes:
        """The claims as they are signed (``encode_claims``), encoded once."""
        return self._payload


def printable_name(name: str) -> str:
    """Return *name* in NFC, blanks squeezed, without control and direction characters that could mislead."""
    kept = (
        character if unicodedata.category(character)[0] != "C" or character in _KEPT_FORMATS else " "
        for character in unicodedata.normalize("NFC", name)
    )
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def cut_name(name: str, limit: int) -> str:
    """Return the longest beginning of *name* of at most *limit* UTF-8 bytes that ends between two letters.

    A letter and the marks on it stay together or go together.
    """
    if len(name.encode()) <= limit:
        return name
    cut = len(name.encode()[:limit].decode("utf-8", "ignore"))
    while cut > 1 and unicodedata.category(name[cut])[0] in "MC":
        cut -= 1
    return name[:cut].rstrip(" " + _KEPT_FORMATS)


def encode_claims(claims: CredentialClaims) -> bytes:
    """Return the deterministic CBOR of *claims*; what is absent or zero is left out."""
    holder: dict[int | str | bytes, cbor.Cbor] = {
        NAME: claims.name,
        ROLE: claims.role,
        ORGANISATION: claims.organisation,
        NATIONALITY: claims.nationality,
        REGIONS: list(claims.regions) or None,
        CONSENT: claims.consent_level,
        PHOTO: claims.photo_hash,
        DOCUMENT: claims.document_tag,
        FLAGS: _NAME_TRUNCATED if claims.name_truncated else None,
    }
    return cbor.write(
        {
            ISSUER: claims.issuer,
            SUBJECT: claims.serial,
            EXPIRES: int(claims.valid_until.timestamp()),
            NOT_BEFORE: int(claims.valid_from.timestamp()),
            ISSUED_AT: int(claims.issued_at.timestamp()),
            STATUS: {1: claims.status_index},
            HOLDER: {label: value for label, value in holder.items() if value is not None},
        }
    )


def decode_claims(payload: bytes) -> CredentialClaims:
    """Return the claims that *payload* states, all of them understood; raises ClaimsError or CborError."""
    claims = _exactly(cbor.read(payload), {ISSUER, SUBJECT, EXPIRES, NOT_BEFORE, ISSUED_AT, STATUS, HOLDER})
    holder = _exactly(claims[HOLDER], {NAME, ROLE, ORGANISATION, NATIONALITY}, set(range(NAME, FLAGS + 1)))
    regions = holder.get(REGIONS, [])
    if FLAGS in holder and (holder[FLAGS] != _NAME_TRUNCATED or isinstance(holder[FLAGS], bool)):
        raise ClaimsError("a flag that is not understood")
    if not isinstance(regions, list) or [] in holder.values() or None in holder.values():
        raise ClaimsError("something absent that is spelled out")
    stated = {
        "issuer": claims[ISSUER],
        "serial": claims[SUBJECT],
        "valid_until": _moment(claims[EXPIRES]),
        "valid_from": _moment(claims[NOT_BEFORE]),
        "issued_at": _moment(claims[ISSUED_AT]),
        "status_index": status_index_of(claims[STATUS]),
        "name": holder[NAME],
        "role": holder[ROLE],
        "organisation": holder[ORGANISATION],
        "nationality": holder[NATIONALITY],
        "regions": tuple(regions),
        "consent_level": holder.get(CONSENT),
        "photo_hash": holder.get(PHOTO),
        "document_tag": holder.get(DOCUMENT),
        "name_truncated": FLAGS in holder,
    }
    try:
        return CredentialClaims.model_validate(stated, strict=True)
    except ValidationError as error:
        fields = sorted({str(problem["loc"][0]) if problem["loc"] else "claims" for problem in error.errors()})
        raise ClaimsError("not as a credential has it: " + ", ".join(fields)) from error


def _exactly(value: cbor.Cbor, required: set[int], known: set[int] | None = None) -> dict[int | str | bytes, cbor.Cbor]:
    if not isinstance(value, dict) or not required <= value.keys() <= (known or required):
        raise ClaimsError("a claim is missing or not understood")
    return value


def _moment(seconds: cbor.Cbor) -> datetime:
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 <= seconds <= LATEST_SECOND:
        raise ClaimsError("a time that is not a number of seconds until 2106")
    return datetime.fromtimestamp(seconds, tz=UTC)


def status_index_of(status: cbor.Cbor) -> cbor.Cbor:
    """Return the index in the short form ``{1: index}`` or the registered ``{"status_list": {"idx", "uri"}}``."""
    if isinstance(status, dict):
        listed = status.get("status_list") if status.keys() == {"status_list"} else None
        if status.keys() == {1}:
            return status[1]
        if isinstance(listed, dict) and listed.keys() == {"idx", "uri"} and isinstance(listed["uri"], str):
            return listed["idx"]
    raise ClaimsError("a status reference that is not understood")


def document_tag(document_number: str, *, issuing_state: str, secret: bytes) -> bytes:
    """Return eight bytes that headquarters can compare with a travel document and nobody can turn back.

    There are about 10^9 document numbers, so an unkeyed hash could be searched; this is HMAC-SHA256 (RFC 2104)
    under a secret of the issuer. Blanks and hyphens of the number are left out, letters are capitals.
    """
    return hmac.digest(secret, f"OAC1 document\n{issuing_state}\n{bare(document_number)}".encode(), sha256)[:8]


def photo_hash(printed_jpeg: bytes) -> bytes:
    """Return the first sixteen bytes of the SHA-256 of the printed photograph."""
    return sha256(printed_jpeg).digest()[:16]
