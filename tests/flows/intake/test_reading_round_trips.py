"""Whatever form and encoding a person is written in, the same person is read back, or the sender is asked."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from domain.application.nomination import COLUMNS, Nomination, TravelDocumentKind
from domain.application.roles import USUAL_ROLES
from domain.errors import BadInputError
from domain.intake.encodings import EncodingUnclearError
from domain.intake.plausibility.cleaning import read_name
from domain.intake.rows import cells_of, read_row
from domain.placeholders import is_name_filler, is_placeholder, is_placeholder_name
from domain.words import LANGUAGES, words_in
from flows.intake.reading.tables import open_table, raw_rows
from flows.intake.workbooks.template import form, template
from flows.rehearsal import valdara

LETTERS = {"cp1251": "абвгдежзиклмнопрстуфхшщыэюяё", "cp1256": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"}
QUICK = (Phase.explicit, Phase.generate)
NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ' -", min_size=1, max_size=30).map(
    lambda name: " ".join(name.split()) or "A"
)
DAYS = st.dates(date(1920, 1, 1), date(2060, 12, 31))
CODES = st.sampled_from(["XAA", "XAB", "XVD", "QMA"])


def says_itself(one: Nomination) -> bool:
    """Say whether no name is a filler, a placeholder or odd, which are left out or asked about and not read as is."""
    if any(map(is_name_filler, (one.surname, one.given_names))):
        return False
    native = one.native_name
    return not is_placeholder(native) and not is_placeholder_name(native) and read_name(native) == (native, "")


def people(letters: str = "") -> st.SearchStrategy[Nomination]:
    own = st.text(letters, min_size=3, max_size=20) if letters else st.text(max_size=30)
    return st.builds(
        Nomination,
        reference=st.integers(1, 10**6).map(str), role=st.sampled_from(USUAL_ROLES), surname=NAMES, given_names=NAMES,
        native_name=own.map(lambda name: " ".join(name.replace("\x00", "").split()).strip("=@")),
        sex=st.sampled_from(["M", "F", "X", ""]), birth_date=DAYS,
        nationalities=st.lists(CODES, unique=True, max_size=3).map(tuple),
        document_kind=st.sampled_from(TravelDocumentKind),
        document_number=st.text("ABC0123456789", max_size=9), document_issuer=CODES, document_expiry=DAYS,
        mrz=st.just(""), email=st.just("a@mission.example"), phone=st.sampled_from(["", "+999 555 0100"]),
        languages=st.lists(st.sampled_from(["en", "fr", "ar"]), unique=True).map(tuple),
        letter_language=st.sampled_from(["en", "ru"]), arrival=st.none() | DAYS,
        preferred_regions=st.lists(st.sampled_from(["VD-01", "VD-02"]), unique=True).map(tuple),
        conflict_declared=st.sampled_from([True, False, None]), pledge_accepted_on=DAYS,
    ).filter(lambda one: one.native_name.isprintable()).filter(says_itself)  # fmt: skip


def delimited(encoding: str, delimiter: str) -> Callable[[Sequence[Nomination], str], bytes]:
    def written(some: Sequence[Nomination], language: str) -> bytes:
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow([words_in(language).titles[column] for column in COLUMNS])
        writer.writerows(list(cells_of(one, language).values()) for one in some)
        return out.getvalue().encode(encoding)

    return written


def json_lines(some: Sequence[Nomination], language: str) -> bytes:
    rows = [
        {words_in(language).titles[column]: text for column, text in cells_of(one, language).items()} for one in some
    ]
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def workbook(some: Sequence[Nomination], language: str) -> bytes:
    return form(valdara(), language, [cells_of(one, language) for one in some])


def packed(some: Sequence[Nomination], language: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("sent/nominations.csv", delimited("utf-8", ",")(some, language))
        archive.writestr("sent/1-photo.jpg", b"photo")
        archive.writestr("__MACOSX/nominations.csv", b"")
    return out.getvalue()


WRITERS = {
    "utf-8": delimited("utf-8", ","), "utf-8 with mark": delimited("utf-8-sig", ";"),
    "utf-16": delimited("utf-16", "\t"),
    "utf-16 without mark": delimited("utf-16-le", "|"), "json lines": json_lines, "workbook": workbook, "zip": packed,
}  # fmt: skip


def read_back(content: bytes) -> list[Nomination]:
    rows = [read_row(row.number, row.cells, extra_cells=row.extra_cells) for row in raw_rows(content, name="sent")]
    return [row for row in rows if isinstance(row, Nomination)]


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
@settings(max_examples=4, deadline=None, derandomize=True, phases=QUICK)
@given(st.lists(people(), min_size=1, max_size=4), st.sampled_from(LANGUAGES))
def test_a_person_written_in_any_form_and_language_is_read_back_as_the_same_person(
    writer: Callable[[Sequence[Nomination], str], bytes], some: list[Nomination], language: str
) -> None:
    assert read_back(writer(some, language)) == some


@pytest.mark.parametrize(("encoding", "language"), [("cp1251", "ru"), ("cp1251", "en"), ("cp1256", "ar")])
@settings(max_examples=6, deadline=None, derandomize=True, phases=QUICK)
@given(st.data())
def test_in_an_encoding_of_one_script_the_same_person_is_read(
    encoding: str, language: str, data: st.DataObject
) -> None:
    some = data.draw(st.lists(people(LETTERS[encoding]), min_size=1, max_size=4))
    try:
        assert read_back(delimited(encoding, ",")(some, language)) == some
    except EncodingUnclearError:  # one short word under an English header says too little
        assert language == "en"


@pytest.mark.parametrize(
    ("encoding", "header", "rows"),
    [
        ("cp1250", "role,surname,given_names", "expert,Dvořák,Jiří"),
        ("cp1250", "role,surname,given_names", "expert,Świątek,Łucja"),
        ("cp1251", "Роль;Фамилия;Имя", "Эксперт;Ветров;Пётр"),
        ("cp1252", "Fonction;Nom de famille;Prénoms", "Expert;Lefèvre;Zoë"),
        ("cp1252", "role,surname,given_names", "expert,Müller,Jürgen"),
        ("cp1252", "role,surname,given_names", "expert,Østergård,Søren"),
        ("cp1256", "الدور,اسم العائلة,الأسماء الشخصية", "خبير,الحسيني,فاطمة"),
        ("gb18030", "角色,姓,名", "专家,王,小明"),
    ],
)
def test_ordinary_names_in_ordinary_encodings_are_read_without_asking(encoding: str, header: str, rows: str) -> None:
    (row,) = raw_rows(f"{header}\r\n{rows}\r\n".encode(encoding), name="sent")
    assert list(row.cells.values()) == rows.replace(";", ",").split(",")
    assert list(row.cells) == ["role", "surname", "given_names"]


def test_names_that_two_encodings_spell_differently_are_asked_back_and_never_guessed() -> None:
    with pytest.raises(EncodingUnclearError, match=r"Windows-1250 .* and Windows-1252"):
        list(raw_rows("role,surname,given_names\nexpert,Gonçalves,Jorão\n".encode("cp1252"), name="sent"))


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1254", "Doğan,Yıldız;Şahin,Gülşen"), ("cp1253", "Παπαδόπουλος,Γιώργος"), ("koi8-r", "Иванов,Пётр"),
        ("cp866", "Иванов,Пётр"), ("mac-cyrillic", "Иванов,Пётр"), ("iso8859-6", "محمد,أحمد"),
        ("euc-jp", "田中,山本太郎"), ("cp1255", "כהן,דוד"), ("cp850", "Müller,José"),
    ],
)  # fmt: skip
def test_names_in_an_encoding_that_is_not_read_are_asked_back_and_not_taken_for_others(
    encoding: str, names: str
) -> None:
    rows = "".join(f"expert,{row}\n" for row in names.split(";"))
    with pytest.raises(EncodingUnclearError, match="CSV UTF-8"):
        list(raw_rows(f"role,surname,given_names\n{rows}".encode(encoding), name="sent"))


def test_the_template_is_the_same_bytes_every_time_and_holds_nobody() -> None:
    for language in LANGUAGES:
        content = template(valdara(), language)
        assert content == template(valdara(), language)
        with pytest.raises(BadInputError, match="no rows below its header"):
            list(raw_rows(content, name="template.xlsx"))
    with pytest.raises(BadInputError, match="no form in"):
        template(valdara(), "xx")


def test_what_was_recognised_and_what_is_not_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_text("Family name,First name,Role,Shoe size,DOB\nA,B,expert,44,1985-05-17\n")
    with open_table(path, name="sent.csv", agreed={"shoe size": "phone"}) as table:
        (row,) = table.rows
    assert row.cells["phone"] == "44"
    with open_table(path, name="sent.csv") as table:
        assert table.header.recognised["Family name"] == "surname"
        assert (table.header.recognised["DOB"], table.header.ignored) == ("birth_date", ("Shoe size",))
