"""Screening as a part of vetting: found on both databases, told to both organisations, cleared by officers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session
from support.builders import ELECTION, NOW, a_nomination
from support.stages import AS_OF, Stages, case, due, everything, vet
from typer.testing import CliRunner

from db.schema import upgrade
from db.screening.key_edition import StaleKeysError, keys_secret
from db.store import open_reader, open_store
from db.tables.screening import ApplicantKeyRow, KeyEditionRow, ReferenceEntryRow, ReferenceKeyRow
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.events import (
    CompletenessConfirmed,
    HitCleared,
    InformationRequested,
    NominationCorrected,
    NominationRecorded,
)
from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.errors import AccreditationError, BadInputError
from domain.letters.envelope import Envelope
from domain.screening.applicants import applicant_keys, applicant_of
from domain.screening.hits import ClearingRefusedError, Hit
from domain.screening.keys import key_number, stored_keys
from domain.screening.subject import ListEntry
from flows.cli.app import app
from flows.context import database, election_context
from flows.decisions.case_file import case_file, hits_on
from flows.decisions.cleared_hits import clear_hit
from flows.rehearsal import read_truth
from flows.rehearsal.package.truth import PlantedProblem, TruthRow
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer
from flows.vetting.reference_lists import load_reference, references_of, retire_reference, screen_again
from flows.vetting.screening import screen_applicants

OFFICER, OTHER_OFFICER = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF), ActingOfficer("OFF-DEMO-2", ELECTION, AS_OF)
ENGINE = Actor.engine("test")
PAPERS = {"owner": "Commission of Valdara", "legal_basis": "Observers Act, art. 13", "title": "Test"}


@pytest.fixture
def vetted(stages: Stages) -> Iterator[Stages]:
    with stages.copy("vetted"):
        yield stages


def planted(stages: Stages, *problems: PlantedProblem) -> list[TruthRow]:
    return [row for row in read_truth(stages.package / "truth.jsonl") if set(problems) & set(row.problems)]


def application(row: TruthRow | str) -> Application:
    return case(*(row.split("/") if isinstance(row, str) else (row.organisation, row.reference)))


def findings(known: UUID, severity: Severity = Severity.HUMAN) -> list[Finding]:
    return [finding for finding in case_file(known).findings if finding.severity is severity]


def told(known: UUID) -> list[Envelope]:
    with open_reader(database()) as store:
        letters = [one.envelope for one in store.outbox.of_application(known)]
    return [letter for letter in letters if letter.kind == "double_nomination"]


def person(known: UUID) -> Nomination:
    with open_reader(database()) as store:
        return store.people.current([known])[known]


def kept_hits() -> list[tuple[UUID, Hit]]:
    with open_reader(database()) as store:
        found = store.resemblances.hits_on(store.applications.all_in(ELECTION))
    return [(one, hit) for one, hits in sorted(found.items()) for hit in hits]


def nominated(nomination: Nomination, organisation: str, key: str) -> UUID:
    """Record somebody as complete under *organisation* and return the case."""
    known = uuid5(UUID(int=0), key)
    happening: dict[str, Any] = {"application_id": known, "at": AS_OF, "actor": ENGINE}
    with open_store(database()) as store:
        opened = store.applications.open(
            NominationRecorded(
                **happening, election=ELECTION, organisation=organisation, role=nomination.role, received_at=NOW
            )
        )
        store.people.put(opened, nomination, now=AS_OF)
        store.applications.record(opened, CompletenessConfirmed(**happening, due_at=AS_OF))
    return known


def vetted_again(known: UUID, **changes: object) -> None:
    """Ask, let a new version of the row arrive, and vet it."""
    happening: dict[str, Any] = {"application_id": known, "at": AS_OF, "actor": ENGINE}
    with open_store(database()) as store:
        moved, before = store.applications.get(known), store.people.current([known])[known]
        for event in (
            InformationRequested(**happening, reasons=(ReasonCode.D08,), due_at=AS_OF, decision_id=known),
            NominationCorrected(**happening, person_version=moved.person_version + 1),
            CompletenessConfirmed(**happening, due_at=AS_OF),
        ):
            moved = store.applications.record(moved, event)
        store.people.put(moved, before.revised(**changes), now=AS_OF)
    vet([known])


def test_planted_pairs_are_referred_with_evidence_and_both_organisations_are_told_nothing_of_the_other(
    vetted: Stages,
) -> None:
    rows = planted(vetted, PlantedProblem.DOUBLE_NOMINATION, PlantedProblem.OTHER_SPELLING)
    assert rows
    for row in rows:
        one, other = application(row), application(row.partner)
        assert [(found.rule, found.about) for found in findings(one.id)] == [("same_document", str(other.id))]
        (hit,) = [hit for hit in hits_on(one.id) if hit.is_open]
        assert {"the document number is the same", "dates of birth are equal"} <= {e.reason for e in hit.evidence}
        (letter,) = told(one.id)
        focal_points = election_context(ELECTION, AS_OF).organisations
        assert focal_points[one.organisation].focal_point.email in {letter.to, letter.copy_to}
        said, theirs = repr(dict(letter.contents)), focal_points[other.organisation]
        assert one.case_number in said
        assert not any(word in said for word in (other.case_number, theirs.name, theirs.focal_point.email))


def test_namesakes_on_the_list_are_referred_with_list_version_and_algorithm(vetted: Stages) -> None:
    rows = planted(vetted, PlantedProblem.WATCH_LIST_NAMESAKE)
    assert rows
    (kept,) = references_of(ELECTION)
    for row in rows:
        known = application(row).id
        (hit,) = [hit for hit in hits_on(known) if hit.is_open]
        assert hit.about.startswith("EXCLUDED:EXC-")
        assert (hit.list_version, hit.algorithm_version[:10]) == (kept.reference.version_hash, "screening-")
        assert told(known) == []


@pytest.mark.usefixtures("vetted")
def test_a_second_run_changes_nothing_and_gives_the_same_hits() -> None:
    before, hits = everything(), kept_hits()
    assert vet(due(Status.IN_REVIEW, Status.APPROVED)) == {"approved": 0, "referred": 0}
    assert vet() == {"approved": 0, "referred": 0}
    assert (everything(), kept_hits()) == (before, hits)
    with open_store(database()) as store:
        waiting = [one.id for one in store.applications.all_in(ELECTION, Status.IN_REVIEW)]
        again = screen_applicants(store, election_context(ELECTION, AS_OF), store.people.current(waiting)).hits
        for one in store.applications.all_in(ELECTION, Status.IN_REVIEW):
            store.resemblances.note(one, again.get(one.id, []), now=AS_OF + timedelta(days=1))
    assert kept_hits() == hits


@pytest.mark.usefixtures("vetted")
def test_who_comes_later_under_another_spelling_is_found_and_the_earlier_accreditation_stands() -> None:
    earlier = nominated(a_nomination(), "ORG-01", "first")
    assert vet([earlier]) == {"approved": 1, "referred": 0}
    again = a_nomination(surname="Lindengaard", given_names="Ava", document_number="Q1", email="a@b.example")
    later = nominated(again, "ORG-02", "second")
    assert vet([later]) == {"approved": 0, "referred": 1}
    assert [(finding.rule, finding.about) for finding in findings(later)] == [("likely_same_person", str(earlier))]
    assert [(finding.rule, finding.about) for finding in findings(earlier, Severity.NOTE)] == [
        ("likely_same_person", str(later))
    ]
    assert case_file(earlier).application.status is Status.APPROVED
    assert [[letter.key for letter in told(one)] for one in (earlier, later)] == [
        [f"double_nomination:{earlier}:{later}"],
        [f"double_nomination:{later}:{earlier}"],
    ]


@pytest.mark.usefixtures("vetted")
def test_a_cleared_pair_stays_cleared_on_both_sides_and_comes_back_when_one_changes() -> None:
    same_name = a_nomination(document_number="Q1", email="a@b.example")
    one, other = nominated(a_nomination(), "ORG-01", "one"), nominated(same_name, "ORG-01", "other")
    vet([one, other])
    assert findings(one)
    assert told(one) == []
    cleared = clear_hit(one, str(other), "Twins, by their birth certificates.", OFFICER)
    for side in (one, other):
        assert findings(side) == []
        assert [hit.cleared_by for hit in hits_on(side)] == [cleared.pair]
        (event,) = [event for event in case_file(side).history if isinstance(event, HitCleared)]
        assert (event.actor.code, event.pair) == ("OFF-DEMO-1", cleared.pair)
        assert case_file(side).application.status is Status.IN_REVIEW
    vetted_again(one, arrival=date(2027, 3, 12))
    assert case_file(one).application.status is Status.APPROVED
    vetted_again(other, given_names="AVA MARITA")
    assert [(found.rule, found.about) for found in findings(other)] == [("likely_same_person", str(one))]


def test_only_an_officer_who_may_clears_a_hit_that_is_there_with_a_reason(vetted: Stages) -> None:
    known = application(planted(vetted, PlantedProblem.WATCH_LIST_NAMESAKE)[0]).id
    (hit,) = [hit for hit in hits_on(known) if hit.is_open]
    before = everything()
    wrong: list[tuple[str, str, ActingOfficer, type[AccreditationError]]] = [
        ("EXCLUDED:NOBODY", "Another person.", OFFICER, ClearingRefusedError),
        (hit.about, " ", OFFICER, ClearingRefusedError),
        (
            hit.about,
            "Another person.",
            ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF, signed="0" * 64),
            AccreditationError,
        ),
        (hit.about, "Another person.", ActingOfficer("OFF-NOBODY", ELECTION, AS_OF), AccreditationError),
    ]
    for about, reason, hand, error in wrong:
        with pytest.raises(error):
            clear_hit(known, about, reason, hand)
    assert everything() == before
    clear_hit(known, hit.about, "Another person, born elsewhere.", OFFICER)
    with pytest.raises(ClearingRefusedError, match="OFF-DEMO-1 cleared it"):
        clear_hit(known, hit.about, "Again.", OTHER_OFFICER)


@pytest.mark.usefixtures("vetted")
def test_a_list_without_legal_basis_or_past_its_time_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "banned.csv"
    path.write_text("id,name\n1,Ava Marit Lindengard\n", encoding="utf-8")
    for said, problem in (
        ({"owner": "Somebody"}, "no legal basis and is not loaded"),
        ({"legal_basis": "Act, art. 1"}, "it has no owner"),
        (PAPERS | {"valid_until": date(2027, 3, 9)}, "its last day of use has passed"),
    ):
        with pytest.raises(BadInputError, match=problem):
            load_reference(path, election=ELECTION, now=AS_OF, said=said)
    assert [reference.reference.list_id for reference in references_of(ELECTION)] == ["EXCLUDED"]


@pytest.mark.usefixtures("vetted")
def test_a_list_out_of_its_days_is_not_used_and_a_retired_one_names_nobody(tmp_path: Path) -> None:
    path = tmp_path / "banned.csv"
    path.write_text("id,name\n1,Ava Marit Lindengard\n", encoding="utf-8")
    days = PAPERS | {"valid_from": date(2027, 3, 1), "valid_until": date(2027, 3, 10)}
    assert load_reference(path, election=ELECTION, now=AS_OF, said=days).changed
    assert not load_reference(path, election=ELECTION, now=AS_OF, said=days).changed
    known = nominated(a_nomination(), "ORG-01", "one")
    with open_reader(database()) as store:
        people = store.people.current([known])
        found = [
            [
                hit.about
                for hit in screen_applicants(store, election_context(ELECTION, AS_OF + late), people).hits[known]
            ]
            for late in (timedelta(0), timedelta(days=1))
        ]
    assert found == [["BANNED:1"], []]
    assert retire_reference("BANNED", election=ELECTION, now=AS_OF) == 1
    assert retire_reference("BANNED", election=ELECTION, now=AS_OF) == 0
    assert vet([known]) == {"approved": 1, "referred": 0}


@pytest.mark.usefixtures("vetted")
def test_a_list_that_an_older_edition_read_or_indexed_otherwise_is_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "banned.csv"
    path.write_text("id,name\n1,Ava Marit Lindengard\n", encoding="utf-8")
    for spoiled in (
        delete(ReferenceKeyRow).where(ReferenceKeyRow.entry_id.in_(_ids_of("BANNED"))),
        update(ReferenceEntryRow).where(ReferenceEntryRow.list_code == "BANNED").values(body={}),
    ):
        load_reference(path, election=ELECTION, now=AS_OF, said=PAPERS)
        with open_store(database()) as store:
            store.session.execute(spoiled)
        assert load_reference(path, election=ELECTION, now=AS_OF, said=PAPERS).changed
        assert not load_reference(path, election=ELECTION, now=AS_OF, said=PAPERS).changed


@pytest.mark.usefixtures("vetted")
def test_people_recorded_by_older_code_are_met_by_name_after_an_upgrade_and_nobody_is_vetted_before(
    tmp_path: Path,
) -> None:
    path = tmp_path / "banned.csv"
    path.write_text("id,name\n1,Ava Marit Lindengard\n", encoding="utf-8")
    load_reference(path, election=ELECTION, now=AS_OF, said=PAPERS)
    earlier = nominated(a_nomination(), "ORG-01", "one")
    later = nominated(a_nomination(document_number="Z7654321"), "ORG-02", "two")
    with open_store(database()) as store:
        before = _keys(store.session)
        for statement in (
            delete(ReferenceKeyRow),
            delete(ApplicantKeyRow),
            update(KeyEditionRow).values(edition="keys-1"),
        ):
            store.session.execute(statement)
    with pytest.raises(StaleKeysError, match=r"keys-1.*accredit db upgrade"):
        vet([later])
    done = upgrade(settings().database_url)
    assert (done.tables, done.applicants) == (False, len({case for _, case in before[0]}))
    with open_reader(database()) as store:
        assert _keys(store.session) == before
    assert not upgrade(settings().database_url)
    vet([later])
    assert {hit.about for hit in hits_on(later)} >= {str(earlier), "BANNED:1"}


@pytest.mark.usefixtures("vetted")
def test_whoever_has_the_database_alone_finds_nobody_by_guessing_names_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "banned.csv"
    path.write_text("id,name\n1,Ava Marit Lindengard\n", encoding="utf-8")
    load_reference(path, election=ELECTION, now=AS_OF, said=PAPERS)
    somebody = nominated(a_nomination(), "ORG-01", "one")
    guesses = applicant_keys(applicant_of(a_nomination(), case="guess"))
    listed = {key.text for key in stored_keys(ListEntry(subject_id="1", names=("Ava Marit Lindengard",), list_id="B"))}
    with open_reader(database()) as store:
        applicants, entries = _keys(store.session)
        own, secret = {key for key, case in applicants if case == somebody}, keys_secret(ELECTION)
        assert own == {key_number(secret, text) for text in guesses}
        assert {key for key, _ in entries} >= {key_number(secret, text) for text in listed}
        known = {key for key, _ in applicants} | {key for key, _ in entries}
        assert not known & {key_number(b"", f"{ELECTION}\0{text}") for text in guesses | listed}
        assert not known & {key_number(keys_secret("ANOTHER-2027"), text) for text in guesses | listed}


def _keys(session: Session) -> tuple[set[tuple[int, UUID]], set[tuple[int, int]]]:
    applicants = session.execute(select(ApplicantKeyRow.key, ApplicantKeyRow.application_id))
    entries = session.execute(select(ReferenceKeyRow.key, ReferenceKeyRow.entry_id))
    return {(key, case) for key, case in applicants}, {(key, entry) for key, entry in entries}


def _ids_of(code: str) -> Select[tuple[int]]:
    return select(ReferenceEntryRow.id).where(ReferenceEntryRow.list_code == code)


@pytest.mark.usefixtures("vetted")
def test_loading_a_list_shows_masked_what_was_read_and_stops_at_half_a_name(tmp_path: Path) -> None:
    path = tmp_path / "banned.csv"
    path.write_text("id;Surname;Given names;clan name;DOB\n1;Lindengard;Ava Marit;Corvo;1980-02-03\n", encoding="utf-8")
    options = ["reference", "load", str(path), "--election", ELECTION, "--owner", "Somebody", "--legal-basis", "Act"]
    refused = CliRunner().invoke(app, options).exception
    assert isinstance(refused, BadInputError)
    assert "“clan name”" in str(refused)
    shown = CliRunner().invoke(app, [*options, "--column", "clan name="]).stdout
    assert "read as: name A… M… L…, born 19…, country (none)" in shown
    assert "not read: clan name" in shown
    assert "Lindengard" not in shown


@pytest.mark.usefixtures("vetted")
def test_a_new_list_is_held_against_those_vetted_before_and_accreditations_stand(tmp_path: Path) -> None:
    accredited, waiting = due(Status.APPROVED)[0], due(Status.IN_REVIEW)[0]
    path = tmp_path / "banned.csv"
    names = "".join(f"{n},{person(known).name}\n" for n, known in enumerate((accredited, waiting)))
    path.write_text("id,name\n" + names, encoding="utf-8")
    load_reference(path, election=ELECTION, now=AS_OF, said=PAPERS)
    assert screen_again(ELECTION, now=AS_OF)["found"] >= 2
    assert screen_again(ELECTION, now=AS_OF)["found"] == 0
    assert "BANNED:0" in {finding.about for finding in findings(accredited)}
    assert "BANNED:1" in {finding.about for finding in findings(waiting)}
    looked_at = case_file(accredited).application
    assert (looked_at.status, looked_at.look_due_at is not None) == (Status.APPROVED, True)
    assert case_file(waiting).application.look_due_at is None


@pytest.mark.usefixtures("vetted")
def test_show_and_review_say_what_speaks_for_a_hit_and_what_against_it_and_nothing_of_a_cleared_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "banned.csv"
    path.write_text("id,name,birth_date,country\n1,Ava Marit Lindengard,1971-01-30,XAB\n", encoding="utf-8")
    load_reference(path, election=ELECTION, now=AS_OF, said=PAPERS)
    known = nominated(a_nomination(), "ORG-01", "one")
    assert vet([known]) == {"approved": 0, "referred": 1}
    shown, reviewed = run("show", str(known)), run("review", "--officer", "OFF-DEMO-1", typed="s\n" * 60)
    (hit,) = hits_on(known)
    assert {one.contribution > 0 for one in hit.evidence if one.contribution} == {True, False}
    for reason in ("the names are equal", "no common country", "-0.25"):
        assert (reason in shown, reason in reviewed) == (True, True), shown
    assert "Lindengard" not in shown
    clear_hit(known, hit.about, "Born elsewhere.", OFFICER)
    assert "the names are equal" not in run("show", str(known))


def run(*arguments: str, typed: str = "") -> str:
    found = CliRunner().invoke(app, [*arguments, "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"], input=typed)
    assert found.exit_code == 0, found.output
    return " ".join(found.output.split())
