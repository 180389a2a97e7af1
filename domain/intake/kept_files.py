"""Photographs and documents on record that stay, because what came in their place cannot be used."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from domain.application.findings import Finding
from domain.application.nomination import Nomination
from domain.intake.completeness import NOT_FOUND
from domain.intake.nominations_file import RowRead
from domain.messages import ReadingNote
from domain.values import Sha256

FILES: Final = ("photo", "identity_page")


def of_files(findings: Iterable[Finding]) -> list[Finding]:
    """Return what is wrong with files that came."""
    return [finding for finding in findings if finding.about in FILES and finding.rule != NOT_FOUND]


def unfit_in_place(
    sent: Mapping[str, Sha256 | None], found: Iterable[Finding], recorded: Nomination, before: Collection[Finding] = ()
) -> tuple[Finding, ...]:
    """Return of what was *found* on files that were *sent* what keeps them from taking the place of those on record.

    Nothing to keep takes no place. A file that is asked for again takes none of one on which nothing was found
    *before*; where both are unfit, the newer counts.
    """
    unfit_before = {finding.about for finding in of_files(before)}
    return tuple(
        finding
        for finding in of_files(found)
        if (kept := getattr(recorded, finding.about)) is not None
        and (sent[finding.about] is None or (sent[finding.about] != kept and finding.about not in unfit_before))
    )


def says_more_of_files(row: RowRead, before: Collection[Finding]) -> bool:
    """Whether *row* came with a file that cannot be used for a reason not known *before*."""
    known = {(finding.rule, finding.about) for finding in before}
    return any((finding.rule, finding.about) not in known for finding in of_files(row.findings))


def notes_on_files(row: RowRead, *, recorded: bool) -> list[ReadingNote]:
    """Return what the sender is told of files of *row* that are not used, and that no letter of the case names.

    *recorded* says that what the row says, with its findings, is on record; then only files in place of others remain.
    """
    kept = [_note("file_on_record_stays", row, finding) for finding in row.set_aside]
    lost = [] if recorded else [f for f in of_files(row.findings) if getattr(row.nomination, f.about) is None]
    return [*kept, *(_note("file_not_usable", row, finding) for finding in lost)]


def _note(code: str, row: RowRead, finding: Finding) -> ReadingNote:
    return ReadingNote.of(code, row=row.number, column=finding.about, cause=finding.rule)
