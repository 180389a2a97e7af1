"""Kinds of accreditation are data: a role of the profile's own goes all the way, by its rules and in its words."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
import yaml
from pydantic import ValidationError
from support.builders import ELECTION
from support.laws import FOLDER
from support.stages import AS_OF, Stages, assign, issue, vet

from db.store import open_reader
from domain.application.application import Application
from domain.application.case import Case
from domain.application.roles import Role
from domain.application.status import Status
from domain.election.profile import ElectionProfile
from domain.errors import BadInputError
from domain.intake.completeness import completeness
from domain.letters.envelope import LetterKind
from flows.context import database, election_context
from flows.documents import load_document
from flows.election.loading import init_election
from flows.intake import flow as intake
from flows.intake.arrivals import arrivals
from flows.intake.workbooks.template import template
from flows.issuance.flow import _printed_below
from flows.issuance.publication.public_register import gathered
from flows.oversight.contradictions import check_election
from notifications.letters import letter_of
from notifications.letters.rendering import render

EXAMPLE: Final = FOLDER / "invented" / "all-kinds.yaml"
ROWS: Final = """reference,role,surname,given_names,birth_date,nationality,document_number,email,licence plate
1,citizen observer,LEDO,ZARIN,1990-01-01,XVD,K1234567,
2,Observateur national,BOLU,ANA,1991-01-01,XVD,K2345678,
3,Driver,SOOL,IRA,1980-01-01,XVD,K3456789,ira@org-01.mission.example,VD-4411
4,presse,VESK,DOLIN,1980-01-01,XVD,K4567890,dolin@org-01.mission.example
5,juggler,VESK,OLAN,1980-01-01,XVD,K5678901,olan@org-01.mission.example
"""


@pytest.fixture
def loaded(stages: Stages, tmp_path: Path) -> Iterator[Path]:
    folder = shutil.copytree(stages.package, tmp_path / "package", ignore=shutil.ignore_patterns("nominations"))
    rules: dict[str, Any] = yaml.safe_load((folder / "election.yaml").read_text("utf-8"))
    own = yaml.safe_load(EXAMPLE.read_text("utf-8"))
    rules |= {"roles": own["roles"], "papers": own["papers"]}
    rules["roles"]["driver"]["documents"] = []
    rules["publication"] = {"names": True, "ground": "art. 1"}
    (folder / "election.yaml").write_text(yaml.safe_dump(rules), "utf-8")
    with stages.empty():
        init_election(folder, now=AS_OF)
        yield folder


def take_in_time(file: Path) -> None:
    for arrival in arrivals(file, organisation="ORG-01", received_at=AS_OF - timedelta(days=3)):
        for chunk in intake.stage_file(arrival, ELECTION, now=AS_OF):
            intake.take_in(chunk, ELECTION, now=AS_OF)
    intake.close_files(ELECTION, now=AS_OF)


def cases() -> dict[str, Application]:
    with open_reader(database()) as store:
        found = store.applications.all_in(ELECTION)
        people = store.people.current([case.id for case in found])
    return {people[case.id].reference: case for case in found}


def written(case: Application, kind: LetterKind, language: str) -> str:
    with open_reader(database()) as store:
        (letter,) = [one for one in store.outbox.of_application(case.id) if one.envelope.kind is kind]
    return render(letter_of(letter.envelope), language).text


def test_roles_of_the_profiles_own_go_all_the_way_by_their_own_rules(loaded: Path) -> None:
    file = loaded / "kinds.csv"
    file.write_text(ROWS, "utf-8")
    take_in_time(file)
    entered = cases()
    assert {reference: case.role for reference, case in entered.items()} == {
        "1": "domestic_observer", "2": "domestic_observer", "3": "driver", "4": "media",
    }  # fmt: skip
    assert entered["4"].status is Status.INCOMPLETE, "media hand in a photograph"
    vet()
    statuses = {reference: case.status for reference, case in cases().items()}
    assert statuses["1"] is statuses["2"] is Status.APPROVED, "own nationals, no documents, approved by rule"
    with open_reader(database()) as store:
        asked = store.people.findings_on([entered["3"].id])[entered["3"].id]
        driver = Case(entered["3"], store.people.current([entered["3"].id])[entered["3"].id])
    assert {"papers_to_look_at"} == {finding.rule for finding in asked}
    profile = election_context(ELECTION, AS_OF).profile
    assert _printed_below(profile, driver, notice="N1:1") == "Notice N1:1 · Vehicle: VD-4411"
    missing = completeness(driver.nomination.revised(role_detail=""), profile)
    assert {*missing} - {*completeness(driver.nomination, profile)}, "the role asks for it"
    assign()
    assert all(case.region is None and case.status is Status.ASSIGNED for case in map(cases().get, "12") if case)
    issue()
    done = cases()["1"]
    assert done.status is Status.CREDENTIALED
    assert "Observateur national" in written(done, LetterKind.APPROVAL, "fr")
    assert "Domestic observer" in written(done, LetterKind.CREDENTIAL, "en")
    with open_reader(database()) as store:
        kinds = {letter.envelope.kind for letter in store.outbox.of_application(done.id)}
    assert LetterKind.PLACEMENT not in kinds, "a role that is not placed hears of no place"
    assert check_election(ELECTION, now=AS_OF) == ()


def test_the_public_register_counts_them_in_their_words_and_names_nobody_it_may_not(loaded: Path) -> None:
    (loaded / "kinds.csv").write_text(ROWS, "utf-8")
    take_in_time(loaded / "kinds.csv")
    vet()
    register = gathered(election_context(ELECTION, AS_OF))
    (entry,) = [one for one in register.organisations if one.accredited]
    assert (entry.accredited, entry.names) == ({"domestic_observer": 2}, ())
    assert register.model_validate_json(register.model_dump_json()) == register


def test_a_role_that_nobody_has_is_refused_wherever_it_is_named(loaded: Path) -> None:
    said = load_document(EXAMPLE, ElectionProfile)
    assert said.role_word(Role("media"), "fr") == "Médias"
    whole = said.model_dump(mode="json")
    for place, wrong in (
        ("roles", {"driver": {"words": {"en": "Driver"}}}),
        ("roles", {"driver": {"words": {"en": "Driver"}, "code": "CAR", "observes": False}}),
        ("roles", {"driver": whole["roles"]["driver"] | {"code": "MEDIA"}, "media": whole["roles"]["media"]}),
        ("documents", [{"kind": "photo", "roles": ["drivr"], "ground": "art. 1"}]),
        ("papers", [{"name": "statute", "of": "person", "roles": ["drivr"], "ground": "art. 1"}]),
    ):
        with pytest.raises(ValidationError, match=r"drivr|words and a code|placed: false|two roles"):
            ElectionProfile.model_validate(whole | {place: wrong})
    (loaded / "policies.yaml").write_text(
        yaml.safe_dump([{"id": "CAP", "kind": "ban", "authority": "Parliament", "ground": "art. 1", "text": "None.",
                         "scopes": [{"roles": ["drivr"]}]}]), "utf-8",
    )  # fmt: skip
    with pytest.raises(BadInputError, match=r"CAP.*drivr"):
        init_election(loaded, now=AS_OF)


def test_the_form_offers_the_roles_of_the_election(tmp_path: Path) -> None:
    place = tmp_path / "form.xlsx"
    place.write_bytes(template(load_document(EXAMPLE, ElectionProfile), "fr"))
    cells = {cell.value for sheet in openpyxl.load_workbook(place) for row in sheet.iter_rows() for cell in row}
    assert {"Chauffeur", "Médias", "Observateur national", "Interprète", "Précision sur la fonction"} <= cells
