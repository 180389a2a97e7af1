"""The content-addressed file store: photographs, documents, nominations files and badges, each kept once."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import fsspec
from fsspec.implementations.local import LocalFileSystem

from domain.errors import UnavailableError, UnknownThingError
from domain.values import Sha256
from flows.settings import settings


@dataclass(frozen=True, slots=True)
class FileStore:
    """Files by the SHA-256 of their content, in any place that fsspec reaches."""

    filesystem: Any
    root: str

    def put(self, content: bytes) -> Sha256:
        """Keep *content* and return its name; keeping the same content again changes nothing."""
        name = hashlib.sha256(content).hexdigest()
        path = self._path(name)
        try:
            if not self.filesystem.exists(path):
                self._write(path, content)
        except OSError as error:
            raise UnavailableError(f"The file store cannot be written ({type(error).__name__}).") from error
        return name

    def put_file(self, path: Path, name: Sha256) -> Sha256:
        """Keep the file at *path*, whose content is called *name*, without holding it in memory."""
        kept = self._path(name)
        try:
            if not self.filesystem.exists(kept):
                self.filesystem.makedirs(kept.rsplit("/", 1)[0], exist_ok=True)
                beside = f"{kept}.{uuid.uuid4().hex}"
                self.filesystem.put_file(str(path), beside)
                self.filesystem.mv(beside, kept)
        except OSError as error:
            raise UnavailableError(f"The file store cannot be written ({type(error).__name__}).") from error
        return name

    @contextmanager
    def local(self, name: Sha256) -> Generator[Path]:
        """Give the content called *name* as a file of this machine, to read only; raises :class:`UnknownThingError`."""
        path = self._path(name)
        if not self.filesystem.exists(path):
            raise UnknownThingError("stored file", name)
        if isinstance(self.filesystem, LocalFileSystem):
            yield Path(path)
            return
        with TemporaryDirectory(prefix="accredit-") as folder:
            copy = Path(folder) / name
            self.filesystem.get_file(path, str(copy))
            yield copy

    def get(self, name: Sha256) -> bytes:
        """Return the content called *name*; raises :class:`UnknownThingError` where it is gone."""
        try:
            return bytes(self.filesystem.cat_file(self._path(name)))
        except FileNotFoundError as error:
            raise UnknownThingError("stored file", name) from error

    def remove(self, name: Sha256) -> bool:
        """Remove the content called *name*, for personal data that is erased; returns whether it was there."""
        path = self._path(name)
        try:
            if not self.filesystem.exists(path):
                return False
            self.filesystem.rm_file(path)
        except OSError as error:
            raise UnavailableError(f"The file store cannot be written ({type(error).__name__}).") from error
        return True

    def place(self, name: Sha256) -> str:
        """Return where the content called *name* lies, for a person to open."""
        return self._path(name)

    def stage(self, file: UUID, number: int, content: bytes) -> None:
        """Keep a part of *file* until it is no longer needed; the same part again takes its place."""
        try:
            self._write(self._staging(file, number), content)
        except OSError as error:
            raise UnavailableError(f"The file store cannot be written ({type(error).__name__}).") from error

    def staged(self, file: UUID, number: int) -> bytes:
        """Return a part of *file*; raises :class:`UnknownThingError` where it is gone."""
        try:
            return bytes(self.filesystem.cat_file(self._staging(file, number)))
        except FileNotFoundError as error:
            raise UnknownThingError("staged part of the file", f"{file}, {number}") from error

    def unstage(self, file: UUID) -> None:
        """Remove all parts of *file*; without any nothing happens."""
        try:
            self.filesystem.rm(f"{self.root}/staged/{file}", recursive=True)
        except FileNotFoundError:
            return
        except OSError as error:
            raise UnavailableError(f"The file store cannot be written ({type(error).__name__}).") from error

    def _staging(self, file: UUID, number: int) -> str:
        return f"{self.root}/staged/{file}/{number}"

    def _write(self, path: str, content: bytes) -> None:
        """Write beside, then move: nobody ever reads half a file."""
        self.filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        beside = f"{path}.{uuid.uuid4().hex}"
        self.filesystem.pipe_file(beside, content)
        self.filesystem.mv(beside, path)

    def _path(self, name: Sha256) -> str:
        return f"{self.root}/{name[:2]}/{name}"


def digest_of(path: Path) -> Sha256:
    """Return the SHA-256 of the file at *path*, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@lru_cache(maxsize=4)
def _store(url: str) -> FileStore:
    core: Any = fsspec.core
    filesystem, root = core.url_to_fs(url)
    return FileStore(filesystem, str(root))


def file_store() -> FileStore:
    """Return the store that the settings name."""
    return _store(settings().files_url)
