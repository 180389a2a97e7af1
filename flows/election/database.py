"""The database of an installation: made or upgraded, and sealed with the engine's key."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from db.schema import Upgraded, upgrade
from db.store import Store, open_store
from domain.errors import BadInputError
from flows.context import ENGINE_KEY_FILE, database, engine_key
from flows.settings import prepare_home, settings


def upgraded(*, seal_anew: bool = False) -> Upgraded:
    """Bring the database to the newest version; where it was never sealed, make the engine's key and seal what stands.

    Raises :class:`BadInputError` where the key is missing whose seals the journals bear, unless all is *sealed anew*.
    """
    prepare_home()
    done = upgrade(settings().database_url)
    if engine_key() is None or seal_anew:
        with open_store(database()) as store:
            _seal(store, anew=seal_anew)
    return done


def _seal(store: Store, *, anew: bool) -> None:
    place, elections = settings().home / ENGINE_KEY_FILE, store.loaded.codes()
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
