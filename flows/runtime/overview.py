"""The overview in Prefect: one page of one address, with what is still to be done and links to what was said last.

The page of a key lists versions by their ids only, and no menu leads to any of them. So the overview is one artifact
that is written anew, and it links to each newest version itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from prefect import get_client
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
from prefect.client.schemas.objects import ArtifactCollection
from prefect.client.schemas.sorting import ArtifactCollectionSort

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
    parts = ["# Accreditation", *(str(each.data) for each in work), _listed("Said today", today) or nothing]
    return "\n\n".join(part for part in [*parts, _listed("Said before", older)] if part)


def _listed(title: str, artifacts: Sequence[ArtifactCollection]) -> str:
    """Return a list, not a table: what Prefect shows of a table is cut where a laptop's page ends."""
    return "\n".join([f"## {title}", "", *map(_line, artifacts)]) if artifacts else ""


def _line(artifact: ArtifactCollection) -> str:
    name = artifact.key.removesuffix("-report").removesuffix("-table")
    link = f"[{name} →](/artifacts/artifact/{artifact.latest_id})"
    return f"- {link}, {artifact.updated:%Y-%m-%d %H:%M} UTC: {artifact.description or ''}"
