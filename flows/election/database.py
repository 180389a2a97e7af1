"""The database of an installation: made or upgraded, and sealed with the engine's key."""

from __future__ import annotations

import os
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from db.oversight.erasing import compact
from db.schema import Upgraded, is_encrypted, upgrade
from db.store import Store, open_store
from db.tables.encryption import settle_keys
from domain.errors import BadInputError
from flows.context import ENGINE_KEY_FILE, database, engine_key
from flows.settings import prepare_home, settings
from flows.statements.imported import origin_of
from flows.storage.files import file_store
from flows.storage.personal_keys import make_personal_keys


def upgraded(*, seal_anew: bool = False, told: Callable[[str, int], object] = lambda _place, _rows: None) -> Upgraded:
    """Bring the database to the newest version; where it was never sealed, make the engine's key and seal what stands.

    Raises :class:`BadInputError` where the key is missing whose seals the journals bear, unless all is *sealed anew*,
    and where the keys are missing under which people's data is encrypted. *told* hears how far that has come.
    """
    prepare_home()
    was_encrypted = is_encrypted(settings().database_url)
    make_personal_keys(are_used=was_encrypted)
    done = upgrade(settings().database_url, told)
    settle_keys()
    if not was_encrypted:
        compact(database())  # what stood there openly
    if engine_key() is None or seal_anew:
        with open_store(database()) as store:
            _seal(store, anew=seal_anew)
    return done


def require_personal_keys() -> None:
    """Raise :class:`BadInputError` where a database is there whose people nobody could read."""
    if is_encrypted(settings().database_url):
        make_personal_keys(are_used=True)


def encrypt_files(looked_at: Callable[[int], object]) -> int:
    """Encrypt the files that an older version kept as they came, telling how many were *looked at*; returns that."""
    count = 0
    for count, _ in enumerate(file_store().encrypt_older(), start=1):
        looked_at(count)
    return count


def _seal(store: Store, *, anew: bool) -> None:
    place = settings().home / ENGINE_KEY_FILE
    elections = [code for code in store.loaded.codes() if origin_of(code) is None]
    if not anew and any(store.journal.is_sealed(election) for election in elections):
        raise BadInputError(
            str(place), "is missing: the journals bear the seals of this key.",
            remedy="Copy it from the machine or backup that has it. Lost: accredit db upgrade --seal-anew",
        )  # fmt: skip
    key = engine_key() or Ed25519PrivateKey.generate()
    for election in elections:
        store.journal.seal(election, key)
    if not place.exists():
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.private_bytes_raw())
