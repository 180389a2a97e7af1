"""Officers' signing keys as files: made, and read to sign."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from domain.errors import BadInputError
from domain.statements.signatures import FileKey
from domain.values import ElectionCode, OfficerCode
from flows.settings import require_closed, settings


def officers_folder(election: ElectionCode = "") -> Path:
    """Return the folder of a rehearsal's officers' keys, one file each, mode 0600.

    The first rehearsal's lie in the folder itself; a further one has a folder of its own below it, named by *election*.
    """
    return settings().home / "officers" / election


def folder_for(election: ElectionCode, officers: Iterable[OfficerCode]) -> Path:
    """Return where a rehearsal that is founded puts its keys: never in the place of another one's."""
    taken = any(place_of(officer, officers_folder()).exists() for officer in officers)
    return officers_folder(election if taken else "")


def make_key(officer: OfficerCode, folder: Path) -> FileKey:
    """Make an officer's signing key in *folder* (mode 0600), in the place of any before; returns its public half."""
    key = Ed25519PrivateKey.generate()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(place_of(officer, folder), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    return file_key(key)


def place_of(officer: OfficerCode, folder: Path) -> Path:
    """Return where an officer's key lies in *folder*."""
    return folder / f"{officer}.pem"


def signing_key(officer: OfficerCode, path: Path | None = None, *, election: ElectionCode = "") -> Ed25519PrivateKey:
    """Return the officer's signing key from *path*, or from the folder of the rehearsal *election*.

    Raises :class:`BadInputError` for a file that is no key.
    """
    own = place_of(officer, officers_folder(election))
    place = path or (own if own.exists() else place_of(officer, officers_folder()))
    try:
        require_closed(place, "Others may have copied this key: have it replaced")
        key = load_pem_private_key(place.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BadInputError(str(place), "is no signing key.", remedy="Name your key with --key.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInputError(str(place), "is a key of another kind.", remedy="Use an Ed25519 key.")
    return key


def file_key(key: Ed25519PrivateKey) -> FileKey:
    """Return the public half of *key*."""
    return FileKey(public=key.public_key().public_bytes_raw().hex())
