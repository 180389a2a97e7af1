"""Turns: what of an organisation's files must be recorded before what, so that the later row is the one that stays.

Half of all nominations come from organisations with a handful of people. Small chunks of many files are therefore
worked in one task, each in a transaction of its own; whichever fails there is tried again by itself.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, groupby
from typing import Literal
from uuid import UUID

from prefect import Task

from db.store import open_reader
from domain.application.nomination import folded
from domain.intake.columns import CORRECTION
from domain.intake.plausibility.siblings import SharedValues
from domain.intake.roll import marks_of_cells
from domain.intake.row_identity import identifying_number, identifying_reference
from domain.intake.rows import organisation_in
from domain.values import ElectionCode, Sha256, UtcTime
from flows.context import database
from flows.intake.reading.people import RawRow
from flows.runtime.chunks import run_chunks
from flows.runtime.outcomes import Chunk, ChunkFailure, ChunkOutcome, StageOutcome
from flows.runtime.progress import ProgressArtifact, StageProgress
from flows.settings import settings

WAITS = "An earlier part of what this organisation sent could not be taken in, so this one waits. Run intake again."


class FileChunk(Chunk):
    """Some rows of a file, staged in the file store as they came until the whole file is accounted for."""

    file: UUID
    folder: str
    package: Sha256 | Literal[""] = ""
    """The ZIP archive in the file store that holds the photographs, where the file came in one."""
    only_files: bool = False
    """Whether only photographs and documents are taken: the rows were recorded before."""
    sender: str = ""
    """Whose turns it takes: the organisation, or nobody's own where files name organisations row by row."""
    turn: int = 0
    """How many chunks go first, one after the other: of earlier files, or earlier in the file with the same row."""


class Bundle(Chunk):
    """Chunks of several files, worked in one task, each in a transaction of its own."""

    parts: tuple[FileChunk, ...]


def bundles(chunks: Sequence[FileChunk], size: int) -> list[Bundle]:
    """Return *chunks* in their order, in bundles of at most *size* rows; a chunk of more rows is one by itself."""
    bundled: list[list[FileChunk]] = []
    rows = size
    for chunk in chunks:
        rows += len(chunk.ids)
        if rows > size:
            bundled.append([])
            rows = len(chunk.ids)
        bundled[-1].append(chunk)
    return [bundle(number, *parts) for number, parts in enumerate(bundled, start=1)]


def bundle(number: int, *parts: FileChunk) -> Bundle:
    """Return *parts* as one piece of work."""
    return Bundle(number=number, ids=tuple(chain.from_iterable(part.ids for part in parts)), parts=parts)


class Repeats:
    """Finds rows that may come twice in one file, by hashes of what they are known by, and keeps what they claim."""

    def __init__(self, sender: str = "") -> None:
        self._sender = sender
        self._turns: dict[int, int] = {}
        self.claims = array("q")
        """The marks of all rows so far; see :mod:`domain.intake.roll`."""
        self.shared = SharedValues()

    def turn_of(self, rows: Iterable[RawRow]) -> int:
        """Return the turn of the chunk of *rows*: after every chunk before that may have one of them."""
        marks = [hash(mark) for row in rows for mark in self._marks(row.cells)]
        turn = max((self._turns[mark] + 1 for mark in marks if mark in self._turns), default=0)
        self._turns.update(dict.fromkeys(marks, turn))
        return turn

    def _marks(self, cells: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
        """Yield each thing that a row is known by: rows that are taken for one by mistake only wait for each other."""
        sender = self._sender or organisation_in(cells)
        if text := folded(cells.get(CORRECTION, "")):
            yield sender, CORRECTION, text
            return
        self.claims.extend(marks_of_cells(cells, sender))
        self.shared.add(cells)
        for column, comparable in (("reference", identifying_reference), ("document_number", identifying_number)):
            if text := comparable(cells.get(column, "")):
                yield sender, column, text
        name = " ".join(folded(cells.get(column, "")) for column in ("surname", "given_names")).strip()
        if name:
            yield sender, name, cells.get("birth_date", "").strip()


async def run_in_turns(
    work: Task[..., ChunkOutcome], chunks: Sequence[FileChunk], *, election: ElectionCode, as_of: UtcTime
) -> StageOutcome:
    """Run *work* turn by turn on bundles of *chunks*; what fails in a bundle is tried again by itself.

    Where that fails too, what the same sender's later turns hold waits and is reported.
    """
    rows = sum(len(chunk.ids) for chunk in chunks)
    progress = ProgressArtifact(StageProgress(stage="intake", applications=rows, things="rows"), election)
    await progress.show()
    run = partial(run_chunks, "intake", work, election=election, progress=progress, as_of=as_of)
    outcome = StageOutcome(stage="intake")
    stopped: set[str] = set()
    for _, found in groupby(sorted(chunks, key=lambda chunk: chunk.turn), key=lambda chunk: chunk.turn):
        together = list(found)
        due = [chunk for chunk in together if chunk.sender not in stopped]
        done = await run(bundles(due, settings().chunk_size))
        waiting = _waiting(chunk for chunk in together if chunk.sender in stopped)
        outcome = outcome.joined(done.revised(failures=())).joined(waiting)
        if left := _unrecorded(due):
            alone = [bundle(number, chunk) for number, chunk in enumerate(left, start=1)]
            again = await run(alone)
            outcome = outcome.joined(again.revised(applications=0))
            stopped |= {chunk.sender for chunk in _unrecorded(left)}
    return outcome


def _waiting(chunks: Iterable[FileChunk]) -> StageOutcome:
    parts = [
        ChunkFailure(chunk=chunk.number, applications=len(chunk.ids), code="earlier_failed", reason=WAITS)
        for chunk in chunks
    ]
    return StageOutcome.of("intake", parts, applications=sum(part.applications for part in parts), seconds=0.0)


def _unrecorded(chunks: Sequence[FileChunk]) -> list[FileChunk]:
    """Return those of *chunks* whose outcome is not written."""
    with open_reader(database()) as store:
        done = {file: store.intake.chunks_done(file) for file in {chunk.file for chunk in chunks}}
    return [chunk for chunk in chunks if chunk.number not in done[chunk.file]]
