"""Reminders: what is due to be said again, each once, and the cases whose time is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import Any, Final

from prefect import flow
from prefect.client.schemas.objects import State

from db.store import Store, open_store
from domain.values import ElectionCode, UtcTime
from flows.assignment.office_changes import announce_office_changes
from flows.assignment.reminders import remind_of_briefings, remind_of_stays
from flows.assignment.roster_renewal import renew_rosters
from flows.context import ElectionContext, chosen_election, database, election_context, moment
from flows.intake.cures import overdue_cases, overdue_table, remind_of_cures
from flows.oversight.digests import send_digest
from flows.runtime.chunks import final_state
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.reports import publish_stage_report, publish_table
from flows.runtime.shield import shielded_flow

Occasion = Callable[[Store, ElectionContext], Counter[str]]

OCCASIONS: Final[tuple[Occasion, ...]] = (
    remind_of_cures,
    remind_of_briefings,
    remind_of_stays,
    announce_office_changes,
    send_digest,
)
"""What people are reminded of: each queues what is due at its moment, once."""


def remind(election: ElectionCode, *, now: UtcTime) -> Counter[str]:
    """Queue all reminders that are due; returns how many of each kind. A second time there are none."""
    context = election_context(election, now)
    with open_store(database()) as store:
        counts = sum((occasion(store, context) for occasion in OCCASIONS), Counter[str]())
    if counts["digests"]:  # once a day, and never in the same transaction: lists are drawn
        counts["rosters"] = renew_rosters(election, now=now)
    return counts


@flow(name="reminders", flow_run_name="reminders {election}")
@shielded_flow
async def reminders(election: str | None = None, as_of: datetime | None = None) -> State[Any]:
    """Remind of what is due, and list the cases whose time to mend is over in the artifact overdue.

    Args:
        election: Code of the election; may be left out where there is only one.
        as_of: The moment by which things are due; empty means now.
    """
    code, now = chosen_election(election), moment(as_of)
    started = monotonic()
    counts = remind(code, now=now)
    part = ChunkOutcome(stage="reminders", chunk=1, counts=dict(counts), seconds=monotonic() - started)
    outcome = StageOutcome.of("reminders", [part], applications=counts.total(), seconds=part.seconds)
    await publish_stage_report(outcome.revised(things="letters"), election=code)
    await publish_overdue(code, now=now)
    return final_state(outcome, name="Reminded")


async def publish_overdue(election: ElectionCode, *, now: UtcTime) -> None:
    """Show the cases whose time to mend is over, under one key of the UI."""
    rows = overdue_table(overdue_cases(election, now=now), now=now)
    description = f"{len(rows)} cases are past their time to mend; accredit overdue proposes refusals in bulk."
    await publish_table(rows, stage="overdue", election=election, kind="table", description=description)
