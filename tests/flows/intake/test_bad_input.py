"""What nobody should send: each gets a clear message, and nothing is recorded that should not be."""

from __future__ import annotations

import io
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
import yaml
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due, everything, take_in

from db.store import open_reader
from domain.application.findings import Finding
from domain.application.status import Status
from domain.errors import BadInputError
from domain.intake.nominations_file import ChunkCounts, RowProblem
from flows.cli.app import main
from flows.context import database
from flows.decisions.case_file import case_file
from flows.election.loading import init_election
from flows.intake import flow as intake
from flows.intake.arrivals import Arrival, arrivals
from flows.intake.precheck import require_readable
from flows.settings import prepare_home, reset_settings

HEADER = (
    "reference,role,surname,given_names,birth_date,nationality,document_number,document_issuer,document_expiry,email,"
    "conflict_declared,pledge_accepted_on,native_name,photo,identity_page"
)
GOOD = "1,expert,LINDENGARD,AVA,1985-05-17,XAA,K1234567,XAA,2031-01-31,a@mission.example,no,2027-02-01,,photo.png,"
NAME = "LINDENGARD"


@pytest.fixture
def loaded(stages: Stages) -> Iterator[Stages]:
    with stages.copy("loaded"):
        yield stages


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


UNREADABLE: list[tuple[str, bytes, str]] = [
    ("empty", b"", "is empty"),
    ("blanks", b" \r\n\n", "is empty"),
    ("two encodings", f"{HEADER}\n{GOOD.replace('AVA', 'Begão')}\n".encode("cp1252"), "is not in the encoding UTF-8"),
    ("picture", b"\x89PNG\r\n\x1a\n" + bytes(64), "is a picture, not a table"),
    ("old workbook", b"\xd0\xcf\x11\xe0" + bytes(64), "in the old format (.xls), or it has a password"),
    ("no rows", f"{HEADER}\n\n".encode(), "holds no rows below its header"),
    ("unclear column", f"{HEADER.replace('given_names,', '')},Name\n".encode(), "'Name' (column 15) could mean"),
    ("missing column", b"reference,surname,given_names\n1,A,B\n", "missing: role"),
    ("twice", f"{HEADER},surname\n{GOOD},B\n".encode(), "given twice: surname"),
    ("not a workbook", b"PK\x03\x04" + bytes(200), "is not a workbook that can be opened"),
    ("workbook", workbook(["surname", "role", "hat"], ["A", "expert", "b"]), "Not known are: 'hat' (column 3)"),
    ("a row in a cell", f'{HEADER}\n"{GOOD}\n{GOOD}\n'.encode(), "quotation mark"),
    ("open quotation", f'{HEADER}\n"{GOOD}\n{GOOD * 3}'.encode() + b"\n" * 99, "quotation mark"),
    ("empty workbook", workbook(), "header row"),
]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(("content", "problem"), [one[1:] for one in UNREADABLE], ids=[one[0] for one in UNREADABLE])
def test_a_file_that_cannot_be_read_is_named_and_leaves_everything_as_it_was(
    tmp_path: Path, content: bytes, problem: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "nominations.csv"
    path.write_bytes(content)
    before = everything()
    for attempt in (
        lambda: intake.stage_file(Arrival(path, "ORG-01"), ELECTION, now=AS_OF),
        lambda: require_readable([path], "ORG-01"),
    ):
        with pytest.raises(BadInputError) as refused:
            attempt()
        assert problem in str(refused.value)
        assert refused.value.place.startswith("nominations.csv")
        assert NAME not in str(refused.value)
        assert refused.value.message.code != "written", "it has words in every language"
    monkeypatch.setattr("sys.argv", ["accredit", "intake", str(path), "--organisation", "ORG-01"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "nominations.csv" in capsys.readouterr().err
    assert everything() == before
    assert intake.reports(ELECTION) == []


@pytest.mark.usefixtures("loaded")
def test_one_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_bytes(b"")
    good.write_text(f"{HEADER}\n{GOOD}\n")
    chunks, failures = intake.stage_files([Arrival(bad, "ORG-01"), Arrival(good, "ORG-01")], ELECTION, now=AS_OF)
    assert [failure.chunk for failure in failures] == [1]
    assert len(chunks) == 1


def taken(path: Path) -> tuple[ChunkCounts, list[RowProblem]]:
    take_in(path, "ORG-01")
    (report,) = intake.reports(ELECTION)
    with open_reader(database()) as store:
        return report.counts, store.intake.problems(report.file.id)


ROWS: list[tuple[str, str, str, str]] = [
    ("long", GOOD.replace(",,photo", f",{'x' * 100_000},photo"), "native_name", "100,000 characters"),
    ("formula", GOOD.replace("a@mission.example", "=HYPERLINK(1)"), "email", "formula"),
    ("more cells", f"{GOOD},more,cells", "", "2 more cells"),
    ("outside", GOOD.replace("photo.png", "../../secret.png"), "photo, identity_page", "outside this folder"),
    ("absolute", GOOD.replace("photo.png", "/etc/passwd"), "photo, identity_page", "outside this folder"),
    ("windows", GOOD.replace("photo.png", "..\\secret.png"), "photo, identity_page", "outside this folder"),
    ("link", GOOD.replace("photo.png", "link.png"), "photo, identity_page", "outside this folder"),
]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(("row", "field", "problem"), [one[1:] for one in ROWS], ids=[one[0] for one in ROWS])
def test_a_row_that_no_form_can_hold_goes_back_and_its_neighbours_are_recorded(
    tmp_path: Path, row: str, field: str, problem: str
) -> None:
    path = tmp_path / "nominations.csv"
    path.with_suffix("").mkdir()
    (tmp_path / "secret.png").write_bytes(b"secret")
    (path.with_suffix("") / "link.png").symlink_to(tmp_path / "secret.png")
    path.write_text(f"{HEADER}\n{row}\n{GOOD.replace('1,expert', '2,expert')}\n")
    counts, (returned,) = taken(path)
    assert counts == ChunkCounts(recorded=1, returned=1)
    assert (returned.number, returned.field) == (2, field)
    assert problem in returned.problem
    assert NAME not in f"{returned.problem}{returned.remedy}"
    assert len(due(*Status)) == 1


def bomb() -> bytes:
    """Return a PNG of 50,000 by 50,000 pixels in a few kilobytes: 7.5 GB when drawn."""

    def part(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(bytes(10**6))) + part(b"IEND", b"")
    )


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    "photo", [b"", b"MZ not a picture", b"<svg onload='alert(1)'/>", bomb(), b"\xff\xd8\xff\xe0" + bytes(30)]
)
def test_a_photo_that_is_none_is_a_deficiency_and_the_person_is_recorded(tmp_path: Path, photo: bytes) -> None:
    path = tmp_path / "nominations.csv"
    path.with_suffix("").mkdir()
    (path.with_suffix("") / "photo.png").write_bytes(photo)
    path.write_text(f"{HEADER}\n{GOOD}\n")
    counts, problems = taken(path)
    assert (counts, problems) == (ChunkCounts(recorded=1), [])
    (known,) = due(Status.INCOMPLETE)
    findings: tuple[Finding, ...] = case_file(known).findings
    assert any(finding.code == "D05" and finding.fields == ("photo",) for finding in findings)


@pytest.mark.usefixtures("loaded")
def test_what_a_spreadsheet_makes_of_cells_is_read_as_it_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "nominations.xlsx"
    cells: list[object] = [*GOOD.split(",")]
    cells[0], cells[10] = 7, False
    path.write_bytes(workbook(list(HEADER.split(",")), [], cells))
    counts, problems = taken(path)
    assert (counts, problems) == (ChunkCounts(recorded=1), [])
    with open_reader(database()) as store:
        (application,) = store.applications.all_in(ELECTION)
        person = store.people.current([application.id])[application.id]
    assert person.reference == "7"


def breaking(document: str, change: Callable[[dict[str, object]], None], folder: Path) -> Callable[[], object]:
    def broken() -> object:
        path = folder / document
        content = yaml.safe_load(path.read_text())
        change(content)
        path.write_text(yaml.safe_dump(content))
        return init_election(folder, now=AS_OF)

    return broken


BROKEN: list[tuple[str, str, Callable[[dict[str, object]], None], str]] = [
    ("unknown key", "election.yaml", lambda said: said.update(automatic_aproval=True),
     "automatic_aproval: there is no such key (did you mean automatic_approval?)"),
    ("missing in a list", "geography.yaml", lambda said: said.update(offices=[{"code": "OF-01"}]),
     "offices entry 1.name: is missing"),
    ("unknown office", "geography.yaml", lambda said: said.update(offices=[]), "no such office: OF-01"),
    ("other period", "geography.yaml", lambda said: said.update(serves_until="2027-03-01"),
     "the service period does not include election day"),
    ("nothing to ask by", "election.yaml", lambda said: said.update(reasons={"R01": {"ground": "art. 1"}}),
     "leaves unset what the engine needs: reasons.D01, reasons.D02, reasons.D03, reasons.D05, reasons.D06"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "change", "problem"), [one[1:] for one in BROKEN], ids=[one[0] for one in BROKEN])
def test_rules_that_cannot_hold_are_refused_and_those_in_force_stay(
    loaded: Stages, tmp_path: Path, document: str, change: Callable[[dict[str, object]], None], problem: str
) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(loaded.package, folder, ignore=shutil.ignore_patterns("nominations"))
    with open_reader(database()) as store:
        before = store.elections.rules_hash(ELECTION)
    with pytest.raises(BadInputError) as refused:
        breaking(document, change, folder)()
    assert problem in str(refused.value)
    assert str(refused.value).startswith(document)
    with open_reader(database()) as store:
        assert store.elections.rules_hash(ELECTION) == before


@pytest.mark.usefixtures("loaded")
def test_a_folder_that_cannot_be_written_or_a_list_that_is_none_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "received.csv").write_text("file,sender\na.csv,ORG-01\n")
    with pytest.raises(BadInputError, match=r"received\.csv: is no list of files with the columns file, organisation"):
        arrivals(tmp_path, organisation="", received_at=None)
    monkeypatch.setenv("ACCREDIT_HOME", str(tmp_path / "file" / "var"))
    reset_settings()
    with pytest.raises(BadInputError, match=r"cannot be written .* Set ACCREDIT_HOME"):
        prepare_home()
