"""An office's list of people as a spreadsheet, with the fields that an office may have and no others.

An office gets name, role, organisation, languages, region, team, days of arrival and departure, contact, whether the
region's notice is accepted, how the credential stands and, once it is out, its serial, by which the office hands badges
over; never a birth date, a document number or a conflict statement.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Annotated, Final, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import Field

from domain.values import Frozen, UtcTime
from notifications.letters import formats
from notifications.letters.lines import FilledLine, Line
from notifications.workbooks import is_like_a_formula

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

REMOVED: Final = "removed"

_COLUMNS: Final = (
    ("Name", 32),
    ("Name in own script", 28),
    ("Role", 22),
    ("Organisation", 32),
    ("Languages", 18),
    ("Region", 24),
    ("Team", 14),
    ("Together with", 28),
    ("Site", 14),
    ("Arrival", 12),
    ("Departure", 12),
    ("Notice accepted", 18),
    ("Telephone", 20),
    ("E-mail", 32),
    ("Credential", 13),
    ("Serial", 16),
    ("Change", 12),
)
_CELL: Final = 32_000
_HEADING: Final = 4
_MODIFIED: Final = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(<)")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class RosterLine(Frozen):
    """One person on an office's list."""

    name: Annotated[FilledLine, Field(repr=False)]
    own_script_name: Annotated[Line, Field(repr=False)] = ""
    role: FilledLine
    organisation: FilledLine
    languages: tuple[str, ...] = ()
    region: Annotated[Line, Field(description="empty: at large")] = ""
    team: Annotated[Line, Field(description="what two people of one team have in common; empty: alone")] = ""
    partners: Annotated[tuple[Line, ...], Field(repr=False, description="names of the others of the team")] = ()
    site: Annotated[Line, Field(description="where in the region the team observes; empty: not planned")] = ""
    arrival: Annotated[Line, Field(description="day of arrival in the country; empty: not said")] = ""
    departure: Line = ""
    notice: Annotated[Line, Field(description="code and version of the notice accepted; empty: none needed")] = ""
    phone: Annotated[Line, Field(repr=False)] = ""
    email: Annotated[Line, Field(repr=False)] = ""
    credential: Annotated[Line, Field(description="how it stands: issued, to follow, suspended")] = ""
    serial: Annotated[Line, Field(description="empty until the badge is out")] = ""
    change: Annotated[Line, Field(description="against the version before: new, changed, removed or empty")] = ""

    def __str__(self) -> str:
        return f"a line of {self.organisation}"


class LiaisonLine(Frozen):
    """Who looks after one delegation that has people on the list."""

    organisation: FilledLine
    people: Annotated[int, Field(ge=0)]
    name: Annotated[Line, Field(repr=False, description="empty: none named yet")] = ""
    phone: Annotated[Line, Field(repr=False)] = ""
    email: Annotated[Line, Field(repr=False)] = ""
    deputy: Annotated[Line, Field(repr=False)] = ""
    deputy_phone: Annotated[Line, Field(repr=False)] = ""
    hours: Line = ""

    @property
    def cells(self) -> list[str]:
        """The line as it is printed."""
        return [
            self.organisation, str(self.people), self.name or "none named", self.phone, self.email, self.deputy,
            self.deputy_phone, self.hours,
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"the liaison of {self.organisation}"


_LIAISON_HEADS: Final = (
    "Delegation", "People here", "Liaison officer", "Telephone", "E-mail", "Deputy", "Deputy's telephone", "Hours",
)  # fmt: skip
_LIAISON_WIDTHS: Final = (2.0, 0.7, 1.4, 1.0, 2.0, 1.4, 1.0, 1.6)
_STAFF_HEADS: Final = ("Officer", "Name", "Languages", "Telephone", "First day", "Last day")
_STAFF_WIDTHS: Final = (1.0, 2.0, 1.2, 1.2, 1.0, 1.0)


class StaffLine(Frozen):
    """Somebody of the central pool who is sent to the office, and for which days."""

    code: FilledLine
    name: Annotated[Line, Field(repr=False)] = ""
    languages: tuple[str, ...] = ()
    phone: Annotated[Line, Field(repr=False)] = ""
    first_day: Line
    last_day: Line

    @property
    def cells(self) -> list[str]:
        """The line as it is printed."""
        return [self.code, self.name, ", ".join(self.languages), self.phone, self.first_day, self.last_day]

    def __str__(self) -> str:
        return f"{self.code} {self.first_day} {self.last_day}"


class MoreTable(NamedTuple):
    """A table below the people: its title, the name of its sheet, heads with their widths on paper, and its rows."""

    title: str
    sheet: str
    heads: tuple[str, ...]
    widths: tuple[float, ...]
    rows: list[list[str]]


def more_tables(roster: Roster) -> list[MoreTable]:
    """Return what stands below the people: who looks after delegations, and who is sent to help; none is empty."""
    liaisons, staff = ([line.cells for line in lines] for lines in (roster.liaisons, roster.staff))
    every = (
        MoreTable("Liaison officers of the delegations", "Delegations", _LIAISON_HEADS, _LIAISON_WIDTHS, liaisons),
        MoreTable("Staff sent to this office", "Staff sent", _STAFF_HEADS, _STAFF_WIDTHS, staff),
    )
    return [table for table in every if table.rows]


class Roster(Frozen):
    """An office's list, numbered; a later version replaces an earlier one."""

    election_title: FilledLine
    office: FilledLine
    acting_for: Line = ""
    version: Annotated[int, Field(ge=1)]
    drawn_up_at: UtcTime
    timezone: str
    notices: Annotated[tuple[Line, ...], Field(description="notices of its regions, each with code and version")] = ()
    lines: tuple[RosterLine, ...] = ()
    liaisons: Annotated[tuple[LiaisonLine, ...], Field(description="one for each delegation on the list")] = ()
    staff: Annotated[tuple[StaffLine, ...], Field(description="who is sent to help, now or later")] = ()

    @property
    def present(self) -> tuple[RosterLine, ...]:
        """The people who stand on it now; the others are named once more because they left."""
        return tuple(line for line in self.lines if line.change != REMOVED)


def roster_filename(office_code: str, version: int, ending: str = "xlsx") -> str:
    """Return the file name of a roster: the office's code and the version, nothing personal."""
    return f"roster-{office_code.lower()}-v{version}.{ending}"


def roster_workbook(roster: Roster) -> bytes:
    """Return *roster* as an XLSX workbook (ECMA-376); equal rosters give equal bytes.

    What begins like a formula stays text, also when somebody edits the cell or saves the sheet as CSV.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Roster"
    _write_head(sheet, roster)
    for row, line in enumerate(roster.lines, start=_HEADING + 1):
        _write_row(sheet, row, _values(line))
    sheet.freeze_panes = f"B{_HEADING + 1}"
    sheet.auto_filter.ref = f"A{_HEADING}:{get_column_letter(len(_COLUMNS))}{_HEADING + len(roster.lines)}"
    sheet.print_title_rows = f"{_HEADING}:{_HEADING}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    for table in more_tables(roster):
        _write_more(book.create_sheet(table.sheet), table)
    book.properties.creator = "Observer accreditation"
    book.properties.created = roster.drawn_up_at.replace(tzinfo=None)
    written = io.BytesIO()
    book.save(written)
    return _timeless(written.getvalue(), roster)


def _write_head(sheet: Worksheet, roster: Roster) -> None:
    office = roster.office + (f", acting for {roster.acting_for}" if roster.acting_for else "")
    _write_row(sheet, 1, [f"{roster.election_title}: {office}"])
    at = formats.moment(roster.drawn_up_at, "en", roster.timezone)
    _write_row(sheet, 2, [f"Version {roster.version}, {at}, {len(roster.present)} people. For official use only."])
    _write_row(sheet, _HEADING, [title for title, _ in _COLUMNS])
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    for column, (_, width) in enumerate(_COLUMNS, start=1):
        heading = sheet.cell(_HEADING, column)
        heading.font = Font(bold=True, color="FFFFFF")
        heading.fill = PatternFill("solid", fgColor="1F4E79")
        heading.alignment = Alignment(vertical="center")
        sheet.column_dimensions[get_column_letter(column)].width = width


def _write_more(sheet: Worksheet, table: MoreTable) -> None:
    _write_row(sheet, 1, table.heads)
    for column in range(1, len(table.heads) + 1):
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = 26
    for row, cells in enumerate(table.rows, start=2):
        _write_row(sheet, row, cells)


def _values(line: RosterLine) -> list[str]:
    return [
        line.name, line.own_script_name, line.role, line.organisation, ", ".join(line.languages),
        line.region or "at large", line.team, ", ".join(line.partners), line.site, line.arrival, line.departure,
        line.notice, line.phone, line.email, line.credential, line.serial, line.change,
    ]  # fmt: skip


def _write_row(sheet: Worksheet, row: int, values: Sequence[str]) -> None:
    for column, value in enumerate(values, start=1):
        if value:
            cell = sheet.cell(row, column)
            if isinstance(cell, Cell):
                _write(cell, value[:_CELL])


def _write(cell: Cell, value: str) -> None:
    cell.value = value
    cell.data_type = "s"
    if is_like_a_formula(value):
        cell.quotePrefix = True


def _timeless(workbook: bytes, roster: Roster) -> bytes:
    """Return *workbook* with the roster's time in place of the moments at which it was packed."""
    stamp = roster.drawn_up_at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as before, zipfile.ZipFile(packed, "w") as after:
        for name in before.namelist():
            contents = before.read(name)
            if name == "docProps/core.xml":
                contents = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", contents)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o600 << 16
            after.writestr(entry, contents, zipfile.ZIP_DEFLATED, 6)
    return packed.getvalue()
