"""Applications taken down by an officer: the same path as a file, and nobody's place is lost by a replacement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders import ELECTION, a_nomination
from support.stages import AS_OF, Stages, due, vet
from typer.testing import CliRunner

from db.store import open_reader
from domain.application.actors import Actor, ArrivalWay
from domain.application.application import TransitionRefusedError
from domain.application.events import ApplicationWithdrawn, NominationCorrected, NominationRecorded
from domain.application.status import Status
from domain.errors import BadInputError
from domain.intake.rows import cells_of
from domain.statements.officers import OfficerRefusedError
from flows.cli.registry import application
from flows.context import database
from flows.decisions.case_file import case_file
from flows.intake.entry import Entered, EnteredApplication, correct, enter, replace
from flows.intake.withdrawal import withdraw
from flows.oversight.overview import audit
from flows.statements.acceptance import ActingOfficer

app = application("application")

EARLY = AS_OF - timedelta(days=9)
OFFICER = ActingOfficer("OFF-DEMO-1", ELECTION, EARLY)
RUN = CliRunner()


@pytest.fixture
def loaded(stages: Stages) -> Iterator[Stages]:
    with stages.copy("loaded"):
        yield stages


def pictures(stages: Stages) -> dict[str, str]:
    photo = next((stages.package / "nominations").glob("*/*-photo.jpg"))
    return {"photo": str(photo), "identity_page": str(photo).replace("-photo", "-page")}


def entry(stages: Stages, **changes: str) -> EnteredApplication:
    cells = {column: text for column, text in cells_of(a_nomination()).items() if text}
    return EnteredApplication(cells | pictures(stages) | changes)


def letters(entered: Entered) -> list[str]:
    return sorted(kind for kind, _, _ in case_file(entered.application_id).letters)


def test_what_came_on_paper_goes_the_way_of_a_file_with_the_officer_as_author(loaded: Stages) -> None:
    first = enter("ORG-01", entry(loaded, pledge_accepted_on=""), OFFICER)
    assert (first.outcome, first.status, letters(first)) == ("recorded", "incomplete", ["deficiency", "receipt"])
    assert [point.field for point in first.open_points] == ["pledge_accepted_on"]
    again = enter("ORG-01", entry(loaded, pledge_accepted_on=""), OFFICER)
    assert (again.application_id, again.outcome) == (first.application_id, "unchanged")
    cured = correct(
        first.application_id, EnteredApplication({"pledge_accepted_on": "2027-02-01"}, ArrivalWay.PHONE), OFFICER
    )
    assert (cured.outcome, cured.status, cured.open_points) == ("corrected", "in vetting", ())
    recorded, *_, corrected, _ = case_file(first.application_id).history
    assert isinstance(recorded, NominationRecorded)
    assert (recorded.actor, recorded.way) == (Actor.officer("OFF-DEMO-1"), ArrivalWay.PAPER)
    assert isinstance(corrected, NominationCorrected)
    assert (corrected.actor, corrected.way) == (Actor.officer("OFF-DEMO-1"), ArrivalWay.PHONE)
    with open_reader(database()) as store:
        assert [(report.counts.rows, report.finished) for report in store.intake.reports(ELECTION)] == [(1, True)] * 3
    assert vet() == {"approved": 1, "referred": 0}
    late = correct(first.application_id, EnteredApplication({"surname": "OTHER"}), OFFICER)
    assert (late.outcome, late.status) == ("held", "approved")


@pytest.mark.parametrize("stage", ["vetted", "assigned", "issued"])
def test_where_letters_go_is_corrected_without_a_decision_and_nothing_else_with_it(stages: Stages, stage: str) -> None:
    status = {"vetted": Status.APPROVED, "assigned": Status.ASSIGNED, "issued": Status.CREDENTIALED}[stage]
    with stages.copy(stage):
        known = due(status)[0]
        by = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)
        mixed = correct(known, EnteredApplication({"email": "new@mission.example", "sex": "X"}), by)
        assert (mixed.outcome, mixed.status) == ("held", status)
        done = correct(
            known, EnteredApplication({"email": "new@mission.example", "phone": "+999 1"}, ArrivalWay.PHONE), by
        )
        assert (done.outcome, done.status) == ("corrected", status)
        with open_reader(database()) as store:
            assert store.people.current([known])[known].email == "new@mission.example"
        last = case_file(known).history[-1]
        assert isinstance(last, NominationCorrected)
        assert last.actor == Actor.officer("OFF-DEMO-1")
        assert audit(ELECTION).is_whole


def test_a_document_number_can_be_corrected_although_the_row_is_known_by_it(loaded: Stages) -> None:
    first = enter("ORG-01", entry(loaded, reference=""), OFFICER)
    second = correct(first.application_id, EnteredApplication({"document_number": "Z7654321"}), OFFICER)
    assert (second.application_id, second.outcome) == (first.application_id, "corrected")
    assert len(due(*Status)) == 1


def test_a_correction_that_cannot_be_read_wipes_out_nothing(loaded: Stages) -> None:
    first = enter("ORG-01", entry(loaded), OFFICER)
    before = case_file(first.application_id).history
    with pytest.raises(BadInputError, match="birth_date: This is not a date, or it can be read in two ways"):
        correct(first.application_id, EnteredApplication({"birth_date": "03/04/1980"}), OFFICER)
    assert case_file(first.application_id).history == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"role": "king"}, "role"), ({"photo": "nowhere.jpg"}, "photo"), ({"surname": "=1"}, "surname")],
)
def test_what_no_row_could_hold_is_told_at_once_and_nothing_is_recorded(
    loaded: Stages, changes: dict[str, str], field: str
) -> None:
    with pytest.raises(BadInputError) as told:
        enter("ORG-01", entry(loaded, **changes), OFFICER)
    assert told.value.place == field
    assert due(*Status) == []


def test_another_person_takes_the_place_in_the_queue_and_both_histories_say_so(loaded: Stages) -> None:
    old = enter("ORG-01", entry(loaded), OFFICER)
    later = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)  # after the last day for persons
    other = entry(loaded, surname="OKONDA", document_number="B7654321", email="o@mission.example")
    unsaid = EnteredApplication({column: text for column, text in other.cells.items() if column != "role"})
    new = replace(old.application_id, unsaid, later)
    gone, taking_over = case_file(old.application_id), case_file(new.application_id)
    withdrawn, recorded = gone.history[-1], taking_over.history[0]
    assert isinstance(withdrawn, ApplicationWithdrawn)
    assert isinstance(recorded, NominationRecorded)
    assert (withdrawn.replaced_by, recorded.in_place_of) == (new.application_id, old.application_id)
    assert taking_over.application.role == gone.application.role
    assert taking_over.application.received_at == gone.application.received_at
    assert (gone.application.status, letters(old)[-1]) == (Status.WITHDRAWN, "withdrawal")
    assert not [finding for finding in taking_over.findings if finding.rule == "received_late"]
    with pytest.raises(BadInputError, match="is withdrawn"):
        replace(old.application_id, other, later)
    with pytest.raises(BadInputError, match="already an application"):
        replace(new.application_id, EnteredApplication({**other.cells, "reference": "0001"}), later)


def test_only_a_case_officer_takes_a_withdrawal_down_and_only_once(loaded: Stages) -> None:
    nominee = enter("ORG-01", entry(loaded), OFFICER).application_id
    with pytest.raises(OfficerRefusedError, match="only a case officer"):
        withdraw(nominee, "applicant", ArrivalWay.PHONE, ActingOfficer("OFF-DEMO-4", ELECTION, EARLY))
    assert withdraw(nominee, "applicant", ArrivalWay.PHONE, OFFICER).status is Status.WITHDRAWN
    with pytest.raises(TransitionRefusedError):
        withdraw(nominee, "applicant", ArrivalWay.PHONE, OFFICER)


@pytest.mark.usefixtures("loaded")
def test_the_command_reads_a_file_and_options_and_asks_again_for_what_it_cannot_read(tmp_path: Path) -> None:
    said = {"Nom de famille": "LINDENGARD", "given names": "AVA", "role": "expert", "Nationality": ["XAA", "XAB"]}
    (tmp_path / "one.json").write_text(json.dumps(said))
    line = ["new", "-o", "ORG-01", "--officer", "OFF-DEMO-1", "--as-of", "2027-03-01", "--no-ask", "--json"]
    done = RUN.invoke(app, [*line, "--from", str(tmp_path / "one.json"), "--birth-date", "1985-05-17"])
    assert done.exit_code == 0, done.output
    entered: dict[str, Any] = json.loads(done.stdout)
    assert {"email", "photo"} <= {one["field"] for one in entered["open_points"]}
    asked = RUN.invoke(
        app,
        ["replace", entered["case_number"], "--officer", "OFF-DEMO-1", "--as-of", "2027-03-01", "--ask"],
        input="\n".join(["", "king", "expert", "OKONDA", "BEA", "", "", "1/2/1985", "1985-02-01", *[""] * 40]),
    )
    assert asked.exit_code == 0, asked.output
    assert "This is not a role of this election" in asked.output
    assert "read in two ways" in asked.output
    with open_reader(database()) as store:
        (person,) = store.people.current(due(Status.INCOMPLETE)).values()
    assert (person.surname, str(person.birth_date), person.reference) == ("OKONDA", "1985-02-01", "")
