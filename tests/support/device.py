"""A device that makes passkeys and signs with them (W3C Web Authentication Level 3), for tests without a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, MADE = 0x01, 0x04, 0x40


@dataclass
class Device:
    """One device with at most one passkey."""

    origin: str
    rp_id: str = "localhost"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    flags: int = PRESENT | VERIFIED

    def make(self, options: dict[str, Any], **said: Any) -> dict[str, Any]:
        """Answer ``navigator.credentials.create``."""
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        made = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + cbor2.dumps(public)
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(MADE) + made}
        return self._answer(
            {"attestationObject": _text(cbor2.dumps(attestation)),
             "clientDataJSON": _text(self._client("webauthn.create", options, said))}
        )  # fmt: skip

    def sign(self, options: dict[str, Any], **said: Any) -> dict[str, Any]:
        """Answer ``navigator.credentials.get``; *said* takes the place of what a browser would say."""
        data, client = self._data(0), self._client("webauthn.get", options, said)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {"authenticatorData": _text(data), "clientDataJSON": _text(client), "signature": _text(signature),
             "userHandle": None}
        )  # fmt: skip

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([self.flags | flags]) + bytes(4)

    def _client(self, kind: str, options: dict[str, Any], said: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(told | said).encode()

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = _text(self.credential)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
