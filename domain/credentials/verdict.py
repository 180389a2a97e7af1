"""The token as text, and the one way in which it is judged, at the desk and at the polling station alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.credentials import base45, cbor, cose
from domain.credentials.claims import ISSUED_AT, LARGEST_PAYLOAD, ClaimsError, CredentialClaims, decode_claims
from domain.credentials.states import CredentialStatus
from domain.credentials.status_list import StatusList
from domain.credentials.trust_list import KeyPurpose, KeyState, TrustedKey, TrustList
from domain.errors import AccreditationError, BadInputError

PREFIX: Final = "OAC1:"
LONGEST_TOKEN: Final = 430
"""Characters; more would not be sure to fit a QR code of version 13 at level M in 40 mm."""


class Code(StrEnum):
    """The outcome of a check, in the order of the checks; from NOT_YET on the credential is genuine."""

    PREFIX = "PREFIX"
    SIZE = "SIZE"
    BASE45 = "BASE45"
    CBOR = "CBOR"
    STRUCTURE = "STRUCTURE"
    ALG = "ALG"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    KEY_STATE = "KEY_STATE"
    SIGNATURE = "SIGNATURE"
    CLAIMS = "CLAIMS"
    ISSUER = "ISSUER"
    NOT_YET = "NOT_YET"
    EXPIRED = "EXPIRED"
    STATUS_UNKNOWN = "STATUS_UNKNOWN"
    OTHER_ELECTION = "OTHER_ELECTION"
    REVOKED = "REVOKED"
    SUSPENDED = "SUSPENDED"
    REPLACED = "REPLACED"
    LOST = "LOST"
    WITHDRAWN = "WITHDRAWN"
    VALID = "VALID"


SENTENCES: Final = {
    Code.PREFIX: "This is not an observer credential; if it was typed by a scanner, check its keyboard layout.",
    Code.SIZE: "This is too long to be an observer credential.",
    Code.BASE45: "The code was damaged on the way; scan it again.",
    Code.CBOR: "The code was damaged on the way; scan it again.",
    Code.STRUCTURE: "The code is not built like an observer credential.",
    Code.ALG: "The code is signed in a way that is not accepted.",
    Code.UNKNOWN_KEY: "The code is signed with a key that the commission has not published.",
    Code.KEY_STATE: "The code is signed with a key that may not be used any more.",
    Code.SIGNATURE: "The signature is false: somebody changed or invented this code.",
    Code.CLAIMS: "The code is signed but does not say what a credential must say.",
    Code.ISSUER: "The code speaks for another issuer than the one whose key signed it.",
    Code.NOT_YET: "The credential is genuine but not valid yet.",
    Code.EXPIRED: "The credential is genuine but has expired.",
    Code.STATUS_UNKNOWN: "The credential is genuine; whether it was revoked cannot be told with these lists.",
    Code.OTHER_ELECTION: "The credential is genuine, but it is for another election and says nothing for this one.",
    Code.REVOKED: "The credential was revoked.",
    Code.SUSPENDED: "The credential is suspended.",
    Code.REPLACED: "A new badge has replaced this one: ask for it. Nothing is held against its holder.",
    Code.LOST: "This badge was reported lost and has been replaced. Its holder did nothing wrong and has a new one, "
    "which counts: ask for it. Keep this one and tell the commission.",
    Code.WITHDRAWN: "The accreditation was given up and is over. Nothing is held against its holder.",
    Code.VALID: "The credential is valid. Compare the face with the photograph, and the name with the travel document.",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. ``claims`` are there as soon as the signature held, whatever the code says."""

    code: Code
    detail: str = ""
    key_id: bytes | None = None
    claims: CredentialClaims | None = None
    list_age: timedelta | None = None
    is_aged: bool = False
    """Whether a list is older than its time to live: the answer stands, with its age (amber)."""

    @property
    def is_valid(self) -> bool:
        """Whether the holder may enter."""
        return self.code is Code.VALID

    @property
    def sentence(self) -> str:
        """The finding in English."""
        return SENTENCES[self.code]

    def __str__(self) -> str:
        """Return code, serial and key id, which may be logged."""
        serial = self.claims.serial if self.claims else "-"
        return f"{self.code} {serial} {self.key_id.hex() if self.key_id else '-'}"


class TokenTooLongError(BadInputError):
    """The issuer refuses to sign what would not fit the printed code."""

    def __init__(self, serial: str, length: int) -> None:
        super().__init__(
            f"credential {serial}", f"would have {length} characters.", remedy=f"At most {LONGEST_TOKEN} fit."
        )


class TokenRefusedError(AccreditationError):
    """A check that a token did not pass, with what was known by then; ``judge`` turns it into a verdict."""

    exit_code = 2

    def __init__(
        self, code: Code, detail: str, key_id: bytes | None = None, claims: CredentialClaims | None = None
    ) -> None:
        super().__init__(detail)
        self.verdict = Verdict(code, detail, key_id, claims)


def encode_token(claims: CredentialClaims, signer: cose.Signer) -> str:
    """Return ``OAC1:`` and the base45 of the signed claims; the same claims and Ed25519 key give the same text."""
    message = cose.sign1_message(claims.payload, signer)
    token = PREFIX + base45.encode(message)
    if len(token) > LONGEST_TOKEN:
        raise TokenTooLongError(claims.serial, len(token))
    return token


def judge(text: str, *, now: datetime, trust: TrustList, status: StatusList | None) -> Verdict:
    """Return the verdict on the token *text* at *now*; never raises, whatever the text is.

    The checks come in a fixed order, so that desk and page name the same reason; no list, a list past its end or
    one from the future gives STATUS_UNKNOWN, never VALID.
    """
    try:
        sign1 = decode_token(text)
        key = _believed_key(sign1, trust)
        claims = _stated_claims(sign1, key)
        _check_times(claims, key, now)
        return _standing(claims, key, now=now, trust=trust, status=status)
    except TokenRefusedError as refused:
        return refused.verdict


def as_typed(text: str) -> str:
    """Return what somebody typed or pasted as a token is written: no blank before it, no small letters.

    A blank at its end stays, because it may be a base45 digit. Other text comes back as it is.
    """
    begun = text.lstrip()
    return begun.upper() if begun[: len(PREFIX)].upper() == PREFIX else text


def is_serial(text: str) -> bool:
    """Whether *text* is the printed number of a badge: anybody can copy it, so nothing is said by it."""
    return _SERIAL.fullmatch(text.strip()) is not None


_SERIAL: Final = re.compile(r"[A-Z0-9]{1,9} ?- ?[0-9]{3,7}", re.IGNORECASE)


def decode_token(text: str) -> cose.Sign1:
    """Take the token apart without believing it. Line ends around it are ignored; blanks are base45 digits.

    Raises TokenRefusedError with PREFIX, SIZE, BASE45, CBOR or STRUCTURE.
    """
    token = text.strip("\r\n")
    if not token.startswith(PREFIX):
        raise TokenRefusedError(Code.PREFIX, "the text does not begin with OAC1:")
    if len(token) > LONGEST_TOKEN:
        raise TokenRefusedError(Code.SIZE, "longer than any token")
    try:
        message = base45.decode(token[len(PREFIX) :])
    except base45.Base45Error as error:
        raise TokenRefusedError(Code.BASE45, str(error)) from error
    try:
        sign1 = cose.parse_sign1(message)
    except cose.Sign1RefusedError as error:
        code = Code.CBOR if error.fault is cose.Fault.CBOR else Code.STRUCTURE
        raise TokenRefusedError(code, error.detail) from error
    if sign1.unprotected or not sign1.headers.keys() <= {cose.ALG, cose.KID}:
        raise TokenRefusedError(Code.STRUCTURE, "headers other than algorithm and key id")
    return sign1


def _believed_key(sign1: cose.Sign1, trust: TrustList) -> TrustedKey:
    try:
        algorithm = cose.algorithm_of(sign1, cose.OAC1_ALGORITHMS)
    except cose.Sign1RefusedError as error:
        raise TokenRefusedError(Code.ALG, error.detail, sign1.key_id) from error
    key = trust.key(sign1.key_id)
    if key is None:
        raise TokenRefusedError(Code.UNKNOWN_KEY, "no trusted key has this key id", sign1.key_id)
    if not cose.fits(algorithm, key.public_key):
        raise TokenRefusedError(Code.KEY_STATE, "the algorithm is not this key's", key.key_id)
    if key.state is KeyState.COMPROMISED or key.purpose is not KeyPurpose.BADGE:
        raise TokenRefusedError(Code.KEY_STATE, f"the key is {key.state} for {key.purpose}", key.key_id)
    issued = _issue_second(sign1.payload)
    if issued is not None and not key.not_before.timestamp() <= issued <= key.not_after.timestamp():
        raise TokenRefusedError(Code.KEY_STATE, "issued outside the key's window", key.key_id)
    if not cose.check_signature(sign1, key.public_key, algorithm):
        raise TokenRefusedError(Code.SIGNATURE, "the signature is wrong", key.key_id)
    return key


def _issue_second(payload: bytes) -> int | None:
    """Read the time of issue before the signature is checked; what cannot be read is left to the claims check."""
    if len(payload) > 2 * LARGEST_PAYLOAD:
        return None
    try:
        claims = cbor.read(payload)
    except cbor.CborError:
        return None
    issued = claims.get(ISSUED_AT) if isinstance(claims, dict) else None
    return issued if isinstance(issued, int) and not isinstance(issued, bool) else None


def _stated_claims(sign1: cose.Sign1, key: TrustedKey) -> CredentialClaims:
    try:
        claims = decode_claims(sign1.payload)
    except (ClaimsError, cbor.CborError) as error:
        raise TokenRefusedError(Code.CLAIMS, str(error), key.key_id) from error
    if claims.issuer != key.issuer:
        raise TokenRefusedError(Code.ISSUER, "the key belongs to another issuer", key.key_id, claims)
    return claims


def _check_times(claims: CredentialClaims, key: TrustedKey, now: datetime) -> None:
    if now < claims.valid_from:
        raise TokenRefusedError(Code.NOT_YET, "before the validity", key.key_id, claims)
    if now > claims.valid_until:
        raise TokenRefusedError(Code.EXPIRED, "after the validity", key.key_id, claims)


def _standing(
    claims: CredentialClaims, key: TrustedKey, *, now: datetime, trust: TrustList, status: StatusList | None
) -> Verdict:
    problem = _list_problem(now, trust, status)
    if status is None or problem:
        return Verdict(Code.STATUS_UNKNOWN, problem, key.key_id, claims)
    if not status.speaks_of(claims.serial):
        return Verdict(Code.OTHER_ELECTION, "its serial is of another election", key.key_id, claims)
    age = max(now - status.issued_at, now - trust.issued_at)
    is_aged = now - status.issued_at > status.ttl or now - trust.issued_at > trust.ttl
    code = CODES.get(status.entry(claims.status_index), Code.STATUS_UNKNOWN)
    detail = "not in the status list" if code is Code.STATUS_UNKNOWN else ""
    return Verdict(code, detail, key.key_id, claims, age, is_aged)


def _list_problem(now: datetime, trust: TrustList, status: StatusList | None) -> str:
    if status is None:
        return "no status list"
    if now > trust.expires_at or now > status.expires_at:
        return "a list is past its end"
    if now < trust.issued_at or now < status.issued_at:
        return "the clock is before the lists"
    if status.key_id not in {key.key_id for key in trust.status_keys(now=status.issued_at)}:
        return "the status list is not this issuer's"
    return ""


CODES: Final[dict[int | None, Code]] = {standing: Code[standing.name] for standing in CredentialStatus}
"""The outcome for each entry of a status list."""
