from __future__ import annotations

import base64
import importlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import SecretStr

from domain.errors import BadInputError
from notifications.mail.dkim import DkimKey

LETTER = (
    b"Subject: =?utf-8?q?Accr=C3=A9ditation?=\r\n =?utf-8?q?_accord=C3=A9e?=\r\n"
    b"From: Commission \t <accreditation@commission.example>\r\nTo: ilse@league.example\r\n"
    b"Date: Sat, 20 Mar 2027 09:30:00 +0000\r\nMessage-ID: <1@commission.example>\r\n"
    b"List-Id: <valdara-2027.commission.example>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: text/plain; charset="utf-8"\r\n\r\nDear  Zo=C3=AB, \t\r\n\r\n.dot\r\n\r\n\r\n'
)
PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


def a_key(private: PrivateKey) -> DkimKey:
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return DkimKey(domain="commission.example", selector="letters", private_key=SecretStr(pem))


def published(private: PrivateKey) -> bytes:
    """Return the DNS record for a key."""
    public = private.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw))
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )


@pytest.mark.parametrize("make", [lambda: rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate])
def test_a_library_that_did_not_sign_accepts_a_letter_and_refuses_a_changed_one(
    make: Callable[[], PrivateKey],
) -> None:
    try:
        verifier = importlib.import_module("dkim")
    except ImportError:
        pytest.skip("the verifying library dkimpy is not installed")
    private = make()
    signed = a_key(private).signed(LETTER)

    def looked_up(name: bytes, timeout: int = 5) -> bytes:
        del timeout
        assert name == b"letters._domainkey.commission.example."
        return published(private)

    def verify(contents: bytes) -> bool:
        return bool(verifier.verify(contents, dnsfunc=looked_up))

    assert verify(signed)
    assert not verify(signed.replace(b"Dear  ", b"Near  "))
    assert not verify(signed.replace(b"ilse@", b"eve@"))
    assert not verify(b"Subject: Another\r\n" + signed)


def test_a_signature_stands_before_the_letter_and_leaves_it_as_it_was() -> None:
    key = a_key(ed25519.Ed25519PrivateKey.generate())

    signed = key.signed(LETTER)

    assert signed.endswith(LETTER)
    assert signed == key.signed(LETTER)
    assert max(map(len, signed.removesuffix(LETTER).splitlines())) <= 78
    assert "PRIVATE" not in repr(key)


WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505 -- weak on purpose


@pytest.mark.parametrize("private", [WEAK, ec.generate_private_key(ec.SECP256R1())])
def test_a_weak_or_unusual_key_is_refused(private: PrivateKey) -> None:
    with pytest.raises(BadInputError, match="2,048"):
        a_key(private).signed(LETTER)
