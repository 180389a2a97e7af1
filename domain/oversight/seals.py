"""Seals: the engine's own signature under where a journal stands. Whoever only writes the database cannot make one."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.values import Sha256

_FORM: Final = b"accredit-seal/1\n"
_KEY: Final = 64
"""So many hexadecimal digits of a seal are the public key; the rest is the signature."""


def sealed(key: Ed25519PrivateKey, head: Sha256) -> str:
    """Return the seal under an entry whose hash is *head*, which covers all entries before it."""
    return maker(key) + key.sign(_FORM + head.encode()).hex()


def maker(key: Ed25519PrivateKey) -> str:
    """Return the public half of *key*: what :func:`sealed_by` says of its seals."""
    return key.public_key().public_bytes_raw().hex()


def sealed_by(seal: str | None, head: Sha256) -> str:
    """Return the public key whose seal under *head* this is; nothing where it is none."""
    if not seal:
        return ""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(seal[:_KEY])).verify(
            bytes.fromhex(seal[_KEY:]), _FORM + head.encode()
        )
    except (ValueError, InvalidSignature):
        return ""
    return seal[:_KEY]
