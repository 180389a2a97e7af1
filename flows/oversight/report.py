"""The flow of the public report: written on a schedule, with its pictures and tables in Prefect."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from prefect.client.schemas.objects import State

from domain.values import ElectionCode, UtcTime
from flows.context import chosen_election
from flows.oversight.contradictions import moment_of
from flows.oversight.open_work import report_folder
from flows.runtime.chunks import final_state
from flows.runtime.elections import scheduled
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.reports import Row, publish_stage_report

if TYPE_CHECKING:
    from domain.oversight.report.report import Report

LARGEST_SHOWN: Final = 60_000
"""Characters of a picture that still goes into a report."""


@scheduled("report")
async def report(election: str = "", as_of: datetime | None = None) -> State[Any]:
    """Write the public report anew, with its tables and charts, and open reviews of what stands out.

    Args:
        election: Code of the election; left out: all that are loaded, one after the other.
        as_of: The moment of the report; empty means now, and of a rehearsal dated ahead its last day.
    """
    code, started = chosen_election(election), monotonic()
    now = moment_of(code, as_of)
    made, folder, changed = await asyncio.to_thread(_written, code, now)
    counts = {"files_changed": changed, "differences": len(made.differences), "reviews": made.reviews}
    part = ChunkOutcome(stage="report", chunk=1, counts=counts, seconds=monotonic() - started)
    outcome = StageOutcome.of("report", [part], applications=made.figures["received"] or 0, seconds=part.seconds)
    rows: list[Row] = [
        {"what": name, "cases": "withheld" if count is None else count} for name, count in made.figures.items()
    ]
    await publish_stage_report(outcome, election=code, rows=rows, notes=_notes(folder))
    return final_state(outcome, name="Written")


def _written(election: ElectionCode, now: UtcTime) -> tuple[Report, Path, int]:
    """Write the report and return it, where it lies, and how many files changed."""
    # Statistics and charts take seconds to load; whoever lists or starts flows should not wait for them.
    from flows.oversight.reporting import gather, write_report  # noqa: PLC0415

    folder = report_folder(election)
    made, changed = write_report(gather(election, now=now), folder)
    return made, folder, len(changed)


def _notes(folder: Path) -> Iterable[str]:
    """Yield where the report lies, and those of its charts that a page of Prefect can hold."""
    yield f"The report lies in `{folder.parent.name}/{folder.name}`: any web server can serve that folder."
    for name in ("days", "waits", "refusals_by_reason", "by_organisation_type", "offices"):
        chart = folder / f"{name}.svg"
        if chart.is_file() and chart.stat().st_size <= LARGEST_SHOWN:
            yield f"![{name}](data:image/svg+xml;base64,{b64encode(chart.read_bytes()).decode()})"
