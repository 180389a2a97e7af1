"""Officers' own keys, where they lie on disk, and signatures with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from db.store import open_reader
from domain.decisions.officers import Proof
from domain.decisions.rulings import Ruling, subject_of_ruling
from domain.errors import BadInputError
from domain.values import OfficerCode
from flows.context import database
from flows.settings import require_closed, settings


def officers_folder() -> Path:
    """Return the folder of the rehearsal's officers' keys and authenticator secrets, one file each, mode 0600."""
    return settings().home / "officers"


def officer_key(officer: OfficerCode, path: Path | None = None) -> Ed25519PrivateKey:
    """Return the officer's signing key from *path*, or from the rehearsal's folder."""
    place = path or officers_folder() / f"{officer}.pem"
    try:
        require_closed(place, "Others may have copied this key: have it replaced")
        key = load_pem_private_key(place.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BadInputError(str(place), "is no signing key.", remedy="Name your key with --key.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInputError(str(place), "is a key of another kind.", remedy="Use an Ed25519 key.")
    return key


def signature(officer: OfficerCode, ids: Sequence[UUID], ruling: Ruling, *, key: Path | None = None) -> Proof:
    """Return the officer's signature under exactly this ruling on exactly these cases as they stand now."""
    with open_reader(database()) as store:
        subject = subject_of_ruling(ids, ruling, applications=store.applications.get_many(ids))
    return Proof(officer=officer, signature=officer_key(officer, key).sign(subject.encode()).hex())
