"""What the engine stands on, as the doctor looks at it: home, database, versions, disk, clock."""

from __future__ import annotations

import ctypes
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import func, select, text

from db.engine import planted
from db.schema import versions
from db.store import Store, open_reader
from db.tables.oversight import JournalRow
from domain.errors import BadInputError, UnavailableError
from domain.numbers import number_of
from flows.context import database, engine_key
from flows.settings import Settings, prepare_home, settings
from flows.storage.files import file_store
from flows.storage.personal_keys import personal_keys
from flows.upkeep.diagnosis import Diagnosis, right, soon, wrong

LEAST_SPACE: Final = 1 << 30
"""Below it no stage of a large election can be sure to end."""
AMPLE_SPACE: Final = 5 << 30
KEPT_FOR: Final = timedelta(days=30)
AHEAD: Final = timedelta(seconds=30)
"""A machine whose clock is further off takes no work of a Prefect server either (:mod:`flows.runtime.worker`)."""
_UNSYNCHRONISED: Final = 5
"""What adjtimex(2) answers where nothing keeps the clock right (TIME_ERROR)."""


def home() -> Iterator[Diagnosis]:
    """Look at the home folder: it can be written, and nobody else can open it."""
    yield right("home", str(prepare_home()))


def data() -> Iterator[Diagnosis]:
    """Look at the database: it answers, is whole, is of this version, and holds nothing that changes rows unseen."""
    known, (there, wanted) = settings(), versions(settings().database_url)
    if there is None:
        yield wrong("database", "has no tables yet", "accredit init FOLDER loads an election and makes them")
        return
    if there != wanted:
        remedy = "Stop accredit up, then: accredit db upgrade. Is the program the older one? Update the program"
        yield wrong("migrations", f"database {there[:24]}, program {wanted[:24]}", remedy)
        return
    with open_reader(database()) as store:
        yield _whole(store, known)
        yield right("migrations", f"at {there}")
        if name := planted(store.session):
            remedy = "The engine makes none. Remove it, then: accredit audit verify"
            yield wrong("tampering", f"a trigger, view or rule {name[:30]!r}", remedy)
        yield from _seals(store)


def _whole(store: Store, known: Settings) -> Diagnosis:
    if not known.on_sqlite:
        megabytes = (store.session.scalar(text("SELECT pg_database_size(current_database())")) or 0) >> 20
        return right("database", f"PostgreSQL answers, {megabytes:,} MB")
    if (said := str(store.session.scalar(text("PRAGMA quick_check(1)")))) != "ok":
        return wrong("database", f"the file is damaged: {said[:40]}", "Stop everything, then: accredit restore BACKUP")
    file = Path(known.database_url.removeprefix("sqlite:///"))
    return right("database", f"SQLite is whole, {file.stat().st_size >> 20:,} MB")


def _seals(store: Store) -> Iterator[Diagnosis]:
    if engine_key() is not None:
        yield right("engine.key", "there, closed to others")
    elif any(store.journal.is_sealed(election) for election in store.loaded.codes()):
        remedy = "Copy engine.key from the machine that has it. Lost: accredit db upgrade --seal-anew"
        yield wrong("engine.key", "missing; what is written is not sealed", remedy)


def keys_of_people() -> Iterator[Diagnosis]:
    """Look whether what is kept about people can be opened on this machine; raises :class:`BadInputError` where not."""
    keys = personal_keys()
    keys.check()
    since = f"in use since {keys.since:%d %B %Y}" if keys.since else "in use since before its age was noted"
    yield right("personal keys", f"there, and the master key opens them, {since}")


def old_copies() -> Iterator[Diagnosis]:
    """Look for databases that upgrades and restores left: they keep what was erased since."""
    known = settings()
    if known.on_sqlite:
        file, long_ago = Path(known.database_url.removeprefix("sqlite:///")), time.time() - KEPT_FOR.total_seconds()
        copies = [copy for copy in file.parent.glob(f"{file.name}.before-*") if copy.stat().st_mtime < long_ago]
        if copies:
            says = f"{len(copies)} of the database, older than {number_of(KEPT_FOR.days, 'days')}"
            yield soon("old copies", says, f"They keep what was erased. Remove {file.parent}/{file.name}.before-*")


def disk() -> Iterator[Diagnosis]:
    """Look at the room on the disks that the engine writes to."""
    known = settings()
    folders = {"disk": known.home, "disk of files": Path(known.files_url), "disk of letters": known.maildir}
    seen: set[int] = set()
    for part, folder in folders.items():
        place = next((place for place in (folder, *folder.parents) if place.exists()), None)
        if place is None or "://" in str(folder) or place.stat().st_dev in seen:
            continue
        seen.add(place.stat().st_dev)
        yield _room(part, shutil.disk_usage(place).free)


def object_store() -> Iterator[Diagnosis]:
    """Ask the object store, where files lie in one."""
    if "://" not in (url := settings().files_url):
        return
    try:
        file_store().require_answer()
    except (UnavailableError, BadInputError) as error:
        yield wrong("files", str(error), "Let the object store run; ACCREDIT_FILES_URL and AWS_... say where it is")
    else:
        yield right("files", f"{url} answers")


def _room(part: str, free: int) -> Diagnosis:
    says, remedy = (
        f"{free / (1 << 30):,.1f} GB free",
        "Make room: old backups, prefect/ logs, printed badges. Or a larger disk",
    )
    if free < LEAST_SPACE:
        return wrong(part, says, remedy)
    return soon(part, says, remedy) if free < AMPLE_SPACE else right(part, says)


def clock() -> Iterator[Diagnosis]:
    """Look at the clock: against the database's, against what was recorded, and whether anything keeps it right."""
    now, others = datetime.now(UTC), _other_clocks()
    for of, moment in others.items():
        if moment - now > AHEAD or (of == "database server" and now - moment > AHEAD):
            remedy = "Set the clock right (timedatectl set-ntp true) before anything else is recorded"
            yield wrong("clock", f"{abs(moment - now).total_seconds():,.0f} s off the {of}", remedy)
            return
    if _kept_right() is False:
        remedy = "Let a time service run: timedatectl set-ntp true. Time limits and badges go by this clock"
        yield soon("clock", f"{now:%Y-%m-%d %H:%M} UTC; no time service keeps it", remedy)
    else:
        yield right("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _other_clocks() -> dict[str, datetime]:
    """Return what other clocks say: the database server's, and that of the newest entry of the journal."""
    found: dict[str, datetime | None] = {}
    with suppress(Exception), open_reader(database()) as store:  # what is wrong there, its own check says
        if not settings().on_sqlite:
            found["database server"] = store.session.scalar(text("SELECT clock_timestamp()"))
        real = [code for code in store.loaded.codes() if not store.statements.is_rehearsal(code)]
        newest = select(func.max(JournalRow.at)).where(JournalRow.election.in_(real))
        found["newest entry"] = store.session.scalar(newest)
    return {of: moment for of, moment in found.items() if moment}


def _kept_right() -> bool | None:
    """Return whether the kernel says that something keeps its clock right; None where it cannot be asked."""
    try:
        answer = ctypes.CDLL(None).adjtimex(ctypes.byref((ctypes.c_char * 512)()))
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else bool(answer != _UNSYNCHRONISED)
