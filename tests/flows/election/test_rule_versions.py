"""Rules change by an act that two officers sign: a version with what differs in words, the ground, and the moment."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import JsonValue
from sqlalchemy import select
from support.builders import ELECTION
from support.stages import AS_OF, Stages, deliver, due
from typer.testing import CliRunner

from db.election import elections
from db.election.elections import Elections, rules_sha256
from db.store import open_reader
from db.tables.election import ElectionRow
from domain.application.application import case_number
from domain.application.status import UNDECIDED, Status
from domain.election.differences import differences
from domain.errors import BadInputError
from flows.cli.app import app
from flows.context import database, election_context
from flows.election.loading import PackageDiffersError, init_election
from flows.election.rule_versions import rule_versions
from flows.oversight.contradictions import check_election
from flows.statements.proposals import proposal_rows


@pytest.fixture
def shorter(sqlite_stages: Stages, tmp_path: Path) -> Iterator[Path]:
    """Give the folder of the election with half the time to mend, in which files are taken in already."""
    with sqlite_stages.copy("taken in"):
        deliver()
        folder = tmp_path / "changed"
        shutil.copytree(sqlite_stages.package, folder)
        said = yaml.safe_load((folder / "election.yaml").read_text())
        said["calendar"]["cure_hours"] = said["calendar"]["cure_hours"] // 2
        (folder / "election.yaml").write_text(yaml.safe_dump(said))
        yield folder


def test_a_shorter_time_to_mend_is_a_version_with_two_authors_and_shortens_no_running_clock(shorter: Path) -> None:
    hours = election_context(ELECTION, AS_OF).profile.calendar.cure_hours
    assert hours is not None
    differs = f"calendar.cure_hours: {hours} → {hours // 2}"
    with open_reader(database()) as store:
        running = {known: store.applications.get(known).due_at for known in due(Status.INCOMPLETE)}
    with pytest.raises(PackageDiffersError, match="cure_hours"):
        init_election(shorter, now=AS_OF)
    (first,) = rule_versions(ELECTION)
    signed = [
        init_election(shorter, now=AS_OF, by="OFF-ADMIN-1", ground="Resolution 9/2027"),
        init_election(shorter, now=AS_OF, by="OFF-ADMIN-2"),  # who names no ground signs the first one's
    ]
    open_cases = {case_number(known) for status in UNDECIDED for known in due(status)}
    assert [(loaded.touched, set(loaded.ahead)) for loaded in signed] == [((), open_cases)] * 2
    before, now = rule_versions(ELECTION)
    assert before == first
    assert (now.number, now.by, now.ground) == (2, ("OFF-ADMIN-1", "OFF-ADMIN-2"), "Resolution 9/2027")
    assert now.changes == (f"rules or geography: {differs}",)
    context = election_context(ELECTION, AS_OF)
    assert now.rules_sha256 == rules_sha256(context.profile, context.geography)
    with open_reader(database()) as store:
        assert {known: store.applications.get(known).due_at for known in due(Status.INCOMPLETE)} == running
    shown = CliRunner().invoke(app, ["rules", "--json"])
    assert shown.exit_code == 0, shown.output
    assert "Resolution 9/2027" in shown.output


def test_a_proposal_is_confirmed_by_nobody_once_other_rules_came_into_force(shorter: Path, tmp_path: Path) -> None:
    init_election(shorter, now=AS_OF, by="OFF-ADMIN-1", ground="Resolution 9/2027")
    other = shutil.copytree(shorter, tmp_path / "other")
    said = yaml.safe_load((other / "election.yaml").read_text())
    said["calendar"]["cure_hours"] *= 4
    (other / "election.yaml").write_text(yaml.safe_dump(said))
    for officer in ("OFF-ADMIN-1", "OFF-ADMIN-2"):
        init_election(other, now=AS_OF, by=officer, ground="Resolution 10/2027")
    assert [row["what"].startswith("overtaken") for row in proposal_rows(ELECTION)] == [True]
    with pytest.raises(BadInputError, match="proposed anew"):
        init_election(shorter, now=AS_OF, by="OFF-ADMIN-2")
    assert init_election(shorter, now=AS_OF, by="OFF-ADMIN-2", ground="Resolution 9/2027").proposed
    assert [version.ground for version in rule_versions(ELECTION)] == ["", "Resolution 10/2027"]


def test_what_differs_is_said_by_place_with_parts_known_by_their_codes() -> None:
    before: dict[str, JsonValue] = {
        "offices": [{"code": "OF-1", "staff": 2}, {"code": "OF-2", "staff": 1}],
        "day": "2027-03-14",
        "notes": [],
    }
    after: dict[str, JsonValue] = {
        "offices": [{"code": "OF-2", "staff": 3}, {"code": "OF-3", "staff": 1}],
        "day": "2027-03-14",
        "notes": ["a"],
    }
    assert differences(before, after) == [
        "offices[OF-1]: code OF-1, staff 2 → nothing",
        "offices[OF-2].staff: 1 → 3",
        "offices[OF-3]: nothing → code OF-3, staff 1",
        "notes: nothing → a",
    ]


def test_of_a_long_text_is_shown_where_it_differs() -> None:
    said = "Parts of the region were closed for clearance work in January, and movement is possible by "
    (told,) = differences({"text": f"{said}day only."}, {"text": f"{said}night."})
    assert told == "text: …possible by day only. → …possible by night."
    (told,) = differences({"text": f"A{said}"}, {"text": f"B{said}"})
    assert told == f"text: A{said[:58]}… → B{said[:58]}…"


def test_a_list_and_an_age_that_come_later_are_held_against_everybody_who_was_vetted_before(
    sqlite_stages: Stages, tmp_path: Path
) -> None:
    with sqlite_stages.copy("decided"):
        folder = tmp_path / "changed"
        shutil.copytree(sqlite_stages.package, folder)
        with open_reader(database()) as store:
            known = due(Status.APPROVED)[0]
            person = store.people.current([known])[known]
        row = f"{person.surname},{person.given_names},{person.birth_date},{person.document_issuer}"
        (folder / "reference" / "later.csv").write_text(f"id,surname,given_names,birth_date,country\nX1,{row}\n")
        papers = {"title": "Later", "owner": "Ministry", "legal_basis": "Act, art. 2"}
        (folder / "reference" / "later.yaml").write_text(yaml.safe_dump(papers))
        said = yaml.safe_load((folder / "election.yaml").read_text())
        said["eligibility"]["minimum_age"] = 99
        (folder / "election.yaml").write_text(yaml.safe_dump(said))
        for officer in ("OFF-ADMIN-1", "OFF-ADMIN-2"):
            init_election(folder, now=AS_OF, by=officer, ground="Resolution 10/2027")
        with open_reader(database()) as store:
            found = store.people.findings_on(due(Status.APPROVED, Status.IN_REVIEW))
            looks = [case.look_due_at for case in store.applications.all_in(ELECTION, Status.APPROVED)]
        assert any(finding.about.startswith("LATER") for finding in found[known]), found
        assert all("under_age" in {finding.rule for finding in theirs} for theirs in found.values())
        assert all(looks)
        assert check_election(ELECTION, now=AS_OF) == ()


def test_rules_that_were_edited_in_the_database_are_not_remembered_for_others(
    sqlite_stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elections, "_READ", {})
    with sqlite_stages.copy("loaded"), database()() as session:
        store = Elections(session)
        kept = store.geography(ELECTION).regions[0].capacity
        monkeypatch.setattr(elections, "_READ", {})
        row = session.scalars(select(ElectionRow)).one()
        regions = [{**row.geography["regions"][0], "capacity": 9999}, *row.geography["regions"][1:]]
        row.geography = {**row.geography, "regions": regions}
        assert store.geography(ELECTION).regions[0].capacity == 9999
        session.rollback()
        assert store.geography(ELECTION).regions[0].capacity == kept
