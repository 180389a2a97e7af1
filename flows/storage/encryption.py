"""Files encrypted to a public key in the format age (age-encryption.org/v1), which others' programs read too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from domain.errors import BadInputError
from flows.settings import require_closed


def _age() -> Any:
    import pyrage  # noqa: PLC0415 -- only where a backup is encrypted

    return pyrage


def new_key(place: Path) -> str:
    """Write a new private key into the file *place*, mode 0600, and return the public half."""
    identity = _age().x25519.Identity.generate()
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        remedy = "Name a file that is not there: a key that backups rest on is never replaced."
        raise BadInputError(str(place), "is there already.", remedy=remedy) from error
    with os.fdopen(descriptor, "w") as file:
        file.write(f"# public key: {identity.to_public()}\n{identity}\n")
    return str(identity.to_public())


def encrypt(source: Path, target: Path, public_key: str) -> None:
    """Write *source* to *target* so that only the private half of *public_key* reads it."""
    _age().encrypt_file(str(source), str(target), [_recipient(public_key)])


def encrypted(content: bytes, public_key: str) -> bytes:
    """Return *content* so that only the private half of *public_key* reads it; nothing of it touches a disk."""
    return bytes(_age().encrypt(content, [_recipient(public_key)]))


def require_public_key(public_key: str) -> None:
    """Raise :class:`BadInputError` for what is no public key of age."""
    _recipient(public_key)


def _recipient(public_key: str) -> Any:
    age = _age()
    try:
        return age.x25519.Recipient.from_str(public_key)
    except age.RecipientError as error:
        remedy = "Make one: accredit backup --new-key FILE"
        raise BadInputError("The public key", "is none of age (age1…).", remedy=remedy) from error


class Unlocking:
    """Reads what was encrypted, with the private keys of one file."""

    def __init__(self, place: Path) -> None:
        require_closed(place, "Others may have read this key")
        lines = [line.strip() for line in place.read_text("ascii", "replace").splitlines()]
        age = _age()
        try:
            keys = [age.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
        except age.IdentityError as error:
            remedy = "Name the file that accredit backup --new-key wrote."
            raise BadInputError(place.name, "holds no private key of age.", remedy=remedy) from error
        self._keys = keys
        self._name = place.name

    def decrypted(self, content: bytes) -> bytes:
        """Return what *content* holds; raises :class:`BadInputError` where another key is needed."""
        age = _age()
        try:
            return bytes(age.decrypt(content, self._keys))
        except age.DecryptError as error:
            remedy = "Name the private half of the key that it was encrypted to."
            raise BadInputError(self._name, "does not open this, or it was changed.", remedy=remedy) from error

    def decrypt(self, source: Path, target: Path) -> None:
        """Write what *source* holds to *target*; raises :class:`BadInputError` where another key is needed."""
        age = _age()
        try:
            age.decrypt_file(str(source), str(target), self._keys)
        except age.DecryptError as error:
            remedy = "Name the key that the backup's manifest says it is encrypted to."
            raise BadInputError(self._name, "does not open this backup, or it was changed.", remedy=remedy) from error
