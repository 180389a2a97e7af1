"""Files made to break the reader: each is read or refused in a sentence; nothing crashes, hangs, escapes or swells."""

from __future__ import annotations

import io
import random
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from domain.errors import BadInputError
from domain.intake.nominations_file import RowProblem, RowRead
from domain.intake.rows import cells_of, read_row
from flows.intake.reading import tables
from flows.intake.reading.enclosures import read_enclosures
from flows.intake.reading.packages import Package, PackageError
from flows.intake.reading.readers import PackageApart
from flows.intake.reading.rows import read_nomination
from flows.intake.reading.tables import raw_rows
from flows.intake.workbooks.template import form
from flows.rehearsal import valdara
from flows.runtime.processes.readers import Reader

HEADER = "reference,role,surname,given_names,birth_date,photo\n"
ROW = '1,expert,LINDENGARD,"Ava\nMarit",1985-05-17,1.jpg\n'

CELLS = "".join(
    f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>'
    for name in HEADER.strip().split(",")
)
NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
ODS = (
    f'<office:document-content xmlns:office="{NAMES}office:1.0" xmlns:table="{NAMES}table:1.0" '
    f'xmlns:text="{NAMES}text:1.0"><office:body><office:spreadsheet><table:table table:name="a">'
    f'<table:table-row>{CELLS}</table:table-row><table:table-row table:number-rows-repeated="9">{CELLS}'
    "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
)


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return out.getvalue()


def seeds() -> list[bytes]:
    text = HEADER + ROW * 4
    person = read_row(2, dict(zip(HEADER.strip().split(","), ["1", "expert", "A", "B", "1985-05-17", ""], strict=True)))
    assert not isinstance(person, RowProblem)
    return [
        text.encode(), text.encode("utf-16"), text.encode("cp1252"),
        b'{"role": "expert", "surname": "A", "given_names": "B", "languages": ["en"]}\n' * 3,
        form(valdara(), "fr", [cells_of(person, "fr")]),
        archive(**{"a/list.csv": text.encode(), "a/1.jpg": b"photo"}),
        archive(**{"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml": b"<m/>",
                   "content.xml": ODS.encode()}),
    ]  # fmt: skip


def mutated(seed: bytes, chance: random.Random) -> bytes:
    content = bytearray(seed)
    for _ in range(chance.randint(1, 12)):
        place = chance.randrange(len(content) + 1)
        match chance.randrange(4):
            case 0:
                content[place : place + chance.randint(1, 40)] = b""
            case 1:
                content[place:place] = chance.randbytes(chance.randint(1, 40))
            case 2:
                content[place : place + 1] = bytes([chance.randrange(256)])
            case _:
                content[place:place] = chance.choice(
                    [b'"', b"\n", b"\x00", b";", b"PK\x03\x04", b"{", b"\xff\xfe", b"["]
                )
    return bytes(content)


def read_or_refused(content: bytes) -> None:
    try:
        for row in raw_rows(content, name="sent"):
            assert read_row(row.number, row.cells, extra_cells=row.extra_cells) is not None
    except BadInputError as refused:
        assert refused.remedy  # noqa: PT017 -- either ending is right


@pytest.mark.parametrize("times", [150, pytest.param(5000, marks=pytest.mark.full)])
def test_whatever_bytes_arrive_they_are_read_or_refused(times: int) -> None:
    chance = random.Random(20270403)
    known = seeds()
    for number in range(times):
        read_or_refused(mutated(known[number % len(known)], chance))
        read_or_refused(chance.randbytes(chance.randint(1, 400)))


def pictures() -> list[bytes]:
    """Return small pictures of each kind, one with a bomb's measures in its header and one PDF."""
    drawn: list[bytes] = []
    for kind, facts in (("JPEG", {"progressive": True}), ("PNG", {}), ("GIF", {}), ("TIFF", {})):
        out = io.BytesIO()
        Image.effect_noise((60, 80), 40).convert("RGB").save(out, kind, **facts)
        drawn.append(out.getvalue())
    swollen = bytearray(drawn[1])
    swollen[16:24] = (60_000).to_bytes(4) * 2
    return [*drawn, bytes(swollen), b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"]


@pytest.mark.parametrize("times", [60, pytest.param(3000, marks=pytest.mark.full)])
def test_damaged_pictures_in_damaged_packages_are_findings_or_refusals(times: int, tmp_path: Path) -> None:
    chance = random.Random(20270404)
    known, profile = pictures(), valdara()
    header = HEADER.replace("photo", "photo,identity_page")
    read, reader, sent = 0, Reader(), tmp_path / "sent.zip"
    for number in range(times):
        photo, page = (mutated(chance.choice(known), chance) if chance.random() < 0.9 else b"" for _ in range(2))
        names = chance.choice([("1.jpg", "2.jpg"), ("../1.jpg", "2.jpg"), ("1.jpg", "1.jpg"), ("", "x" * 300)])
        table = header + f"1,expert,LINDENGARD,Ava,1985-05-17,{','.join(names)}\n"
        content = archive(**{"list.csv": table.encode(), "1.jpg": photo, "a/2.jpg": page})
        content = mutated(content, chance) if number % 3 == 0 else content
        try:
            sent.write_bytes(content)
            with PackageApart(sent, "sent.zip") as package:
                for row in raw_rows(content, name="sent.zip"):
                    read += isinstance(
                        read_nomination(row, "ORG-01", package, profile, keep=False, reader=reader),
                        RowRead | RowProblem,
                    )
        except BadInputError as refused:
            assert refused.remedy  # noqa: PT017 -- either ending is right
    assert read > times // 2


@pytest.mark.parametrize(
    "name", ["../../outside.jpg", "/etc/passwd", "..\\..\\outside.jpg", "C:\\outside.jpg", "a/../../outside.jpg"]
)
def test_no_name_in_an_archive_leads_out_of_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.jpg").write_bytes(b"secret")
    content = archive(**{"list.csv": (HEADER + ROW).encode(), name: b"inside"})
    before = sorted(tmp_path.rglob("*"))
    package = Package.of(io.BytesIO(content), "sent.zip")
    assert package.content(name) in {b"inside", None}
    assert package.content("../../../../etc/hostname") is None
    assert len(list(raw_rows(content, name="sent.zip"))) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_pictures_are_found_whatever_the_system_they_were_named_on(tmp_path: Path) -> None:
    given, stored = "Zo\u00eb.jpg", "ZOE\u0308.JPG"  # one letter, and as a Mac writes it
    (tmp_path / stored).write_bytes(pictures()[0])
    (tmp_path / "sent.zip").write_bytes(archive(**{"list.csv": HEADER.encode(), stored: pictures()[0]}))
    with PackageApart(tmp_path / "sent.zip", "sent.zip") as package:
        for place in (tmp_path, package):
            assert read_enclosures({"photo": given}, place, valdara(), keep=False).photo, place


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"list.csv": HEADER.encode(), "1.jpg": bytes(15 * 2**20)}, "shrunk more than 200 times"),
        ({"list.csv": HEADER.encode(), "1.jpg": bytes(21 * 2**20)}, "unpacks to more than 20 MB"),
        ({"1.jpg": b"photo"}, "holds 0 tables"),
        ({"a.csv": HEADER.encode(), "b.xlsx": b"x"}, "holds 2 tables"),
    ],
)
def test_an_archive_beyond_the_limits_is_refused_before_it_is_unpacked(members: dict[str, bytes], problem: str) -> None:
    with pytest.raises(PackageError, match=problem):
        list(raw_rows(archive(**members), name="sent.zip"))


def test_a_cell_far_out_or_a_million_empty_rows_cost_no_memory() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["role", "surname", "given_names"])
    book.worksheets[0].append(["expert", "A", "B"])
    book.worksheets[0].cell(120_000, 16_000, "here")
    out = io.BytesIO()
    book.save(out)
    tracemalloc.start()
    try:
        rows = list(raw_rows(out.getvalue(), name="sent.xlsx"))
        assert tracemalloc.get_traced_memory()[1] < 60 * 2**20
    finally:
        tracemalloc.stop()
    assert rows[0].cells == {"role": "expert", "surname": "A", "given_names": "B"}


@pytest.mark.parametrize("content", ["surname,given_names,role\n" + "x,,\n" * 4, '{"surname": "x", "role": "y"}\n' * 4])
def test_a_file_of_more_rows_than_an_election_has_people_is_refused(
    content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    assert len([*raw_rows("\n".join(content.splitlines()[:-1]).encode(), name="sent")]) == 3
    with pytest.raises(BadInputError, match="more than 3 rows"):
        [*raw_rows(content.encode(), name="sent")]
