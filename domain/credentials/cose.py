"""COSE_Sign1 (RFC 9052, 4.2): one signature over protected headers and payload, exactly as received."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from domain.credentials import cbor
from domain.errors import AccreditationError

ALG: Final = 1
CRIT: Final = 2
CONTENT_TYPE: Final = 3
KID: Final = 4
TYP: Final = 16
SIGN1_TAG: Final = 18
CWT_TAG: Final = 61

PublicKey: TypeAlias = ed25519.Ed25519PublicKey | ed448.Ed448PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
Headers: TypeAlias = dict[int | str | bytes, cbor.Cbor]


class Algorithm(IntEnum):
    """Signature algorithms by their IANA COSE number; OAC1 itself uses the first three only."""

    ED25519 = -19
    EDDSA = -8
    ES256 = -7
    ESP256 = -9
    ESP384 = -51
    ESP512 = -52
    ED448 = -53
    ES384 = -35
    ES512 = -36
    ES256K = -47
    PS256 = -37
    PS384 = -38
    PS512 = -39
    RS256 = -257
    RS384 = -258
    RS512 = -259


OAC1_ALGORITHMS: Final = frozenset({Algorithm.ED25519, Algorithm.EDDSA, Algorithm.ES256})
EVERY_ALGORITHM: Final = frozenset(Algorithm)

_HASHES: Final[Mapping[Algorithm, type[hashes.HashAlgorithm]]] = {
    **dict.fromkeys((Algorithm.ES256, Algorithm.ESP256, Algorithm.ES256K), hashes.SHA256),
    **dict.fromkeys((Algorithm.PS256, Algorithm.RS256), hashes.SHA256),
    **dict.fromkeys((Algorithm.ES384, Algorithm.ESP384, Algorithm.PS384, Algorithm.RS384), hashes.SHA384),
    **dict.fromkeys((Algorithm.ES512, Algorithm.ESP512, Algorithm.PS512, Algorithm.RS512), hashes.SHA512),
}
# RFC 9864 binds the new names to one curve; RFC 9053 leaves ES256, ES384 and ES512 to the curve of the key.
_CURVES: Final = {
    Algorithm.ESP256: "secp256r1",
    Algorithm.ESP384: "secp384r1",
    Algorithm.ESP512: "secp521r1",
    Algorithm.ES256K: "secp256k1",
}
_PSS: Final = frozenset({Algorithm.PS256, Algorithm.PS384, Algorithm.PS512})
_PKCS1: Final = frozenset({Algorithm.RS256, Algorithm.RS384, Algorithm.RS512})
_ON_ED25519: Final = frozenset({Algorithm.ED25519, Algorithm.EDDSA})
_ON_ED448: Final = frozenset({Algorithm.ED448, Algorithm.EDDSA})
_SHORTEST_RSA: Final = 2048


class Fault(IntEnum):
    """Why a COSE_Sign1 message was refused, in the order of the checks."""

    CBOR = 1
    STRUCTURE = 2
    ALG = 3
    UNKNOWN_KEY = 4
    SIGNATURE = 5


class Sign1RefusedError(AccreditationError):
    """The message is not a COSE_Sign1 that one of the keys signed; ``fault`` says at which check it fell."""

    exit_code = 2

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


class KeyLike(Protocol):
    """A public key as it is looked for: by the key identifiers it answers to (empty: it has none)."""

    @property
    def key_ids(self) -> frozenset[bytes]:
        """Every identifier under which a message may name this key."""
        ...

    @property
    def public_key(self) -> PublicKey:
        """The key itself."""
        ...


class Signer(Protocol):
    """Whatever holds a private key: a file, a secret, a PKCS#11 token or a key service behind ``sign``.

    A hardware or cloud signer implements the four members; ``sign`` returns the raw COSE signature (64 bytes
    for Ed25519 and for ES256 the two numbers r and s of 32 bytes, not DER).
    """

    @property
    def key_id(self) -> bytes:
        """The eight bytes that name the key in every token."""
        ...

    @property
    def algorithm(self) -> Algorithm:
        """What ``sign`` computes: ED25519 or ES256."""
        ...

    @property
    def public_key(self) -> PublicKey:
        """The public half, as the trust list publishes it."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the raw signature of *message*."""
        ...


@dataclass(frozen=True, slots=True)
class Sign1:
    """A COSE_Sign1 taken apart and not yet believed."""

    protected: bytes
    headers: Headers
    unprotected: Headers
    payload: bytes
    signature: bytes

    @property
    def algorithm_id(self) -> cbor.Cbor:
        """The algorithm as named, wherever it stands; foreign messages may leave it unprotected."""
        return self.headers.get(ALG, self.unprotected.get(ALG))

    @property
    def key_id(self) -> bytes | None:
        """The key identifier, or None when there is none."""
        named = self.headers.get(KID, self.unprotected.get(KID))
        return named if isinstance(named, bytes) else None


def parse_sign1(message: bytes, *, deterministic: bool = True, detached: bytes | None = None) -> Sign1:
    """Take *message* apart: the CWT tag around the COSE tag, the COSE tag alone, or the bare array of four.

    *detached* is the payload of a message that carries none (RFC 9052, 4.1). Raises Sign1RefusedError with CBOR or
    STRUCTURE.
    """
    content = _untagged(_read(message, deterministic=deterministic))
    match content:
        case [bytes() as protected, dict() as unprotected, bytes() as payload, bytes() as signature]:
            headers = _protected_headers(protected, deterministic=deterministic)
        case [bytes() as protected, dict() as unprotected, None, bytes() as signature] if detached is not None:
            headers, payload = _protected_headers(protected, deterministic=deterministic), detached
        case [bytes(), dict(), None, bytes()]:
            raise Sign1RefusedError(Fault.STRUCTURE, "the payload is detached: it is not in the message")
        case _:
            raise Sign1RefusedError(Fault.STRUCTURE, "not an array of headers, payload and signature")
    if CRIT in headers or CRIT in unprotected:
        _refuse_unknown_critical(headers)
    return Sign1(protected if headers else b"", headers, unprotected, payload, signature)


def _read(encoded: bytes, *, deterministic: bool) -> cbor.Cbor:
    try:
        return cbor.read(encoded, deterministic=deterministic)
    except cbor.CborError as error:
        raise Sign1RefusedError(Fault.CBOR, str(error)) from error


def _untagged(content: cbor.Cbor) -> cbor.Cbor:
    for tag in (CWT_TAG, SIGN1_TAG):
        if isinstance(content, cbor.Tagged) and content.tag == tag:
            content = content.content
    if isinstance(content, cbor.Tagged):
        raise Sign1RefusedError(Fault.STRUCTURE, "a tag that is not COSE_Sign1")
    return content


def _protected_headers(protected: bytes, *, deterministic: bool) -> Headers:
    headers = _read(protected, deterministic=deterministic) if protected else {}
    if not isinstance(headers, dict):
        raise Sign1RefusedError(Fault.STRUCTURE, "protected headers that are not a map")
    return headers


def _refuse_unknown_critical(headers: Headers) -> None:
    """RFC 9052, 3.1: a message whose critical headers are not all understood must not be processed."""
    critical = headers.get(CRIT)
    named = critical if isinstance(critical, list) else []
    understood = (label in (ALG, CONTENT_TYPE, KID, TYP) and label in headers for label in named)
    if not named or not all(understood):
        raise Sign1RefusedError(Fault.STRUCTURE, "a critical header that is not understood")


def to_be_signed(sign1: Sign1, external_aad: bytes = b"") -> bytes:
    """Return the Sig_structure (RFC 9052, 4.4); an empty header map counts as the empty string."""
    return cbor.write(["Signature1", sign1.protected, external_aad, sign1.payload])


def algorithm_of(sign1: Sign1, allowed: Collection[Algorithm]) -> Algorithm:
    """Return the algorithm if it is one of *allowed*, else refuse with ALG."""
    named = sign1.algorithm_id
    if not isinstance(named, int) or isinstance(named, bool) or named not in {int(known) for known in allowed}:
        raise Sign1RefusedError(Fault.ALG, "an algorithm that is not allowed")
    return Algorithm(named)


def fits(algorithm: Algorithm, public_key: PublicKey) -> bool:
    """Whether *public_key* is of a kind that *algorithm* works with (RFC 9053, RFC 9864)."""
    match public_key:
        case ec.EllipticCurvePublicKey():
            bound = _CURVES.get(algorithm, public_key.curve.name)
            return algorithm in _HASHES and algorithm not in _PSS | _PKCS1 and public_key.curve.name == bound
        case rsa.RSAPublicKey():
            return algorithm in _PSS | _PKCS1 and public_key.key_size >= _SHORTEST_RSA
        case ed25519.Ed25519PublicKey():
            return algorithm in _ON_ED25519
        case _:
            return algorithm in _ON_ED448


def check_signature(sign1: Sign1, public_key: PublicKey, algorithm: Algorithm, *, external_aad: bytes = b"") -> bool:
    """Whether *public_key* made the signature; a key of the wrong kind made none."""
    if not fits(algorithm, public_key):
        return False
    try:
        _verify(public_key, sign1.signature, to_be_signed(sign1, external_aad), algorithm)
    except (InvalidSignature, ValueError):
        return False
    return True


def _verify(public_key: PublicKey, signature: bytes, message: bytes, algorithm: Algorithm) -> None:
    match public_key:
        case ec.EllipticCurvePublicKey():
            public_key.verify(_der(signature, public_key.key_size), message, ec.ECDSA(_HASHES[algorithm]()))
        case rsa.RSAPublicKey():
            digest = _HASHES[algorithm]()
            pad = padding.PSS(padding.MGF1(digest), digest.digest_size) if algorithm in _PSS else padding.PKCS1v15()
            public_key.verify(signature, message, pad, digest)
        case _:
            public_key.verify(signature, message)


def _der(raw: bytes, key_bits: int) -> bytes:
    width = (key_bits + 7) // 8
    if len(raw) != 2 * width:
        raise InvalidSignature
    return encode_dss_signature(int.from_bytes(raw[:width]), int.from_bytes(raw[width:]))


def verify_sign1(
    sign1: Sign1, keys: Sequence[KeyLike], algs: Collection[Algorithm], external_aad: bytes = b""
) -> Sign1:
    """Return *sign1* once a key that answers to its key id has verified it.

    The generic layer under OAC1, for foreign messages as well: headers may be protected or not. The key is chosen by
    key id alone; a message without one is matched only by keys without one.
    Raises Sign1RefusedError with the first check that failed.
    """
    algorithm = algorithm_of(sign1, algs)
    wanted = sign1.key_id
    if wanted is None and (KID in sign1.headers or KID in sign1.unprotected):
        raise Sign1RefusedError(Fault.STRUCTURE, "a key id that is not a byte string")
    matching = [key for key in keys if (wanted in key.key_ids if wanted is not None else not key.key_ids)]
    if not matching:
        problem = "no key answers to this key id" if wanted is not None else "no key id, and no key without one"
        raise Sign1RefusedError(Fault.UNKNOWN_KEY, problem)
    if not any(fits(algorithm, key.public_key) for key in matching):
        raise Sign1RefusedError(Fault.ALG, "the key of this key id is of another kind, or too short")
    if not any(check_signature(sign1, key.public_key, algorithm, external_aad=external_aad) for key in matching):
        raise Sign1RefusedError(Fault.SIGNATURE, "the signature is wrong")
    return sign1


def sign1_message(payload: bytes, signer: Signer, *, typ: str | None = None, detached: bool = False) -> bytes:
    """Return the tagged, deterministic COSE_Sign1 of *payload*; algorithm, key id and type are protected.

    With *detached* the payload is signed and not in the message (RFC 9052, 4.1).
    """
    headers: Headers = {ALG: int(signer.algorithm), KID: signer.key_id}
    if typ is not None:
        headers[TYP] = typ
    protected = cbor.write(headers)
    signature = signer.sign(cbor.write(["Signature1", protected, b"", payload]))
    return cbor.write(cbor.Tagged(SIGN1_TAG, [protected, {}, None if detached else payload, signature]))
