"""Public keys as others publish them: JSON Web Keys (RFC 7517, 8037) and X.509 certificates (RFC 5280)."""

from __future__ import annotations

import base64
import binascii
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key
from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic_core import from_json

from domain.credentials.cose import Algorithm, PublicKey
from domain.credentials.keys import raw_public_key
from domain.errors import BadInputError

_CURVES: Final[Mapping[str, type[ec.EllipticCurve]]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
    "secp256k1": ec.SECP256K1,
}
_NAMES: Final[Mapping[str, frozenset[Algorithm]]] = {
    "EdDSA": frozenset({Algorithm.EDDSA, Algorithm.ED25519, Algorithm.ED448}),
    "Ed25519": frozenset({Algorithm.EDDSA, Algorithm.ED25519}),
    "Ed448": frozenset({Algorithm.EDDSA, Algorithm.ED448}),
    "ES256": frozenset({Algorithm.ES256, Algorithm.ESP256}),
    "ES384": frozenset({Algorithm.ES384, Algorithm.ESP384}),
    "ES512": frozenset({Algorithm.ES512, Algorithm.ESP512}),
}


_MEMBER: Final = TypeAdapter[dict[str, object]](dict[str, object])
_MEMBERS: Final = TypeAdapter[list[object]](list[object])
_PEM: Final = re.compile(rb"-----BEGIN (?:CERTIFICATE|PUBLIC KEY)-----.*?-----END [A-Z ]+-----", re.DOTALL)
_REMEDY: Final = "Give a JWK set or certificates."
_UNUSABLE: Final = (ValueError, KeyError, TypeError, UnsupportedAlgorithm)


class KeysUnusableError(BadInputError):
    """A key file that holds no key set, or a key that is not what it says."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A public key with every identifier that a message may name it by, and the algorithms it is meant for."""

    public_key: PublicKey
    key_ids: frozenset[bytes]
    algorithms: frozenset[Algorithm] = frozenset(Algorithm)


class Jwk(BaseModel):
    """The members of a JSON Web Key that matter for verifying; others are ignored, as RFC 7517 asks."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, coerce_numbers_to_str=True)

    kty: str = ""
    crv: str = ""
    x: str = ""
    y: str = ""
    n: str = ""
    e: str = ""
    kid: str = ""
    alg: str = ""
    use: str = "sig"
    key_ops: tuple[str, ...] = ("verify",)
    x5c: tuple[str, ...] = ()


def keys_in(content: bytes) -> list[ForeignKey]:
    """Return the public keys in *content*: a JWK set, a list of JWKs, one JWK; certificates or keys in PEM or DER.

    Members of a set that are of kinds unknown here are passed over (RFC 7517, 5), unless none is left.
    A key answers to its ``kid`` as text and as the bytes that base64, base64url or hex make of it; a certificate
    to the first eight bytes of its SHA-256 as well (the EU's digital certificates name keys so); and a key
    that names none, to none. Keys for encryption are passed over. Raises KeysUnusableError.
    """
    content = content.removeprefix(BOM_UTF8)
    if not content.strip():
        raise KeysUnusableError("key file", "is empty.", remedy=_REMEDY)
    try:
        if content.lstrip()[:1] in {b"{", b"["}:
            return _of_jwks(content)
        if blocks := _PEM.findall(content):
            return [_of_pem(block) for block in blocks]
        return [_of_der(_unwrapped(content))]
    except _UNUSABLE as error:
        raise KeysUnusableError("key file", "holds a key that cannot be read.", remedy=_REMEDY) from error


def _of_jwks(content: bytes) -> list[ForeignKey]:
    """Read every member by itself, so that an odd one takes no other with it; raises only where none is usable."""
    usable: list[ForeignKey] = []
    problem: Exception | None = None
    for member in _listed(from_json(content)):
        try:
            stated = {name: value for name, value in _MEMBER.validate_python(member).items() if value is not None}
            jwk = Jwk.model_validate(stated)
            if jwk.use == "sig" and "verify" in jwk.key_ops:
                usable.append(_of_jwk(jwk))
        except _UNUSABLE as error:
            problem = error
    if problem is not None and not usable:
        raise problem
    if not usable:
        raise KeysUnusableError("key file", "holds no key with which a signature is checked.", remedy=_REMEDY)
    return usable


def _listed(parsed: object) -> list[object]:
    if isinstance(parsed, list):
        return _MEMBERS.validate_python(parsed)
    whole = _MEMBER.validate_python(parsed)
    return _MEMBERS.validate_python(whole["keys"]) if "keys" in whole else [whole]


def _of_pem(block: bytes) -> ForeignKey:
    if b"-----BEGIN CERTIFICATE" in block:
        return _of_certificate(x509.load_pem_x509_certificate(block))
    return ForeignKey(_known_kind(load_pem_public_key(block)), frozenset())


def _of_der(content: bytes) -> ForeignKey:
    try:
        return _of_certificate(x509.load_der_x509_certificate(content))
    except ValueError:
        return ForeignKey(_known_kind(load_der_public_key(content)), frozenset())


def _unwrapped(content: bytes) -> bytes:
    """Return DER that may have been written as base64 without its PEM lines."""
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except (ValueError, binascii.Error):
        return content


def jwk_of(public_key: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey, key_id: bytes) -> dict[str, str]:
    """Return the JWK of one of our keys; its ``kid`` is the base64url of the eight bytes in the tokens."""
    raw = raw_public_key(public_key)
    common = {"kid": _base64url(key_id), "use": "sig"}
    if isinstance(public_key, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "alg": "Ed25519", "x": _base64url(raw), **common}
    x, y = _base64url(raw[1:33]), _base64url(raw[33:])
    return {"kty": "EC", "crv": "P-256", "alg": "ES256", "x": x, "y": y, **common}


def _of_jwk(jwk: Jwk) -> ForeignKey:
    named = frozenset(_spellings(jwk.kid)) if jwk.kid else frozenset[bytes]()
    algorithms = _NAMES.get(jwk.alg) or _by_name(jwk.alg)
    if jwk.x5c:
        key = _of_certificate(x509.load_der_x509_certificate(base64.b64decode(jwk.x5c[0])))
        return ForeignKey(key.public_key, key.key_ids | named, algorithms)
    return ForeignKey(_public_key(jwk), named, algorithms)


def _by_name(name: str) -> frozenset[Algorithm]:
    return frozenset({Algorithm[name]}) if name in Algorithm.__members__ else frozenset(Algorithm)


def _public_key(jwk: Jwk) -> PublicKey:
    match jwk.kty, jwk.crv:
        case "OKP", "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(octets_of(jwk.x))
        case "OKP", "Ed448":
            return ed448.Ed448PublicKey.from_public_bytes(octets_of(jwk.x))
        case "EC", curve:
            x, y = int.from_bytes(octets_of(jwk.x)), int.from_bytes(octets_of(jwk.y))
            return ec.EllipticCurvePublicNumbers(x, y, _CURVES[curve]()).public_key()
        case "RSA", _:
            exponent, modulus = int.from_bytes(octets_of(jwk.e)), int.from_bytes(octets_of(jwk.n))
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()
        case kind, curve:
            raise KeyError(f"{kind} {curve}")


def _of_certificate(certificate: x509.Certificate) -> ForeignKey:
    fingerprint = certificate.fingerprint(SHA256())
    return ForeignKey(_known_kind(certificate.public_key()), frozenset({fingerprint[:8], fingerprint}))


def _known_kind(public_key: object) -> PublicKey:
    if not isinstance(
        public_key,
        ed25519.Ed25519PublicKey | ed448.Ed448PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
    ):
        raise TypeError("a key of another kind")
    return public_key


def _spellings(kid: str) -> Iterator[bytes]:
    yield kid.encode()
    for decode in (octets_of, bytes.fromhex):
        try:
            yield decode(kid)
        except (ValueError, binascii.Error):
            continue


def octets_of(text: str) -> bytes:
    """Decode base64url or base64, padded or not, strictly."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def thumbprint(raw: bytes) -> str:
    """Return the fingerprint by which officers compare a root key aloud: its SHA-256 in groups of four digits."""
    digits = sha256(raw).hexdigest()[:32]
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
