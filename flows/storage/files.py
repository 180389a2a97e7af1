"""The content-addressed file store: photographs, documents, nominations files and badges, each kept once and encrypted.

Each file lies under the hash of its content, encrypted under a key of its own; removing it destroys the key, so that no
copy of the file opens any more.
"""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final
from uuid import UUID

import fsspec

from db.encrypted_files import HEAD, UnreadableFileError, decrypt, decrypted, encrypt, key_name
from domain.errors import AccreditationError, BadInputError, UnavailableError, UnknownThingError
from domain.values import Sha256
from flows.settings import settings
from flows.storage.personal_keys import personal_keys

_OPEN_FILES: Final = Path("/proc")
"""Where the system shows the open files of a process as paths."""
_REMEDY: Final = "Name a folder, or s3://BUCKET/FOLDER: see docs/operating/install-and-upgrade.md."


@dataclass(frozen=True, slots=True)
class FileStore:
    """Files by the SHA-256 of their content, in any place that fsspec reaches."""

    filesystem: Any
    root: str

    def require_answer(self) -> None:
        """Raise :class:`UnavailableError` where the place does not answer."""
        with _reached():
            self.filesystem.exists(self.root)

    def put(self, content: bytes) -> Sha256:
        """Keep *content* and return its name; keeping the same content again changes nothing."""
        name = hashlib.sha256(content).hexdigest()
        path = self._path(name)
        with _reached():
            if not self.filesystem.exists(path):
                self._write(path, io.BytesIO(content), name)
        return name

    def put_file(self, path: Path, name: Sha256) -> Sha256:
        """Keep the file at *path*, whose content is called *name*, without holding it in memory."""
        kept = self._path(name)
        with _reached():
            if not self.filesystem.exists(kept):
                with path.open("rb") as content:
                    self._write(kept, content, name)
        return name

    @contextmanager
    def local(self, name: Sha256) -> Generator[Path]:
        """Give the content called *name* as a file of this machine, to read only; raises :class:`UnknownThingError`.

        The file stands in no folder: it is gone when the process ends, however it ends.
        """
        with TemporaryFile(prefix="accredit-") as copy:
            with _reached("stored file", name), self.filesystem.open(self._path(name), "rb") as content:
                for segment in decrypt(content, name=name, keys=personal_keys()):
                    copy.write(segment)
            copy.flush()
            yield _OPEN_FILES / str(os.getpid()) / "fd" / str(copy.fileno())

    def is_whole(self, name: Sha256) -> bool:
        """Whether what lies under *name* opens, and is what it is called.

        Raises :class:`UnknownThingError` where it is gone, :class:`KeyGoneError` where it was erased.
        """
        try:
            with self.local(name) as path:
                return digest_of(path) == name
        except UnreadableFileError:
            return False

    def get(self, name: Sha256) -> bytes:
        """Return the content called *name*; raises :class:`UnknownThingError` where it is gone."""
        return decrypted(self.as_it_lies(name), name=name, keys=personal_keys())

    def as_it_lies(self, name: Sha256) -> bytes:
        """Return what lies under *name*, encrypted; raises :class:`UnknownThingError` where it is gone."""
        with _reached("stored file", name):
            kept: bytes = self.filesystem.cat_file(self._path(name))
        return kept

    def take_up(self, name: Sha256, closed: bytes) -> bool:
        """Keep what lay under *name* in another store, whose key is here already; returns whether it was not here."""
        path = self._path(name)
        with _reached():
            if self.filesystem.exists(path):
                return False
            self.filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            beside = f"{path}.{uuid.uuid4().hex}"
            self.filesystem.pipe_file(beside, closed)
            self.filesystem.mv(beside, path)
        return True

    def remove(self, name: Sha256) -> bool:
        """Destroy the key of the content called *name*, and remove it; returns whether it was there."""
        path = self._path(name)
        with _reached():
            if not self.filesystem.exists(path):
                return False
            personal_keys().destroy(names=self._key_names([path]))
            self.filesystem.rm_file(path)
        return True

    def stage(self, file: UUID, number: int, content: bytes) -> None:
        """Keep a part of *file* until it is no longer needed; the same part again takes its place."""
        with _reached():
            self._write(self._staging(file, number), io.BytesIO(content), _part(file, number))

    def staged(self, file: UUID, number: int) -> bytes:
        """Return a part of *file*; raises :class:`UnknownThingError` where it is gone."""
        with _reached("staged part of the file", f"{file}, {number}"):
            kept = self.filesystem.cat_file(self._staging(file, number))
        return decrypted(kept, name=_part(file, number), keys=personal_keys())

    def unstage(self, file: UUID) -> None:
        """Remove all parts of *file* and destroy their keys; without any nothing happens."""
        folder = f"{self.root}/staged/{file}"
        with _reached(), suppress(FileNotFoundError):
            personal_keys().destroy(names=self._key_names(self.filesystem.find(folder)), thorough=False)
            self.filesystem.rm(folder, recursive=True)

    def encrypt_older(self) -> Iterator[str]:
        """Encrypt what an older version left as it came; yields the path of each file that it looked at.

        What is not what its name says was put there by somebody else, and stays unreadable.
        """
        for path in sorted(self.filesystem.find(self.root)):
            *_, folder, name = str(path).split("/")
            is_part = f"{self.root}/staged/" in str(path)
            if not self._key_names([path]):
                with self.filesystem.open(path, "rb") as content:
                    if is_part or _digest_of(content) == name:
                        content.seek(0)
                        self._write(str(path), content, f"staged/{folder}/{name}" if is_part else name)
            yield str(path)

    def _key_names(self, paths: list[str]) -> list[str]:
        found: list[str] = []
        for path in paths:
            with self.filesystem.open(path, "rb") as content:
                found += filter(None, [key_name(content.read(HEAD))])
        return found

    def _staging(self, file: UUID, number: int) -> str:
        return f"{self.root}/staged/{file}/{number}"

    def _write(self, path: str, content: IO[bytes], name: str) -> None:
        """Write beside, then move: nobody ever reads half a file."""
        keys = personal_keys()
        keys.check()
        self.filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        beside = f"{path}.{uuid.uuid4().hex}"
        with self.filesystem.open(beside, "wb") as target:
            encrypt(content, target, name=name, keys=keys)
        self.filesystem.mv(beside, path)

    def _path(self, name: Sha256) -> str:
        return f"{self.root}/{name[:2]}/{name}"


def _part(file: UUID, number: int) -> str:
    return f"staged/{file}/{number}"


@contextmanager
def _reached(kind: str = "", named: str = "") -> Generator[None]:
    """Tell the failure of a disk or of a server of files in words; what is not there is a *kind* of thing, *named* so.

    Servers of files have errors of their own libraries, so every one counts that is not the engine's.
    """
    try:
        yield
    except AccreditationError:
        raise
    except FileNotFoundError as error:
        if kind:
            raise UnknownThingError(kind, named) from error
        raise _unreached(error) from error
    except Exception as error:
        raise _unreached(error) from error


def _unreached(error: Exception) -> UnavailableError:
    return UnavailableError(f"The file store does not answer or takes nothing ({type(error).__name__}).")


def digest_of(path: Path) -> Sha256:
    """Return the SHA-256 of the file at *path*, read in blocks."""
    with path.open("rb") as stream:
        return _digest_of(stream)


def _digest_of(stream: Any) -> Sha256:
    return hashlib.file_digest(stream, "sha256").hexdigest()


@lru_cache(maxsize=4)
def _store(url: str) -> FileStore:
    core: Any = fsspec.core
    try:
        # Other machines write there too, so no list of what lies there is remembered.
        filesystem, root = core.url_to_fs(url, use_listings_cache=False)
    except (ImportError, ValueError) as error:
        raise BadInputError("ACCREDIT_FILES_URL", f"cannot be used: {error}", remedy=_REMEDY) from error
    return FileStore(filesystem, str(root))


def file_store() -> FileStore:
    """Return the store that the settings name."""
    return _store(settings().files_url)
