"""Backups: the database at one moment and every file that belongs to it, tried before anybody relies on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import select

from db.locks import exclusive
from db.personal_keys import KeyGoneError
from db.schema import versions
from db.store import Store
from db.tables.election import ElectionRow
from domain.errors import BadInputError, ConcurrentChangeError, UnknownThingError
from domain.values import ElectionCode, Sha256
from flows.context import database
from flows.settings import prepare_home, settings
from flows.storage.encryption import encrypt
from flows.storage.files import digest_of, file_store
from flows.upkeep.dumps import DamagedBackupError, dump, is_sqlite, tried
from flows.upkeep.vault import MANIFEST, Copies, Ledgers, Manifest, Vault

CLOSED: Final = 0o700


def vault(place: str = "") -> Vault:
    """Return the place called *place*, else that of the settings; raises :class:`BadInputError`."""
    if not (chosen := place or settings().backup_to):
        raise BadInputError(
            "backup", "nobody said where to.", remedy="Name a folder or URL, or set ACCREDIT_BACKUP_TO."
        )
    return Vault(chosen)


def is_due(place: Vault, *, now: datetime) -> bool:
    """Whether the last backup is older than the settings want; a quarter of an hour early counts as due."""
    made = place.manifests()
    return not made or now - made[-1].taken_at > timedelta(hours=settings().backup_hours, minutes=-15)


def make_backup(place: Vault, *, key: str = "") -> Manifest:
    """Make a backup while everything goes on, try it, and remove those that are too many.

    The database is copied first: files are never changed, so that those copied later have all that it names. The key
    folder and ``engine.key`` are in no backup. With *key*, a public key of age, nobody reads it without the other half.
    """
    prepare_home()
    place.prepare()
    with exclusive(database(), "backup") as had, TemporaryDirectory(dir=settings().home, prefix="backup-") as beside:
        if not had:
            raise ConcurrentChangeError("Another backup is under way.")
        return _made(place, Path(beside), key=key)


def _made(place: Vault, beside: Path, *, key: str) -> Manifest:
    url, taken = settings().database_url, datetime.now(UTC).replace(microsecond=0)
    dump(url, dumped := beside / "database")
    with tried(dumped, url=url) as (store, trial):
        elections = _ledgers(store) if store else {}
    names, damaged = _keep_files(place, beside, key=key)
    (listed := beside / "files").write_text("".join(f"{name}\n" for name in sorted(names)), "ascii")
    made = Manifest(
        taken_at=taken,
        kind="sqlite" if is_sqlite(url) else "postgresql",
        schema_version=versions(url)[0] or "",
        database_sha256=digest_of(sealed := _sealed(dumped, key)),
        database_bytes=sealed.stat().st_size,
        files=len(names),
        encrypted_to=key,
        trial=trial,
        elections=elections,
        damaged=tuple(sorted(damaged)),
    )
    (described := beside / MANIFEST).write_text(made.model_dump_json(indent=1), "utf-8")
    for part, source in (("database", sealed), ("files", listed), (MANIFEST, described)):
        place.put(made.name, part, source)
    _require_as_written(place, made, beside)
    prune(place, keep=settings().backup_keep)
    return made


def _ledgers(store: Store) -> dict[ElectionCode, Ledgers]:
    """Return where each election of a restored copy stands; a journal that does not hold is an error."""
    found: dict[ElectionCode, Ledgers] = {}
    for code in store.loaded.codes():
        heads = store.journal.heads(code)
        for book in heads:
            if broken := store.journal.broken(code, book):
                raise DamagedBackupError(f"The journal of {book} does not hold at {broken}. Run: accredit audit verify")
        number, head = store.statements.head(code)
        next_serial = store.session.scalars(select(ElectionRow.next_serial).where(ElectionRow.code == code)).one()
        journals = {book.value: at for book, at in heads.items()}
        found[code] = Ledgers(record=f"{number}:{head}", next_serial=next_serial, journals=journals)
    return found


def _sealed(file: Path, key: str) -> Path:
    if not key:
        return file
    encrypt(file, sealed := file.with_suffix(".age"), key)
    return sealed


def _keep_files(place: Vault, beside: Path, *, key: str) -> tuple[set[Sha256], set[Sha256]]:
    """Copy the files that are not there yet; return the names of all, and of those that are damaged."""
    store, theirs = file_store(), place.files(key)
    ours = Copies(store.filesystem, store.root)
    names, damaged = ours.names(), set[Sha256]()
    for name in sorted(names - theirs.names()):
        try:
            if not store.is_whole(name):
                damaged.add(name)
                continue
            ours.fetch(name, copy := beside / "one")
            theirs.keep(_sealed(copy, key), name)
        except (UnknownThingError, KeyGoneError, FileNotFoundError):
            continue  # erased meanwhile: no longer ours
    return names - damaged, damaged


def _require_as_written(place: Vault, made: Manifest, beside: Path) -> None:
    """Read the copy of the database back from where it lies now."""
    place.fetch(made.name, "database", back := beside / "back")
    if digest_of(back) != made.database_sha256:
        place.remove(made.name)
        raise DamagedBackupError("What was written reads back otherwise. Look at the disk, and name another place.")


def prune(place: Vault, *, keep: int) -> list[str]:
    """Remove all but the newest *keep* backups, and the files that no kept one names; returns what was removed."""
    manifests = place.manifests()
    old, kept = manifests[:-keep], manifests[-keep:]
    for manifest in old:
        place.remove(manifest.name)
    for key in {manifest.encrypted_to for manifest in old}:
        store = place.files(key)
        needed = {name for manifest in kept if manifest.encrypted_to == key for name in place.names(manifest)}
        for name in store.names() - needed:
            store.remove(name)
    return [manifest.name for manifest in old]
