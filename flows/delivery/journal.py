"""What became of letters, kept on disk at once, until the database has it: a process may be killed in between."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from db.letters.outbox import Settlement

_ENDING: Final = ".journal"


@dataclass(frozen=True, slots=True)
class Noted:
    """What a process noted and had not recorded: under which name it claimed, at which moment, and what became."""

    claimant: str
    at: datetime
    settled: tuple[Settlement, ...] = ()


_HEAD: Final = TypeAdapter(Noted)
_LINE: Final = TypeAdapter(Settlement)


class DeliveryJournal:
    """A file of lines that one process adds to and empties whenever the database knows them.

    What is noted outlives the process at once; a power cut may take what the disk had not yet, as it may take the
    last transactions. The file is removed at the end, unless lines are left in it.
    """

    def __init__(self, folder: Path, claimant: str, *, now: datetime) -> None:
        self._folder = folder
        self._head = _HEAD.dump_json(Noted(claimant, now)) + b"\n"
        self._path = folder / f"{uuid4().hex}{_ENDING}"
        self._file = -1

    def __enter__(self) -> Self:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        self._file = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        # Under its name only once it is locked: a file that is not counts as left behind.
        fcntl.flock(self._file, fcntl.LOCK_EX)
        os.write(self._file, self._head)
        beside.rename(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if os.fstat(self._file).st_size == len(self._head):
            self._path.unlink()
        os.close(self._file)

    def note(self, settled: Sequence[Settlement]) -> None:
        """Add lines; when this returns they outlive the process."""
        os.write(self._file, b"".join(_LINE.dump_json(settlement) + b"\n" for settlement in settled))

    def clear(self) -> None:
        """Forget all lines: the database knows them."""
        os.ftruncate(self._file, len(self._head))


@contextmanager
def _left_alone(path: Path) -> Generator[bool]:
    """Have *path* locked while entered; False where a process still adds to it, or it is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield os.fstat(descriptor).st_nlink > 0
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def left_behind(folder: Path) -> Iterator[Noted]:
    """Yield what ended processes noted in *folder*; what was yielded is removed when the next is asked for."""
    for path in sorted(folder.glob(f"*{_ENDING}")):
        with _left_alone(path) as is_left:
            if is_left:
                yield _read(path.read_bytes())
                path.unlink()


def _read(contents: bytes) -> Noted:
    """Return the whole lines of a journal; a torn one is the last."""
    head, *lines = contents.split(b"\n")[:-1]
    settled: list[Settlement] = []
    for line in lines:
        try:
            settled.append(_LINE.validate_json(line))
        except ValidationError:
            break
    noted = _HEAD.validate_json(head)
    return Noted(noted.claimant, noted.at, tuple(settled))
