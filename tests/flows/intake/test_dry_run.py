"""A dry run says what intake would do with every row, and does none of it."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, everything, take_in

from domain.intake.nominations_file import ChunkCounts
from flows.cli.app import main
from flows.intake import flow as intake
from flows.intake.arrivals import Arrival, arrivals
from flows.intake.column_agreements import agree_names
from flows.intake.dry_run import dry_run_files
from flows.settings import settings

HEADER = "reference,role,Family name,First name,DOB,document_number,Shoe size"


def files_kept() -> set[Path]:
    databases = ("accreditation.db", "personal-keys.db")
    return {path for path in settings().home.rglob("*") if path.is_file() and not path.name.startswith(databases)}


def test_a_dry_run_foresees_what_becomes_of_every_row_and_writes_nothing(stages: Stages) -> None:
    with stages.copy("loaded"):
        found = arrivals(stages.package / "nominations", organisation="", received_at=None)
        before = everything(), files_kept()
        foreseen = {(file.file, file.counts) for file in dry_run_files(found, ELECTION, now=AS_OF)}
        assert (everything(), files_kept()) == before
        take_in(stages.package / "nominations")
        assert {(report.file.name, report.counts) for report in intake.reports(ELECTION)} == foreseen
        again = [file.counts for file in dry_run_files(found, ELECTION, now=AS_OF)]
        assert sum(again, ChunkCounts()).recorded == 0


def test_the_report_names_row_field_problem_and_remedy_and_nothing_of_what_stood_there(
    stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sent.csv"
    path.write_text(f"{HEADER}\n1,expert,Qzxname,Ava,03/04/1985,K1234567,44\n2,tourist,Other,Ben,1985-05-17,K2,40\n")
    with stages.copy("loaded"):
        command = ["accredit", "intake", str(path), "-o", "ORG-01", "--dry-run", "--json", "--as-of", "2027-03-10"]
        monkeypatch.setattr("sys.argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 4
        (report,) = json.loads(capsys.readouterr().out)["files"]
        assert intake.reports(ELECTION) == []
    assert (report["rows"], report["recorded"], report["returned"]) == (2, 1, 1)
    assert report["reading"]["recognised"] == {
        "Family name": "surname", "First name": "given_names", "DOB": "birth_date",
    }  # fmt: skip
    assert report["reading"]["ignored"] == ["Shoe size"]
    first, second = report["findings"]
    assert {"field": "birth_date", "problem": "This is not a date, or it can be read in two ways.",
            "remedy": "Write year-month-day, such as 2027-04-03, or spell the month, such as 3 April 2027."} in first[
        "problems"
    ]  # fmt: skip
    assert (second["row"], second["outcome"], second["problems"][0]["field"]) == (3, "returned", "role")
    assert not [value for value in ("Qzxname", "K1234567", "1985") if value in json.dumps(report)]


def test_a_package_is_taken_in_like_its_folder(stages: Stages, tmp_path: Path) -> None:
    first = next(path for path in sorted((stages.package / "nominations").glob("*.csv")) if path.stem != "received")
    with zipfile.ZipFile(tmp_path / "sent.zip", "w") as archive:
        archive.write(first, f"our people/{first.name}")
        for path in sorted(first.with_suffix("").iterdir()):
            archive.write(path, f"our people/pictures/{path.name}")
    shutil.copy(first, tmp_path)
    shutil.copytree(first.with_suffix(""), tmp_path / first.stem)
    organisation = first.stem[:6]
    with stages.copy("loaded"):
        take_in(tmp_path / first.name, organisation)
        (plain,) = intake.reports(ELECTION)
    with stages.copy("loaded"):
        take_in(tmp_path / "sent.zip", organisation)
        (report,) = intake.reports(ELECTION)
        assert report.counts == plain.counts
        (trial,) = dry_run_files([Arrival(tmp_path / first.name, organisation)], ELECTION, now=AS_OF)
        assert trial.counts.unchanged == trial.counts.rows - trial.counts.returned


def test_what_a_sender_calls_its_columns_is_asked_once(stages: Stages, tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_text("reference,role,Name,Second name\n1,expert,Ava,LINDENGARD\n")
    with stages.copy("loaded"):
        agree_names(ELECTION, "ORG-01", {"Name": "given_names", "Second name": "surname"})
        take_in(path, "ORG-01")
        (report,) = intake.reports(ELECTION)
    assert report.counts == ChunkCounts(recorded=1)
