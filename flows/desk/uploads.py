"""Nominations files that officers upload: kept apart, tried first, taken in when an officer says so."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from domain.errors import AccreditationError
from domain.intake.nominations_file import ChunkCounts
from domain.values import ElectionCode, OfficerCode, UtcTime
from flows.context import moment
from flows.intake import flow as intake
from flows.intake.arrivals import Arrival
from flows.intake.dry_run import DryRunReport, dry_run_files
from flows.settings import settings

KINDS: Final = (".csv", ".xlsx", ".ods", ".jsonl", ".zip")
MOST: Final = 20
"""Files of one officer that wait."""
LONGEST_NAME: Final = 200
"""Bytes: most file systems take 255."""
_NOTE: Final = ".upload.json"


@dataclass
class Upload:
    """A file on its way in."""

    id: str
    officer: OfficerCode
    organisation: str
    path: Path
    state: str = "trying"
    """trying, tried, refused, taking, taken, failed"""
    trial: DryRunReport | None = None
    counts: ChunkCounts | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        """What the officer called it."""
        return self.path.name


@dataclass
class Uploads:
    """The files of this process; one after another is read, in the background."""

    _kept: dict[str, Upload] = field(default_factory=dict[str, Upload])
    _worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "desk-upload"))

    @classmethod
    def resumed(cls) -> Self:
        """Return the files that an earlier desk left: what it was taking in is taken in, the others are tried anew."""
        found = cls()
        for note in sorted(settings().desk_uploads.glob(f"*/{_NOTE}"), key=lambda path: path.stat().st_mtime):
            with suppress(OSError, ValueError, KeyError):
                known = json.loads(note.read_text("utf-8"))
                path = note.parent / safe_name(known["name"])
                upload = Upload(note.parent.name, known["officer"], known["organisation"], path)
                if path.is_file() and not path.is_symlink():
                    found._kept[upload.id] = upload
                    again = found.take_in if known["taking"] else found.try_out
                    again(upload, known["election"])
        return found

    def place(self, name: str, officer: OfficerCode, organisation: str) -> Upload:
        """Return a new upload, whose path the content is written to; the oldest of the same officer give way."""
        for older in [upload for upload in self.of(officer) if upload.state != "taking"][MOST - 1 :]:
            self._forget(older.id)
        key = secrets.token_urlsafe(12)
        folder = settings().desk_uploads / key
        folder.mkdir(mode=0o700, parents=True)
        upload = Upload(key, officer, organisation, folder / safe_name(name))
        self._kept[key] = upload
        return upload

    def find(self, key: str, officer: OfficerCode) -> Upload | None:
        """Return the officer's own upload called *key*."""
        upload = self._kept.get(key)
        return upload if upload and upload.officer == officer else None

    def of(self, officer: OfficerCode) -> list[Upload]:
        """Return the officer's uploads, the newest first."""
        return [upload for upload in reversed(self._kept.values()) if upload.officer == officer]

    def give_up(self, upload: Upload) -> None:
        """Forget the file."""
        self._forget(upload.id)

    def try_out(self, upload: Upload, election: ElectionCode) -> None:
        """Read the file in the background and keep what would become of its rows; nothing is recorded."""
        _note(upload, election, taking=False)
        arrival = Arrival(upload.path, upload.organisation)

        def tried() -> None:
            (upload.trial,) = dry_run_files([arrival], election, now=moment(None))
            upload.state = "tried"

        self._worker.submit(_kept_apart, upload, "refused", tried)

    def take_in(self, upload: Upload, election: ElectionCode) -> None:
        """Record the file's rows in the background, as the flow ``intake`` does; a second time changes nothing."""
        upload.state = "taking"
        _note(upload, election, taking=True)
        arrival = Arrival(upload.path, upload.organisation)

        def taken() -> None:
            upload.counts = take_in_file(arrival, election, now=moment(None))
            upload.state = "taken"
            shutil.rmtree(upload.path.parent, ignore_errors=True)

        self._worker.submit(_kept_apart, upload, "failed", taken)

    def finish(self) -> None:
        """Wait until all that was begun is done; nothing is begun afterwards."""
        self._worker.shutdown(wait=True)

    def _forget(self, key: str) -> None:
        upload = self._kept.pop(key, None)
        if upload is not None:
            with suppress(OSError):
                shutil.rmtree(upload.path.parent)


def _note(upload: Upload, election: ElectionCode, *, taking: bool) -> None:
    """Write beside the file whose it is and what is done with it, so that a desk that is started anew goes on."""
    known = {"officer": upload.officer, "organisation": upload.organisation, "name": upload.name}
    draft = upload.path.parent / f"{_NOTE}.new"
    draft.write_text(json.dumps(known | {"election": election, "taking": taking}), "utf-8")
    draft.replace(upload.path.parent / _NOTE)


def take_in_file(arrival: Arrival, election: ElectionCode, *, now: UtcTime) -> ChunkCounts:
    """Stage the file, record every chunk, close it, and return what became of its rows."""
    counts = sum((intake.take_in(chunk, election, now=now) for chunk in intake.stage_file(arrival, election, now=now)),
                 ChunkCounts())  # fmt: skip
    intake.close_files(election, now=now)
    return counts


def safe_name(name: str) -> str:
    """Return *name* as a file of one folder can be called; it is never a path."""
    bare = re.sub(r"[^\w.() -]", "_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ")
    return bare.encode()[-LONGEST_NAME:].decode("utf-8", "ignore").strip(". ") or "nominations"


def is_table(name: str) -> bool:
    """Whether the name ends as nominations files do."""
    return name.lower().endswith(KINDS)


def _kept_apart(upload: Upload, otherwise: str, work: Callable[[], Any]) -> None:
    """Do *work*; what goes wrong is told to the officer and stops no other file."""
    try:
        work()
    except AccreditationError as error:
        upload.state, upload.problem = otherwise, str(error)
    except Exception as error:  # noqa: BLE001 -- the file is what differs; its content must stand in no log
        upload.state, upload.problem = otherwise, type(error).__name__
