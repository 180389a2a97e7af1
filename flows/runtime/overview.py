"""The overview in Prefect: one page of one address, which links to what is shown of each election at this moment.

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
    """Return the page in Markdown: what was renewed today, then what is older; progress bars are left out."""
    shown = [artifact for artifact in artifacts if artifact.type != "progress" and artifact.updated]
    today = [artifact for artifact in shown if artifact.updated and artifact.updated.date() == now.date()]
    older = [artifact for artifact in shown if artifact not in today]
    nothing = "No stage has said anything today."
    parts = ["# Accreditation", _listed("Today", today) or nothing, _listed("Before", older)]
    return "\n\n".join(part for part in parts if part)


def _listed(title: str, artifacts: Sequence[ArtifactCollection]) -> str:
    if not artifacts:
        return ""
    return "\n".join(
        [f"## {title}", "", "| what | when (UTC) | in short |", "| --- | --- | --- |", *map(_row, artifacts)]
    )


def _row(artifact: ArtifactCollection) -> str:
    name = artifact.key.removesuffix("-report").removesuffix("-table")
    said = (artifact.description or "").replace("|", " ")
    return f"| [{name} →](/artifacts/artifact/{artifact.latest_id}) | {artifact.updated:%Y-%m-%d %H:%M} | {said} |"
