"""Escalation: cases whose time has run out are raised in the pages of Prefect, as a run and a table of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.context import chosen_election, moment
from flows.decisions.clocks import OVER, clocks_table
from flows.runtime.reports import publish_table
from flows.runtime.shield import shielded_flow


@flow(name="escalation", flow_run_name="late cases {election}")
@shielded_flow
async def escalation(election: str | None = None, as_of: datetime | None = None) -> State[Any]:
    """Raise the cases that are late: a run named Late, and the artifact escalation with their numbers and owners.

    An automation starts it whenever the clocks find a case that has just run out of time.

    Args:
        election: Code of the election; may be left out where there is only one.
        as_of: The moment at which clocks are read; empty means now.
    """
    code, now = chosen_election(election), moment(as_of)
    late = [row for row in clocks_table(code, now=now) if row["run (%)"] == OVER]
    if not late:
        return Completed(message="Nothing is late.")
    told = f"{len(late)} are late: {', '.join(str(row['case']) for row in late[:5])}"
    await publish_table(late, stage="escalation", election=code, kind="table", description=told)
    return Failed(name="Late", message=f"{told}. Decide them, or say why not; all of them are in the artifact.")
