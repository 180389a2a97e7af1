"""Doctor and backup as flows: what they say in Prefect, and an event where something is wrong."""

from __future__ import annotations

import asyncio
from collections import Counter
from time import monotonic
from typing import Any, Final

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.events import emit_event
from prefect.states import Completed, Failed

from domain.numbers import number_of
from flows.context import right_now
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.reports import publish_stage_report
from flows.runtime.shield import shielded_flow
from flows.settings import settings
from flows.upkeep.backups import is_due, make_backup, vault
from flows.upkeep.diagnosis import Standing, wrong_ones
from flows.upkeep.doctor import examine

INSTALLATION: Final = "installation"
WRONG: Final = "accreditation.doctor.wrong"
"""The event that an automation waits for, to tell people elsewhere."""


@flow(name="doctor", flow_run_name="doctor")
@shielded_flow
async def doctor() -> State[Any]:
    """Look at the whole installation: what is right, what is wrong, and what to do. The run fails where it is wrong."""
    started = monotonic()
    found = await asyncio.to_thread(examine)
    counts = Counter(told.standing.value for told in found)
    part = ChunkOutcome(stage="doctor", chunk=1, counts=dict(counts), seconds=monotonic() - started)
    outcome = StageOutcome.of("doctor", [part], applications=len(found), seconds=part.seconds).revised(things="parts")
    order = [*reversed(Standing)]
    rows = [told.model_dump(mode="json") for told in sorted(found, key=lambda told: order.index(told.standing))]
    await publish_stage_report(outcome, election=INSTALLATION, rows=rows)
    if not (bad := wrong_ones(found)):
        return Completed(message=outcome.sentence)
    payload = {"wrong": [told.model_dump(mode="json") for told in bad]}
    emit_event(WRONG, resource={"prefect.resource.id": "accreditation.installation"}, payload=payload)
    return Failed(message=f"{len(bad)} wrong: {', '.join(told.part for told in bad)}. What to do is in the report.")


@flow(name="backup", flow_run_name="backup")
@shielded_flow
async def backup() -> State[Any]:
    """Make a backup where the settings name a place and the last one is older than they say."""
    if not settings().backup_to:
        return Completed(message="ACCREDIT_BACKUP_TO is not set: no backup is made.", name="Not set")
    place = vault()
    if not await asyncio.to_thread(is_due, place, now=right_now()):
        return Completed(message="The last backup is not old enough.", name="Not due")
    made = await asyncio.to_thread(make_backup, place, key=settings().backup_key)
    told = f"Backup {made.name}: {number_of(made.files, 'files')}, {made.trial}."
    if made.damaged:
        return Failed(
            message=f"{told} {number_of(len(made.damaged), 'files of the store are')} damaged: accredit doctor"
        )
    return Completed(message=told, name="Backed up")
