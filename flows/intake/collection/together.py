"""Lists and photographs that were not sent as one: beside each other in a message, in an archive, or another day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from db.store import open_reader
from domain.errors import BadInputError
from domain.intake.mailbox import HeldBecause, IncomingMessage
from domain.intake.message_states import MessageState
from domain.intake.messages import PICTURES, TABLES, Attached, ReadMessage, fitting
from domain.intake.nominations_file import ONLY_FILES, NominationsFile
from flows.context import database
from flows.intake.reading.packages import Inside
from flows.intake.reading.readers import inside_apart, message_apart, pack_apart
from flows.storage.files import file_store

LATER: Final = timedelta(days=30)
"""How long after a list its photographs may come, or before it."""
MOST_LISTS: Final = 3
"""Lists of an organisation that photographs are looked for in, the newest first."""
_LONGEST_ON_DISK: Final = 200
"""Bytes of a name on disk, which gets an ending more."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What came in one message: its lists, photographs and documents, archives of such, and what cannot be opened."""

    lists: tuple[Attached, ...]
    loose: tuple[Attached, ...]
    archives: tuple[Attached, ...]
    sealed: tuple[Attached, ...]
    """Those of the archives that cannot be unpacked: the names in them are all that can be had."""
    wrapped: tuple[Attached, ...]

    @classmethod
    def of(cls, read: ReadMessage) -> Parcel:
        """Return what is in *read*. An archive that cannot be opened counts as a list: whoever reads it says why."""
        inside = [inside_apart(table) if table.name.lower().endswith(".zip") else Inside.LIST for table in read.tables]
        found = {kind: tuple(one for one, of in zip(read.tables, inside, strict=True) if of is kind) for kind in Inside}
        return cls(
            found[Inside.LIST],
            tuple(enclosure for enclosure in read.enclosures if not enclosure.name.lower().endswith(".txt")),
            found[Inside.PICTURES] + found[Inside.SEALED],
            found[Inside.SEALED],
            read.wrapped,
        )

    @property
    def has_pictures(self) -> bool:
        """Whether photographs or documents came, packed or not."""
        return bool(self.archives) or any(picture.name.lower().endswith(PICTURES) for picture in self.loose)


def packed_together(table: Attached, parcels: Sequence[Parcel], folder: Path) -> Path:
    """Write *table* to *folder*: as it is, or with everything in *parcels* as the same bytes of a package every time.

    Of files of one name the first counts. A table beside an archive that cannot be unpacked is written as it is.
    """
    loose = [picture for parcel in parcels for picture in parcel.loose]
    archives = [archive for parcel in parcels for archive in parcel.archives]
    name = fitting(table.name, _LONGEST_ON_DISK)
    if loose or archives:
        is_package = table.name.lower().endswith(".zip")
        with suppress(BadInputError):  # whoever reads the archive says what is wrong with it
            path = folder / f"{name}.zip"
            pack_apart(path, [table] * is_package + archives, first=[] if is_package else [table], last=loose)
            return path
    path = folder / name
    path.write_bytes(table.content)
    return path


def as_sent(name: str) -> str:
    """Return what its sender called a list that :func:`packed_together` packed with pictures under *name*."""
    bare = name.removesuffix(".zip")
    return bare if bare.lower().endswith(TABLES) else name


def earlier_pictures(message: IncomingMessage) -> Iterator[Parcel]:
    """Yield what the same organisation sent without a list in the time before *message*, which brings one."""
    with open_reader(database()) as store:
        sent = store.incoming.in_states(message.election, MessageState.HELD, MessageState.TAKEN)
    for earlier in reversed(sent):  # of pictures of one name the last that was sent counts
        is_before = timedelta() <= message.received_at - earlier.received_at <= LATER and earlier.id != message.id
        in_trust = earlier.state is MessageState.TAKEN or earlier.reason is HeldBecause.NO_NOMINATIONS
        if earlier.organisation == message.organisation != "" and is_before and in_trust and _may_be_pictures(earlier):
            yield from _pictures_of(earlier)


def _may_be_pictures(message: IncomingMessage) -> bool:
    tables = tuple(ending for ending in TABLES if ending != ".zip")
    return bool(message.content) and not any(name.lower().endswith(tables) for name in message.attachments)


def _pictures_of(message: IncomingMessage) -> Iterator[Parcel]:
    try:
        parcel = Parcel.of(message_apart(file_store().get(message.content)))
    except BadInputError:
        return
    if not parcel.lists and parcel.has_pictures:
        yield parcel


def lists_of(message: IncomingMessage) -> Iterable[tuple[NominationsFile, Attached]]:
    """Return the newest lists of the organisation that *message* speaks for, which brings photographs alone."""
    with open_reader(database()) as store:
        reports = store.intake.reports(message.election)
    found = [
        report.file
        for report in reports
        if report.file.organisation == message.organisation != ""
        and report.file.name.lower().endswith(TABLES)
        and ONLY_FILES not in report.file.notes
        and abs(message.received_at - report.file.received_at) <= LATER
    ]
    return [(file, Attached(name=file.name, content=file_store().get(file.sha256))) for file in found[-MOST_LISTS:]]
