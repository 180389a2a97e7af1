"""The usual idiom: one flow run for each application, one task for each step, the same steps on a batch of one.

    python -m benchmarks.idiom --home FOLDER --rows FOLDER [--count 25] [--flows async]

The steps are the engine's own functions with the same database writes. Not counted here, to its advantage: staging
the files, the rosters of each plan, and that a plan of one person each is no plan.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from unittest.mock import patch
from uuid import UUID

from benchmarks.pipeline import AS_OF, Figures, arguments, peak_megabytes, prepared, without_drawing
from db.store import open_reader, open_store
from domain.application.status import Status
from flows.context import database, election_context
from flows.intake.file_order import FileChunk
from flows.intake.flow import take_in
from flows.issuance.flow import issue_applications
from flows.issuance.signing.signatory import badge_signer


def admit(chunk: FileChunk, election: str) -> list[UUID]:
    """Take one row in and return the id of what waits to be vetted since then."""
    take_in(chunk, election, now=AS_OF)
    with open_reader(database()) as store:
        return store.applications.ids_in(election, Status.IN_VETTING)


def check(ids: list[UUID], election: str) -> None:
    from flows.vetting.flow import vet_applications

    context = election_context(election, AS_OF)
    with open_store(database()) as store:
        vet_applications(store, context, ids)


def place(ids: list[UUID], election: str) -> None:
    from flows.assignment.flow import make_plan, place_applications

    plan = make_plan(election, now=AS_OF, wanted=ids) if ids else None
    if plan:
        context = election_context(election, AS_OF)
        with open_store(database()) as store:
            place_applications(store, context, plan, ids)
            store.plans.finish(plan, now=AS_OF)


def issue(ids: list[UUID], election: str) -> None:
    issue_applications(ids, election, now=AS_OF)


def one_by_one(chunks: list[FileChunk], election: str, kind: str) -> None:
    """Run a flow for each row, after one that is not measured."""
    from prefect import flow, task

    plain: Any = flow  # its overloads know no switch for parameters that are no JSON

    steps: list[Any] = [task(work) for work in (check, place, issue)]
    first: Any = task(admit)

    def accredit_one(chunk: FileChunk, election: str) -> None:
        ids = first(chunk, election)
        for step in steps:
            step(ids, election)

    async def accredit_one_async(chunk: FileChunk, election: str) -> None:
        accredit_one(chunk, election)

    async def all_of_them(run: Any) -> None:
        for chunk in chunks:
            await run(chunk, election)

    if kind == "async":
        asyncio.run(all_of_them(plain(accredit_one_async, validate_parameters=False)))
    else:
        run = plain(accredit_one, validate_parameters=False)
        for chunk in chunks:
            run(chunk, election)


@contextmanager
def as_usual() -> Generator[None]:
    """Let Prefect's client be as it is by default, without the setting that spares ours reading all authorities."""
    from prefect.context import refresh_global_settings_context

    with patch.dict(os.environ):
        del os.environ["PREFECT_API_SSL_CERT_FILE"]
        refresh_global_settings_context()
        yield
    refresh_global_settings_context()


def staged(home: Path, rows: Path, *, files: int | None = None, database: str = "") -> tuple[str, list[FileChunk]]:
    """Return the election and its rows, each a chunk of its own, of the first *files* or of all, with keys made."""
    election = prepared(home, rows, chunk_size=1, **({"database_url": database} if database else {}))
    from flows.intake.arrivals import arrivals
    from flows.intake.flow import stage_files

    found = arrivals(rows / "nominations", organisation="", received_at=None)
    chunks, _ = stage_files(found[:files], election, now=AS_OF)
    badge_signer(election_context(election, AS_OF).profile, now=AS_OF)
    return election, chunks


def measure(home: Path, rows: Path, *, count: int, kind: str, pictures: str) -> Figures:
    election, chunks = staged(home, rows, files=count)
    from flows.runtime.server.lifetime import temporary_server

    with temporary_server(), without_drawing(pictures), as_usual():
        one_by_one(chunks[:1], election, kind)
        started, worked = perf_counter(), process_time()
        one_by_one(chunks[1 : count + 1], election, kind)
        seconds = perf_counter() - started
    with open_reader(database()) as store:
        issued = sum(store.counts.credentials(election).values())
    return {
        "seconds": {"all": seconds},
        "processor": {"all": process_time() - worked},
        "megabytes": {"all": peak_megabytes()},
        "rows": len(chunks[1 : count + 1]),
        "credentials": issued,
    }


def main() -> None:
    words = arguments(__doc__)
    words.add_argument("--count", type=int, default=25)
    words.add_argument("--flows", choices=("sync", "async"), default="sync")
    given = words.parse_args()
    found = measure(given.home, given.rows, count=given.count, kind=given.flows, pictures=given.pictures)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
