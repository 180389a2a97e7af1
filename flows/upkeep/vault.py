"""Where backups lie: one folder a backup, and the files of all of them once, in any place that fsspec reaches.

backups/20270301T081500Z/manifest.json    what it holds; no name of a person is in it
backups/20270301T081500Z/database         SQLite's file or pg_dump's archive, packed or encrypted (age)
backups/20270301T081500Z/files            the names of the files that belong to it, one a line
files/3f/3fa9…                            as it lies in the store, encrypted, by the hash of its content; those that are
                                          encrypted to a public key besides lie in a folder a key
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import fsspec
from fsspec.implementations.local import LocalFileSystem
from pydantic import Field, ValidationError

from domain.errors import BadInputError, UnavailableError, UnknownThingError
from domain.values import ElectionCode, Frozen, Sha256, UtcTime
from flows.settings import require_closed, settings
from flows.upkeep.diagnosis import Diagnosis, right, soon, wrong

MANIFEST: Final = "manifest.json"
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_FILE: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"\d{8}T\d{6}Z")


class Ledgers(Frozen):
    """Where one election stood when the backup was made."""

    record: str
    """Head of the record of signed acts, as ``accredit audit verify`` prints it."""
    next_serial: int = Field(ge=1)
    journals: dict[str, tuple[int, Sha256]] = Field(default_factory=dict[str, tuple[int, Sha256]])


class Manifest(Frozen):
    """What a backup holds. It is written last: a folder without one is no backup."""

    format: int = Field(default=1, ge=1, le=1)
    taken_at: UtcTime
    kind: str = Field(pattern=r"^(sqlite|postgresql)$")
    schema_version: str
    database_sha256: Sha256
    """Of the file ``database`` as it lies there."""
    database_bytes: int
    files: int
    encrypted_to: str = ""
    trial: str
    """How it was tried when it was made."""
    damaged: tuple[Sha256, ...] = ()
    """Files of the store that are not what they are called, and are not in the backup."""
    elections: dict[ElectionCode, Ledgers] = Field(default_factory=dict[ElectionCode, Ledgers])

    @property
    def name(self) -> str:
        """The backup's folder."""
        return f"{self.taken_at:{_STAMP}}"


@dataclass(frozen=True, slots=True)
class Copies:
    """Files as they lie in a store, by the names of their contents: encrypted, and copied without any key."""

    filesystem: Any
    root: str

    def names(self) -> set[Sha256]:
        """Return the names of everything that is kept."""
        found: list[str] = self.filesystem.find(self.root) if self.filesystem.exists(self.root) else []
        return {name for path in found if _FILE.fullmatch(name := path.rpartition("/")[2])}

    def keep(self, source: Path, name: Sha256) -> None:
        """Keep the file *source* in place of what is called *name*: written beside, then moved."""
        path = self._path(name)
        self.filesystem.makedirs(path.rpartition("/")[0], exist_ok=True)
        self.filesystem.put_file(str(source), beside := f"{path}.{uuid.uuid4().hex}")
        self.filesystem.mv(beside, path)

    def fetch(self, name: Sha256, target: Path) -> None:
        """Copy what is called *name* to the file *target*; raises FileNotFoundError."""
        self.filesystem.get_file(self._path(name), str(target))

    def remove(self, name: Sha256) -> None:
        """Remove a copy. The key stays: another copy may be in use."""
        self.filesystem.rm_file(self._path(name))

    def _path(self, name: Sha256) -> str:
        return f"{self.root}/{name[:2]}/{name}"


@dataclass(frozen=True)
class Vault:
    """The place of all backups of one installation."""

    url: str

    @cached_property
    def _place(self) -> tuple[Any, str]:
        core: Any = fsspec.core
        try:
            filesystem, root = core.url_to_fs(self.url)
        except (ValueError, ImportError) as error:
            remedy = "Give a folder, or a URL whose kind fsspec reaches here."
            raise BadInputError(self.url.partition("?")[0], "is no place for backups.", remedy=remedy) from error
        return filesystem, str(root).rstrip("/")

    def files(self, key: str = "") -> Copies:
        """Return the files of all backups that are encrypted to the public *key*, or to none."""
        filesystem, root = self._place
        own = f"-{hashlib.sha256(key.encode()).hexdigest()[:8]}" if key else ""
        return Copies(filesystem, f"{root}/files{own}")

    def names(self, manifest: Manifest) -> set[Sha256]:
        """Return the names of the files that belong to a backup; what is no name is left out."""
        lines = self.get(manifest.name, "files").decode("ascii", "replace").split()
        return {line for line in lines if _FILE.fullmatch(line)}

    def prepare(self) -> None:
        """Make the place; one on this machine must be closed to others."""
        filesystem, root = self._place
        if isinstance(filesystem, LocalFileSystem):
            Path(root).mkdir(mode=0o700, parents=True, exist_ok=True)
            require_closed(Path(root), "Others on this machine may have read the backups")
        else:
            filesystem.makedirs(f"{root}/backups", exist_ok=True)

    def manifests(self) -> list[Manifest]:
        """Return what every whole backup holds, the oldest first."""
        filesystem, root = self._place
        try:
            there = filesystem.exists(f"{root}/backups")
            folders: list[str] = filesystem.ls(f"{root}/backups", detail=False) if there else []
        except OSError as error:
            raise UnavailableError(f"The place of the backups does not answer ({type(error).__name__}).") from error
        names = sorted(name for folder in folders if _NAME.fullmatch(name := folder.rstrip("/").rpartition("/")[2]))
        return [manifest for name in names for manifest in self._read(name)]

    def _read(self, name: str) -> Iterator[Manifest]:
        with suppress(FileNotFoundError, ValidationError):
            yield Manifest.model_validate_json(self.get(name, MANIFEST))

    def chosen(self, name: str = "") -> Manifest:
        """Return the backup called *name*, or the newest; raises :class:`UnknownThingError`."""
        known = self.manifests()
        wanted = [manifest for manifest in known if name in {"", manifest.name}]
        if not wanted:
            raise UnknownThingError("backup", name or "at all", known=[manifest.name for manifest in known])
        return wanted[-1]

    def get(self, name: str, part: str) -> bytes:
        """Return a small part of the backup *name*."""
        filesystem, root = self._place
        return bytes(filesystem.cat_file(f"{root}/backups/{name}/{part}"))

    def put(self, name: str, part: str, source: Path) -> None:
        """Write a part of the backup *name* from the file *source*: beside first, then moved."""
        filesystem, root = self._place
        target = f"{root}/backups/{name}/{part}"
        try:
            filesystem.makedirs(f"{root}/backups/{name}", exist_ok=True)
            filesystem.put_file(str(source), f"{target}.{os.getpid()}")
            filesystem.mv(f"{target}.{os.getpid()}", target)
        except OSError as error:
            raise UnavailableError(
                f"The backup cannot be written ({error.strerror or type(error).__name__})."
            ) from error

    def fetch(self, name: str, part: str, target: Path) -> None:
        """Copy a part of the backup *name* to the file *target*."""
        filesystem, root = self._place
        filesystem.get_file(f"{root}/backups/{name}/{part}", str(target))

    def remove(self, name: str) -> None:
        """Remove a backup; its manifest goes first, so that half of one is none."""
        filesystem, root = self._place
        filesystem.rm_file(f"{root}/backups/{name}/{MANIFEST}")
        filesystem.rm(f"{root}/backups/{name}", recursive=True)


def age_of_backup() -> Iterator[Diagnosis]:
    """Look when the last backup was made, where the settings say that any is."""
    known = settings()
    if not known.backup_to:
        yield soon("backup", "none is made by itself", "Set ACCREDIT_BACKUP_TO, or run accredit backup from a timer")
        return
    manifests = Vault(known.backup_to).manifests()
    if not manifests:
        yield wrong("backup", "there is none yet", "accredit backup")
        return
    last = manifests[-1]
    age = datetime.now(UTC) - last.taken_at
    says = f"{age.total_seconds() / 3600:,.0f} h old, {len(manifests)} kept, {last.trial}"
    limit = timedelta(hours=known.backup_hours)
    if last.damaged:
        remedy = "Restore them from an older backup: accredit restore --files-only"
        yield wrong("files", f"{len(last.damaged)} in the file store are damaged", remedy)
    if age > 2 * limit:
        yield wrong("backup", says, "accredit backup. See in Prefect why the flow backup made none")
    else:
        yield soon("backup", says, "accredit backup") if age > limit * 1.5 else right("backup", says)
