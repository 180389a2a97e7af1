"""Restoring: a backup put back whole, its files with it; what lay there before is set aside and not overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import Field

from db.engine import sessions
from db.personal_keys import KeyGoneError
from db.schema import is_made, upgrade
from domain.errors import BadInputError
from domain.oversight.restoration import Restoration
from domain.values import ElectionCode, Frozen, Sha256, UtcTime
from flows.context import ENGINE_KEY_FILE
from flows.runtime.server.lifetime import running_server
from flows.settings import prepare_home, settings
from flows.storage.encryption import Unlocking
from flows.storage.files import FileStore, digest_of, file_store
from flows.upkeep.aftermath import find_out
from flows.upkeep.dumps import DamagedBackupError, is_sqlite, load, set_aside, sqlite_file, unpack
from flows.upkeep.vault import Copies, Manifest, Vault


class Restored(Frozen):
    """What a restore did."""

    backup: str
    taken_at: UtcTime
    files: int
    """Files that were brought back; those that were there already are not counted."""
    missing: tuple[Sha256, ...] = ()
    """Files that the backup names and does not hold whole."""
    set_aside: str = ""
    """Where the database lies that was there before."""
    lacks_engine_key: bool = False
    unknown: dict[ElectionCode, int] = Field(default_factory=dict[ElectionCode, int])
    """Credentials by election that were given out since, and that the restored database does not know."""


def restore(place: Vault, *, name: str = "", key: Path | None = None, files_only: bool = False) -> Restored:
    """Put the backup *name*, or the newest, back. *key* is the file with the private half of its key.

    Everything is fetched, opened and tried before anything is moved. Refused: while the engine runs, on a database of
    another kind, and on PostgreSQL over a database that is not empty.
    """
    home = prepare_home()
    manifest = place.chosen(name)
    _refuse(manifest, files_only=files_only)
    if manifest.encrypted_to and key is None:
        remedy = f"Name the file with the private half of {manifest.encrypted_to}: --key FILE"
        raise BadInputError(f"backup {manifest.name}", "is encrypted.", remedy=remedy)
    with TemporaryDirectory(dir=home, prefix="restore-") as folder:
        lock = Unlocking(key) if manifest.encrypted_to and key else None
        beside = _Beside(Path(folder), lock)
        database = None if files_only else beside.database(place, manifest)
        fetched, missing = _files(place, manifest, beside)
        found, aside = _put_back(database, manifest) if database else ([], None)
    return Restored(
        backup=manifest.name,
        taken_at=manifest.taken_at,
        files=fetched,
        missing=missing,
        set_aside=str(aside or ""),
        unknown={restoration.election: len(restoration.unknown) for restoration in found},
        lacks_engine_key=not (home / ENGINE_KEY_FILE).exists(),
    )


def _refuse(manifest: Manifest, *, files_only: bool) -> None:
    known = settings()
    if running := running_server(known):
        raise BadInputError("accredit up", f"it runs, at {running.url}.", remedy="End it, and workers too, first.")
    if files_only:
        return
    kind = "sqlite" if is_sqlite(known.database_url) else "postgresql"
    if manifest.kind != kind:
        remedy = f"Name a database of {manifest.kind} in ACCREDIT_DATABASE_URL."
        raise BadInputError(f"backup {manifest.name}", f"is of {manifest.kind}, not {kind}.", remedy=remedy)
    if kind == "postgresql" and is_made(known.database_url):
        remedy = (
            "Make another: createdb NAME, and name that one. The old one is left as it is: it may tell what was issued."
        )
        raise BadInputError("ACCREDIT_DATABASE_URL", "this database is not empty.", remedy=remedy)


class _Beside:
    """A folder in which everything is opened and tried before it is put in its place."""

    def __init__(self, folder: Path, lock: Unlocking | None) -> None:
        self._folder, self._lock = folder, lock

    def opened(self, fetched: Path) -> Path:
        """Return *fetched* as it was before it was encrypted."""
        if self._lock is None:
            return fetched
        self._lock.decrypt(fetched, plain := fetched.with_suffix(".plain"))
        return plain

    def database(self, place: Vault, manifest: Manifest) -> Path:
        """Return the database of *manifest*, tried; raises :class:`DamagedBackupError`."""
        place.fetch(manifest.name, "database", fetched := self._folder / "database")
        if digest_of(fetched) != manifest.database_sha256:
            raise DamagedBackupError(
                f"The database of backup {manifest.name} was changed. Restore another: --backup NAME"
            )
        plain = self.opened(fetched)
        if manifest.kind == "postgresql":
            return plain
        unpack(plain, whole := self._folder / "whole")
        return whole

    def file(self, copies: Copies, name: Sha256) -> Path:
        """Return one file as it lay in the store."""
        copies.fetch(name, fetched := self._folder / "one")
        return self.opened(fetched)


def _files(place: Vault, manifest: Manifest, beside: _Beside) -> tuple[int, tuple[Sha256, ...]]:
    """Put back what lacks or is damaged; return how many files came, and which the backup has not whole either."""
    store, theirs = file_store(), place.files(manifest.encrypted_to)
    ours = Copies(store.filesystem, store.root)
    there, kept = ours.names(), theirs.names()
    came, missing = 0, list[Sha256]()
    for name in sorted(place.names(manifest)):
        if name in there and _opens(store, name):
            continue
        if name in kept:
            ours.keep(beside.file(theirs, name), name)
        if name not in kept or not _opens(store, name):
            missing.append(name)
        else:
            came += 1
    return came, tuple(missing)


def _opens(store: FileStore, name: Sha256) -> bool:
    """Whether a file is whole; one that was erased since is removed again, and nobody misses it."""
    try:
        return store.is_whole(name)
    except KeyGoneError:
        Copies(store.filesystem, store.root).remove(name)
        return True


def _put_back(database: Path, manifest: Manifest) -> tuple[list[Restoration], Path | None]:
    """Put the database in its place once it is upgraded and waits for an officer; returns what was found since."""
    url = settings().database_url
    sessions(url).kw["bind"].dispose()
    if manifest.kind == "postgresql":
        load(database, url)
        upgrade(url)
        return find_out(manifest, sessions(url)), None
    file, beside = sqlite_file(url), f"sqlite:///{database}"
    upgrade(beside)
    found = find_out(manifest, sessions(beside), old=file if file.exists() else None)
    sessions(beside).kw["bind"].dispose()  # its log is taken into the file
    moved = set_aside(file, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    database.chmod(0o600)
    database.replace(file)
    return found, moved[0] if moved else None
