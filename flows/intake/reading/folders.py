"""From where files are taken in: an officer at the terminal names any, runs of Prefect know some folders alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from prefect.runtime import deployment

from domain.errors import BadInputError
from flows.intake.arrivals import Arrival
from flows.settings import settings


def is_started_by_prefect() -> bool:
    """Return whether this run is a deployment's: whoever reaches Prefect's server chose its parameters."""
    return bool(os.environ.get("PREFECT__FLOW_RUN_ID") or deployment.id)


def intake_folders() -> tuple[Path, ...]:
    """Return the folders that such a run may take files from."""
    chosen = settings()
    named = [Path(text).expanduser().absolute() for text in chosen.intake_folders.split(os.pathsep) if text.strip()]
    return (*([chosen.drop_folder] if chosen.drop_folder else []), chosen.home / "uploads", *named)


def require_intake_folders(found: Sequence[Arrival]) -> None:
    """Raise :class:`BadInputError` for a file outside these folders, links followed, where Prefect started the run."""
    if not is_started_by_prefect():
        return
    folders = [folder.resolve() for folder in intake_folders()]
    for number, arrival in enumerate(found, start=1):
        path = arrival.path.resolve()
        if not any(path.is_relative_to(folder) for folder in folders):
            raise BadInputError(
                f"File {number} of {len(found)}", "lies in no folder that runs of Prefect may take files from.",
                remedy="Put it into the drop folder or one named in ACCREDIT_INTAKE_FOLDERS, or use accredit intake.",
            )  # fmt: skip
