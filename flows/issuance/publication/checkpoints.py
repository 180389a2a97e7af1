"""Checkpoints by themselves: signed on a schedule and after each stage, published, stamped, and sent to others."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any

from prefect.client.schemas.objects import State

from db.store import open_store
from domain.credentials.ring import KeyFolderError
from domain.errors import UnavailableError
from domain.values import ElectionCode, UtcTime
from flows.context import ElectionContext, chosen_election, database, moment, published_at
from flows.issuance.publication.log import published_log, take_checkpoint
from flows.issuance.publication.published_log import require_goes_on
from flows.issuance.publication.stamps import stamp_newest
from flows.letters.checkpoint_letters import checkpoint_letters, told_of_checkpoints
from flows.runtime.chunks import final_state
from flows.runtime.elections import scheduled
from flows.runtime.outcomes import ChunkFailure, ChunkOutcome, StageOutcome, error_code
from flows.runtime.reports import publish_stage_report
from flows.statements.kept_log import given_out, require_whole_log
from flows.storage.files import file_store
from notifications.pages.checker import write_files


def make_checkpoint(election: ElectionCode, *, now: UtcTime) -> Counter[str]:
    """Sign where the log stands and renew it in the published folder; returns what was done.

    A second time nothing is new. Raises :class:`LogForkedError`, :class:`BadInputError` where the published log is
    another, and :class:`KeyFolderError` on a machine without the key.
    """
    if (folder := published_at(election)) is not None:
        require_goes_on(folder, election)
    before, note = given_out(election), take_checkpoint(election, now=now)
    counts = Counter({"checkpoints": int(note != before)})
    if folder is not None:
        counts["files"] = len(write_files(folder, published_log(election, now=now)))
    return counts


def checkpoint_if_it_can(election: ElectionCode, *, now: UtcTime) -> Counter[str]:
    """Return what :func:`make_checkpoint` did: nothing where this machine has no key that signs checkpoints."""
    with suppress(KeyFolderError):
        return make_checkpoint(election, now=now)
    return Counter()


def send_checkpoint(election: ElectionCode, *, now: UtcTime) -> int:
    """Queue the newest checkpoint to the organisations and witnesses who are due one; returns how many letters."""
    if not (note := given_out(election)):
        return 0
    kept = file_store().put(note.encode())
    with open_store(database()) as store:
        context = ElectionContext.of(store, election, now=now)
        told = told_of_checkpoints(store, election)
        letters = [*checkpoint_letters(context, note, kept, told=told)]
        for envelope in letters:
            store.outbox.put(election, envelope, now=now)
    return len(letters)


@scheduled("checkpoints")
async def checkpoints(election: str = "", as_of: datetime | None = None) -> State[Any]:
    """Sign where the log stands, publish it, have it stamped, and send it to organisations and witnesses.

    Args:
        election: Code of the election; left out: all that are loaded, one after the other.
        as_of: The moment that counts as now; empty means now.
    """
    code, now, started = chosen_election(election), moment(as_of), monotonic()
    faults = await asyncio.to_thread(require_whole_log, code)
    counts, failures = await asyncio.to_thread(signed_and_stamped, code, now=now)
    counts["letters"] = await asyncio.to_thread(send_checkpoint, code, now=now)
    part = ChunkOutcome(stage="checkpoints", chunk=1, counts=dict(counts), seconds=monotonic() - started)
    outcome = StageOutcome.of("checkpoints", [part, *failures], applications=counts.total(), seconds=part.seconds)
    await publish_stage_report(outcome.revised(things="letters"), election=code, notes=faults)
    return final_state(outcome, name="Signed")


def signed_and_stamped(election: ElectionCode, *, now: UtcTime) -> tuple[Counter[str], list[ChunkFailure]]:
    """Sign, have it stamped, and publish; an authority that does not answer stops neither."""
    counts, failures = make_checkpoint(election, now=now), list[ChunkFailure]()
    try:
        counts["stamped"] = stamp_newest(election)
    except UnavailableError as error:
        failures.append(ChunkFailure(chunk=1, applications=0, code=error_code(error), reason=str(error)))
    if counts["stamped"]:
        counts += make_checkpoint(election, now=now)  # the stamp is published, too
    return counts, failures
