"""What time alone ends: suspensions at the end they named, accreditations at theirs."""

from __future__ import annotations

import asyncio
from datetime import datetime
from time import monotonic
from typing import Any

from prefect.client.schemas.objects import State

from flows.context import chosen_election, moment
from flows.issuance.flow import ledger
from flows.issuance.life import end_what_is_over
from flows.runtime.chunks import final_state
from flows.runtime.elections import scheduled
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.reports import publish_stage_report


@scheduled("validity")
async def validity(election: str = "", as_of: datetime | None = None) -> State[Any]:
    """End suspensions and accreditations whose time is over, with their letters; a second run finds nothing to do.

    Args:
        election: Code of the election; left out: all that are loaded, one after the other.
        as_of: The moment that counts as now; empty means now.
    """
    code, now, started = chosen_election(election), moment(as_of), monotonic()
    counts = await asyncio.to_thread(end_what_is_over, code, now=now)
    part = ChunkOutcome(stage="validity", chunk=1, counts=counts, seconds=monotonic() - started)
    outcome = StageOutcome.of("validity", [part], applications=sum(counts.values()), seconds=part.seconds)
    await publish_stage_report(outcome, election=code, rows=ledger(code))
    return final_state(outcome, name="Ended")
