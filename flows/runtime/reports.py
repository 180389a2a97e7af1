"""What Prefect's UI shows after a stage: a report in words and a table. Counts, ids, codes and durations only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from flows.runtime.outcomes import StageOutcome
from flows.runtime.progress import artifact_key, tolerated

ROWS_SHOWN: Final = 1000
"""More ids than this nobody reads in a browser; the report says how many there are in all."""

Cell = str | int | float
Row = Mapping[str, Cell]


async def publish_stage_report(
    outcome: StageOutcome, *, election: str, rows: Sequence[Row] | None = None, notes: Iterable[str] = ()
) -> None:
    """Publish the stage's report and table under keys that stay the same from run to run.

    *rows* are the stage's own table (ids, codes, counts: never anything personal), by default what was counted and
    what failed; *notes* are sentences for the report, such as where the operator finds what. If Prefect cannot take
    them the stage is not affected.
    """
    report = report_text(outcome, election=election, notes=notes)
    table = [dict(row) for row in (outcome_rows(outcome) if rows is None else rows)][:ROWS_SHOWN]
    await publish_markdown(report, stage=outcome.stage, election=election, kind="report")
    await publish_table(table, stage=outcome.stage, election=election, kind="table", description=outcome.sentence)


async def publish_markdown(text: str, *, stage: str, election: str, kind: str) -> None:
    """Publish *text* as the newest version of one artifact, or warn and go on."""
    key = artifact_key(stage, election, kind)
    published = partial(acreate_markdown_artifact, text, key=key, description=f"{stage}, {election}")
    await tolerated(published, f"the {kind}")


async def publish_table(rows: Sequence[Row], *, stage: str, election: str, kind: str, description: str) -> None:
    """Publish *rows* as the newest version of one artifact, or warn and go on."""
    key = artifact_key(stage, election, kind)
    table = [dict(row) for row in rows] or [{"rows": "none"}]
    await tolerated(partial(acreate_table_artifact, table, key=key, description=description), f"the {kind}")


def outcome_rows(outcome: StageOutcome) -> list[dict[str, Cell]]:
    """Return one row for each count, each application that could not be processed and each chunk that failed."""
    counted: list[dict[str, Cell]] = [
        {"what": name, "applications": number, "id": "", "code": ""} for name, number in outcome.counts.items()
    ]
    failed: list[dict[str, Cell]] = [
        {"what": "not processed", "applications": 1, "id": str(key), "code": code}
        for key, code in sorted(outcome.failed.items())
    ]
    chunks: list[dict[str, Cell]] = [
        {"what": f"chunk {failure.chunk} failed", "applications": failure.applications, "id": "", "code": failure.code}
        for failure in outcome.failures
    ]
    return counted + chunks + failed


def report_text(outcome: StageOutcome, *, election: str, notes: Iterable[str] = ()) -> str:
    """Return the report in Markdown."""
    counts = [(name, f"{number:,}") for name, number in outcome.counts.items()]
    reasons = [(code, f"{number:,}") for code, number in sorted(Counter(outcome.failed.values()).items())]
    failures = [
        (str(failure.chunk), f"{failure.applications:,}", f"`{failure.code}`", failure.reason)
        for failure in outcome.failures
    ]
    parts = [
        f"# {outcome.stage.capitalize()}, {election}\n\n{outcome.sentence}",
        _table("Outcomes", ("outcome", "applications"), counts),
        _table("Could not be processed", ("code", "applications"), reasons),
        _table("Chunks that failed", ("chunk", "applications", "code", "reason"), failures),
        "Nothing of a failed chunk was recorded. Run the stage again: it takes up what is still due."
        if failures
        else "",
        _pace(outcome),
        *notes,
    ]
    return "\n\n".join(part for part in parts if part)


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [heads, ["---"] * len(heads), *rows]
    return f"## {title}\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _pace(outcome: StageOutcome) -> str:
    pace = f", {outcome.applications / outcome.seconds:,.0f} applications a second" if outcome.seconds else ""
    return f"{outcome.seconds:.1f} s in {outcome.chunks} chunks ({outcome.work_seconds:.1f} s of work){pace}."
