"""Public and private keys as values; where they lie on disk is the business of ``flows.issuance.signing.keys``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.credentials.cose import Algorithm
from domain.errors import BadInputError

PrivateKey: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
CredentialKey: TypeAlias = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey

_ED25519_LENGTH: Final = 32


def raw_public_key(public_key: CredentialKey) -> bytes:
    """Return 32 bytes for Ed25519, or the 65 bytes of an uncompressed P-256 point (SEC 1)."""
    if isinstance(public_key, ed25519.Ed25519PublicKey):
        return public_key.public_bytes_raw()
    return public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def key_id_of(raw: bytes) -> bytes:
    """Return the key id of a raw public key: the first eight bytes of its SHA-256."""
    return sha256(raw).digest()[:8]


@lru_cache(maxsize=256)
def public_key_of(raw: bytes) -> CredentialKey:
    """Return the key that *raw* spells; raises BadInputError when it is no point of its curve."""
    try:
        if len(raw) == _ED25519_LENGTH:
            return ed25519.Ed25519PublicKey.from_public_bytes(raw)
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadInputError("public key", "is neither Ed25519 nor P-256.", remedy="Export it again.") from error


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A private key held in memory: the ``Signer`` behind key files, secrets and tests."""

    private_key: PrivateKey
    key_id: bytes
    algorithm: Algorithm
    public_key: CredentialKey

    def __repr__(self) -> str:
        return f"HeldKey({self.key_id.hex()})"

    def sign(self, message: bytes) -> bytes:
        """Return 64 bytes: the Ed25519 signature (RFC 8032), or r and s of ES256 (RFC 9053, 2.1)."""
        if isinstance(self.private_key, ed25519.Ed25519PrivateKey):
            return self.private_key.sign(message)
        r, s = decode_dss_signature(self.private_key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def held(private_key: PrivateKey) -> HeldKey:
    """Return the signer of *private_key*; only Ed25519 and P-256 keys sign credentials."""
    public_key = private_key.public_key()
    if isinstance(public_key, ec.EllipticCurvePublicKey) and public_key.curve.name != "secp256r1":
        raise BadInputError("private key", "is on another curve than P-256.", remedy="Make an Ed25519 or P-256 key.")
    algorithm = Algorithm.ED25519 if isinstance(private_key, ed25519.Ed25519PrivateKey) else Algorithm.ES256
    return HeldKey(private_key, key_id_of(raw_public_key(public_key)), algorithm, public_key)
