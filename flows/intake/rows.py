"""From the lines of a file to rows with their photographs and documents; slow, and outside any transaction."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from domain.election.profile import ElectionProfile
from domain.errors import BadInputError
from domain.intake.correction_words import CORRECTION
from domain.intake.corrections import CorrectionRead
from domain.intake.nominations_file import RowProblem, RowRead
from domain.intake.rows import read_row, row_problem
from domain.intake.siblings import compared
from domain.messages import Message
from domain.values import OrganisationCode
from flows.file_store import file_store
from flows.intake.file_order import FileChunk
from flows.intake.reading.enclosures import enclosed, read_enclosures
from flows.intake.reading.packages import Package
from flows.intake.reading.tables import RawRow

Read = RowRead | RowProblem | CorrectionRead


def read_chunk(chunk: FileChunk, sender: str, profile: ElectionProfile) -> list[Read]:
    """Read a chunk's rows with their photographs and documents; slow, and outside any transaction."""
    raw = [
        RawRow(number, cells, extra, Message.kept(broken, str(broken), "") if broken else None)
        for number, cells, extra, broken in json.loads(file_store().staged(chunk.file, chunk.number))
    ]
    with enclosed(chunk.package, Path(chunk.folder)) as folder:
        return compared([read_nomination(row, sender, folder, profile) for row in raw])


def read_nomination(
    row: RawRow, sender: str, folder: Path | Package, profile: ElectionProfile, *, keep: bool = True
) -> Read:
    """Return what a row says with its photograph and documents (kept only with *keep*), or why it goes back.

    A row with a correction's reference is read as what it changes; see :mod:`domain.intake.corrections`.
    """
    if row.broken:
        return row_problem(row.number, row.cells, "", row.broken)
    named = row.cells.get("organisation", "").strip().upper()
    if sender and named and named != sender:
        message = Message.of("row_of_another", named=named[:16], sender=sender)
        return row_problem(row.number, row.cells, "organisation", message)
    mends = bool(row.cells.get(CORRECTION, "").strip()) and not row.extra_cells
    nomination = None if mends else read_row(row.number, row.cells, extra_cells=row.extra_cells)
    if isinstance(nomination, RowProblem):
        return nomination
    try:
        enclosures = read_enclosures(row.cells, folder, profile, keep=keep)
    except BadInputError as error:
        return row_problem(row.number, row.cells, "photo, identity_page", error.message)
    files: dict[str, Any] = {"photo": enclosures.photo, "identity_page": enclosures.identity_page}
    known: dict[str, Any] = {"organisation": _code_of(sender or named), "findings": enclosures.findings}
    known["fingerprint"] = enclosures.fingerprint
    if nomination is None:
        return CorrectionRead(number=row.number, cells=row.cells, **known, **files)
    return RowRead(number=row.number, nomination=nomination.revised(**files), cells=row.cells, **known)


def _code_of(organisation: str) -> OrganisationCode:
    """Return *organisation*, or a code that is registered nowhere where it can be none."""
    return organisation if re.fullmatch(r"[A-Z0-9][A-Z0-9-]{0,15}", organisation) else "UNKNOWN"
