"""Intake by its plain steps: every row accounted for, nothing twice, corrections cure, the held wait."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.builders import ELECTION
from support.stages import AS_OF, Stages, assign, case, decide, due, everything, issue, take_in, vet

from db.store import open_reader
from domain.application.application import Application
from domain.application.events import NominationCorrected
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.intake.nominations_file import ChunkCounts
from domain.statements.officers import OfficerRefusedError
from flows.context import database
from flows.decisions.case_file import case_file
from flows.election.loading import PackageDiffersError, init_election
from flows.intake import flow as intake
from flows.intake.arrivals import Arrival
from flows.rehearsal import read_truth
from flows.rehearsal.package.pictures.faces import face
from flows.rehearsal.package.pictures.portraits import portrait
from flows.rehearsal.package.truth import PlantedProblem, TruthRow
from flows.rehearsal.run import check_against_truth

Rows = list[dict[str, str]]


@pytest.fixture
def taken_in(stages: Stages) -> Iterator[Stages]:
    with stages.copy("taken in"):
        yield stages


def planted(stages: Stages, problem: PlantedProblem, ending: str = "csv") -> TruthRow:
    truth = read_truth(stages.package / "truth.jsonl")
    return next(row for row in truth if row.problems == (problem,) and row.file.endswith(ending))


def clear_row(stages: Stages) -> TruthRow:
    truth = read_truth(stages.package / "truth.jsonl")
    return next(row for row in truth if not row.problems and row.file.endswith("csv"))


def the_case(row: TruthRow) -> Application:
    return case(row.organisation, row.reference)


def sent_again(stages: Stages, row: TruthRow, folder: Path, **changes: str) -> Path:
    """Write a file of one row as it was sent, with *changes*, beside all the pictures of the first file."""
    first = stages.package / row.file
    with first.open(encoding="utf-8-sig", newline="") as lines:
        cells = next(one for one in csv.DictReader(lines) if one["reference"] == row.reference)
    return written(folder / "again.csv", [cells | changes], pictures=first.with_suffix(""))


def written(path: Path, rows: Rows, *, pictures: Path | None = None) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    if pictures:
        shutil.copytree(pictures, path.with_suffix(""))
    return path


def counts_of_last_file() -> ChunkCounts:
    return intake.reports(ELECTION)[-1].counts


def letters(application: Application) -> Counter[str]:
    return Counter(kind for kind, _, _ in case_file(application.id).letters)


def test_every_row_of_every_file_is_accounted_for(taken_in: Stages) -> None:
    planned = read_truth(taken_in.package / "truth.jsonl")
    truth = Counter((row.file.rpartition("/")[2], row.row_outcome.value) for row in planned)
    for report in intake.reports(ELECTION):
        assert report.finished
        assert {
            (report.file.name, outcome): count for outcome, count in report.counts.model_dump().items() if count
        } == {key: count for key, count in truth.items() if key[0] == report.file.name}
    assert sum(report.counts.rows for report in intake.reports(ELECTION)) == truth.total()


def test_the_engine_does_with_each_row_what_was_planted_for_it(stages: Stages) -> None:
    with stages.copy("vetted"):
        assert [str(one) for one in check_against_truth(ELECTION, stages.package)] == []


def test_a_second_run_of_every_step_changes_nothing_anywhere(stages: Stages) -> None:
    with stages.copy("issued"):
        before = everything()
        init_election(stages.package, now=AS_OF)
        take_in(stages.package / "nominations")
        assert (vet(), decide(), assign(), issue()) == ({"approved": 0, "referred": 0}, 0, 0, 0)
        assert everything() == before


def test_an_interrupted_intake_goes_on_where_it_stopped(stages: Stages) -> None:
    with stages.copy("taken in"):
        expected = everything()["heads"]
    with stages.copy("loaded"):
        for path in sorted((stages.package / "nominations").glob("*.csv"))[:2]:
            if path.name != "received.csv":
                arrival = Arrival(path, path.stem[:6])
                first, *_ = intake.stage_file(arrival, ELECTION, now=AS_OF)
                intake.take_in(first, ELECTION, now=AS_OF)
                assert intake.take_in(first, ELECTION, now=AS_OF) == ChunkCounts()
        take_in(stages.package / "nominations")
        assert everything()["heads"].keys() == expected.keys()  # type: ignore[attr-defined]  # both are mappings
        assert all(report.finished for report in intake.reports(ELECTION))


def test_each_recorded_row_has_a_receipt_and_each_deficiency_a_notice(taken_in: Stages) -> None:
    row = planted(taken_in, PlantedProblem.MISSING_PHOTO)
    assert letters(the_case(row)) == {"receipt": 1, "deficiency": 1}
    assert letters(the_case(clear_row(taken_in))) == {"receipt": 1}


def test_a_corrected_row_cures_what_was_missing_and_is_approved(taken_in: Stages, tmp_path: Path) -> None:
    row = planted(taken_in, PlantedProblem.MISSING_PHOTO)
    before = the_case(row)
    assert (before.status, before.reasons) == (Status.INCOMPLETE, (ReasonCode.D01,))
    again = sent_again(taken_in, row, tmp_path, photo="mended.jpg")
    portrait(face(99, 1, sex="F", age=40)).save(again.with_suffix("") / "mended.jpg")
    take_in(again, row.organisation)
    assert counts_of_last_file() == ChunkCounts(corrected=1)
    after = the_case(row)
    assert (after.status, after.reasons, after.person_version) == (Status.IN_VETTING, (), 2)
    assert vet([after.id]) == {"approved": 1, "referred": 0}


def test_a_correction_that_mends_only_part_of_it_asks_for_the_rest(taken_in: Stages, tmp_path: Path) -> None:
    row = planted(taken_in, PlantedProblem.MISSING_PHOTO)
    take_in(sent_again(taken_in, row, tmp_path, photo="", pledge_accepted_on=""), row.organisation)
    after = the_case(row)
    assert (after.status, after.reasons) == (Status.INCOMPLETE, (ReasonCode.D01, ReasonCode.D06))
    assert letters(after)["deficiency"] == 2
    history = case_file(after.id).history
    assert [event.late for event in history if isinstance(event, NominationCorrected)] == [False]


def test_a_correction_that_takes_papers_away_before_vetting_does_not_slip_through(
    taken_in: Stages, tmp_path: Path
) -> None:
    row = clear_row(taken_in)
    take_in(sent_again(taken_in, row, tmp_path, photo="remove"), row.organisation)
    vet()
    assert the_case(row).status is Status.IN_REVIEW


def test_a_row_sent_again_unchanged_is_unchanged_and_a_change_after_the_decision_waits(
    stages: Stages, tmp_path: Path
) -> None:
    with stages.copy("vetted"):
        row = clear_row(stages)
        before = the_case(row)
        take_in(sent_again(stages, row, tmp_path), row.organisation)
        assert counts_of_last_file() == ChunkCounts(unchanged=1)
        changed = tmp_path / "changed"
        changed.mkdir()
        take_in(sent_again(stages, row, changed, surname="ELSEWHERE"), row.organisation)
        with open_reader(database()) as store:
            (report,) = [one for one in store.intake.reports(ELECTION) if one.counts == ChunkCounts(held=1)]
            (problem,) = store.intake.problems(report.file.id)
        assert "already decided" in problem.problem
        assert the_case(row) == before


def test_nominees_of_an_organisation_not_admitted_wait_and_are_let_in_when_it_is(
    stages: Stages, tmp_path: Path
) -> None:
    with stages.copy("vetted"):
        waiting = due(Status.HELD)
        assert waiting
        folder = tmp_path / "changed"
        shutil.copytree(stages.package, folder, ignore=shutil.ignore_patterns("nominations"))
        organisations = yaml.safe_load((folder / "organisations.yaml").read_text())
        for organisation in organisations:
            if organisation["standing"] != "admitted":
                organisation |= {"standing": "admitted", "admitted_on": "2027-03-09"}
        (folder / "organisations.yaml").write_text(yaml.safe_dump(organisations))
        with pytest.raises(PackageDiffersError, match="organisations"):
            init_election(folder, now=AS_OF)
        assert init_election(folder, now=AS_OF, by="OFF-ADMIN-1").proposed
        assert due(Status.HELD) == waiting
        with pytest.raises(OfficerRefusedError):
            init_election(folder, now=AS_OF, by="OFF-ADMIN-1")
        assert init_election(folder, now=AS_OF, by="OFF-ADMIN-2").organisations_changed == 1
        vet()
        assert due(Status.HELD) == []
        assert set(waiting) <= set(due(Status.APPROVED))


@pytest.mark.parametrize(
    ("changes", "organisation", "field"),
    [
        ({"organisation": "ORG-99"}, "", "organisation"),
        ({"organisation": "ORG-02"}, "ORG-01", "organisation"),
        ({"organisation": ""}, "", "organisation"),
    ],
)
def test_a_row_of_an_unknown_or_foreign_organisation_goes_back(
    stages: Stages, tmp_path: Path, changes: dict[str, str], organisation: str, field: str
) -> None:
    with stages.copy("loaded"):
        again = sent_again(stages, clear_row(stages), tmp_path, **changes)
        take_in(again, organisation)
        assert counts_of_last_file() == ChunkCounts(returned=1)
        with open_reader(database()) as store:
            (problem,) = store.intake.problems(intake.reports(ELECTION)[-1].file.id)
        assert problem.field == field
        assert due(*Status) == []
