"""The rules in force as the files of a package, so that the folder says again what is loaded."""

from __future__ import annotations

from pathlib import Path

import yaml

from db.store import open_reader
from domain.values import ElectionCode
from flows.context import database


def write_rules(election: ElectionCode, folder: Path) -> list[Path]:
    """Write ``election.yaml`` and ``geography.yaml`` of *election* into *folder*; what stood there is lost."""
    with open_reader(database()) as store:
        profile, land = store.elections.as_loaded(election)
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "election.yaml": profile.model_dump(mode="json", exclude={"former_calendars", "follows"}),
        "geography.yaml": land.model_dump(mode="json"),
    }
    for name, content in files.items():
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    return [folder / name for name in files]
