"""The check of a whole election: what two places of the database say differently, for officers to act on."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime
from time import monotonic
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Failed

from db.oversight.snapshots import Snapshots
from db.store import open_reader
from domain.numbers import number_of
from domain.oversight.contradictions.check import contradictions
from domain.oversight.contradictions.contradiction import Contradiction
from domain.values import ElectionCode, UtcTime
from flows.context import chosen_election, database, moment
from flows.runtime.chunks import final_state
from flows.runtime.elections import scheduled
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.reports import publish_stage_report
from flows.settings import settings


def check_election(election: ElectionCode, *, now: UtcTime) -> tuple[Contradiction, ...]:
    """Return every contradiction in the database about *election*; nothing is changed."""
    with open_reader(database()) as store:
        seen = Snapshots(store.session).at(election, now=now)
    return contradictions(seen)


def moment_of(election: ElectionCode, as_of: datetime | None) -> UtcTime:
    """Return the moment that is named or set; else the present, or of a rehearsal dated ahead when its last act was."""
    now = moment(as_of)
    if as_of or settings().as_of:
        return now
    with open_reader(database()) as store:
        if not store.statements.is_rehearsal(election):
            return now
        last = Snapshots(store.session).last_moment(election)
    return max(now, last) if last else now


@scheduled("check")
async def check(election: str = "", as_of: datetime | None = None) -> State[Any]:
    """Hold everything in the database against everything else. The run fails where two places do not agree.

    Args:
        election: Code of the election; left out: all that are loaded, one after the other.
        as_of: The moment for which it is checked; empty means now, and of a rehearsal dated ahead its last day.
    """
    code, started = chosen_election(election), monotonic()
    now = moment_of(code, as_of)
    found = await asyncio.to_thread(check_election, code, now=now)
    counts = Counter(told.rule for told in found)
    part = ChunkOutcome(stage="check", chunk=1, counts=dict(counts), seconds=monotonic() - started)
    outcome = StageOutcome.of("check", [part], applications=len(found), seconds=part.seconds)
    outcome = outcome.revised(things="contradictions", nothing="No contradictions.")
    rows = [told.model_dump() for told in found]
    await publish_stage_report(outcome, election=code, rows=rows)
    if found:
        return Failed(
            message=f"{number_of(len(found), 'contradictions')}. What to do stands in the table of the check."
        )
    return final_state(outcome, name="Nothing contradicts")
