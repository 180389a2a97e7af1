"""Which files arrived, from whom and when."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prefect.runtime import deployment

from domain.errors import BadInputError
from flows.settings import settings


@dataclass(frozen=True, slots=True)
class Arrival:
    """A nominations file as it reached the office."""

    path: Path
    organisation: str = ""
    received_at: datetime | None = None
    only_files: bool = False
    """Its rows were taken in before; only photographs and documents that came since are taken from it."""


def arrivals(path: Path, *, organisation: str, received_at: datetime | None) -> list[Arrival]:
    """Return the files that *path* means: itself, or what a folder's ``received.csv`` lists, in order of receipt.

    Raises :class:`BadInputError` for a list that cannot be read.
    """
    manifest = path / "received.csv"
    if not manifest.is_file():
        return [Arrival(path, organisation, received_at)]
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as lines:
            return [
                Arrival(path / row["file"], row["organisation"], datetime.fromisoformat(row["received_at"]))
                for row in csv.DictReader(lines)
            ]
    except (OSError, UnicodeDecodeError, KeyError, ValueError) as error:
        raise BadInputError(
            "received.csv", "is no list of files with the columns file, organisation, received_at.",
            remedy="Correct it: times as 2027-03-01T09:30+02:00.",
        ) from error  # fmt: skip


def is_started_by_prefect() -> bool:
    """Return whether this run is a deployment's: whoever reaches Prefect's server chose its parameters."""
    return bool(os.environ.get("PREFECT__FLOW_RUN_ID") or deployment.id)


def intake_folders() -> tuple[Path, ...]:
    """Return the folders that such a run may take files from."""
    chosen = settings()
    named = [Path(one).expanduser().absolute() for one in chosen.intake_folders.split(os.pathsep) if one.strip()]
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
