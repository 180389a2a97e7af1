"""The drop folder: files that organisations, or colleagues in their name, put there, each taken once and put away.

drop/ORG-07/list.csv      sent by ORG-07; its pictures may lie beside it in drop/ORG-07/list/
drop/list.csv             its rows name their organisations
drop/working/…                 what a run is at; see :mod:`flows.intake.collection.working`
drop/taken/…, drop/refused/…   where files are put, each in a folder of its own with its report
drop/quarantined/…             the same for files that ended the process that read them; nobody should open them lightly
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Final

from db.store import open_store
from domain.errors import BadInputError, UnavailableError
from domain.intake.messages import LONGEST_NAME, fitting
from domain.values import ElectionCode, UtcTime
from flows.context import database
from flows.intake.arrivals import Arrival
from flows.settings import settings

TAKEN, REFUSED, QUARANTINED = "taken", "refused", "quarantined"
WITHOUT_FOLDER: Final = "without-folder"
"""In the place of an organisation's code, for files that lie in no organisation's folder."""
QUIET: Final = timedelta(seconds=10)
"""How long a file must have looked the same between two looks; shorter, and a slow upload might only be resting."""
_LITTER: Final = re.compile(
    r"\.|~\$|.*\.(?:part|partial|tmp|crdownload|filepart|swp)$|thumbs\.db$|desktop\.ini$", re.IGNORECASE
)
_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,15}")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file in the drop folder."""

    path: Path
    organisation: str
    """Whose sub-folder it lies in; empty: its rows name their organisations."""
    mark: str
    """Hash of sizes and times, of the file and of what lies in its folder of pictures."""
    changed_at: UtcTime
    """When it got this content and place, by this machine's clock, whatever time its sender gave it."""

    @property
    def place(self) -> str:
        """A hash of where it lies."""
        return hashlib.sha256(f"{self.organisation}/{self.path.name}".encode("utf-8", "replace")).hexdigest()

    @property
    def pictures(self) -> Path:
        """The folder of its pictures, whether or not it is there."""
        return self.path.with_suffix("")

    @property
    def has_pictures(self) -> bool:
        """Whether there is such a folder."""
        return self.pictures != self.path and self.pictures.is_dir()

    def arrival(self, *, real: bool) -> Arrival:
        """Return it as it is taken in; in a rehearsal (not *real*) it arrives at the rehearsal's moment."""
        return Arrival(self.path, self.organisation, self.changed_at if real else None)


def drop_folder() -> Path:
    """Return the folder that the settings name; raises :class:`BadInputError` where they name none."""
    folder = settings().drop_folder
    if folder is None:
        raise BadInputError("ACCREDIT_DROP_FOLDER", "is not set.", remedy="Set it to the folder that files come into.")
    return folder


def settled_files(election: ElectionCode, folder: Path, *, clock: datetime) -> tuple[list[Dropped], int]:
    """Look into *folder* and return the files that nobody is writing, and how many are left alone until later.

    A file is ready once it has looked the same, in size and time of change, for :data:`QUIET` since an earlier look.
    """
    seen = list(_look(folder))
    with open_store(database()) as store:
        before = store.incoming.looks(election)
        since = {
            file.place: (file.mark, before[file.place][1])
            if file.place in before and before[file.place][0] == file.mark
            else (file.mark, clock)
            for file in seen
        }
        store.incoming.put_looks(election, since)
    ready = [file for file in seen if clock - since[file.place][1] >= QUIET]
    return ready, len(seen) - len(ready)


def all_files(folder: Path) -> list[Dropped]:
    """Return every file in *folder*; the caller knows that nobody is writing them."""
    return list(_look(folder))


def _look(folder: Path) -> Iterator[Dropped]:
    try:
        yield from files_of(folder, "")
        for inside in sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()):
            if _CODE.fullmatch(inside.name) and not _is_of_pictures(inside):
                yield from files_of(inside, inside.name)
    except OSError as error:
        raise UnavailableError(f"The drop folder cannot be read ({error.strerror}).") from error


def files_of(
    folder: Path, organisation: str, *, arrived: Mapping[str, datetime] = MappingProxyType({})
) -> Iterator[Dropped]:
    """Yield the files in *folder*, of *organisation*, in order of their names; *arrived* says when some came."""
    for path in sorted(folder.iterdir()):
        if not _LITTER.match(path.name) and not path.is_dir():
            found = _seen(path, organisation)
            yield replace(found, changed_at=arrived.get(path.name, found.changed_at))


def _is_of_pictures(folder: Path) -> bool:
    """Return whether *folder* lies beside a file of its name and so holds that file's pictures."""
    return any(path.stem == folder.name and not path.is_dir() for path in folder.parent.iterdir())


def _seen(path: Path, organisation: str) -> Dropped:
    own = path.lstat()
    known = hashlib.sha256(f"{own.st_size}:{own.st_mtime_ns}:{own.st_ino}".encode())
    pictures = path.with_suffix("")
    if pictures != path and pictures.is_dir() and not pictures.is_symlink():
        for picture in sorted(pictures.rglob("*")):
            inside = picture.lstat()
            known.update(f"{picture.name}:{inside.st_size}:{inside.st_mtime_ns}".encode("utf-8", "replace"))
    changed = datetime.fromtimestamp(max(own.st_ctime, 0), UTC)
    return Dropped(path, organisation, known.hexdigest(), changed)


def is_as_seen(dropped: Dropped) -> bool:
    """Return whether the file and its pictures are still what they were when they were seen."""
    try:
        return _seen(dropped.path, dropped.organisation).mark == dropped.mark
    except FileNotFoundError:
        return False


def require_plain(dropped: Dropped, organisations: frozenset[str]) -> None:
    """Raise :class:`BadInputError` for a link, which could lead anywhere, and for an organisation nobody registered."""
    if dropped.path.is_symlink() or dropped.pictures.is_symlink():
        raise BadInputError(
            dropped.path.name, "is a link, or its folder of pictures is.", remedy="Put the file itself here."
        )
    if dropped.organisation and dropped.organisation not in organisations:
        raise BadInputError(
            dropped.path.name, f"lies in a folder named {dropped.organisation}, which is no registered organisation.",
            remedy="Name the folder by the organisation's code, or register the organisation.",
        )  # fmt: skip


def put_away(dropped: Dropped, kind: str, name: str, papers: dict[str, bytes], *, folder: Path) -> bool:
    """Move *dropped* with its pictures to the folder *name* of its kind, with *papers* (by ending) beside it.

    Returns False, and leaves it where it is, where it changed meanwhile: it is a new file then. The papers are
    written first, so that a file put away has its report; whoever is interrupted in between begins again.
    """
    try:
        if not is_as_seen(dropped):
            return False
        place = _free(folder / kind / (dropped.organisation or WITHOUT_FOLDER) / name, dropped)
        place.mkdir(parents=True, exist_ok=True)
        for ending, content in papers.items():
            beside = fitting(dropped.path.name, LONGEST_NAME - len(ending) - 1)
            (place / f"{beside}.{ending}").write_bytes(content)
        if dropped.has_pictures:
            dropped.pictures.rename(place / dropped.pictures.name)
        dropped.path.rename(place / dropped.path.name)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UnavailableError(f"A file in the drop folder cannot be moved ({error.strerror}).") from error
    return True


def _free(folder: Path, dropped: Dropped) -> Path:
    """Return *folder*, or the first one numbered after it, in which nothing is in the way."""
    names = [dropped.path.name, *([dropped.pictures.name] if dropped.has_pictures else [])]
    places = (folder.with_name(f"{folder.name}-{number}") if number > 1 else folder for number in count(1))
    return next(place for place in places if not any(os.path.lexists(place / name) for name in names))
