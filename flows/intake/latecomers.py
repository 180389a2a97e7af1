"""Photographs and documents that come after the list that names them join their cases; nothing else changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from db.store import Store
from domain.intake.corrections import CorrectionRead, findings_of_files, without_unfit_files
from domain.intake.kept_files import FILES, of_files
from domain.intake.nominations_file import RowProblem, RowRead
from domain.intake.row_identity import IdentityVerdict
from flows.context import ElectionContext
from flows.intake.recognition import Recogniser


def with_new_files(
    store: Store, context: ElectionContext, read: Sequence[RowRead | RowProblem | CorrectionRead]
) -> tuple[list[RowRead | RowProblem | CorrectionRead], int]:
    """Return, of rows that were taken in before, those whose files came now, and how many others there are.

    Each says what is on record of its person and differs in the files alone: a list may be old when its pictures come.
    """
    rows = [row for row in read if isinstance(row, RowRead) and _has_files(row)]
    who = Recogniser(context.election)
    who.load(store, rows)
    recognised = [(row, who.of(row)) for row in rows]
    known_rows = [(row, seen.case) for row, seen in recognised if seen.verdict is IdentityVerdict.SAME and seen.case]
    ids = [case for _, case in known_rows]
    people, findings = store.people.current(ids), store.people.findings_on(ids)
    found: list[RowRead | RowProblem | CorrectionRead] = []
    for row, known in known_rows:
        if (current := people.get(known)) is None:
            continue
        before = findings.get(known, [])
        sent, unfit = without_unfit_files(_of_files_alone(row), current, before)
        came = {column: content for column in FILES if (content := getattr(sent, column))}
        still = findings_of_files(before, sent)
        kept: dict[str, Any] = {"findings": still, "fingerprint": sent.fingerprint, "set_aside": unfit}
        found.append(row.revised(nomination=current.revised(**came), about=known, **kept))
    return found, len(read) - len(found)


def _has_files(row: RowRead) -> bool:
    """Whether anything came with *row*, be it of use or not."""
    return bool(row.nomination.photo or row.nomination.identity_page or of_files(row.findings))


def _of_files_alone(row: RowRead) -> CorrectionRead:
    return CorrectionRead(
        number=row.number, organisation=row.organisation, cells={}, findings=row.findings,
        photo=row.nomination.photo, identity_page=row.nomination.identity_page, fingerprint=row.fingerprint,
    )  # fmt: skip
