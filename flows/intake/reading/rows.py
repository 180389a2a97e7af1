"""From a row as it came, and the files it names, to what can be recorded or goes back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from domain.election.profile import ElectionProfile
from domain.errors import BadInputError
from domain.intake.columns import CORRECTION
from domain.intake.corrections import CorrectionRead
from domain.intake.nominations_file import RowProblem, RowRead
from domain.intake.rows import organisation_in, read_row, row_problem
from domain.messages import Message, ReadingNote
from domain.values import OrganisationCode
from flows.intake.reading.enclosures import read_enclosures
from flows.intake.reading.people import RawRow
from flows.intake.reading.readers import PackageApart
from flows.runtime.processes.readers import Reader

Read = RowRead | RowProblem | CorrectionRead


def read_nomination(
    row: RawRow,
    sender: str,
    folder: Path | PackageApart,
    profile: ElectionProfile,
    *,
    keep: bool = True,
    reader: Reader | None = None,
) -> Read:
    """Return what a row says with its photograph and documents (kept only with *keep*), or why it goes back.

    A row with a correction's reference is read as what it changes; see :mod:`domain.intake.corrections`.
    """
    if row.broken:
        return row_problem(row.number, row.cells, "", row.broken)
    named = organisation_in(row.cells)
    if sender and named and named != sender:
        message = Message.of("row_of_another", named=named[:16], sender=sender)
        return row_problem(row.number, row.cells, "organisation", message)
    mends = bool(row.cells.get(CORRECTION, "").strip()) and not row.extra_cells
    nomination = (
        None if mends else read_row(row.number, row.cells, extra_cells=row.extra_cells, roles=profile.own_role_names)
    )
    if isinstance(nomination, RowProblem):
        return nomination
    try:
        enclosures = read_enclosures(row.cells, folder, profile, keep=keep, pasted=row.pictures, reader=reader)
    except BadInputError as error:
        return row_problem(row.number, row.cells, "photo, identity_page", error.message)
    files: dict[str, Any] = {"photo": enclosures.photo, "identity_page": enclosures.identity_page}
    known: dict[str, Any] = {"organisation": _code_of(sender or named), "findings": enclosures.findings}
    known["fingerprint"] = enclosures.fingerprint
    known["nearest"] = dict(enclosures.nearest)
    if nomination is None:
        return CorrectionRead(number=row.number, cells=row.cells, **known, **files)
    return RowRead(number=row.number, nomination=nomination.revised(**files), cells=row.cells, **known)


def _code_of(organisation: str) -> OrganisationCode:
    """Return *organisation*, or a code that is registered nowhere where it can be none."""
    return organisation if re.fullmatch(r"[A-Z0-9][A-Z0-9-]{0,15}", organisation) else "UNKNOWN"


def nearest_names(read: Iterable[Read]) -> list[ReadingNote]:
    """Return, for files that did not come, what is called most like them, as notes that name the row."""
    return [
        ReadingNote.of("nearest_name", row=row.number, column=column, name=repr(name))
        for row in read
        if not isinstance(row, RowProblem)
        for column, name in row.nearest.items()
    ]
