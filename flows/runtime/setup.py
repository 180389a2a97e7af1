"""What a Prefect server must hold before the first run: limits, the watch over dead runs, and the deployments.

``accredit up`` makes it on its own server, ``accredit prefect setup`` on the one that ``PREFECT_API_URL`` names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, StateType
from prefect.events import DeploymentEventTrigger
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectNotFound
from prefect.schedules import Interval
from prefect.types.entrypoint import EntrypointType

from db.locks import exclusive
from domain.errors import UnavailableError
from flows.context import database
from flows.deployments import DEPLOYMENTS, SMTP_LIMIT, WATCH, WORK_POOL, Deployed
from flows.settings import Settings, settings

SECONDS_WITHOUT_A_BEAT: Final = 75
"""Two and a half heartbeats; measured, a killed run was crashed 79 s after its last one."""


async def prepare_server(settled: Settings | None = None) -> None:
    """Create the limits and the watch where they are missing; a second time changes nothing.

    No work pool: what `accredit up` serves needs none, and one without workers is a red dot on the first page.
    """
    known = settled or settings()
    async with get_client() as client:
        await prepare_limits(client, known)
        await _prepare_watch(client)


async def prepare_for_workers(settled: Settings | None = None) -> Mapping[str, UUID]:
    """Create all that workers on several machines need, and return the ids of the deployments by name.

    Where another machine does the same at this moment, it is an UnavailableError: two would make automations twice.
    """
    known = settled or settings()
    with exclusive(database(), "prefect-setup") as alone:
        if not alone:
            raise UnavailableError("Another machine sets this Prefect server up at this moment. Run the command again.")
        await prepare_server(known)
        await _prepare_pool()
        made = {deployed.name: await runner_deployment(deployed, known, pool=WORK_POOL) for deployed in DEPLOYMENTS}
        return {name: await one.aapply(work_pool_name=WORK_POOL) for name, one in made.items()}


async def _prepare_pool() -> None:
    async with get_client() as client:
        try:
            await client.read_work_pool(WORK_POOL)
        except ObjectNotFound:
            await client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process"))


async def prepare_limits(client: PrefectClient, settled: Settings) -> None:
    """Set how many messages a second all deliveries together may send; ``rate_limit(SMTP_LIMIT)`` keeps to it."""
    await client.upsert_global_concurrency_limit_by_name(
        SMTP_LIMIT, limit=settled.smtp_burst, slot_decay_per_second=settled.smtp_per_second
    )


async def _prepare_watch(client: PrefectClient) -> None:
    """Without it a run whose machine lost power stays Running for ever: nothing in Prefect notices."""
    if not await client.read_automations_by_name(WATCH):
        await client.create_automation(watch_over_dead_runs())


def watch_over_dead_runs() -> AutomationCore:
    """Return the automation: after a heartbeat, neither another nor any other state within 75 s means crashed."""
    trigger = EventTrigger(
        posture=Posture.Proactive,
        match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
        for_each={"prefect.resource.id"},
        after={"prefect.flow-run.heartbeat"},
        # Also the names that our own states have, such as Accredited.
        expect={"prefect.flow-run.*"},
        threshold=1,
        within=timedelta(seconds=SECONDS_WITHOUT_A_BEAT),
    )
    told = "This run stopped giving signs of life: its process or machine was lost. It is started again."
    action = ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message=told, force=False)
    return AutomationCore(name=WATCH, description=told, enabled=True, trigger=trigger, actions=[action])


async def runner_deployment(deployed: Deployed, settled: Settings, *, pool: str | None = None) -> Any:
    """Return Prefect's description of *deployed*, its election filled in where one is set.

    Runs of a *pool* work in the folder that ``ACCREDIT_FOLDER`` names, where it names one.
    """
    folder = os.environ.get("ACCREDIT_FOLDER") if pool else None
    strategy = ConcurrencyLimitStrategy(deployed.collision)
    is_due = pool is not None or deployed.has_work(settled)  # workers may have other settings than whoever sets them up
    filled = {"election": settled.election} if settled.election and deployed.takes("election") else {}
    made = await deployed.flow().ato_deployment(
        name=deployed.name,
        tags=deployed.tags,
        parameters={**deployed.parameters, **filled},
        schedule=Interval(timedelta(seconds=deployed.every_seconds), active=is_due) if deployed.every_seconds else None,
        concurrency_limit=(
            ConcurrencyLimitConfig(limit=deployed.at_once, collision_strategy=strategy) if deployed.at_once else None
        ),
        work_pool_name=pool,
        job_variables={"working_dir": folder} if folder else None,
        entrypoint_type=EntrypointType.MODULE_PATH,
        triggers=[DeploymentEventTrigger.model_validate(deployed.trigger)] if deployed.trigger else None,
    )
    for name, field in made._parameter_openapi_schema.properties.items():  # noqa: SLF001 -- there is no other way to it
        make_plain(name, field)
    return made


def make_plain(name: str, field: dict[str, Any]) -> None:
    """Let a form show a *field* that may be left out as an empty one, not behind a choice of None; titled in words."""
    field["title"] = name.replace("_", " ")
    kinds = [kind for kind in field.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1 and field.get("default") is None:
        field.update(kinds[0])
        del field["anyOf"], field["default"]
