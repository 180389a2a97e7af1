"""Rehearsing a correction: an organisation fills in the workbook that it was sent, as planted, and sends it back."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from db.letters.letters import LetterFilter
from db.store import open_reader
from domain.intake.columns import meaning
from domain.letters.envelope import LetterKind
from domain.values import ElectionCode, Frozen, OrganisationCode
from flows.context import database
from flows.intake.workbooks.template import write_text
from flows.rehearsal.package.truth import TruthRow, read_truth
from flows.settings import settings
from flows.storage.files import file_store
from notifications.workbooks import timeless

_PICTURES: Final = ("photo", "identity_page")


class SentBack(Frozen):
    """A corrections workbook that an organisation filled in, and how many rows it had to mend."""

    organisation: OrganisationCode
    path: Path
    rows: int


def corrections_folder(package: Path) -> Path:
    """Return where filled-in corrections of the rehearsal in *package* lie, once there are any."""
    return settings().home / f"{package.name}-corrections"


def fill_in_corrections(election: ElectionCode, package: Path) -> SentBack | None:
    """Fill in the first workbook that the planted organisation was sent; None where nobody was to mend anything.

    A second time the same bytes are written.
    """
    planted = [row for row in read_truth(package / "truth.jsonl") if row.mends]
    if not planted:
        return None
    organisation = planted[0].organisation
    book = openpyxl.load_workbook(io.BytesIO(_first_workbook(election, organisation)))
    sheet = book.worksheets[0]
    for number, row in _found(sheet, planted).items():
        _fill(sheet, number, row.mends)
    folder = corrections_folder(package)
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"corrections-{organisation}.xlsx"
    for row in planted:
        _lay_pictures(package, row, path.with_suffix(""))
    written = io.BytesIO()
    book.save(written)
    path.write_bytes(timeless(written.getvalue()))
    return SentBack(organisation=organisation, path=path, rows=sheet.max_row - 1)


def _first_workbook(election: ElectionCode, organisation: OrganisationCode) -> bytes:
    with open_reader(database()) as store:
        letters = store.letters.matching(election, LetterFilter(kind=LetterKind.CORRECTIONS))
    letter = next(queued.envelope for queued in letters if queued.envelope.organisation == organisation)
    return file_store().get(letter.attachments[0].content)


def columns_of(sheet: Worksheet) -> dict[str, int]:
    """Return where each column of the form stands in *sheet*."""
    titles = [str(cell.value or "") for cell in sheet[1]]
    return {str(meaning(name)): place for place, name in enumerate(titles, start=1) if meaning(name)}


def _found(sheet: Worksheet, planted: list[TruthRow]) -> dict[int, TruthRow]:
    """Return the rows of the sheet with what was planted for them: by reference, else by the names written there."""
    places = columns_of(sheet)
    by_name = {(row.mends.get("surname"), row.mends.get("given_names")): row for row in planted if not row.reference}
    by_reference = {row.reference: row for row in planted if row.reference}
    found: dict[int, TruthRow] = {}
    for number in range(2, sheet.max_row + 1):
        reference, *names = (
            str(sheet.cell(number, places[column]).value or "") for column in ("reference", "surname", "given_names")
        )
        row = by_reference.get(reference) if reference else by_name.get((names[0], names[1]))
        if row:
            found[number] = row
    return found


def _fill(sheet: Worksheet, number: int, mends: Mapping[str, str]) -> None:
    places = columns_of(sheet)
    for column, text in mends.items():
        write_text(sheet.cell(number, places[column]), text)


def _lay_pictures(package: Path, row: TruthRow, beside: Path) -> None:
    """Put the pictures that a mended row names into the folder beside the workbook."""
    first = package / row.file
    for name in (row.mends[column] for column in _PICTURES if row.mends.get(column)):
        sources = (package / "corrections" / row.organisation / name, first.with_suffix("") / name)
        source = next((path for path in sources if path.is_file()), None)
        if source:
            beside.mkdir(exist_ok=True)
            shutil.copyfile(source, beside / name)
