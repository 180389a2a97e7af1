from __future__ import annotations

import csv
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml
from PIL import Image

from domain.application.findings import deficiencies, needs_human
from domain.application.nomination import COLUMNS, Nomination
from domain.application.roles import USUAL_ROLES
from domain.election.geography import Geography
from domain.election.profile import ElectionProfile
from domain.errors import BadInputError
from domain.identity.mrz import parse
from domain.identity.photo import check_photo
from domain.intake.columns import read_header
from domain.intake.completeness import completeness
from domain.intake.nominations_file import RowProblem
from domain.intake.rows import read_row
from domain.organisations.organisation import Organisation
from domain.screening.applicants import applicant_of, resemblance
from domain.screening.hits import ON_LIST, Hit
from domain.screening.screening_hit import Band
from domain.statements.officers import Officer, OfficerRole
from domain.vetting.checks import Surroundings, document_key, name_key, sorted_name, vet
from flows.intake.reading.tables import raw_rows
from flows.rehearsal import write_package
from flows.rehearsal.check import CheckedOutcome, differences
from flows.rehearsal.package.folder import write_csv
from flows.rehearsal.package.planted_problems import SHARES
from flows.rehearsal.package.truth import PlantedProblem, TruthRow, read_truth

pytestmark = pytest.mark.timeout(120)

APPLICATIONS = 120
Row = tuple[str, int, dict[str, str], int]
"""File below the package, row number, cells by column, cells beyond the last column."""

Found = Mapping[tuple[str, int], Nomination | RowProblem]
"""What the engine's reader makes of each row, by file and row number."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rehearsal") / "valdara"
    write_package(folder, applications=APPLICATIONS, seed=5, processes=1)
    return folder


@pytest.fixture(scope="module")
def undrawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of the demonstration's size, without its pictures."""
    folder = tmp_path_factory.mktemp("rehearsal") / "undrawn"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("flows.rehearsal.package.folder.draw", draw_nothing)
        write_package(folder, applications=1_500, seed=1)
    return folder


def draw_nothing(*_: object, **__: object) -> None:
    """Stands in for the drawing where a test is not about pictures."""


@cache
def rows(package: Path) -> list[Row]:
    received = read_table(package / "nominations" / "received.csv")
    return [row for entry in received for row in rows_of(package, f"nominations/{entry['file']}")]


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows_of(package: Path, file: str) -> Iterator[Row]:
    for row in raw_rows((package / file).read_bytes(), name=file):
        yield file, row.number, dict(row.cells), row.extra_cells


@cache
def truth(package: Path) -> dict[tuple[str, int], TruthRow]:
    return {(row.file, row.row): row for row in read_truth(package / "truth.jsonl")}


def profile(package: Path) -> ElectionProfile:
    return ElectionProfile.model_validate(yaml.safe_load((package / "election.yaml").read_text(encoding="utf-8")))


def read(package: Path, row: Row) -> Nomination | RowProblem:
    """Return what the engine's reader makes of the row, with hashes for the pictures that lie beside the file."""
    file, number, cells, extra = row
    nomination = read_row(number, cells, extra_cells=max(0, extra))
    if isinstance(nomination, RowProblem):
        return nomination
    beside = (package / file).with_suffix("")
    hashes = {
        column: hashlib.sha256((beside / cells[column]).read_bytes()).hexdigest()
        for column in ("photo", "identity_page")
        if cells.get(column) and (beside / cells[column]).is_file()
    }
    return nomination.revised(**hashes)


def fingerprint(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_equal_arguments_give_equal_bytes_however_many_processes_draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.rehearsal.package.drawing._WORTH_PROCESSES", 1)
    write_package(tmp_path / "one", applications=60, seed=3, processes=1)
    write_package(tmp_path / "two", applications=60, seed=3, processes=2)
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")


def test_another_seed_gives_other_people(undrawn: Path, package: Path) -> None:
    numbers = {cells.get("document_number", "") for _, _, cells, _ in rows(package)} - {""}
    assert numbers.isdisjoint(cells.get("document_number", "") for _, _, cells, _ in rows(undrawn))


def test_a_complete_package_is_left_alone_and_a_foreign_folder_refused(package: Path, tmp_path: Path) -> None:
    before = fingerprint(package)
    again = write_package(package, applications=APPLICATIONS, seed=5)
    assert again.was_there
    assert fingerprint(package) == before
    for applications, seed in ((APPLICATIONS, 6), (10, 5)):
        with pytest.raises(BadInputError, match="other arguments"):
            write_package(package, applications=applications, seed=seed)
    (tmp_path / "mine.txt").write_text("not a rehearsal")
    with pytest.raises(BadInputError, match="holds no rehearsal"):
        write_package(tmp_path, applications=10, seed=5)
    with pytest.raises(BadInputError, match="cannot be written"):
        write_package(tmp_path / "mine.txt", applications=10, seed=5)


def test_an_interrupted_package_is_written_anew(tmp_path: Path) -> None:
    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_package(tmp_path / "valdara", applications=24, seed=5, progress=interrupt)
    write_package(tmp_path / "valdara", applications=24, seed=5)
    write_package(tmp_path / "undisturbed", applications=24, seed=5)
    assert fingerprint(tmp_path / "valdara") == fingerprint(tmp_path / "undisturbed")


@pytest.mark.parametrize("applications", [1, 2, 7, 8, 20, 33, 64])
def test_a_rehearsal_of_any_size_has_exactly_its_rows(applications: int, tmp_path: Path) -> None:
    summary = write_package(tmp_path / "small", applications=applications, seed=1, processes=1)
    assert (
        len(rows(tmp_path / "small")) == len(truth(tmp_path / "small")) == applications == sum(summary.paths.values())
    )


FURTHER = {
    PlantedProblem.ODD_NUMBER, PlantedProblem.ODD_NAME, PlantedProblem.ODD_CODE, PlantedProblem.ODD_ADDRESS,
    PlantedProblem.OTHER_CALENDAR, PlantedProblem.ONE_NAME, PlantedProblem.ONE_NAME_UNPROVED,
    PlantedProblem.YEAR_OF_BIRTH, PlantedProblem.NO_EXPIRY, PlantedProblem.STATELESS, PlantedProblem.TWO_CITIZENSHIPS,
    PlantedProblem.NUMBER_LATER, PlantedProblem.RENUMBERED, PlantedProblem.REUSED_REFERENCE,
    PlantedProblem.NO_REFERENCE, PlantedProblem.ODD_FILE_NAMES, PlantedProblem.TWICE_ENCODED,
    PlantedProblem.DAMAGED_PICTURE, PlantedProblem.HEIC_PICTURE, PlantedProblem.BLANK_PAGE,
    PlantedProblem.SORTED_COLUMN, PlantedProblem.NO_VEHICLE, PlantedProblem.OTHER_KIND,
}  # fmt: skip
"""Planted in further people, whom a package has only where it is asked for them."""


def test_every_problem_is_planted_in_its_share(undrawn: Path) -> None:
    truths = truth(undrawn).values()
    planted = Counter(problem for row in truths for problem in row.problems)
    for problem, share in SHARES.items():
        assert abs(planted[problem] - share * 1_500) <= 2, problem
    assert set(planted) == set(PlantedProblem) - FURTHER
    assert 0.10 <= sum(bool(row.problems) for row in truths) / 1_500 <= 0.15
    assert len({row.organisation for row in truths}) in range(19, 77)


def test_half_arrive_in_the_last_twelve_days_and_a_quarter_in_one_file(package: Path) -> None:
    election = profile(package)
    arrivals = {entry["file"]: datetime.fromisoformat(entry["received_at"]) for entry in
                read_table(package / "nominations" / "received.csv")}  # fmt: skip
    assert list(arrivals.values()) == sorted(arrivals.values())
    sizes = Counter(file.removeprefix("nominations/") for file, _, _, _ in rows(package))
    late = sum(size for file, size in sizes.items() if (election.election.day - arrivals[file].date()).days <= 12)
    assert 0.45 <= late / APPLICATIONS <= 0.75
    assert max(sizes.values()) >= APPLICATIONS / 4
    is_late = {file for file, at in arrivals.items() if election.is_late(at)}
    assert {row.file.removeprefix("nominations/") for row in truth(package).values()
            if PlantedProblem.LATE in row.problems} == is_late  # fmt: skip


def test_the_rules_find_exactly_what_was_planted(package: Path) -> None:
    election = profile(package)
    held = {organisation.code for organisation in organisations(package) if not organisation.may_nominate}
    arrivals = {entry["file"]: entry for entry in read_table(package / "nominations" / "received.csv")}
    found = {(row[0], row[1]): read(package, row) for row in rows(package)}
    outcomes = list[CheckedOutcome]()
    for (file, number), nomination in found.items():
        entry = arrivals[file.removeprefix("nominations/")]
        if isinstance(nomination, RowProblem):
            outcomes.append(CheckedOutcome("", "", "returned", frozenset(), "returned", file, number))
        elif entry["organisation"] in held:
            outcomes.append(CheckedOutcome(entry["organisation"], nomination.reference, "held", frozenset(), "held"))
        else:
            around = around_of(package, nomination, found, datetime.fromisoformat(entry["received_at"]))
            outcomes.append(vetted(entry["organisation"], nomination, election, around))
    assert [str(difference) for difference in differences(truth(package).values(), outcomes)] == []


def vetted(
    organisation: str, nomination: Nomination, election: ElectionProfile, around: Surroundings
) -> CheckedOutcome:
    missing = deficiencies(completeness(nomination, election))
    if missing:
        return CheckedOutcome(organisation, nomination.reference, "recorded", frozenset(missing), "incomplete")
    findings = vet(nomination, election, around)
    path = "review" if needs_human(findings) else "cleared"
    return CheckedOutcome(
        organisation, nomination.reference, "recorded", frozenset(f.code.value for f in findings), path
    )


def around_of(package: Path, nomination: Nomination, found: Found, received_at: datetime) -> Surroundings:
    others = [other for other in found.values() if isinstance(other, Nomination) and other is not nomination]
    document, name = document_key(nomination), name_key(nomination)
    listed = [
        entry["id"]
        for entry in read_table(package / "reference" / "excluded.csv")
        if sorted_name(entry["name"]) == sorted_name(nomination.name)
        and date.fromisoformat(entry["birth_date"]) == nomination.birth_date
    ]
    alike = [
        other
        for other in others
        if (document and document_key(other) == document) or (name and name_key(other) == name)
    ]
    return Surroundings(received_at=received_at, hits=tuple(hits(nomination, alike, listed)))


def hits(nomination: Nomination, alike: list[Nomination], listed: list[str]) -> Iterator[Hit]:
    person = applicant_of(nomination, case=nomination.reference)
    for other in alike:
        hit = resemblance(person, applicant_of(other, case=other.reference))
        assert hit is not None
        yield hit
    known = person.content_hash
    for entry in listed:
        yield Hit(
            rule=ON_LIST, about=f"EXCLUDED:{entry}", person_hash=known, other_hash=known, algorithm_version="test",
            score=1.0, name_score=1.0, band=Band.EXACT, evidence=(),
        )  # fmt: skip


def organisations(package: Path) -> list[Organisation]:
    said = yaml.safe_load((package / "organisations.yaml").read_text(encoding="utf-8"))
    return [Organisation.model_validate(organisation) for organisation in said]


def test_every_row_in_order_reads_without_a_doubt_and_its_zone_is_whole(package: Path) -> None:
    clean = [row for row in rows(package) if not truth(package)[row[0], row[1]].problems]
    assert len(clean) > APPLICATIONS * 0.7
    for row in clean:
        nomination = read(package, row)
        assert isinstance(nomination, Nomination)
        assert nomination.unreadable == ()
        if nomination.mrz:
            assert parse(nomination.mrz, on=date(2027, 3, 1)).digits_fit


def test_names_are_written_in_more_than_eight_scripts_and_print_in_plain_capitals(package: Path) -> None:
    scripts = Counter(script_of(cells["native_name"]) for _, _, cells, _ in rows(package) if cells["native_name"])
    assert len(scripts) >= 10, scripts
    assert any(not cells["native_name"].isascii() and script_of(cells["native_name"]) == "LATIN"
               for _, _, cells, _ in rows(package))  # fmt: skip
    printed = "".join(cells["surname"] + cells["given_names"] for _, _, cells, _ in rows(package)).replace("-", "")
    assert printed.isascii()
    assert printed.isalpha()


def script_of(name: str) -> str:
    return unicodedata.name(name[0]).split()[0]


def test_nobody_belongs_to_a_real_state(package: Path) -> None:
    codes = {code for _, _, cells, _ in rows(package) for code in cells["nationality"].split(";") if code}
    codes |= {organisation.country for organisation in organisations(package)}
    assert all("XAA" <= code <= "XZZ" or "QMA" <= code <= "QZZ" for code in codes)
    addresses = {cells["email"] for _, _, cells, _ in rows(package) if "@" in cells["email"]}
    assert all(address.endswith(".example") for address in addresses)


def test_regions_have_room_for_most_but_not_for_everybody(undrawn: Path) -> None:
    land = Geography.model_validate(yaml.safe_load((undrawn / "geography.yaml").read_text(encoding="utf-8")))
    cleared = [row for row in rows(undrawn) if truth(undrawn)[row[0], row[1]].path == "cleared"]
    open_to_all = sum(region.capacity for region in land.regions if not region.notice)
    willing = sum(1 for _, _, cells, _ in cleared if cells.get("accepted_notices"))
    assert 0.9 * len(cleared) < open_to_all + willing < len(cleared) + 0.02 * len(cleared)
    assert sum(region.capacity for region in land.regions) > len(cleared)
    assert sum(region.abroad for region in land.regions) == 4


def test_a_planned_and_a_closed_office_are_acted_for(package: Path) -> None:
    land = Geography.model_validate(yaml.safe_load((package / "geography.yaml").read_text(encoding="utf-8")))
    assert land.serving("OF-08", on=date(2027, 3, 4)).code == "OF-07"
    assert land.serving("OF-08", on=date(2027, 3, 5)).code == "OF-08"
    assert land.serving("OF-10", on=date(2027, 3, 14)).code == "OF-11"


def test_officers_can_propose_confirm_and_hear_appeals(package: Path) -> None:
    said = yaml.safe_load((package / "officers.yaml").read_text(encoding="utf-8"))
    officers = [Officer.model_validate(officer) for officer in said]
    for role in OfficerRole:
        assert len([officer for officer in officers if officer.may(role)]) >= 2, role


def test_portraits_are_fit_and_no_two_people_share_one(package: Path) -> None:
    election, seen = profile(package), dict[str, str]()
    photos = sorted(package.rglob("*-photo.jpg"))[:40]
    for photo in photos:
        report = check_photo(photo.read_bytes(), election.photo)
        assert report.problems == ()
        assert (report.width, report.height) == (413, 531)
        assert report.received_sha256 not in seen
        seen[report.received_sha256] = photo.name
    with Image.open(photos[0].with_name(photos[0].name.replace("photo", "page"))) as page:
        assert page.size == (720, 506)


def test_every_role_is_nominated_for(undrawn: Path) -> None:
    assert {cells["role"] for _, _, cells, _ in rows(undrawn)} == {role.value for role in USUAL_ROLES}


def test_a_csv_file_has_the_documented_columns(tmp_path: Path) -> None:
    write_csv(tmp_path / "empty.csv", list(COLUMNS), [])
    assert list(
        read_header((tmp_path / "empty.csv").read_text().strip().split(","), place="empty.csv").columns
    ) == list(COLUMNS)


def test_the_example_is_what_the_generator_writes(tmp_path: Path) -> None:
    """Pictures and workbooks are left out: their bytes depend on the version of the libraries that write them."""
    example = Path(__file__).parents[4] / "examples" / "valdara" / "package"
    write_package(tmp_path / "package", applications=24, seed=2027)
    fresh, kept = fingerprint(tmp_path / "package"), fingerprint(example)
    assert fresh.keys() == kept.keys()
    assert [name for name in kept if not name.endswith((".jpg", ".xlsx")) and kept[name] != fresh[name]] == []
