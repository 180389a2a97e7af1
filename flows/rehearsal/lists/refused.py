"""Lists of a rehearsal that nobody can read: they lie apart, because a stage that is given one of them fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from domain.errors import BadInputError
from flows.intake.reading.tables import open_table
from flows.rehearsal.check import Difference, DifferenceKind
from flows.rehearsal.pictures.unusable import locked_workbook

REFUSED: Final = "refused"
"""The folder below the package."""
_LISTS: Final = {"locked.xlsx": "workbook_protected"}
"""Each list, with the message by which it must be refused."""


def write_refused(folder: Path) -> None:
    """Write the lists below the package *folder*."""
    (folder / REFUSED).mkdir()
    (folder / REFUSED / "locked.xlsx").write_bytes(locked_workbook())


def taken_or_misnamed(package: Path) -> Iterator[Difference]:
    """Yield what is wrong with how intake reads each of them: not refused, or for another reason."""
    for path in sorted((package / REFUSED).glob("*")):
        said = _reason(path)
        if said != _LISTS.get(path.name):
            sentence = f"should be refused ({_LISTS.get(path.name)}), was {said or 'read'}."
            yield Difference(DifferenceKind.ROW_OUTCOME, f"{REFUSED}/{path.name}", sentence)


def _reason(path: Path) -> str:
    try:
        with open_table(path, name=path.name) as table:
            list(table.rows)
    except BadInputError as refused:
        return refused.message.code
    return ""
