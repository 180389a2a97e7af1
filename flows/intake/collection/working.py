"""The working folder: dropped files lie here from before anything reads them until they are put away.

drop/working/ORG-07/…/list.csv    its pictures in list/ beside it; `.arrived` says when each file came

A run that is cut off leaves here what it was at, and the next run begins with that. A file that was being read when
two runs were cut off is not read a third time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import stat
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Final, Self

from domain.errors import BadInputError, UnavailableError
from domain.intake.messages import fitting
from flows.intake.arrivals import readable
from flows.intake.collection.drop_folder import (
    QUARANTINED,
    REFUSED,
    TAKEN,
    WITHOUT_FOLDER,
    Dropped,
    files_of,
    is_as_seen,
)

WORKING = "working"
MOST_READ: Final = 2
"""Runs that may be cut off while they read one file."""
_ARRIVED: Final = ".arrived"


@dataclass(slots=True)
class WorkingFolder:
    """The working folder of one drop folder, which one run at a time works in; close it when all is put away."""

    drop: Path
    _lock: IO[bytes] | None = field(default=None, repr=False)

    @classmethod
    def opened(cls, drop: Path) -> Self | None:
        """Return the folder, made where it is not there; None where another run works in it.

        Raises :class:`BadInputError` for a link, for a folder in which others could exchange what is being read, and
        where files that are put away would go to such a one.
        """
        place = drop / WORKING
        try:
            place.mkdir(mode=0o700, exist_ok=True)
            _require_own(place, closed_to=0o077)
            for kind in (TAKEN, REFUSED, QUARANTINED):
                if os.path.lexists(drop / kind):
                    _require_own(drop / kind, closed_to=0o022)
            lock = (place / ".lock").open("ab")
        except OSError as error:
            raise UnavailableError(f"The working folder cannot be used ({error.strerror}).") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        except OSError as error:
            lock.close()
            raise UnavailableError(f"The working folder cannot be locked ({error.strerror}).") from error
        return cls(drop, lock)

    def close(self) -> None:
        """Let the next run work here."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def left(self) -> list[Dropped]:
        """Return what an earlier run left here; pictures whose file it had not moved yet go back to that file."""
        found = [dropped for entry in _entries(self.drop) for dropped in self._left_in(entry)]
        return sorted(found, key=lambda dropped: (dropped.organisation, dropped.path.name, dropped.changed_at))

    def _left_in(self, entry: Path) -> list[Dropped]:
        organisation = "" if entry.parent.name == WITHOUT_FOLDER else entry.parent.name
        found = list(files_of(entry, organisation, arrived=_arrived(entry)))
        if not found:
            for pictures in [path for path in entry.iterdir() if path.is_dir()]:
                back = self.drop / organisation / pictures.name
                if not os.path.lexists(back):
                    back.parent.mkdir(exist_ok=True)  # the sender may have removed the folder meanwhile
                    pictures.rename(back)
            _tidy(entry)
        return found

    def take(self, ready: Iterable[Dropped]) -> list[Dropped]:
        """Move *ready* files with their pictures here, and return them; one that changed meanwhile stays where it is.

        Files of one name with different endings share their pictures, and so are kept together.
        """
        groups: defaultdict[tuple[str, Path], list[Dropped]] = defaultdict(list)
        stuck: OSError | None = None
        for dropped in ready:
            groups[dropped.organisation, dropped.pictures].append(dropped)
        taken: list[Dropped] = []
        for group in groups.values():
            try:
                taken += self._moved(group)
            except OSError as error:  # of one sender's file; it is said once no other file waits behind it
                stuck = error
        if groups and not taken and stuck is not None:
            raise UnavailableError(f"A file in the drop folder cannot be moved ({stuck.strerror}).") from stuck
        return taken

    def _moved(self, group: list[Dropped]) -> Iterator[Dropped]:
        still = [dropped for dropped in group if is_as_seen(dropped)]
        if not still:
            return
        inside = self.drop / WORKING / (still[0].organisation or WITHOUT_FOLDER)
        inside.mkdir(mode=0o700, exist_ok=True)
        entry = Path(mkdtemp(dir=inside, prefix=""))
        places = {fitting(readable(dropped.path.name)): dropped for dropped in still}
        times = {name: dropped.changed_at.isoformat() for name, dropped in places.items()}
        (entry / _ARRIVED).write_text(json.dumps(times), "utf-8")
        if still[0].has_pictures:
            still[0].pictures.rename(entry / Path(next(iter(places))).with_suffix("").name)
        for name, dropped in places.items():
            dropped.path.rename(entry / name)
            yield Dropped(entry / name, dropped.organisation, dropped.mark, dropped.changed_at)


def _require_own(place: Path, *, closed_to: int) -> None:
    """Raise :class:`BadInputError` unless *place* is a folder of the engine's user with none of these rights."""
    known = place.lstat()
    if not stat.S_ISDIR(known.st_mode) or known.st_uid != os.geteuid() or known.st_mode & closed_to:
        raise BadInputError(
            f"The folder {place.name} of the drop folder", "is a link, or is not the engine's alone.",
            remedy="See who made it; move it away, and make it anew for the engine's user with mode 0700.",
        )  # fmt: skip


def waiting_in(drop: Path) -> int:
    """Return how many files lie in the working folder of *drop*."""
    return sum(1 for entry in _entries(drop) for _ in files_of(entry, ""))


def _entries(drop: Path) -> Iterator[Path]:
    for place in _folders(drop / WORKING):
        yield from _folders(place)


def _folders(place: Path) -> list[Path]:
    if place.is_symlink() or not place.is_dir():
        return []
    return sorted(path for path in place.iterdir() if path.is_dir() and not path.is_symlink())


def _arrived(entry: Path) -> dict[str, datetime]:
    with suppress(OSError, ValueError, AttributeError):
        known = json.loads((entry / _ARRIVED).read_text("utf-8"))
        return {name: datetime.fromisoformat(time) for name, time in known.items()}
    return {}


def _tidy(entry: Path) -> None:
    """Remove a place from which everything was put away; our own notes begin with a point, no dropped file does."""
    within = list(entry.iterdir())
    if all(path.name.startswith(".") for path in within):
        for path in within:
            path.unlink(missing_ok=True)
        entry.rmdir()


@contextmanager
def being_read(path: Path) -> Generator[None]:
    """Note beside *path* that it is being read, while the block lasts; a run that is cut off leaves the note."""
    note = _note_of(path)
    with note.open("ab") as times:
        times.write(b".")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def times_cut_off(path: Path) -> int:
    """Return how many runs were cut off while they read *path*."""
    try:
        return _note_of(path).stat().st_size
    except OSError:
        return 0


def leave(path: Path) -> None:
    """Remove what this folder still says of *path*, which was put away."""
    forget(path)
    _tidy(path.parent)


def forget(path: Path) -> None:
    """Forget the runs that were cut off while they read *path*."""
    _note_of(path).unlink(missing_ok=True)


def _note_of(path: Path) -> Path:
    return path.with_name(f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}.reading")
