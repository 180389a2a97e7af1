"""Lists of a rehearsal that nobody can read: they lie apart, because a stage that is given one of them fails."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flows.rehearsal.package.pictures.unusable import locked_workbook

REFUSED: Final = "refused"
"""The folder below the package."""
LISTS: Final = {"locked.xlsx": "workbook_protected"}
"""Each list, with the message by which it must be refused."""


def write_refused(folder: Path) -> None:
    """Write the lists below the package *folder*."""
    (folder / REFUSED).mkdir()
    (folder / REFUSED / "locked.xlsx").write_bytes(locked_workbook())
