"""Tables, archives and messages, each read in a process of its own; see :mod:`flows.runtime.processes.readers`."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

from domain.errors import BadInputError
from domain.intake.columns import Header
from domain.intake.messages import Attached, ReadMessage
from domain.messages import Message, ReadingNote
from flows.intake.reading.packages import Inside
from flows.intake.reading.people import RawRow
from flows.intake.reading.tables import Table
from flows.runtime.processes.readers import (
    INPUT_MEMORY,
    MESSAGE_SECONDS,
    PICTURE_MEMORY,
    Reader,
    ReaderStoppedError,
    asked,
)

MEMBER_SECONDS: Final = 30
"""Computing time in which one photograph or document is unpacked, and the list of all is read before the first."""
TABLE_SECONDS: Final = 10
LARGEST_PACKED: Final = 2**30
"""Bytes of a list with all photographs that came for it by mail."""
SECONDS_A_MEGABYTE: Final = 12
"""Computing time in which a table is read, at least and for each megabyte of it; a usual machine needs a tenth."""


@contextmanager
def table_apart(path: Path, *, name: str, agreed: Mapping[str, str] | None = None) -> Generator[Table]:
    """Open the nominations file at *path* as :func:`flows.intake.reading.tables.open_table` does, in another process.

    Raises also :class:`ReaderStoppedError`, here or while rows are taken.
    """
    seconds = TABLE_SECONDS + SECONDS_A_MEGABYTE * path.stat().st_size // 2**20
    with ExitStack() as stack:
        inside = stack.enter_context(TemporaryDirectory(prefix="accredit-"))
        reader = stack.enter_context(Reader())
        known = {"path": str(path.absolute()), "name": name, "agreed": dict(agreed or {}), "inside": inside}
        question = asked("table", INPUT_MEMORY, seconds, **known)
        answer, _ = reader.ask(name, question)
        known = answer["table"]
        table = Table(iter(()), Header.model_validate(known["header"]), known["form"], known["encoding"])
        _note(table, answer)
        table.rows = _rows(reader, table, name)
        yield table


def _rows(reader: Reader, table: Table, name: str) -> Iterator[RawRow]:
    while True:
        answer, blobs = reader.hear(name)
        if "rows" not in answer:
            _note(table, answer)
            return
        pictures = iter(blobs)
        for number, cells, extra, broken, columns in answer["rows"]:
            why = Message.model_validate(broken) if broken else None
            yield RawRow(number, cells, extra, why, {column: next(pictures) for column in columns})


def _note(table: Table, answer: Mapping[str, Any]) -> None:
    table.ignored.update(dict.fromkeys(answer["ignored"]))
    table.notes[:] = [ReadingNote.model_validate(note) for note in answer["notes"]]


def message_apart(content: bytes) -> ReadMessage:
    """Return what is in a message; raises :class:`BadInputError` for one that cannot be read."""
    with Reader() as reader:
        answer, blobs = reader.ask("message", asked("message", INPUT_MEMORY, MESSAGE_SECONDS), (content,))
    known = answer["message"]
    attached = tuple(Attached(name=one, content=blob) for one, blob in zip(known.pop("names"), blobs, strict=True))
    return ReadMessage.model_validate({**known, "attached": attached})


def inside_apart(archive: Attached) -> Inside:
    """Return what an archive holds; one that ends its reader counts as a list, as one that cannot be opened does."""
    with Reader() as reader, suppress(ReaderStoppedError):
        answer, _ = reader.ask(
            archive.name, asked("inside", INPUT_MEMORY, MESSAGE_SECONDS, name=archive.name), (archive.content,)
        )
        return Inside(answer["inside"])
    return Inside.LIST


def pack_apart(
    path: Path, archives: Sequence[Attached], *, first: Sequence[Attached], last: Sequence[Attached]
) -> None:
    """Write a package as :func:`flows.intake.reading.packages.pack` does, in another process.

    Raises :class:`PackageError`, and :class:`ReaderStoppedError` beyond the limits; nothing is left at *path* then.
    """
    parts = [*first, *archives, *last]
    size = sum(len(part.content) for part in parts)
    cuts = [len(first), len(first) + len(archives)]
    known = {"path": str(path.absolute()), "names": [part.name for part in parts], "cuts": cuts}
    question = asked("pack", INPUT_MEMORY + size, MESSAGE_SECONDS + size // 2**20, **known, written=LARGEST_PACKED)
    try:
        with Reader() as reader:
            reader.ask(path.name, question, tuple(part.content for part in parts))
    except BadInputError:
        path.unlink(missing_ok=True)
        raise


@dataclass(slots=True)
class PackageApart:
    """The photographs and documents of a ZIP archive, found and unpacked in another process; a context manager."""

    path: Path
    name: str
    _reader: Reader = field(default_factory=Reader)

    def __enter__(self) -> Self:
        """Return it; raises :class:`PackageError` for an archive that is not what an organisation would send."""
        self.looked_up("")
        return self

    def __exit__(self, *_: object) -> None:
        """Let the process end."""
        self._reader.throw_away()

    def looked_up(self, name: str) -> tuple[bytes | None, str]:
        """Return the member that *name* means, or None and the name most like it.

        Raises :class:`PackageError` for what cannot be unpacked, :class:`ReaderStoppedError` for what ends its reader.
        """
        question = asked("member", PICTURE_MEMORY, MEMBER_SECONDS, path=str(self.path.absolute()), name=self.name)
        answer, blobs = self._reader.ask(self.name, question | {"member": name})
        return (blobs[0], "") if blobs else (None, answer["nearest"])
