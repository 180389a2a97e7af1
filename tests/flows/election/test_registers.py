"""Organisations and officers from spreadsheets: read in any language, reported by row, entered by officers alone."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import openpyxl
import pytest
import yaml
from support.builders import ELECTION
from support.stages import AS_OF, Stages

from db.store import open_reader
from domain.errors import BadInputError
from domain.intake.registers import OFFICER, ORGANISATION, register_columns
from domain.organisations.organisation import Organisation, OrganisationStatus
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.words import register_words
from flows.context import database
from flows.election.loading import init_election
from flows.election.registers import (
    import_officers,
    import_organisations,
    packaged_officers,
    read_organisations,
    try_organisations,
)
from flows.election.rule_versions import rule_versions
from flows.oversight.chains import broken_links
from flows.statements.acceptance import ActingOfficer
from flows.statements.proposals import proposal_rows

CASE_OFFICER, FIRST, SECOND = (
    ActingOfficer(code, ELECTION, AS_OF) for code in ("OFF-DEMO-1", "OFF-ADMIN-1", "OFF-ADMIN-2")
)
ORGANISATIONS = (
    ("Код", "Название", "Тип", "Страна", "Контактное лицо", "Электронная почта", "Статус", "Цвет"),
    ("ORG-31", "Круг", "НКО", "XAA", "Zarin Ledo", "zarin@org-31.example", "", "red"),
    ("ORG-32", "Банк", "банк", "XAA", "Zarin Ledo", "zarin", "", ""),
    ("ORG-33", "Дом", "университет", "XAA", "", "dom@org-33.example", "", ""),
    ("ORG-34", "Сад", "посольство", "XAA", "Ana Bolu", "sad@org-34.example", "приглашена", ""),
    ("ORG-01", "Другое имя", "international organisation", "XAA", "Ana Bolu", "a@org-01.example", "", ""),
)


def as_csv(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return path


def as_xlsx(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [("A list",), *rows]:
        sheet.append(row)
    book.save(path)
    return path


@pytest.fixture
def loaded(stages: Stages) -> Iterator[None]:
    with stages.copy("loaded"):
        yield


def officers() -> dict[str, Officer]:
    with open_reader(database()) as store:
        return {officer.code: officer for officer in store.officers.all_in(ELECTION)}


def organisations() -> dict[str, Organisation]:
    with open_reader(database()) as store:
        return store.organisations.all_in(ELECTION)


def test_no_heading_or_word_of_a_spreadsheet_means_two_things() -> None:
    for table, said in register_words().items():
        words = [word for words in said.values() for word in words]
        assert len({*words}) == len(words), table
    assert {*register_columns(OFFICER)} <= {*Officer.model_fields}


@pytest.mark.usefixtures("loaded")
def test_a_spreadsheet_in_another_language_enters_whoever_is_new_and_names_row_field_and_remedy(
    tmp_path: Path,
) -> None:
    sheet = as_xlsx(tmp_path / "new.xlsx", ORGANISATIONS)
    before = organisations()
    assert try_organisations(sheet, ELECTION).new == ("ORG-31",)
    assert organisations() == before
    done = import_organisations(sheet, CASE_OFFICER)
    assert {(problem.row, problem.field) for problem in done.problems} == {
        (4, "kind"), (4, "email"), (5, "contact"), (6, "standing"), (7, "focal_point, name"),
    }  # fmt: skip
    assert all(problem.problem and problem.remedy for problem in done.problems)
    assert done.read.ignored == ("Цвет",)
    assert organisations().keys() - before.keys() == {"ORG-31"}
    entered = organisations()["ORG-31"]
    assert (entered.standing, entered.country, entered.kind) == (OrganisationStatus.APPLIED, "XAA", "ngo")
    with open_reader(database()) as store:
        assert [key for key in store.outbox.keys(ELECTION) if ":ORG-31:" in key]
    again = import_organisations(sheet, CASE_OFFICER)
    assert (again.new, again.unchanged) == ((), ("ORG-31",))


@pytest.mark.usefixtures("loaded")
def test_two_administrators_and_not_a_file_make_an_officer(tmp_path: Path) -> None:
    sheet = as_csv(
        tmp_path / "more.csv",
        [("agent", "rôles", "nom"), ("OFF-N1", "auditeur", "Zarin"), ("OFF-N2", "case officer / admin", "")],
    )
    with pytest.raises(OfficerRefusedError):
        import_officers(sheet, CASE_OFFICER)
    assert import_officers(sheet, FIRST, ground="Resolution 3").proposed
    assert [(row["by"], row["ground"]) for row in proposal_rows(ELECTION)] == [("OFF-ADMIN-1", "Resolution 3")]
    with pytest.raises(OfficerRefusedError):
        import_officers(sheet, FIRST)
    assert "OFF-N1" not in officers()
    taken_on = import_officers(sheet, SECOND, ground="Letter of 3 March")
    assert (taken_on.proposed, taken_on.ground) == (False, "Resolution 3; Letter of 3 March")
    assert rule_versions(ELECTION)[-1].ground == "Resolution 3; Letter of 3 March"
    assert proposal_rows(ELECTION) == []
    assert officers()["OFF-N2"].roles == (OfficerRole.CASE_OFFICER, OfficerRole.ADMINISTRATOR)
    assert import_officers(sheet, SECOND).new == ()
    with open_reader(database()) as store:
        assert broken_links(store, ELECTION) == ()
    wrong = as_csv(
        tmp_path / "wrong.csv", [("code", "roles", "offices"), ("OFF-N3", "king", ""), ("OFF-N4", "auditor", "OF-99")]
    )
    with pytest.raises(BadInputError, match=r"row 2, roles holds .* row 3, offices.* has no OF-99"):
        import_officers(wrong, FIRST)


def test_an_election_is_loaded_from_spreadsheets_as_from_yaml(stages: Stages, tmp_path: Path) -> None:
    folder = shutil.copytree(stages.package, tmp_path / "package", ignore=shutil.ignore_patterns("nominations"))
    said = yaml.safe_load((folder / "organisations.yaml").read_text("utf-8"))
    columns = [column for column in register_columns(ORGANISATION) if not column.startswith("liaison")]
    rows = [
        [
            str(
                {**one, "contact": one["focal_point"]["name"], **one["focal_point"], "name": one["name"]}.get(column)
                or ""
            )
            for column in columns
        ]
        for one in said
    ]
    as_xlsx(folder / "organisations.xlsx", [columns, *rows])
    staff = [
        (one["code"], ",".join(one["roles"])) for one in yaml.safe_load((folder / "officers.yaml").read_text("utf-8"))
    ]
    as_csv(folder / "officers.csv", [("code", "roles"), *staff])
    with pytest.raises(BadInputError, match=r"officers\.yaml and officers\.csv"):
        packaged_officers(folder)
    for name in ("organisations.yaml", "officers.yaml"):
        (folder / name).unlink()
    with stages.empty():
        assert init_election(folder, now=AS_OF).organisations_changed == len(said)
        assert officers().keys() == {code for code, _ in staff}
        assert {code: one.standing for code, one in organisations().items()} == {
            one["code"]: one["standing"] for one in said
        }


def test_a_table_without_the_necessary_columns_says_which_and_what_it_did_not_understand(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"no column kind, country.*'colour'"):
        read_organisations(
            as_csv(
                tmp_path / "half.csv", [("code", "name", "contact", "email", "colour"), ("A", "B", "C", "d@e.f", "g")]
            )
        )
