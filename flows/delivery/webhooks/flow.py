"""The flow that tells other systems of events."""

from __future__ import annotations

import asyncio
from datetime import datetime
from time import monotonic
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.context import chosen_election, named_moment
from flows.delivery.webhooks.rounds import tell_everybody
from flows.delivery.webhooks.standing import receivers_table
from flows.runtime.chunks import final_state
from flows.runtime.elections import scheduled
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.reports import publish_stage_report
from flows.settings import settings
from flows.statements.kept_log import require_whole_log


@scheduled("webhooks")
async def webhooks(election: str = "", as_of: datetime | None = None) -> State[Any]:
    """Tell other systems of events: what failed is tried again later, and after ten attempts it is given up.

    Args:
        election: Code of the election; left out: all that are loaded, one after the other.
        as_of: The moment at which the next attempts are due; empty means now.
    """
    code, now, started = chosen_election(election), named_moment(as_of), monotonic()
    if settings().webhooks is None:
        return Completed(name="Nobody to tell", message="ACCREDIT_WEBHOOKS names no file.")
    await asyncio.to_thread(require_whole_log, code)
    counts = await tell_everybody(code, now=now)
    part = ChunkOutcome(stage="webhooks", chunk=1, counts=dict(counts), seconds=monotonic() - started)
    outcome = StageOutcome.of("webhooks", [part], applications=counts.total(), seconds=part.seconds)
    outcome = outcome.revised(things="events")
    if counts.total():
        await publish_stage_report(outcome, election=code, rows=receivers_table(code))
    return final_state(outcome, name="Told")
