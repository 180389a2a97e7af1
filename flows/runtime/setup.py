"""What a Prefect server must hold before the first run: limits, and the watch over dead runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from flows.settings import Settings, settings

SMTP_LIMIT: Final = "smtp"
WATCH: Final = "Runs that stopped beating are crashed"
SECONDS_WITHOUT_A_BEAT: Final = 75
"""Two and a half heartbeats; measured, a killed run was crashed 79 s after its last one."""

ENDS: Final = frozenset({"Completed", "Failed", "Cancelled", "Crashed", "Suspended", "Paused"})


async def prepare_server(settled: Settings | None = None) -> None:
    """Create the limits and the watch where they are missing; a second time changes nothing.

    No work pool: what `accredit up` serves needs none, and one without workers is a red dot on the first page.
    """
    known = settled or settings()
    async with get_client() as client:
        await prepare_limits(client, known)
        await _prepare_watch(client)


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
    """Return the automation: after a heartbeat, neither another nor an end within 75 s means crashed."""
    trigger = EventTrigger(
        posture=Posture.Proactive,
        match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
        for_each={"prefect.resource.id"},
        after={"prefect.flow-run.heartbeat"},
        expect={"prefect.flow-run.heartbeat", *(f"prefect.flow-run.{end}" for end in ENDS)},
        threshold=1,
        within=timedelta(seconds=SECONDS_WITHOUT_A_BEAT),
    )
    told = "This run stopped giving signs of life: its process or machine was lost. Start the stage again."
    action = ChangeFlowRunState(state=StateType.CRASHED, name="Crashed", message=told, force=False)
    return AutomationCore(name=WATCH, description=told, enabled=True, trigger=trigger, actions=[action])
