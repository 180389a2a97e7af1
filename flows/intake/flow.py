"""Intake: from nominations files to recorded applications, with every row accounted for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from functools import partial
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, Any, Final
from uuid import UUID, uuid5

from prefect import flow
from prefect.client.schemas.objects import State

from db.intake.nominations_files import FileReport
from db.store import open_reader, open_store
from domain.errors import BadInputError, UnknownThingError
from domain.intake.corrections import CorrectionRead
from domain.intake.nominations_file import ONLY_FILES, ChunkCounts, NominationsFile, RowProblem, RowRead, file_id
from domain.messages import ReadingNote
from domain.values import ElectionCode, Sha256, UtcTime
from flows.context import chosen_election, database, election_context, moment, require_rehearsal
from flows.intake.arrivals import Arrival, arrivals, readable
from flows.intake.column_agreements import agreed_names
from flows.intake.dry_run import publish_dry_run
from flows.intake.file_names import FileNames, reason_unreadable
from flows.intake.file_order import Bundle, FileChunk, Repeats, run_in_turns
from flows.intake.latecomers import with_new_files
from flows.intake.mending.corrected_rows import record_corrections
from flows.intake.mending.corrections import correction_letters
from flows.intake.moved_columns import answers_on
from flows.intake.reading.folders import require_intake_folders
from flows.intake.reading.packages import is_package
from flows.intake.reading.people import RawRow
from flows.intake.reading.readers import table_apart
from flows.intake.reading.rows import nearest_names
from flows.intake.reading.tables import require_file
from flows.intake.recognition import MARKS, SHARED, claims_of
from flows.intake.recording import Recorder
from flows.intake.rows import listed_in, read_chunk
from flows.runtime.chunks import chunk_task, final_state
from flows.runtime.outcomes import ChunkFailure, ChunkOutcome, StageOutcome, error_code
from flows.runtime.reports import Cell, publish_stage_report
from flows.runtime.run_names import run_name
from flows.runtime.shield import shielded_flow
from flows.runtime.task_runners import chunk_runner
from flows.settings import settings
from flows.statements.kept_log import on_a_whole_log
from flows.storage.files import digest_of, file_store

_FIRST_PICTURE: Final = 1_000_000
"""Staged parts from here on are pictures; no file has as many chunks."""


def stage_file(arrival: Arrival, election: ElectionCode, *, now: UtcTime) -> list[FileChunk]:
    """Register a file and return the chunks of rows still to be recorded; none where it was taken in before.

    Raises :class:`BadInputError` for a file or header that cannot be read; nothing is registered then. Running it
    again gives the same chunks less those whose outcome is written.
    """
    path = require_file(arrival.path)
    sha256 = digest_of(path)
    known = file_id(election, arrival.organisation, sha256)
    with open_reader(database()) as store:
        if store.intake.is_finished(known):
            return []
    notes: list[ReadingNote] = []
    chunks = list(_cut(path, arrival, election, notes, sha256=sha256))
    file = NominationsFile(
        id=known,
        election=election,
        organisation=arrival.organisation,
        sha256=file_store().put_file(path, sha256),
        name=readable(path.name),
        received_at=arrival.received_at or now,
        notes=(*([ONLY_FILES] if arrival.only_files else []), *notes),
    )
    with open_store(database()) as store:
        is_due = store.intake.take(file, rows=sum(len(chunk.ids) for chunk in chunks), now=now)
        done = store.intake.chunks_done(file.id)
    if not is_due:
        file_store().unstage(file.id)
        return []
    return [chunk for chunk in chunks if chunk.number not in done]


def _cut(
    path: Path, arrival: Arrival, election: ElectionCode, notes: list[ReadingNote], *, sha256: Sha256
) -> Iterator[FileChunk]:
    """Read the file once to its end, then stage its rows chunk by chunk, so that each can be worked on anywhere.

    *notes* gets what is to be told about how the file was read.
    """
    known = file_id(election, arrival.organisation, sha256)
    package = sha256 if is_package(path) else ""
    with TemporaryFile(prefix="accredit-") as spool:
        with table_apart(path, name=path.name, agreed=agreed_names(election, arrival.organisation)) as table:
            repeats = Repeats(arrival.organisation)
            pieces = list(_spooled(table.rows, spool, known, repeats))
            notes += table.notes
        spool.seek(0)
        answers_on(known).clear()
        file_store().stage(known, MARKS, repeats.claims.tobytes())
        if len(pieces) > 1:
            file_store().stage(known, SHARED, repeats.shared.marks.tobytes())
        for number, (ids, size, turn) in enumerate(pieces, start=1):
            file_store().stage(known, number, spool.read(size))
            yield FileChunk(
                number=number,
                ids=tuple(uuid5(known, str(row)) for row in ids),
                file=known,
                folder=str(path.parent / path.stem),
                package=package,
                only_files=arrival.only_files,
                turn=turn,
            )


def _spooled(
    rows: Iterator[RawRow], spool: IO[bytes], known: UUID, repeats: Repeats
) -> Iterator[tuple[list[int], int, int]]:
    """Write the rows to *spool* in chunks; yields each chunk's row numbers, its length in bytes, and its turn.

    Pictures that lie in the table are staged beside the chunks, each under a number of its own.
    """
    numbers = count(_FIRST_PICTURE)
    while batch := list(islice(rows, settings().chunk_size)):
        cells: list[list[Any]] = []
        for row in batch:
            pictures = {column: next(numbers) for column in row.pictures}
            for column, number in pictures.items():
                file_store().stage(known, number, row.pictures[column])
            broken = row.broken and row.broken.model_dump()
            cells.append([row.number, dict(row.cells), row.extra_cells, broken, pictures])
        yield (
            [row.number for row in batch],
            spool.write(json.dumps(cells, ensure_ascii=False).encode("utf-8", "replace")),
            repeats.turn_of(batch),
        )


def take_in(chunk: FileChunk, election: ElectionCode, *, now: UtcTime) -> ChunkCounts:
    """Record one chunk of rows, its findings, letters and outcome together; a second time it finds that outcome."""
    context = election_context(election, now)
    with open_reader(database()) as store:
        if chunk.number in store.intake.chunks_done(chunk.file):
            return ChunkCounts()
        file = store.intake.get(chunk.file)
    try:
        read = read_chunk(chunk, file.organisation, context.profile)
    except UnknownThingError:
        if _is_done(chunk):  # another run recorded it meanwhile, and the file was closed
            return ChunkCounts()
        raise
    with open_store(database()) as store:
        recorder = Recorder(
            store, context, file, claims=partial(claims_of, chunk.file), listed=partial(listed_in, chunk.file)
        )
        left = 0
        if chunk.only_files:
            read, left = with_new_files(store, context, read)
        problems = [row for row in read if isinstance(row, RowProblem)]
        counts = recorder.record([row for row in read if isinstance(row, RowRead)])
        if mended := [row for row in read if isinstance(row, CorrectionRead)]:
            counts += record_corrections(store, context, recorder, mended)
        counts += ChunkCounts(returned=len(problems), unchanged=left)
        notes = [*nearest_names(read), *recorder.notes]
        store.intake.put_chunk(chunk.file, chunk.number, counts, [*problems, *recorder.problems], notes)
        store.flush()
        store.identities.trace(chunk.file, recorder.traces)
    return counts


def _is_done(chunk: FileChunk) -> bool:
    with open_reader(database()) as store:
        return chunk.number in store.intake.chunks_done(chunk.file)


def reports(election: ElectionCode) -> list[FileReport]:
    """Return what became of the rows of every file of *election*."""
    with open_reader(database()) as store:
        return store.intake.reports(election)


def take_in_all(parts: Sequence[FileChunk], election: ElectionCode, *, now: UtcTime) -> ChunkCounts:
    """Record each of *parts*; one that fails among others is left as it is, to be tried again by itself."""
    counts = ChunkCounts()
    for part in parts:
        try:
            counts += take_in(part, election, now=now)
        except Exception:
            if len(parts) == 1:
                raise
    return counts


@chunk_task("intake")
def intake_chunk(chunk: Bundle, election: ElectionCode, as_of: UtcTime) -> ChunkOutcome:
    """Record one bundle of chunks; see :func:`take_in` for why a second run is harmless."""
    started = monotonic()
    counts = take_in_all(chunk.parts, election, now=as_of)
    return ChunkOutcome(stage="intake", chunk=chunk.number, counts=counts.model_dump(), seconds=monotonic() - started)


@flow(name="intake", flow_run_name=run_name("intake"), task_runner=chunk_runner())
@shielded_flow
@on_a_whole_log
async def intake(
    files: list[str],
    election: str = "",
    organisation: str = "",
    received_at: datetime | None = None,
    as_of: datetime | None = None,
    dry_run: bool = False,  # noqa: FBT001, FBT002 -- a field of the form
) -> State[Any]:
    """Take nominations files in: record every row, ask for what is missing, return what cannot be used.

    Args:
        files: CSV, XLSX, ODS, JSON Lines or ZIP files where this runs, or folders that hold a received.csv; they lie in
            the drop folder, in ``uploads`` below ACCREDIT_HOME, or in one of ACCREDIT_INTAKE_FOLDERS.
        election: Code of the election; may be left out where there is only one.
        organisation: Code of the organisation that sent the files; empty where the rows name it.
        received_at: When the files arrived; empty means now (or as_of).
        as_of: The moment the work counts as done; empty means now.
        dry_run: Check everything and show the report, and write nothing.
    """
    code, now = chosen_election(election), moment(as_of)
    found = [
        arrival
        for name in files
        for arrival in arrivals(Path(name), organisation=organisation, received_at=received_at)
    ]
    require_intake_folders(found)
    if any(arrival.received_at for arrival in found):  # as the form says, or a received.csv beside the files
        require_rehearsal("received_at")
    if dry_run:
        return await publish_dry_run(found, code, now=now)
    chunks, unreadable = stage_files(found, code, now=now)
    outcome = StageOutcome.of("intake", unreadable, applications=0, seconds=0.0)
    outcome = outcome.joined(await run_in_turns(intake_chunk, chunks, election=code, as_of=now)).revised(things="rows")
    table = close_files(code, now=now)
    await publish_stage_report(outcome, election=code, rows=table)
    return final_state(outcome, name="Taken in")


def stage_files(
    found: Sequence[Arrival],
    election: ElectionCode,
    *,
    now: UtcTime,
    refused: dict[int, BadInputError] | None = None,
    reading: Callable[[Path], AbstractContextManager[object]] = nullcontext,
) -> tuple[list[FileChunk], list[ChunkFailure]]:
    """Stage every file; one that cannot be read is reported and does not stop the others.

    An organisation's files take turns in the order of *found*, and so do rows that come twice in one file: a later
    row corrects an earlier one, not the reverse. *refused* gets the whole error of a file by its index in *found*.
    Each file is read within *reading*.
    """
    chunks: list[FileChunk] = []
    unreadable: list[ChunkFailure] = []
    turns: Counter[str] = Counter()
    mixed = not all(arrival.organisation for arrival in found)
    for place, arrival in enumerate(found, start=1):
        sender = "" if mixed else arrival.organisation
        try:
            with reading(arrival.path):
                staged = stage_file(arrival, election, now=now)
            chunks += [chunk.revised(sender=sender, turn=turns[sender] + chunk.turn) for chunk in staged]
            turns[sender] += 1 + max((chunk.turn for chunk in staged), default=0)
        except BadInputError as error:
            if refused is not None:
                refused[place - 1] = error
            reason = reason_unreadable(arrival.path, place, len(found), command="accredit intake")
            unreadable.append(ChunkFailure(chunk=place, applications=0, code=error_code(error), reason=reason))
    return chunks, unreadable


def close_files(election: ElectionCode, *, now: UtcTime) -> list[dict[str, Cell]]:
    """Close the files all of whose rows are accounted for; returns what became of each file's rows.

    Each organisation whose rows changed gets one letter about all of its rows that are to be mended.
    """
    with open_reader(database()) as store:
        counted = store.intake.counted(election)
    changed = {report.file.organisation for report in counted if report.counts.rows > report.counts.unchanged}
    letters = correction_letters(election, changed, now=now)
    with open_store(database()) as store:
        closed = store.intake.finish_counted(election, now=now)
        for letter in letters:
            store.outbox.put(election, letter, now=now)
        found = store.intake.reports(election)
    for file in closed:
        file_store().unstage(file)
    names = FileNames(report.file for report in found)
    return [
        {
            "file": names.name(report.file.organisation, report.file.id),
            "rows": report.counts.rows,
            **report.counts.model_dump(),
        }
        for report in found
    ]
