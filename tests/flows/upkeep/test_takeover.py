"""Lost runs are started again, once each and not for ever; a worker with a wrong clock takes no work."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from sqlalchemy import text

from db.schema_version import SCHEMA, VersionsDifferError
from db.store import open_store
from domain.errors import UnavailableError
from flows.context import database
from flows.deployments import AGAIN, DEPLOYMENTS, TRIES, UNFINISHED
from flows.election.database import upgraded
from flows.runtime import worker
from flows.settings import PREFIX, settings

HERE = "https://prefect.internal:4200/api"


@pytest.fixture
def deployment(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give a deployment on the shared server."""
    for needed in ("home", "prefect_server"):
        request.getfixturevalue(needed)
    from prefect import get_client

    from flows.runtime.setup import runner_deployment

    async def made() -> Any:
        return await (await runner_deployment(chosen, settings())).aapply()

    async def removed(known: Any) -> None:
        async with get_client() as client:
            await client.delete_deployment(known)

    chosen = next(deployed for deployed in DEPLOYMENTS if deployed.name == "clocks")
    known = asyncio.run(made())
    yield known
    asyncio.run(removed(known))


@pytest.mark.xdist_group("prefect")
def test_a_lost_run_has_one_successor_with_the_same_form_until_it_was_lost_too_often(deployment: Any) -> None:
    from prefect import get_client
    from prefect.states import Crashed, Failed, Running

    from flows.upkeep.takeover import takeover, tries

    async def ended(state: Any, *tags: str) -> None:
        async with get_client() as client:
            run = await client.create_flow_run_from_deployment(
                deployment, parameters={"election": "VALDARA-2027"}, tags=["accreditation", *tags]
            )
            await client.set_flow_run_state(run.id, Running(), force=True)
            await client.set_flow_run_state(run.id, state, force=True)

    async def waiting() -> list[tuple[int, str]]:
        async with get_client() as client:
            found = [run for run in await client.read_flow_runs() if run.deployment_id == deployment]
        return sorted(
            (tries(run.tags), run.parameters["election"])
            for run in found
            if tries(run.tags) and run.state_type == "SCHEDULED"
        )

    async def course() -> list[tuple[int, str]]:
        await ended(Crashed())
        await ended(Failed(name=UNFINISHED), f"{AGAIN}1")
        await ended(Crashed(), f"{AGAIN}{TRIES}")
        await ended(Failed())
        for _ in range(2):
            await takeover.fn()
        return await waiting()

    assert asyncio.run(course()) == [(1, "VALDARA-2027"), (2, "VALDARA-2027")]


@pytest.mark.parametrize(("seconds", "works"), [(0, True), (20, True), (90, False), (-90, False)])
def test_a_worker_whose_clock_is_wrong_takes_no_work(
    monkeypatch: pytest.MonkeyPatch, seconds: int, *, works: bool
) -> None:
    theirs = datetime.now(UTC) + timedelta(seconds=seconds)
    monkeypatch.setattr(worker, "health", lambda _url: format_datetime(theirs, usegmt=True))
    if works:
        worker.require_right_clock(HERE)
        return
    with pytest.raises(UnavailableError, match="s off the Prefect server's"):
        worker.require_right_clock(HERE)


@pytest.mark.usefixtures("home")
def test_a_worker_beats_often_enough_for_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    started: dict[str, str] = {}
    monkeypatch.setenv("PREFECT_API_URL", HERE)
    monkeypatch.setattr(worker, "await_server", lambda _url: None)
    monkeypatch.setattr(worker, "health", lambda _url: None)
    monkeypatch.setattr(worker.os, "execve", lambda _file, _command, environment: started.update(environment))
    worker.become_worker(settings(), name=None)
    from flows.runtime.setup import SECONDS_WITHOUT_A_BEAT

    assert int(started["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"]) * 2 < SECONDS_WITHOUT_A_BEAT


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("there", "told", "ends"), [(SCHEMA, None, False), ("0001", "db upgrade", False), ("9999", "newer program", True)]
)
def test_a_worker_of_another_version_takes_no_work_and_an_older_one_ends(
    monkeypatch: pytest.MonkeyPatch, there: str, told: str | None, *, ends: bool
) -> None:
    upgraded()
    with database().begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :there"), {"there": there})
    monkeypatch.setenv("PREFECT_API_URL", HERE)
    monkeypatch.setattr(worker, "await_server", lambda _url: None)
    monkeypatch.setattr(worker, "health", lambda _url: None)
    monkeypatch.setattr(worker.os, "execve", lambda *_: None)
    with pytest.raises(VersionsDifferError, match=told) if told else nullcontext():
        worker.become_worker(settings(), name=None)
    with pytest.raises(VersionsDifferError, match=told) if told else nullcontext(), open_store(database()):
        pass
    assert not worker.WORKER.startswith(PREFIX)  # unknown settings are refused
    ended: list[int] = []
    monkeypatch.setenv(worker.WORKER, str(os.getppid()))
    monkeypatch.setattr(worker.os, "kill", lambda process, _signal: ended.append(process))
    worker.end_outdated_worker()
    assert ended == [os.getppid()] * ends
