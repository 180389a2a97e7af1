"""Flows for the tests of the engine; a module of its own because pool processes and served runs import it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State

from domain.errors import AccreditationError, UnavailableError
from flows.runtime.chunks import chunk_task, final_state, run_chunks
from flows.runtime.outcomes import Chunk, ChunkOutcome, plan_chunks
from flows.runtime.reports import publish_stage_report
from flows.runtime.task_runners import chunk_runner

PERSON = "Unmistakable Zzyzxova"


class RefusedError(AccreditationError):
    """Waiting does not help."""


@chunk_task("trial", retries=1)
def trial_chunk(chunk: Chunk, *, election: str, trouble: str, folder: str) -> ChunkOutcome:
    """Count; the second chunk is in *trouble*."""
    assert election == "VALDARA-2027"
    tries = Path(folder) / f"tries-{chunk.number}"
    with tries.open("a") as kept:
        kept.write(f"{os.getpid()}\n")
    first = len(tries.read_text().splitlines()) == 1
    if chunk.number == 2:
        match trouble:
            case "foreign":
                raise KeyError(PERSON)
            case "refused":
                raise RefusedError("not this one")
            case "busy" if first:
                raise UnavailableError("the database is busy")
            case "killed":
                os._exit(9)
            case _:
                pass
    failed = {chunk.ids[0]: "unreadable_photo"} if trouble == "one person" and chunk.number == 2 else {}
    return ChunkOutcome(stage="trial", chunk=chunk.number, counts={"done": len(chunk.ids)}, failed=failed, seconds=0.1)


@flow(name="trial", task_runner=chunk_runner())
async def trial(trouble: str = "", folder: str = ".", election: str = "VALDARA-2027") -> State[Any]:
    """Run five chunks of ten."""
    chunks = plan_chunks((UUID(int=number) for number in range(50)), 10)
    outcome = await run_chunks("trial", trial_chunk, chunks, election=election, trouble=trouble, folder=folder)
    await publish_stage_report(outcome, election=election)
    return final_state(outcome, name="Tried")


@flow(name="lasting")
async def lasting(folder: str) -> None:
    """Leave the process id behind and last for minutes."""
    Path(folder, "lasting.pid").write_text(str(os.getpid()))  # noqa: ASYNC240 -- nothing else runs here
    await asyncio.sleep(600)
