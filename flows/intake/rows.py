"""From the lines of a file to rows with their photographs and documents; slow, and outside any transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.election.profile import ElectionProfile
from domain.errors import UnknownThingError
from domain.intake.plausibility.siblings import compared
from domain.messages import Message
from flows.intake.file_order import FileChunk
from flows.intake.reading.enclosures import enclosed
from flows.intake.reading.people import RawRow
from flows.intake.reading.rows import Read, read_nomination
from flows.intake.recognition import shared_in
from flows.runtime.processes.readers import Reader
from flows.storage.files import file_store


def read_chunk(chunk: FileChunk, sender: str, profile: ElectionProfile) -> list[Read]:
    """Read a chunk's rows with their photographs and documents; slow, and outside any transaction."""
    staged = json.loads(file_store().staged(chunk.file, chunk.number))
    with enclosed(chunk.package, Path(chunk.folder)) as folder, Reader() as reader:
        return compared(
            [read_nomination(_raw(row, chunk.file), sender, folder, profile, reader=reader) for row in staged],
            shared_in(chunk.file),
        )


def listed_in(file: UUID) -> Iterator[Mapping[str, str]]:
    """Yield the cells of all rows of a staged file, chunk by chunk."""
    for number in count(1):
        try:
            staged = file_store().staged(file, number)
        except UnknownThingError:
            return
        for _, cells, *_ in json.loads(staged):
            yield cells


def _raw(row: Sequence[Any], file: UUID) -> RawRow:
    number, cells, extra, broken, pictures = row
    message = Message.kept(broken, str(broken), "") if broken else None
    return RawRow(number, cells, extra, message,
                  {column: file_store().staged(file, picture) for column, picture in pictures.items()})  # fmt: skip
