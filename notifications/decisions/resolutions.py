"""The annex of a session's resolution: which cases it decided and how, as pages and as a spreadsheet. Nobody's name."""

from __future__ import annotations

import io
from typing import Annotated

from openpyxl import Workbook
from openpyxl.styles import Font
from pydantic import Field

from domain.values import Frozen, UtcTime
from notifications.assignment.roster_pages import sheet_pdf
from notifications.letters import formats
from notifications.letters.lines import FilledLine, Line

HEADS = ("No.", "Case", "Organisation", "Decision", "Reasons", "Legal grounds")
_WIDTHS = (6, 20, 18, 22, 14, 40)


class ResolutionLine(Frozen):
    """One case as the session decided it."""

    case_number: FilledLine
    organisation: FilledLine
    decision: FilledLine
    reasons: Line = ""
    grounds: Line = ""


class ResolutionAnnex(Frozen):
    """A resolution with its votes and all its cases."""

    election_title: FilledLine
    body: FilledLine
    session: FilledLine
    number: FilledLine
    held_at: UtcTime
    adopted_at: UtcTime
    timezone: str
    present: Annotated[tuple[FilledLine, ...], Field(min_length=1, description="codes of the members")]
    quorum: Annotated[int, Field(ge=1)]
    votes: tuple[int, int, int]
    signed_by: tuple[str, str]
    lines: tuple[ResolutionLine, ...]

    @property
    def facts(self) -> list[list[str]]:
        """What stands above the table."""
        in_favour, against, abstained = self.votes
        return [
            ["Session", f"{self.session}, {formats.moment(self.held_at, 'en', self.timezone)}"],
            ["Adopted", formats.moment(self.adopted_at, "en", self.timezone)],
            ["Members present", f"{len(self.present)} (quorum {self.quorum}): {', '.join(self.present)}"],
            ["Votes", f"{in_favour} for, {against} against, {abstained} abstained"],
            ["Signed", " and ".join(self.signed_by)],
            ["Cases", str(len(self.lines))],
        ]

    @property
    def rows(self) -> list[list[str]]:
        """The table."""
        return [
            [str(place), line.case_number, line.organisation, line.decision, line.reasons, line.grounds]
            for place, line in enumerate(self.lines, start=1)
        ]


def annex_pdf(annex: ResolutionAnnex) -> bytes:
    """Return the annex as A4 pages; equal annexes give equal bytes."""
    page = {
        "title": f"Resolution {annex.number}, annex", "heading": f"Resolution {annex.number}: annex",
        "subheading": f"{annex.body}: {annex.election_title}", "facts": annex.facts, "notices": [],
        "heads": list(HEADS), "widths": list(_WIDTHS), "rows": annex.rows, "marks": ["" for _ in annex.lines],
        "care": "Names are in the cases.", "wide": False, "issuer": annex.body, "tables": [],
    }  # fmt: skip
    return sheet_pdf(page, annex.adopted_at)


def annex_workbook(annex: ResolutionAnnex) -> bytes:
    """Return the annex as a spreadsheet."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise TypeError("a new workbook has a sheet")
    sheet.title = "Annex"
    for row in ([f"Resolution {annex.number}"], *annex.facts, [], list(HEADS), *annex.rows):
        sheet.append(row)
    sheet["A1"].font = Font(bold=True, size=14)
    for column, width in zip("ABCDEF", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
