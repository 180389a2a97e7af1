"""The signer for a key of the ring: in a secret of the environment, or in the key folder."""

from __future__ import annotations

import re
from typing import Final

from pydantic import SecretStr

from domain.credentials.cose import Signer
from domain.credentials.ring import RingKey
from flows.issuance.keys import OtherKeyError, key_path, load_signer, signer_of_secret
from flows.settings import settings

_PEM: Final = re.compile(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", re.DOTALL)


def signer_for(key: RingKey) -> Signer:
    """Return the signer for *key*: from ACCREDIT_SIGNING_KEYS where it is there, else its file.

    The one place to bring in a PKCS#11 token or a key service: nothing else knows where a private key is.
    Raises KeyFolderError for a key that is nowhere, does not open, or lies where others can read it.
    """
    secret = settings().key_passphrase
    return _in_secrets(key, secret) or load_signer(settings().keys_folder, key, passphrase=secret)


def found_signer(key: RingKey) -> Signer | None:
    """Return the signer for *key*, or None where the key is kept elsewhere, as a root key should be."""
    if key_path(settings().keys_folder, key.key_id).exists():
        return signer_for(key)
    return _in_secrets(key, settings().key_passphrase)


def _in_secrets(key: RingKey, passphrase: SecretStr | None) -> Signer | None:
    if not (held := settings().signing_keys):
        return None
    for pem in _PEM.findall(held.get_secret_value()):
        opens = passphrase if "ENCRYPTED" in pem else None
        try:
            return signer_of_secret(SecretStr(pem), key, passphrase=opens)
        except OtherKeyError:
            continue
    return None
