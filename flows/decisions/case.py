"""One case for officers in the UI, as an artifact."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.context import chosen_election, moment
from flows.decisions.case_file import case_file, case_markdown, find_application
from flows.runtime.reports import publish_markdown
from flows.runtime.shield import shielded_flow


@flow(name="case", flow_run_name="case {application}")
@shielded_flow
async def case(application: str, election: str | None = None, as_of: datetime | None = None) -> State[Any]:
    """Write the artifact of one case: its course, findings by code, clocks and next step; nothing personal.

    Args:
        application: Id, case number or serial of the application.
        election: Code of the election; may be left out where there is only one.
        as_of: The day whose policies count; unset: today.
    """
    code = chosen_election(election)
    file = case_file(find_application(code, application), now=moment(as_of))
    number = file.application.case_number.lower()
    await publish_markdown(case_markdown(file), stage=f"case-{number}", election=code, kind="timeline")
    return Completed(message=f"{file.application.status} at {moment(as_of):%Y-%m-%d}. Next: {file.next_step}")
