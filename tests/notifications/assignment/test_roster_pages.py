"""Pages of rosters and summaries: what stands there, what does not, and that nobody's name is read as markup."""

from __future__ import annotations

from datetime import UTC, datetime

import pypdfium2
import pytest

from notifications.assignment.roster_pages import RegionSummary, roster_pdf, summary_pdf
from notifications.assignment.rosters import Roster, RosterLine

AT = datetime(2027, 3, 20, 9, 30, tzinfo=UTC)


def text_of(pdf: bytes) -> str:
    pages = list(pypdfium2.PdfDocument(pdf))
    return " ".join("\n".join(page.get_textpage().get_text_range() for page in pages).split())


def a_line(name: str = "ÅNGSTRÖM Zoë", change: str = "", **facts: object) -> RosterLine:
    return RosterLine(
        name=name, own_script_name="Зоя Ангстрем", role="Short-term observer", organisation="Observers' League",
        languages=("en", "fr"), region="The Islands", team="VD-01-K7QA", notice="N1:2", phone="+999 20 555 0100",
        email="zoe@league.example", credential="issued", change=change,
    ).revised(**facts)  # fmt: skip


def a_roster(*lines: RosterLine) -> Roster:
    return Roster(
        election_title="General election of Valdara", office="Office of the Northern Coast",
        acting_for="Office of the Islands", version=2, drawn_up_at=AT, timezone="Etc/GMT-2",
        notices=("N1:2 The Islands: boats only by day.",), lines=lines,
    )  # fmt: skip


def test_a_roster_page_names_team_notice_and_acting_responsibility_and_marks_changes() -> None:
    told = text_of(roster_pdf(a_roster(a_line(), a_line("NOVAK Ola", "removed"))))
    for fact in ("acting for Office of the Islands", "version 2", "VD-01-K7QA", "N1:2 The Islands", "removed", "Зоя"):
        assert "".join(fact.split()) in "".join(told.split())
    assert "People 1" in told


def test_a_roster_page_says_when_somebody_comes_with_whom_and_by_which_serial_the_badge_goes() -> None:
    line = a_line(partners=("NOVAK Ola",), arrival="2027-03-27", departure="2027-04-02", serial="VD-000017")
    told = "".join(text_of(roster_pdf(a_roster(line))).split())
    for fact in ("with NOVAK Ola", "2027-03-27", "2027-04-02", "issued", "VD-000017"):
        assert "".join(fact.split()) in told


@pytest.mark.parametrize("name", ["#panic(1)", "*bold* _it_ $x$", "<label> @ref \\n", "=heading"])
def test_a_name_is_set_as_text_whatever_it_looks_like(name: str) -> None:
    told = text_of(roster_pdf(a_roster(a_line(name)))).replace("\u200b", "")  # where an address may be broken
    assert "".join(name.split()) in "".join(told.split())


def test_a_summary_counts_people_and_names_only_the_contact_of_the_office() -> None:
    summary = RegionSummary(
        election_title="General election of Valdara", region="The Islands", office="Office of the Northern Coast",
        contact=("Desk", "coast@regions.example"), version=3, drawn_up_at=AT, timezone="Etc/GMT-2",
        first_day="1 March 2027", last_day="4 April 2027", people=12, teams=6, languages=(("en", 12),),
    )  # fmt: skip
    told = text_of(summary_pdf(summary))
    for fact in ("Observers 12", "Teams of two 6", "coast@regions.example", "version 3", "whole country"):
        assert "".join(fact.split()) in "".join(told.split())
    assert summary_pdf(summary) == summary_pdf(summary)
