"""What a browser is asked of a passkey, and whether what comes back is right (W3C Web Authentication Level 3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_client_data_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.errors import AccreditationError
from domain.statements.signatures import Passkey
from domain.values import OfficerCode
from flows.desk.address import Address

PATIENCE: Final = 120_000
"""Milliseconds that a browser waits for the device."""
ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]


_WRONG: Final = (WebAuthnException, InvalidSignature, ValueError, KeyError, TypeError)


class PasskeyRefusedError(AccreditationError):
    """What a device said does not hold; why stands in no answer to the browser."""


def asked_to_sign(address: Address, challenge: bytes, allowed: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the browser hands to the device; without *allowed* the device offers what it has for this desk."""
    options = generate_authentication_options(
        rp_id=address.name,
        challenge=challenge,
        timeout=PATIENCE,
        allow_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(credential)) for credential in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_json(options)


def asked_to_enrol(address: Address, challenge: bytes, officer: OfficerCode, *, title: str) -> dict[str, Any]:
    """Return what the browser hands to a new device: no attestation, a key that it can find by itself, a gesture."""
    options = generate_registration_options(
        rp_id=address.name,
        rp_name=title,
        user_name=officer,
        user_display_name=officer,
        # Not the code itself: the handle is stored on devices and must tell nothing (Level 3, 14.6.1).
        user_id=hashlib.sha256(f"{title}\x1f{officer}".encode()).digest(),
        challenge=challenge,
        timeout=PATIENCE,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        supported_pub_key_algs=ALGORITHMS,
    )
    return _as_json(options)


def made(address: Address, challenge: bytes, answer: Mapping[str, Any]) -> Passkey:
    """Return the passkey that a device made; raises :class:`PasskeyRefusedError`."""
    try:
        verified = verify_registration_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=address.name,
            expected_origin=address.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except _WRONG as error:
        raise PasskeyRefusedError("The device's answer does not hold; begin again with the link.") from error
    return Passkey(
        credential_id=bytes_to_base64url(verified.credential_id),
        public=bytes_to_base64url(verified.credential_public_key),
        rp_id=address.name,
        origin=address.origin,
    )


def challenge_in(answer: Mapping[str, Any]) -> bytes:
    """Return the challenge that an answer says it is about; raises :class:`PasskeyRefusedError` where it says none."""
    try:
        return parse_client_data_json(base64url_to_bytes(answer["response"]["clientDataJSON"])).challenge
    except (*_WRONG, AttributeError) as error:
        raise PasskeyRefusedError("This is no answer of a device.") from error


def credential_of(answer: Mapping[str, Any]) -> str:
    """Return the id of the passkey that answered; empty where the answer names none."""
    named = answer.get("id")
    return named if isinstance(named, str) else ""


def _as_json(options: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(options_to_json(options))
    return told
