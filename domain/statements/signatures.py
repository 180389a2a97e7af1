"""Officers' public keys, and whether a signature is theirs: Ed25519, or a passkey's assertion. No secret is needed."""

from __future__ import annotations

import hashlib
from typing import Annotated, Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ConfigDict, Field, TypeAdapter

from domain.errors import AccreditationError
from domain.statements.canonical import digest_of
from domain.values import Frozen, Sha256

KeyId = Sha256
"""SHA-256 of a public key's canonical description."""
Base64Url = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=8192)]


class SignatureRefusedError(AccreditationError):
    """The signature is not the key's under this document."""

    exit_code = 2


class FileKey(Frozen):
    """The public half of an Ed25519 key that lies in an officer's file."""

    kind: Literal["ed25519"] = "ed25519"
    public: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @property
    def id(self) -> KeyId:
        """The key's name in statements."""
        return digest_of(self.model_dump(mode="json"))


class Passkey(Frozen):
    """A WebAuthn credential of an officer's device: public key (COSE), and where it may be used."""

    kind: Literal["passkey"] = "passkey"
    credential_id: Base64Url
    public: Base64Url
    """The credential public key as the authenticator gave it: CBOR, base64url without padding."""
    rp_id: Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,253}$")]
    origin: Annotated[str, Field(pattern=r"^https?://[a-z0-9.:-]{1,261}$")]

    @property
    def id(self) -> KeyId:
        """The key's name in statements."""
        return digest_of(self.model_dump(mode="json"))


OfficerKey = Annotated[FileKey | Passkey, Field(discriminator="kind")]
OFFICER_KEY: Final[TypeAdapter[FileKey | Passkey]] = TypeAdapter(OfficerKey, config=ConfigDict(defer_build=True))


class KeySignature(Frozen):
    """An Ed25519 signature over the document itself (RFC 8032)."""

    kind: Literal["key"] = "key"
    value: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class PasskeyAssertion(Frozen):
    """What a browser returned from ``navigator.credentials.get`` with the document's digest as challenge."""

    kind: Literal["passkey"] = "passkey"
    authenticator_data: Base64Url
    client_data: Base64Url
    """clientDataJSON."""
    signature: Base64Url


Signature = Annotated[KeySignature | PasskeyAssertion, Field(discriminator="kind")]
SIGNATURE: Final[TypeAdapter[KeySignature | PasskeyAssertion]] = TypeAdapter(
    Signature, config=ConfigDict(defer_build=True)
)


def check_signed(document: bytes, signature: KeySignature | PasskeyAssertion, key: FileKey | Passkey) -> None:
    """Raise :class:`SignatureRefusedError` unless *key* signed *document*."""
    match signature, key:
        case KeySignature(), FileKey():
            _check_file_key(document, signature, key)
        case PasskeyAssertion(), Passkey():
            _check_passkey(document, signature, key)
        case _:
            raise SignatureRefusedError("The signature is of another kind than the key.")


def _check_file_key(document: bytes, signature: KeySignature, key: FileKey) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public)).verify(bytes.fromhex(signature.value), document)
    except (InvalidSignature, ValueError):
        raise SignatureRefusedError("The signature is not this officer's under this statement.") from None


def _check_passkey(document: bytes, assertion: PasskeyAssertion, key: Passkey) -> None:
    """Check an assertion as WebAuthn Level 2 says in section 7.2: type, challenge, origin, RP, UP, UV, signature."""
    from webauthn import base64url_to_bytes, verify_authentication_response  # noqa: PLC0415 -- 0.1 s, few need it
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415 -- as above

    try:
        verify_authentication_response(
            credential={
                "id": key.credential_id, "rawId": key.credential_id, "type": "public-key",
                "response": {"authenticatorData": assertion.authenticator_data,
                             "clientDataJSON": assertion.client_data, "signature": assertion.signature},
            },
            expected_challenge=hashlib.sha256(document).digest(),
            expected_rp_id=key.rp_id,
            expected_origin=key.origin,
            credential_public_key=base64url_to_bytes(key.public),
            credential_current_sign_count=0,  # a statement counts once by its nonce; copied passkeys do not count
            require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, InvalidSignature, ValueError) as error:
        raise SignatureRefusedError("The device did not sign this statement.") from error
