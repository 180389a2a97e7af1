"""What public reports told: kept beside the keys, so that the next one gives no small count back with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from domain.errors import BadInputError
from domain.oversight.report.groups import Told
from domain.oversight.report.report import Report
from domain.oversight.report.suppression import Cell
from domain.values import ElectionCode
from flows.issuance.signing.keys import locked, read_private, write_private
from flows.settings import settings
from notifications.pages.report import DOCUMENT

KEPT: Final = "report-told.json"
_Counts = dict[str, dict[str, dict[str, list[tuple[int, bool]]]]]
_BOOK: Final = TypeAdapter(dict[ElectionCode, _Counts])


def told_before(election: ElectionCode) -> Told:
    """Return what each count was in earlier reports of *election*, and whether they told it."""
    return {
        Cell(table, group, column): tuple(counts)
        for table, groups in _book().get(election, {}).items()
        for group, columns in groups.items()
        for column, counts in columns.items()
    }


def remember_told(election: ElectionCode, counts: Mapping[Cell, tuple[int, bool]]) -> None:
    """Add what a report tells and withholds; the same again adds nothing."""
    folder = settings().keys_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(folder):
        book = _book()
        told, is_new = book.setdefault(election, {}), False
        for cell, now in counts.items():
            known = told.setdefault(cell.table, {}).setdefault(cell.group, {}).setdefault(cell.column, [])
            if now not in known:
                known.append(now)
                is_new = True
        if is_new:
            write_private(folder / KEPT, _BOOK.dump_json(book))


def standing_report(folder: Path) -> Report | None:
    """Return the report that lies in *folder*; None where there is none that can be read."""
    try:
        return Report.model_validate_json((folder / DOCUMENT).read_bytes(), strict=False)
    except (OSError, ValidationError):
        return None


def with_standing(told: Told, standing: Report | None) -> Told:
    """Return *told* with what the *standing* report tells: whoever reads it knows that, whatever is kept here."""
    every = {cell: tuple(counts) for cell, counts in told.items()}
    for table, groups in standing.tables.items() if standing else ():
        for group, columns in groups.items():
            for column, count in columns.items():
                if count is not None:
                    cell = Cell(table, group, column)
                    every[cell] = (*every.get(cell, ()), (count, True))
    return every


def _book() -> dict[ElectionCode, _Counts]:
    place = settings().keys_folder / KEPT
    if not place.exists():
        return {}
    try:
        return _BOOK.validate_json(read_private(place), strict=False)
    except (OSError, ValidationError) as error:
        raise BadInputError(str(place), "cannot be read.", remedy="Restore it from the backup of the keys.") from error
