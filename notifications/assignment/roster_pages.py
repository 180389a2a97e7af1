"""Pages to print, by typst: an office's list of people, and the summary that a region's commission gets."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import typst
from pydantic import Field

from domain.values import Frozen, UtcTime
from notifications.assignment.rosters import Roster, RosterLine, more_tables
from notifications.badge.fonts import fonts
from notifications.badge.scripts import EVERY_FAMILY, drawable
from notifications.letters import formats
from notifications.letters.lines import FilledLine, Line

PDF: Final = "application/pdf"

_HEADS: Final = (
    "Name", "Role", "Organisation", "Lan-\nguages", "Region", "Team, site", "Stay", "Notice", "Contact", "Credential",
    "",
)  # fmt: skip
_WIDTHS: Final = (27, 17, 24, 10, 17, 24, 16, 8, 30, 16, 12)


class RegionSummary(Frozen):
    """What a region's commission representative and local administration get: numbers, dates, a contact; no people."""

    election_title: FilledLine
    region: FilledLine
    office: FilledLine
    acting_for: Line = ""
    contact: Annotated[tuple[Line, ...], Field(description="whom to ask at the office: name, e-mail, telephone")] = ()
    version: Annotated[int, Field(ge=1)]
    drawn_up_at: UtcTime
    timezone: str
    first_day: Annotated[Line, Field(description="first day on which observers may come")]
    last_day: Line
    people: Annotated[int, Field(ge=0)]
    teams: Annotated[int | None, Field(ge=0, description="unset: not for this recipient")] = None
    sites: Annotated[int, Field(ge=0, description="where teams observe; 0: not planned here")] = 0
    languages: tuple[tuple[str, int], ...] = ()
    notices: tuple[Line, ...] = ()


def roster_pdf(roster: Roster) -> bytes:
    """Return *roster* as A4 pages, changes marked; equal rosters give equal bytes."""
    office = roster.office + (f", acting for {roster.acting_for}" if roster.acting_for else "")
    at = formats.moment(roster.drawn_up_at, "en", roster.timezone)
    rows = [_cells(line) for line in roster.lines]
    page = {
        "title": f"{roster.office}, roster, version {roster.version}",
        "heading": office,
        "subheading": f"{roster.election_title}: roster of observers, version {roster.version}",
        "facts": [["Drawn up", at], ["People", str(len(roster.present))]],
        "notices": list(roster.notices),
        "heads": list(_HEADS), "widths": list(_WIDTHS), "rows": rows, "marks": [line.change for line in roster.lines],
        "care": "For official use only. Replaces every earlier version.", "wide": True, "issuer": roster.office,
        "tables": [
            {"title": table.title, "heads": table.heads, "widths": table.widths, "rows": table.rows}
            for table in more_tables(roster)
        ],
    }  # fmt: skip
    return _set(page, roster.drawn_up_at)


def _cells(line: RosterLine) -> list[str]:
    own = _own_script(line)
    name = f"{line.name}\n{own}" if own else line.name
    contact = "\n".join(part for part in (line.phone, line.email) if part)
    partners = f"with {', '.join(line.partners)}" if line.partners else ""
    team = "\n".join(part for part in (line.team, partners, line.site) if part)
    stay = "\n".join(part for part in (line.arrival, line.departure) if part)
    credential = "\n".join(part for part in (line.credential, line.serial) if part)
    return [
        name, line.role, line.organisation, ", ".join(line.languages), line.region or "at large", team,
        stay, line.notice, contact, credential, line.change,
    ]  # fmt: skip


def _own_script(line: RosterLine) -> str:
    """Return the name in its own script, or where to read it when no font here has its letters."""
    if line.own_script_name == line.name:
        return ""
    legible = "\ufffd" not in drawable(line.own_script_name)
    return line.own_script_name if legible else "(own script: see the workbook)"


def summary_pdf(summary: RegionSummary) -> bytes:
    """Return *summary* as a page; it names nobody but the office's contact (practice: fields by recipient)."""
    at = formats.moment(summary.drawn_up_at, "en", summary.timezone)
    page = {
        "title": f"{summary.region}, summary, version {summary.version}",
        "heading": summary.region,
        "subheading": f"{summary.election_title}: international observers, version {summary.version}",
        "facts": [
            ["Observers", str(summary.people)],
            *([name, told] for name, told in _more_numbers(summary) if told),
            ["From", summary.first_day],
            ["Until", summary.last_day],
            ["Competent office", summary.office + (f", acting for {summary.acting_for}" if summary.acting_for else "")],
            ["Contact", ", ".join(summary.contact) or "—"],
            ["Drawn up", at],
        ],
        "notices": [
            *summary.notices,
            "Accreditation holds in the whole country: observers may also come from elsewhere, in any number.",
        ],
        "heads": [], "widths": [], "rows": [], "marks": [],
        "care": "Numbers only; names are with the office.", "wide": False, "issuer": summary.office,
        "tables": [],
    }  # fmt: skip
    return _set(page, summary.drawn_up_at)


def _more_numbers(summary: RegionSummary) -> tuple[tuple[str, str], ...]:
    """Return what the local administration does not get; empty where there is nothing to say."""
    return (
        ("Teams of two", "" if summary.teams is None else str(summary.teams)),
        ("Sites", str(summary.sites or "")),
        ("Languages", ", ".join(f"{code} {count}" for code, count in summary.languages)),
    )


def sheet_pdf(page: dict[str, Any], at: UtcTime) -> bytes:
    """Return *page*, as the template describes pages, for other tables that are printed the same way."""
    return _set(page, at)


def _set(page: dict[str, Any], at: UtcTime) -> bytes:
    written = json.dumps(_drawable(page) | {"families": EVERY_FAMILY})
    with TemporaryDirectory(prefix="rosters-") as folder:
        main = Path(folder) / "rosters.typ"
        main.write_bytes((files("notifications.assignment") / "rosters.typ").read_bytes())
        compiler = typst.Compiler(main, root=folder, font_paths=fonts())
        drawn = compiler.compile(format="pdf", sys_inputs={"page": written}, timestamp=int(at.timestamp()))
    if not isinstance(drawn, bytes):
        raise TypeError("a roster is one file")
    return drawn


def _drawable(page: dict[str, Any]) -> dict[str, Any]:
    """Return *page* with letters that no font has replaced, so that nothing is silently left out."""
    written: dict[str, Any] = json.loads(json.dumps(page), object_hook=_replaced)
    return written


def _replaced(part: dict[str, Any]) -> dict[str, Any]:
    return {name: _each(value) for name, value in part.items()}


def _each(value: Any) -> Any:
    if isinstance(value, str):
        return "\n".join(drawable(line) for line in value.split("\n"))
    return list(map(_each, value)) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- JSON
