"""What Prefect's UI shows: after a stage a report and a table, and the overview. Counts, ids, codes, durations only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from prefect import get_client
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.client.schemas.objects import ArtifactCollection
from prefect.client.schemas.sorting import ArtifactCollectionSort
from prefect.events import emit_event

from domain.numbers import number_of
from flows.runtime.outcomes import StageOutcome
from flows.runtime.progress import artifact_key, tolerated

OVERVIEW: Final = "overview"
OPEN_WORK: Final = "open-work"
"""What is still to be done in an election is kept under a key with this in it, and shown whole at the top."""
_MOST: Final = 200
_ABOUT: Final = "What every stage said last, with links."


async def renew_overview() -> str:
    """Write the overview anew, or for the first time; returns its address below that of the pages."""
    async with get_client() as client:
        known = await client.read_latest_artifacts(sort=ArtifactCollectionSort.UPDATED_DESC, limit=_MOST)
        text = overview_text([shown for shown in known if shown.key != OVERVIEW], now=datetime.now(UTC))
        own = next((shown.latest_id for shown in known if shown.key == OVERVIEW), None)
        if own is None:
            created = ArtifactCreate(key=OVERVIEW, type="markdown", data=text, description=_ABOUT)
            own = (await client.create_artifact(created)).id
        else:
            await client.update_artifact(own, ArtifactUpdate(data=text, description=_ABOUT))
    return f"/artifacts/artifact/{own}"


def overview_text(artifacts: Iterable[ArtifactCollection], *, now: datetime) -> str:
    """Return the page in Markdown: what is to be done, what was renewed today, what is older; no progress bars."""
    shown = [artifact for artifact in artifacts if artifact.type != "progress" and artifact.updated]
    work = [artifact for artifact in shown if f"-{OPEN_WORK}-" in artifact.key]
    said = [artifact for artifact in shown if artifact not in work]
    today = [artifact for artifact in said if artifact.updated and artifact.updated.date() == now.date()]
    older = [artifact for artifact in said if artifact not in today]
    nothing = "No stage has said anything today."
    parts = ["# Accreditation", *(_counted(each, said) for each in work), _listed("Said today", today) or nothing]
    return "\n\n".join(part for part in [*parts, _listed("Said before", older)] if part)


def _counted(work: ArtifactCollection, said: Iterable[ArtifactCollection]) -> str:
    """Return what is to be done; where a stage ended since it was counted, that comes first."""
    since = any(each.updated and work.updated and each.updated > work.updated for each in said)
    return ("*Stages have ended since this was counted. It is counted anew within five minutes.*\n\n" * since) + str(
        work.data
    )


def _listed(title: str, artifacts: Sequence[ArtifactCollection]) -> str:
    """Return a list, not a table: what Prefect shows of a table is cut where a laptop's page ends."""
    return "\n".join([f"## {title}", "", *map(_line, artifacts)]) if artifacts else ""


def _line(artifact: ArtifactCollection) -> str:
    name = artifact.key.removesuffix("-report").removesuffix("-table")
    link = f"[{name} →](/artifacts/artifact/{artifact.latest_id})"
    return f"- {link}, {artifact.updated:%Y-%m-%d %H:%M} UTC: {artifact.description or ''}"


ROWS_SHOWN: Final = 500
"""More than this nobody reads in a browser; the report says how many there are besides."""

Cell = str | int | float
Row = Mapping[str, Cell]


async def publish_stage_report(
    outcome: StageOutcome,
    *,
    election: str,
    rows: Sequence[Row] | None = None,
    notes: Iterable[str] = (),
    announced: bool = True,
) -> None:
    """Publish the stage's one report under a key that stays the same from run to run, and renew the overview.

    *rows* are the stage's own table (ids, codes, counts: never anything personal), by default what was counted and
    what failed; *notes* are sentences for the report, such as where the operator finds what. That the stage ended is
    *announced* to automations, but for dry runs. If Prefect cannot take any of it the stage is not affected.
    """
    report = report_text(outcome, election=election, rows=rows, notes=notes)
    key = artifact_key(outcome.stage, election, "report")
    published = partial(acreate_markdown_artifact, report, key=key, description=outcome.sentence)
    await tolerated(published, "the report")
    await tolerated(renew_overview, "the overview")
    if announced:
        await tolerated(partial(tell_automations, outcome, election=election), "the event")


async def tell_automations(outcome: StageOutcome, *, election: str) -> None:
    """Emit Prefect's event about a stage that ended: counts, ids and codes, by which automations start something."""
    said = {
        "election": election, "stage": outcome.stage, "things": outcome.things, "seen": outcome.applications,
        "counts": outcome.counts, "not_processed": len(outcome.failed), "chunks_failed": len(outcome.failures),
        "seconds": round(outcome.seconds, 1),
    }  # fmt: skip
    resource = {
        "prefect.resource.id": f"accreditation.election.{election}", "prefect.resource.name": election,
        "accreditation.stage": outcome.stage,
    }  # fmt: skip
    emit_event(stage_event(outcome.stage, ended_well=not outcome.failures), resource=resource, payload=said)


def stage_event(stage: str, *, ended_well: bool) -> str:
    """Return the name of the event about the end of *stage*, such as ``accreditation.vetting.completed``."""
    return f"accreditation.{stage.replace(' ', '-')}.{'completed' if ended_well else 'failed'}"


async def publish_markdown(text: str, *, stage: str, election: str, kind: str) -> None:
    """Publish *text* as the newest version of one artifact, or warn and go on."""
    key = artifact_key(stage, election, kind)
    published = partial(acreate_markdown_artifact, text, key=key, description=f"{stage}, {election}")
    await tolerated(published, f"the {kind}")


async def publish_table(rows: Sequence[Row], *, stage: str, election: str, kind: str, description: str) -> None:
    """Publish *rows* as the newest version of one artifact, or warn and go on."""
    key = artifact_key(stage, election, kind)
    table = [dict(row) for row in rows[:ROWS_SHOWN]] or [{"rows": "none"}]
    await tolerated(partial(acreate_table_artifact, table, key=key, description=description), f"the {kind}")


def report_text(
    outcome: StageOutcome, *, election: str, rows: Sequence[Row] | None = None, notes: Iterable[str] = ()
) -> str:
    """Return the report in Markdown: what was counted, what went wrong and what to do, then the stage's own table."""
    counts = [(name.replace("_", " "), f"{number:,}") for name, number in outcome.counts.items() if number]
    reasons = [(code, f"{number:,}") for code, number in sorted(Counter(outcome.failed.values()).items())]
    failures = [
        (str(failure.chunk), f"{failure.applications:,}", f"`{failure.code}`", failure.reason)
        for failure in outcome.failures
    ]
    failed = [(str(key), code) for key, code in sorted(outcome.failed.items())]
    parts = [
        f"# {outcome.stage.capitalize()}, {election}\n\n{outcome.sentence}",
        _table("Outcomes", ("outcome", outcome.things), counts),
        _table("Could not be processed", ("code", outcome.things), reasons),
        _table("Which", ("id", "code"), failed),
        _table("Chunks that failed", ("chunk", outcome.things, "code", "reason"), failures),
        "Nothing of a failed chunk was recorded. Run the stage again: it takes up what is still due."
        if failures
        else "",
        *notes,
        _detail(rows or ()),
        _pace(outcome),
    ]
    return "\n\n".join(part for part in parts if part)


def _detail(rows: Sequence[Row]) -> str:
    """Return the stage's own table; underscores are for programs."""
    heads = list(dict.fromkeys(name for row in rows for name in row))
    shown = [[f"{row.get(head, '')}".replace("|", r"\|").replace("\n", " ") for head in heads] for row in rows]
    return _table("In detail", [head.replace("_", " ") for head in heads], shown)


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [heads, ["---"] * len(heads), *rows[:ROWS_SHOWN]]
    text = f"## {title}\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return text + (f"\n\n{len(rows) - ROWS_SHOWN:,} more are not shown." if len(rows) > ROWS_SHOWN else "")


def _pace(outcome: StageOutcome) -> str:
    pace = f", {outcome.applications / outcome.seconds:,.0f} {outcome.things} a second" if outcome.seconds else ""
    chunks = number_of(outcome.chunks, "chunks")
    return f"{outcome.seconds:.1f} s in {chunks} ({outcome.work_seconds:.1f} s of work){pace}."
