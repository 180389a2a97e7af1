"""Claims from the pages of Prefect: an officer takes cases on the desk, or gives them back; ids and a code only."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from domain.decisions.officers import Proof
from domain.errors import AccreditationError
from flows.context import chosen_election, moment
from flows.decisions.case_file import find_application
from flows.decisions.casework import claim_cases, release_cases
from flows.decisions.flow import created_at
from flows.runtime.shield import shielded_flow
from flows.vetting.case_queue import publish_queue


@flow(name="claim", flow_run_name="claim by {officer}")
@shielded_flow
async def claim(
    applications: list[str],
    officer: str,
    code: str,
    step: Literal["take", "give back"] = "take",
    election: str | None = None,
    as_of: datetime | None = None,
) -> State[Any]:
    """Take cases on your desk, so that others wait; the artifact named queue shows it. A claim lapses by itself.

    Args:
        applications: Case numbers or ids of the cases.
        officer: Your officer code.
        code: The six digits your authenticator shows now. A code serves once.
        step: Take the cases, or give back what you took.
        election: Code of the election; may be left out where there is only one.
        as_of: The moment from which the claim counts; empty means now.
    """
    chosen, now = chosen_election(election), moment(as_of)
    proof, judged_at = Proof(officer=officer, code=code), created_at() or now
    try:
        ids = [find_application(chosen, str(one)) for one in applications]
        if step == "give back":
            told = f"{release_cases(ids, proof, election=chosen, now=now, judged_at=judged_at)} given back."
        else:
            claims = claim_cases(ids, proof, election=chosen, now=now, judged_at=judged_at)
            told = " ".join([f"{len(claims)} with {officer}", *(f"until {one.until:%H:%M} UTC" for one in claims[:1])])
    except AccreditationError as error:
        return Failed(message=str(error))
    await publish_queue(chosen, now=now)
    return Completed(message=told)
