"""Photographs and messages as people really send them: found by what is meant, with one cause for each that is not."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.builders import ELECTION
from support.stages import AS_OF, Stages, everything

from db.store import open_reader, open_store
from domain.application.status import Status
from domain.errors import BadInputError
from domain.identity.photo import FileProblem, check_photo
from domain.intake.mailbox import IncomingMessage, MessageState
from domain.intake.nominations_file import ChunkCounts
from domain.messages import Message
from domain.words import LANGUAGES
from flows.context import database, election_context
from flows.decisions.case_file import case_file
from flows.delivery.bounces import reports_apart
from flows.intake import flow as intake
from flows.intake.arrivals import Arrival
from flows.intake.collection.messages import due_files, kept_message
from flows.intake.dry_run import dry_run_files
from flows.intake.mending.returned_rows import accounts_of
from flows.intake.reading.enclosures import looked_up
from flows.intake.reading.file_names import Names, names_of
from flows.intake.reading.folders import require_intake_folders
from flows.intake.reading.packages import Package
from flows.intake.reading.readers import PackageApart, message_apart, table_apart
from flows.issuance.correction import kept_photo
from flows.issuance.prints import keep_authority
from flows.issuance.publication.verification import tokens_in, tokens_of
from flows.rehearsal import valdara
from flows.runtime.processes import readers
from flows.runtime.processes.readers import Reader, ReaderStoppedError
from flows.settings import reset_settings

FIELD_CASES = Path(__file__).parents[3].parent / "shared" / "data" / "field-cases"
COLUMNS = ("reference", "role", "surname", "given_names", "birth_date", "photo", "identity_page")


@pytest.fixture(scope="module")
def portrait() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((420, 540), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_sends_heic_is_told_how_to_send_jpeg(language: str) -> None:
    told = Message.of("file_format_heic")
    assert "HEIC" in told.problem(language)
    assert "JPEG" in told.remedy(language)
    assert told.remedy(language) != Message.of("file_format_webp").remedy(language)


@pytest.fixture(scope="module")
def portraits() -> list[bytes]:
    """Return three pictures that differ."""
    made: list[bytes] = []
    for colour in ("red", "green", "blue"):
        out = io.BytesIO()
        noise = Image.effect_noise((420, 540), 60)
        Image.blend(noise.convert("RGB"), Image.new("RGB", noise.size, colour), 0.3).save(out, "JPEG")
        made.append(out.getvalue())
    return made


@pytest.fixture
def loaded(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("loaded"):
        yield


def table(*rows: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([COLUMNS, *rows])
    return out.getvalue().encode()


def person(number: int, photo: str, page: str = "") -> tuple[str, ...]:
    return (f"{number:04}", "expert", f"FAMILY{number}", "Given", f"1980-01-{number:02}", photo, page)


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("IMG_2.jpg", ""), ("0007-foto.jpg", "0007-photo.jpg"), ("00012.jpg", "0012.jpg"),
     ("0012.jpg (see folder)", "0012.jpg"), ("Ana Lynd.jpg", "Ana Lind.jpg"), ("yes", "")],
)  # fmt: skip
def test_the_nearest_name_is_never_that_of_another_number(name: str, nearest: str) -> None:
    there = ("IMG_1.jpg", "0007-photo.jpg", "0008-photo.jpg", "0012.jpg", "0002.jpg", "Ana Lind.jpg")
    assert Names[str].of((one, [one]) for one in there).nearest(name) == nearest


def in_old_encoding(name: str, encoding: str, content: bytes) -> bytes:
    """Return an archive as Windows packs it: the name in the encoding of the country, and no word about which."""
    raw = name.encode(encoding)
    whole = packed(**{"x" * len(raw): content})
    return whole.replace(b"x" * len(raw), raw)


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("WhatsApp Image 2027-02-11 at 10.15.32 AM (1).jpeg", "WhatsApp Image 2027-02-11 at 10.15.32\u202fAM (1).jpeg"),
        ("Zoë.jpg", unicodedata.normalize("NFD", "ZOË.JPG")),
        ("photo.jpg", "photo.jpeg"),
        ("photo", "photo.png"),
        (r"C:\Pictures\Desktop\photo 1.jpg", "photo 1.jpg"),
        ("file:" + 3 * "/" + "C:/Pictures/photo.jpg", "photo.jpg"),
        ("photos/photo.jpg", "photo.jpg"),
        ("photo.jpg", "our people/photos/Photo.JPG"),
        ("photo: 1.jpg", "photo_ 1.jpg"),
        ("x" * 150 + " passport.jpg", "x" * 150 + " passport.jpg"),
        ("\u200ephoto.jpg", "photo.jpg"),
        ("photo.jpg", "photo.jpg.jpeg"),
        ('"photo.jpg";', "photo.jpg"),
        ("file:" + 3 * "/" + "C:/My%20Pictures/photo%201.jpg", "photo 1.jpg"),
        ("photo 1.jpg", "photo%201.jpg"),
        ("İrem IŞIK.jpg", "irem ışık.jpg"),
        ("٠٠٧.jpg", "007.jpg"),
    ],
)
def test_a_file_is_found_whatever_wrote_its_name(written: str, called: str) -> None:
    assert Names[int].of([(1, [called]), (2, ["another.jpg"])]).find(written) == 1


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("photo.jpg", ["photo.jpeg", "photo.jpe"]),
        ("photo.jpg", ["a/photo.jpg", "b/photo.jpg"]),
        ("0001-photo.jpg", ["00-01 photo.jpg"]),
        ("1.jpg", ["11.jpg"]),
        ("IMG 12-3.jpg", ["IMG 1-23.jpg"]),
    ],
)
def test_a_name_that_could_mean_two_files_or_is_only_like_one_finds_none(written: str, called: list[str]) -> None:
    assert Names[str].of((name, [name]) for name in called).find(written) is None


@given(st.lists(st.text("abcé 01-_.", min_size=1, max_size=12), min_size=1, max_size=12, unique=True))
def test_a_file_is_always_found_by_its_own_name_and_never_taken_for_another(names: list[str]) -> None:
    index = Names[str].of((name, [name]) for name in names)
    for name in names:
        found = index.find(name)
        alike = [other for other in names if "/".join(other.casefold().split()) == "/".join(name.casefold().split())]
        assert found == name or len(alike) > 1 or found is None
        assert found in {name, None} or found in alike


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("Фото Ивана.jpg", "cp866"), ("Фото Ивана.jpg", "cp1251"), ("Zoë Ünal.jpg", "cp437"), ("صورة.jpg", "cp1256"),
     ("写真.jpg", "cp932"), ("照片.jpg", "gb18030"), ("Фото.jpg", "utf-8"), ("表.jpg", "cp932"),
     ("許功蓋.jpg", "cp950"), ("รูปถ่าย.jpg", "cp874"), ("Φωτογραφία.jpg", "cp1253"),
     ("Şule Işık.jpg", "cp1254"), ("Фото.jpg", "koi8-r")],
)  # fmt: skip
def test_a_name_in_an_archive_that_says_no_encoding_is_found_by_the_name_in_the_row(name: str, encoding: str) -> None:
    package = Package.of(io.BytesIO(in_old_encoding(name, encoding, b"inside")), "sent.zip")
    assert name in set(names_of(package.members[0]))
    assert package.content(name) == b"inside"


@pytest.mark.parametrize("beside", [False, True], ids=["packed", "in a folder"])
@pytest.mark.usefixtures("loaded")
def test_of_two_files_of_one_name_neither_is_taken_and_this_is_said(
    tmp_path: Path,
    portrait: bytes,
    beside: bool,  # noqa: FBT001 -- a parameter of pytest
) -> None:
    files = {"a/face.jpg": portrait, "b/face.jpg": portrait[:-1] + b"x", "a/same.jpg": portrait, "b/same.jpg": portrait}
    if beside:
        files = {"a/face.jpg": portrait, "b/face.jpg": b"x", "same.jpg": portrait}
    path = sent_with(tmp_path, table(person(1, "face.jpg"), person(2, "same.jpg")), files, beside=beside)
    (trial,) = dry_run_files([Arrival(path, "ORG-01")], ELECTION, now=AS_OF)
    assert take_in(path) == trial.counts
    assert photographs() == {"FAMILY1": False, "FAMILY2": True}
    rules = {finding.rule for known in cases() for finding in case_file(known).findings if "photo" in finding.fields}
    assert "file_several" in rules
    assert "file_not_found" not in rules


def sent_with(folder: Path, rows: bytes, files: dict[str, bytes], *, beside: bool) -> Path:
    """Write a list with its files: in one archive, or in the folder beside it."""
    path = folder / ("sent.csv" if beside else "sent.zip")
    path.write_bytes(rows if beside else packed(**{"list.csv": rows}, **files))
    for name, content in files.items() if beside else ():
        place = path.with_suffix("") / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return path


HEIC = b"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic" + bytes(100)
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(100)
TIFF = b"II*\x00" + bytes(100)


@pytest.mark.parametrize(
    ("content", "rule"),
    [(HEIC, "file_format_heic"), (WEBP, "file_format_webp"), (TIFF, "file_format_tiff"),
     (b"GIF89a", "file_format_other"),
     (b"\xff\xd8\xff\xe0" + bytes(99), "file_damaged"), (b"", "file_empty"), (None, "file_not_found")],
)  # fmt: skip
@pytest.mark.usefixtures("loaded")
def test_of_a_photograph_that_cannot_be_used_one_cause_is_said_once(
    tmp_path: Path, content: bytes | None, rule: str
) -> None:
    path = tmp_path / "sent.csv"
    path.write_bytes(table(person(1, "face.jpg")))
    path.with_suffix("").mkdir()
    (path.with_suffix("") / ("face.jpg" if content is not None else "fase.jpg")).write_bytes(content or b"")
    (trial,) = dry_run_files([Arrival(path, "ORG-01")], ELECTION, now=AS_OF)
    told = [problem.problem for problem in trial.rows[0].problems if problem.field == "photo"]
    assert len(told) == 1
    assert take_in(path) == trial.counts
    (known,) = cases()
    assert [finding.rule for finding in case_file(known).findings if "photo" in finding.fields] == [rule]
    nearest = [note for note in trial.reading.notes if "'fase.jpg'" in note]
    assert len(nearest) == (content is None)
    (account,) = accounts_of(ELECTION, {report.file.id for report in intake.reports(ELECTION)}).values()
    assert [note["text"] for note in account["notes"] if "'fase.jpg'" in note["text"]] == nearest


def take_in(path: Path, organisation: str = "ORG-01", *, only_files: bool = False) -> ChunkCounts:
    before = sum((report.counts for report in intake.reports(ELECTION)), ChunkCounts())
    for chunk in intake.stage_file(Arrival(path, organisation, only_files=only_files), ELECTION, now=AS_OF):
        intake.take_in(chunk, ELECTION, now=AS_OF)
    intake.close_files(ELECTION, now=AS_OF)
    after = sum((report.counts for report in intake.reports(ELECTION)), ChunkCounts())
    return ChunkCounts.model_validate({k: v - getattr(before, k) for k, v in after.model_dump().items()})


def cases() -> list[Any]:
    with open_reader(database()) as store:
        return store.applications.ids_in(ELECTION, *Status)


def mail(number: int, *files: tuple[str, bytes]) -> bytes:
    made = EmailMessage()
    made["From"] = election_context(ELECTION, AS_OF).organisations["ORG-01"].focal_point.email
    made["Message-ID"] = f"<{number}@mission.example>"
    made.set_content("See the list.")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def tried_and_taken_in(arrival: Arrival) -> ChunkCounts:
    """Take a file in; a dry run must have said the same, also of one that is refused."""
    if arrival.only_files:
        return take_in(arrival.path, arrival.organisation, only_files=True)
    try:
        (trial,) = dry_run_files([arrival], ELECTION, now=AS_OF)
    except BadInputError as refused:
        with pytest.raises(BadInputError, match=re.escape(str(refused))):
            take_in(arrival.path, arrival.organisation)
        raise
    counts = take_in(arrival.path, arrival.organisation)
    assert counts == trial.counts
    return counts


def arrives(content: bytes, folder: Path, *, day: int = 0) -> tuple[IncomingMessage, ChunkCounts]:
    """Keep a message, take its files in and answer it, as collection does."""
    message = kept_message(ELECTION, content, received_at=AS_OF + timedelta(days=day))
    with open_store(database()) as store:
        store.incoming.put(message)
    counts = ChunkCounts()
    _, files = due_files(ELECTION, folder)
    for file in files:
        counts += tried_and_taken_in(file.arrival)
    if message.state is MessageState.ARRIVED:
        with open_store(database()) as store:
            store.incoming.settle(message.revised(state=MessageState.TAKEN), before=MessageState.ARRIVED)
    return message, counts


def photographs() -> dict[str, bool]:
    """Return whether each person's photograph is on record, by surname."""
    with open_reader(database()) as store:
        people = store.people.current(cases())
    return {one.surname: one.photo is not None for one in people.values()}


@pytest.mark.usefixtures("loaded")
def test_a_list_and_its_pictures_are_used_together_however_and_whenever_they_come(
    tmp_path: Path, portrait: bytes
) -> None:
    long = f"Delegation of the Parliament {'x' * 90} - photograph.jpeg"
    first = mail(1, ("list.csv", table(person(1, long), person(2, "b.jpg"), person(3, "c.jpg"))), (long, portrait))
    message, counts = arrives(first, tmp_path / "1")
    assert (message.reason, counts) == (None, ChunkCounts(recorded=3))
    assert photographs() == {"FAMILY1": True, "FAMILY2": False, "FAMILY3": False}
    _, counts = arrives(mail(2, ("b.jpg", portrait)), tmp_path / "2", day=1)
    assert counts == ChunkCounts(corrected=1, unchanged=2)
    _, counts = arrives(mail(3, ("photos.zip", packed(**{"faces/c.JPG": portrait}))), tmp_path / "3", day=2)
    assert photographs() == {"FAMILY1": True, "FAMILY2": True, "FAMILY3": True}
    assert counts == ChunkCounts(corrected=1, unchanged=2)
    rows = table(person(4, "d.jpg"))
    _, counts = arrives(mail(4, ("more.csv", rows), ("p.zip", packed(**{"d.jpg": portrait}))), tmp_path / "4", day=3)
    assert (counts, photographs()["FAMILY4"]) == (ChunkCounts(recorded=1), True)


WRAPPED: dict[str, tuple[str, bytes]] = {
    "winmail.dat": ("outlook_packed", b"\x78\x9f\x3e\x22" + bytes(90)),
    "list.msg": ("outlook_message", b"\xd0\xcf\x11\xe0" + bytes(600) + "__substg1.0_37010102".encode("utf-16-le")),
    "faces.rar": ("packed_as", b"Rar!\x1a\x07\x01\x00" + bytes(90)),
    "faces.7z": ("packed_as", b"7z\xbc\xaf\x27\x1c" + bytes(90)),
    "list.csv.gz": ("packed_as", b"\x1f\x8b\x08" + bytes(90)),
    "smime.p7m": ("mail_encrypted", bytes.fromhex("3080 0609 2a864886f70d010703") + bytes(90)),
}


@pytest.mark.usefixtures("loaded")
def test_what_cannot_be_opened_is_named_as_what_it_is_and_keeps_no_list_back(tmp_path: Path) -> None:
    files = [(name, content) for name, (_, content) in WRAPPED.items()]
    alone = kept_message(ELECTION, mail(1, files[0]), received_at=AS_OF)
    assert alone.state is MessageState.ARRIVED, "its sender gets an answer"
    with open_store(database()) as store:
        store.incoming.put(
            kept_message(ELECTION, mail(2, ("list.csv", table(person(1, ""))), *files), received_at=AS_OF)
        )
    first, *others = due_files(ELECTION, tmp_path / "1")[1]
    assert tried_and_taken_in(first.arrival) == ChunkCounts(recorded=1)
    saved = tmp_path / "saved.eml"
    saved.write_bytes(mail(3, ("list.csv", table(person(1, "")))))
    with pytest.raises(BadInputError, match="e-mail message saved as a file"):
        tried_and_taken_in(Arrival(saved, "ORG-01"))
    told: dict[str, str] = {}
    for file in others:
        with pytest.raises(BadInputError) as refused:
            tried_and_taken_in(file.arrival)
        told[file.name] = refused.value.message.code
    assert told == {name: code for name, (code, _) in WRAPPED.items()}


@pytest.mark.usefixtures("loaded")
def test_two_attachments_of_one_name_are_two_pictures_and_one_sent_twice_is_one(
    tmp_path: Path, portrait: bytes, portraits: list[bytes]
) -> None:
    rows = table(person(1, "image.jpg"), person(2, "same.jpg"))
    pictures = [("image.jpg", portrait), ("image.jpg", portraits[0]), ("same.jpg", portrait), ("same.jpg", portrait)]
    arrives(mail(1, ("list.csv", rows), *pictures), tmp_path / "1")
    assert photographs() == {"FAMILY1": False, "FAMILY2": True}


@pytest.mark.usefixtures("loaded")
def test_of_pictures_of_one_name_in_several_messages_the_last_counts(tmp_path: Path, portraits: list[bytes]) -> None:
    for number, content in enumerate(portraits):
        arrives(mail(number, ("a.jpg", content)), tmp_path / f"{number}", day=number)
    arrives(mail(9, ("list.csv", table(person(1, "a.jpg")))), tmp_path / "list", day=9)
    (known,) = cases()
    with open_reader(database()) as store:
        photo = store.people.current([known])[known].photo
    assert photo == check_photo(portraits[-1], valdara().photo).sha256


@pytest.mark.usefixtures("loaded")
def test_a_picture_goes_away_by_a_word_alone(tmp_path: Path, portrait: bytes) -> None:
    for number, (cell, counts, is_there) in enumerate(
        [("a.jpg", ChunkCounts(recorded=1), True), ("", ChunkCounts(unchanged=1), True),
         ("-", ChunkCounts(unchanged=1), True), ("Supprimer", ChunkCounts(corrected=1), False),
         ("", ChunkCounts(unchanged=1), False)]
    ):  # fmt: skip
        folder = tmp_path / str(number)
        folder.mkdir()
        path = sent_with(folder, table(person(1, cell)) + b"\n" * number, {"a.jpg": portrait} if not number else {},
                         beside=False)  # fmt: skip
        assert take_in(path) == counts, cell
        assert photographs() == {"FAMILY1": is_there}, cell


@pytest.mark.usefixtures("loaded")
def test_pictures_that_come_before_their_list_wait_for_it(tmp_path: Path, portrait: bytes) -> None:
    message, counts = arrives(mail(1, ("a.jpg", portrait)), tmp_path / "1")
    assert (message.state, counts) == (MessageState.HELD, ChunkCounts())
    _, counts = arrives(mail(2, ("list.csv", table(person(1, "a.jpg")))), tmp_path / "2", day=1)
    assert (counts, photographs()) == (ChunkCounts(recorded=1), {"FAMILY1": True})


HOSTILE = {
    "nested messages": b"From: a@mission.example\n" + b"Content-Type: message/rfc822\n\n" * 1500 + b"x",
    "nested parts": b"From: a@mission.example\nContent-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 5000,
    "brackets": b"From: " + b"(" * 60_000 + b"\nAuthentication-Results: " + b"(" * 900_000 + b"\n\n",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.usefixtures("loaded")
def test_a_message_that_breaks_its_reader_is_held_and_the_next_is_read(content: bytes, tmp_path: Path) -> None:
    message, _ = arrives(content, tmp_path / "1")
    assert message.state is MessageState.HELD
    reports_apart(content)
    assert arrives(mail(2, ("list.csv", table(person(1, "")))), tmp_path / "2")[1] == ChunkCounts(recorded=1)


def far_cell() -> bytes:
    sheet = (
        "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>"
        "<row r='1'><c r='A1' t='inlineStr'><is><t>role</t></is></c><c r='B1' t='inlineStr'><is><t>surname</t></is></c>"
        "<c r='C1' t='inlineStr'><is><t>given_names</t></is></c></row>"
        "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData></worksheet>"
    )
    return workbook(sheet.encode())


def workbook(sheet: bytes) -> bytes:
    out, again = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(out)
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return again.getvalue()


def repeated_rows() -> bytes:
    """Return an ODS file of some hundred bytes that says it has sixteen billion filled cells."""
    cell = '<table:table-cell table:number-columns-repeated="16384"><text:p>a</text:p></table:table-cell>'
    content = (
        '<o:document-content xmlns:o="urn:o" xmlns:table="urn:t" xmlns:text="urn:x"><table:table table:name="S">'
        f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row></table:table>'
        "</o:document-content>"
    )
    return packed(**{"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()})


def blanks() -> bytes:
    return workbook(b" " * (300 * 2**20))


@pytest.mark.parametrize("made", [far_cell, repeated_rows, blanks])
def test_a_table_that_unfolds_without_end_is_refused_and_the_next_is_read(
    made: Callable[[], bytes], tmp_path: Path
) -> None:
    for name, sent in (("bad", made()), ("good", table(person(1, "")))):
        path = tmp_path / name
        path.write_bytes(sent)
        try:
            with table_apart(path, name=name) as opened:
                rows = len(list(opened.rows))
        except BadInputError as refused:
            assert (name, bool(refused.remedy)) == ("bad", True)  # noqa: PT017 -- a far cell may be read as well
        else:
            assert rows == 1


def test_a_reader_that_is_ended_says_so_and_the_next_picture_goes_to_another(portrait: bytes) -> None:
    with Reader() as reader:
        assert reader.photo(portrait, valdara().photo).content
        with pytest.raises(ReaderStoppedError):  # whatever is raised there, the process is thrown away
            reader.ask("sent", {"job": "none", "memory": 2**20, "seconds": 1})
        assert reader.photo(portrait, valdara().photo).content


def greedy(content: bytes) -> bytes:
    """Return an archive whose first member says that it takes four gigabytes to unpack (APPNOTE.TXT, 5.8)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("greedy.jpg", content)
        archive.writestr("modest.jpg", content, zipfile.ZIP_STORED)
    whole = bytearray(out.getvalue())
    start = whole.index(b"greedy.jpg") + len("greedy.jpg") + 5  # after version and size of what follows, and lc, lp, pb
    whole[start : start + 4] = b"\xff\xff\xff\xff"
    return bytes(whole)


def test_a_member_of_an_archive_that_ends_its_reader_is_said_and_the_next_is_found(
    tmp_path: Path, portrait: bytes
) -> None:
    path = tmp_path / "sent.zip"
    path.write_bytes(greedy(portrait))
    with PackageApart(path, "sent.zip") as package:
        with pytest.raises(ReaderStoppedError):
            package.looked_up("greedy.jpg")
        assert package.looked_up("modest.jpg") == (portrait, "")
        assert package.looked_up("modst.jpg") == (None, "modest.jpg")
        assert looked_up("greedy.jpg", package, None).problem is FileProblem.STOPPED


@pytest.mark.usefixtures("loaded")
def test_an_archive_by_mail_that_breaks_what_unpacks_it_keeps_no_list_and_no_other_picture_back(
    tmp_path: Path, portrait: bytes
) -> None:
    """It is unpacked in another process; neither this one nor the other files of the message suffer."""
    rows = table(person(1, "greedy.jpg"), person(2, "modest.jpg"), person(3, "loose.jpg"))
    sent = mail(1, ("list.csv", rows), ("faces.zip", greedy(portrait)), ("loose.jpg", portrait))
    assert arrives(sent, tmp_path / "1")[1] == ChunkCounts(recorded=3)
    assert photographs() == {"FAMILY1": False, "FAMILY2": True, "FAMILY3": True}


def sealed(content: bytes, *, password: bool) -> bytes:
    """Return an archive whose members say that they have a password, or are packed by Deflate64."""
    changed = bytearray(content)
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(sign), content):
            place = found.start() + (flags if password else flags + 2)
            changed[place : place + 2] = (1 if password else 9).to_bytes(2, "little")
    return bytes(changed)


def file_findings() -> dict[str, list[str]]:
    """Return what is wrong with the photograph of each person, by surname."""
    with open_reader(database()) as store:
        people, findings = store.people.current(cases()), store.people.findings_on(cases())
    return {people[known].surname: [one.rule for one in of if one.about == "photo"] for known, of in findings.items()}


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("later", [False, True], ids=["with the list", "after it"])
@pytest.mark.parametrize("password", [False, True], ids=["Deflate64", "password"])
def test_of_a_file_in_an_archive_that_cannot_be_unpacked_the_case_says_so_and_not_that_it_did_not_come(
    tmp_path: Path, portrait: bytes, *, password: bool, later: bool
) -> None:
    faces = ("faces.zip", sealed(packed(**{"a.jpg": portrait, "b.jpg": portrait}), password=password))
    rows = table(person(1, "a.jpg"), person(2, "b.jpg"), person(3, "c.jpg"))
    told: list[str] = []
    first = (("list.csv", rows), ("b.jpg", portrait))
    for day, files in enumerate([first, (faces,)] if later else [(*first, faces)]):
        message = kept_message(ELECTION, mail(day, *files), received_at=AS_OF + timedelta(days=day))
        with open_store(database()) as store:
            store.incoming.put(message)
        for file in due_files(ELECTION, tmp_path / str(day))[1]:
            try:
                tried_and_taken_in(file.arrival)
            except BadInputError as error:
                told.append(str(error))
        with open_store(database()) as store:
            store.incoming.settle(message.revised(state=MessageState.TAKEN), before=MessageState.ARRIVED)
    assert photographs() == {"FAMILY1": False, "FAMILY2": True, "FAMILY3": False}
    found = file_findings()
    assert (found["FAMILY1"], found["FAMILY3"]) == (["file_packed"], ["file_not_found"])
    assert len(told) == 1
    assert ("by a password" if password else "the method Deflate64") in told[0]


@pytest.mark.parametrize(
    "what", [tokens_of, lambda path: kept_photo(Path(path)), lambda path: keep_authority(Path(path))]
)
@pytest.mark.parametrize("place", ["/dev/zero", "/dev/urandom", "/proc/self/mem"])
def test_no_device_is_read_as_a_badge_a_photograph_or_a_scan(what: Callable[[str], object], place: str) -> None:
    with pytest.raises(BadInputError):
        what(place)


def test_a_picture_that_ends_its_reader_holds_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    Image.new("L", (7700, 7700)).save(out, "PNG")
    monkeypatch.setattr(readers, "CODES_MEMORY", 2**20)
    assert tokens_in(out.getvalue()) == []
    monkeypatch.undo()
    code = io.BytesIO()
    drawn: Any = zxingcpp.create_barcode("OAC1:X", zxingcpp.BarcodeFormat.QRCode)
    Image.fromarray(drawn.to_image(scale=4)).save(code, "PNG")
    assert tokens_in(code.getvalue()) == ["OAC1:X"]


def test_a_device_or_a_pipe_is_no_nominations_file() -> None:
    for path in (Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(BadInputError, match="not an ordinary file"):
            intake.require_file(path)


def test_a_run_of_prefect_takes_files_from_known_folders_alone(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, outside = tmp_path / "in" / "list.csv", tmp_path / "list.csv"
    inside.parent.mkdir()
    inside.write_bytes(b"x")
    outside.write_bytes(b"x")
    (inside.parent / "link.csv").symlink_to(outside)
    require_intake_folders([Arrival(outside)])
    monkeypatch.setenv("PREFECT__FLOW_RUN_ID", "1")
    monkeypatch.setenv("ACCREDIT_INTAKE_FOLDERS", str(inside.parent))
    reset_settings()
    require_intake_folders([Arrival(inside), Arrival(home / "uploads" / "list.csv")])
    for path in (outside, inside.parent / "link.csv", inside.parent / ".." / "list.csv", Path("/etc/passwd")):
        with pytest.raises(BadInputError, match="File 2 of 2: lies in no folder"):
            require_intake_folders([Arrival(inside), Arrival(path)])


@pytest.mark.usefixtures("loaded")
@pytest.mark.skipif(not FIELD_CASES.is_dir(), reason="the shared data is not here")
def test_a_dry_run_and_the_real_run_say_the_same_of_every_field_case(tmp_path: Path) -> None:
    files = sorted((FIELD_CASES / "files").iterdir())
    loose = {file.name: file.read_bytes() for file in files}
    rows = table(*(person(n, file.name, file.name) for n, file in enumerate(files, start=1)))
    for path in (sent_with(tmp_path, rows, loose, beside=True), *sorted(FIELD_CASES.rglob("*"))):
        if path.suffix in {".csv", ".xlsx", ".ods"}:
            before = everything()
            (trial,) = dry_run_files([Arrival(path, "ORG-01")], ELECTION, now=AS_OF)
            assert everything() == before
            assert take_in(path) == trial.counts, path
            assert trial.counts.rows, path
            report = next(one for one in intake.reports(ELECTION) if one.file.sha256 == intake.digest_of(path))
            assert tuple(map(str, report.notes)) == trial.reading.notes
        elif path.suffix == ".eml":
            _, counts = arrives(from_focal_point(path), tmp_path / path.stem)
            assert counts.rows, path


def from_focal_point(path: Path) -> bytes:
    sender = election_context(ELECTION, AS_OF).organisations["ORG-01"].focal_point.email.encode()
    return path.read_bytes().replace(b"focal.point@org-01.mission.example", sender)


@pytest.mark.usefixtures("loaded")
@pytest.mark.skipif(not FIELD_CASES.is_dir(), reason="the shared data is not here")
@pytest.mark.parametrize("name", ["m01-long-names.eml", "m02-list-plus-zip.eml"])
def test_the_pictures_of_the_field_cases_sent_by_mail_are_found(name: str, tmp_path: Path) -> None:
    content = from_focal_point(FIELD_CASES / "mail" / name)
    arrives(content, tmp_path / "1")
    assert set(photographs().values()) == {True}
    assert message_apart(content).sender
