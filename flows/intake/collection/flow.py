"""Collection: what was dropped into the folder and what came by mail is taken in, answered and put away."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Final, Literal
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State

from db.store import open_store
from domain.errors import BadInputError, UnavailableError
from domain.intake.mailbox import IncomingMessage
from domain.intake.nominations_file import file_id
from domain.oversight.alarms import Alarm, AlarmKind
from domain.values import ElectionCode, UtcTime
from flows.context import chosen_election, database, election_context, moment
from flows.delivery.imap import Mailbox, configured_mailbox
from flows.intake.arrivals import Arrival
from flows.intake.collection.drop_folder import (
    QUARANTINED,
    REFUSED,
    TAKEN,
    Dropped,
    all_files,
    put_away,
    require_plain,
    settled_files,
)
from flows.intake.collection.messages import MessageFile, answer_message, due_files, fetch_messages, held_messages
from flows.intake.collection.working import MOST_READ, WorkingFolder, being_read, leave, times_cut_off
from flows.intake.file_order import FileChunk, run_in_turns
from flows.intake.flow import close_files, intake_chunk, stage_files
from flows.intake.mending.returned_rows import account_text, accounts_of, told
from flows.intake.workbooks.report import account_book
from flows.letters.alarms import tell_officers
from flows.runtime.chunks import final_state
from flows.runtime.outcomes import ChunkFailure, ChunkOutcome, StageOutcome, error_code
from flows.runtime.processes.readers import ReaderStoppedError
from flows.runtime.reports import Cell, publish_stage_report
from flows.runtime.run_names import run_name
from flows.runtime.shield import shielded_flow
from flows.runtime.task_runners import chunk_runner
from flows.settings import settings
from flows.storage.files import digest_of

HELD_NOTE: Final = "Held messages wait for an officer: accredit collect held, then release or discard."
QUARANTINE_NOTE: Final = (
    "A file ended the process that read it, and lies in the folder quarantined of the drop folder with its report. Do "
    "not open it lightly; ask its sender for another."
)
NOBODY: Final = "-"
"""In the place of an organisation, where none is known."""
Source = Literal["drop folder and mailbox", "drop folder", "mailbox"]
"""In words: the form in Prefect offers them as they are."""


@dataclass
class Harvest:
    """What was found in one run, and what became of it so far."""

    election: ElectionCode
    now: UtcTime
    dropped: list[Dropped] = field(default_factory=list[Dropped])
    messages: list[IncomingMessage] = field(default_factory=list[IncomingMessage])
    files: list[MessageFile] = field(default_factory=list[MessageFile])
    counts: Counter[str] = field(default_factory=Counter[str])
    known: dict[Path, UUID] = field(default_factory=dict[Path, UUID])
    """The file as intake knows it, by its path."""
    refused: dict[Path, BadInputError] = field(default_factory=dict[Path, BadInputError])
    failures: list[ChunkFailure] = field(default_factory=list[ChunkFailure])
    """What could not be reached."""
    working: WorkingFolder | None = None
    """Where the dropped files lie, which is this run's until it is closed."""

    def close(self) -> None:
        """Let another run have the working folder."""
        if self.working is not None:
            self.working.close()

    def account(self, path: Path, name: str, accounts: dict[UUID, dict[str, Any]]) -> dict[str, Any] | None:
        """Return what became of the file at *path*; None while some of its rows are not accounted for."""
        if error := self.refused.get(path):
            return {"file": name, **told(error.message)}
        found = accounts.get(self.known.get(path, UUID(int=0)))
        return found | {"file": name} if found and found["finished"] else None


def look_around(
    election: ElectionCode, source: Source, *, now: UtcTime, clock: datetime, real: bool, at_once: bool = False
) -> Harvest:
    """Look at the drop folder and fetch the mail, as far as *source* says and the settings name them."""
    found = Harvest(election, now)
    for place in source.split(" and "):
        try:
            if place == "drop folder":
                _look_into_folder(found, clock=clock, at_once=at_once)
            else:
                _fetch(found, real=real)
        except UnavailableError as error:
            if place == source:
                raise
            # What the one cannot give must not keep the other waiting.
            found.failures.append(ChunkFailure(chunk=1, applications=0, code=error_code(error), reason=str(error)))
    return found


def _look_into_folder(found: Harvest, *, clock: datetime, at_once: bool) -> None:
    """Move what is ready into the working folder, before it is read; what an earlier run left there comes first."""
    if (folder := settings().drop_folder) is None:
        return
    found.working = WorkingFolder.opened(folder)
    left = found.working.left() if found.working else []
    ready, waiting = (all_files(folder), 0) if at_once else settled_files(found.election, folder, clock=clock)
    moved = found.working.take(ready) if found.working else []  # where there is none, another run is at it
    found.dropped = [*left, *moved]
    found.counts["files left alone"] = waiting + len(ready) - len(moved)


def _fetch(found: Harvest, *, real: bool) -> None:
    if (mailbox := configured_mailbox(settings())) is not None:
        with Mailbox(mailbox) as opened:
            fetched = fetch_messages(found.election, opened, now=found.now, real=real)
        found.counts.update({f"messages {name}": number for name, number in fetched.items()})


def stage(harvest: Harvest, inside: Path, *, source: Source, real: bool) -> list[FileChunk]:
    """Stage all files that were found, dropped or sent; those of messages are written to the folder *inside* first."""
    if source != "drop folder":
        harvest.messages, harvest.files = due_files(harvest.election, inside)
    organisations = frozenset(election_context(harvest.election, harvest.now).organisations)
    arrivals: list[Arrival] = []
    for dropped in harvest.dropped:
        try:
            require_plain(dropped, organisations)
            if times_cut_off(dropped.path) >= MOST_READ:
                raise ReaderStoppedError(dropped.path.name)
            arrivals.append(dropped.arrival(real=real))
        except BadInputError as error:
            harvest.refused[dropped.path] = error
    arrivals += [file.arrival for file in harvest.files]
    return _staged(harvest, arrivals)


def _staged(harvest: Harvest, arrivals: Sequence[Arrival]) -> list[FileChunk]:
    refused: dict[int, BadInputError] = {}
    chunks, _ = stage_files(arrivals, harvest.election, now=harvest.now, refused=refused, reading=being_read)
    for place, arrival in enumerate(arrivals):
        if place in refused:
            harvest.refused[arrival.path] = refused[place]
        else:
            known = file_id(harvest.election, arrival.organisation, digest_of(arrival.path))
            harvest.known[arrival.path] = known
    return chunks


def settle(harvest: Harvest) -> None:
    """Put the dropped files away with their reports and answer the messages, as far as all rows are accounted for."""
    accounts = accounts_of(harvest.election, set(harvest.known.values()))
    for dropped in harvest.dropped:
        account = harvest.account(dropped.path, dropped.path.name, accounts)
        harvest.counts[_put_away(harvest, dropped, account) if account else "files to go on with"] += 1
    for message in harvest.messages:
        own = [harvest.account(f.arrival.path, f.name, accounts) for f in harvest.files if f.message.id == message.id]
        done = [account for account in own if account]
        if len(done) == len(own):
            answer_message(harvest.election, message, done, now=harvest.now)
            harvest.counts["messages taken"] += 1
    _tell_of_harm(harvest)


def _tell_of_harm(harvest: Harvest) -> None:
    """Tell the officers of files that ended their reader: from whose folder or mailbox they came."""
    senders = {dropped.path: dropped.organisation for dropped in harvest.dropped}
    senders |= {file.arrival.path: file.message.organisation for file in harvest.files}
    stopped = [path for path, error in harvest.refused.items() if isinstance(error, ReaderStoppedError)]
    alarms = [
        Alarm(at=harvest.now, kind=AlarmKind.QUARANTINED, election=harvest.election, about=senders[path] or NOBODY)
        for path in stopped
    ]
    if alarms:
        profile = election_context(harvest.election, harvest.now).profile
        with open_store(database()) as store:
            tell_officers(store, profile, alarms, now=harvest.now)


def _put_away(harvest: Harvest, dropped: Dropped, account: dict[str, Any]) -> str:
    refused = harvest.refused.get(dropped.path)
    kind = QUARANTINED if isinstance(refused, ReaderStoppedError) else REFUSED if refused else TAKEN
    if kind == QUARANTINED:
        harvest.failures.append(ChunkFailure(chunk=1, applications=0, code="reader_stopped", reason=QUARANTINE_NOTE))
    mark = dropped.mark if refused else harvest.known[dropped.path].hex
    papers = {
        "report.json": (json.dumps(account, ensure_ascii=False, indent=2) + "\n").encode(),
        "report.txt": account_text(account).encode(),
        "report.xlsx": account_book(account),
    }
    folder = settings().drop_folder or dropped.path.parent
    moved = put_away(dropped, kind, f"{harvest.now:%Y-%m-%d}-{mark[:8]}", papers, folder=folder)
    if moved:
        leave(dropped.path)
    return f"files {kind}" if moved else "files left alone"


def _rows(outcome: StageOutcome, election: ElectionCode) -> list[dict[str, Cell]]:
    """Return the counts, and the messages that wait for an officer: ids and reasons."""
    rows: list[dict[str, Cell]] = [
        {"what": name, "number": number, "id": "", "why": ""} for name, number in outcome.counts.items()
    ]
    return rows + [_waiting(message) for message in held_messages(election)]


def _waiting(message: IncomingMessage) -> dict[str, Cell]:
    return {"what": "message held", "number": 1, "id": str(message.id), "why": str(message.reason or "")}


@flow(name="collection", flow_run_name=run_name("collection"), task_runner=chunk_runner())
@shielded_flow
async def collection(
    election: str = "",
    source: Source = "drop folder and mailbox",
    as_of: datetime | None = None,
    at_once: bool = False,  # noqa: FBT001, FBT002 -- a field of the form
) -> State[Any]:
    """Take in what lies in the drop folder and what came by mail; without either set there is nothing to do.

    Args:
        election: Code of the election; may be left out where there is only one.
        source: Where to look.
        as_of: The moment the work counts as done, for rehearsals; empty means now.
        at_once: Take files of the folder without waiting until they have looked the same for a while.
    """
    code, now, started = chosen_election(election), moment(as_of), monotonic()
    real = as_of is None and settings().as_of is None
    harvest = await asyncio.to_thread(
        look_around, code, source, now=now, clock=datetime.now(UTC), real=real, at_once=at_once
    )
    with closing(harvest), TemporaryDirectory(prefix="accredit-") as inside:
        chunks = await asyncio.to_thread(stage, harvest, Path(inside), source=source, real=real)
        done = await run_in_turns(intake_chunk, chunks, election=code, as_of=now)
        await asyncio.to_thread(close_files, code, now=now)
        await asyncio.to_thread(settle, harvest)
    own = ChunkOutcome(stage="collection", chunk=1, counts=dict(harvest.counts), seconds=monotonic() - started)
    parts: list[ChunkOutcome | ChunkFailure] = [own, *harvest.failures]
    outcome = StageOutcome.of("collection", parts, applications=0, seconds=own.seconds).joined(done)
    await publish_stage_report(outcome, election=code, rows=_rows(outcome, code), notes=(HELD_NOTE,))
    return final_state(outcome, name="Collected")
