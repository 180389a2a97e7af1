"""Tables of people as they come: every part of a name is read, or the run stops."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.errors import BadInputError
from domain.intake.columns import HeaderError, meaning, read_header
from domain.intake.folding import plain
from domain.intake.name_columns import is_of_others, looks_like_name, name_column
from domain.reference_lists.lists import ListTerms, load_list
from domain.reference_lists.other_columns import is_of_other_things
from domain.reference_lists.people import PeopleTable, TableRow, read_people, subject_of, text_of


def table(text: str, **agreed: str) -> PeopleTable:
    return read_people(text, place="list", agreed=agreed)


def only(text: str, **agreed: str) -> TableRow:
    (row,) = table(text, **agreed).rows
    return row


@pytest.mark.parametrize(
    ("heading", "cells", "name"),
    [
        ("id,Surname,Given names", "1,Lindqvist,Asa Mira", "Asa Mira Lindqvist"),
        ("id,surname,first_name", "1,Lindqvist,Asa", "Asa Lindqvist"),
        ("id,Surname,Forename", "1,Lindqvist,Asa", "Asa Lindqvist"),
        ("id,Last Name,First Name,Middle Name", "1,Lindqvist,Asa,Mira", "Asa Mira Lindqvist"),
        ("id,lastName,firstName", "1,Lindqvist,Asa", "Asa Lindqvist"),
        ("id,Фамилия,Имя,Отчество", "1,Зубрин,Глеб,Дарович", "Глеб Дарович Зубрин"),
        ("id,Прізвище,Ім'я,По батькові", "1,Зубрин,Гліб,Дарович", "Гліб Дарович Зубрин"),
        ("id,nom,prénom", "1,Lindqvist,Asa", "Asa Lindqvist"),
        ("id,Apellido paterno,Apellido materno,Nombre", "1,Corvo,Lindal,Asa", "Asa Corvo Lindal"),
        ("id,nombre,primer apellido,segundo apellido", "1,Asa,Corvo,Lindal", "Asa Corvo Lindal"),
        ("id,Nachname,Vorname", "1,Lindqvist,Asa", "Asa Lindqvist"),
        ("id,Voornaam,Tussenvoegsel,Achternaam", "1,Asa,van der,Lind", "Asa van der Lind"),
        ("id,Nazwisko,Imię", "1,Lindqvist,Asa", "Asa Lindqvist"),
        ("id,Soyadı,Adı", "1,Lindqvist,Asa", "Asa Lindqvist"),
        ("id,اسم العائلة,الاسم الأول", "1,الزرقي,سليم", "سليم الزرقي"),
        ("id,姓,名", "1,王,小明", "王小明"),
        ("id,성,이름", "1,김,영수", "김영수"),
        ("id,Name 6,Name 1,Name 2", "1,Lindqvist,Asa,Mira", "Asa Mira Lindqvist"),
        ("id,first name,second name,third name,last name", "1,Asa,Mira,Tova,Lind", "Asa Mira Tova Lind"),
        ("id,name,surname", "1,Asa,Lindqvist", "Asa Lindqvist"),
        ("id,name,surname", '1,"Lindqvist, Asa",Lindqvist', "Lindqvist, Asa"),
        ("id,applicant_surname,applicant_given_names", "1,Lindqvist,Asa", "Asa Lindqvist"),
        ("id,Surname,Given nmaes", "1,Lindqvist,Asa", "Asa Lindqvist"),
        ("id,Full name", "1,Asa Lindqvist", "Asa Lindqvist"),
        ("id,ФИО", "1,Зубрин Глеб", "Зубрин Глеб"),
        ("id,Surname,Given names", "1,Lindqvist,FNU", "Lindqvist"),
        ("id,Surname,Given names", "1,-,Asa", "Asa"),
        ("id,Family,Name", "1,Lind,Asa", "Asa Lind"),
        ("id,LAST,FIRST,MI", "1,Lind,Asa,M", "Asa M Lind"),
        ("id,FIRST_NAME MIDDLE,LAST_NAME", "1,Asa Mira,Lind", "Asa Mira Lind"),
        ("id,Name (1),Name (2),Name (3)", "1,Asa,Mira,Lind", "Asa Mira Lind"),
        ("id,Name [last],Name [first]", "1,Lind,Asa", "Asa Lind"),
        ("id,name,name2", "1,Asa,Lind", "Asa Lind"),
        ("id,Nombre 1,Nombre 2,Apellido 1,Apellido 2", "1,Asa,Mira,Corvo,Lindal", "Asa Mira Corvo Lindal"),
        ("id,Nombre,Paterno,Materno", "1,Asa,Corvo,Lindal", "Asa Corvo Lindal"),
        ("id,Nom,Postnom,Prénom", "1,Lind,Mira,Asa", "Asa Mira Lind"),
        ("id,姓氏,名字,中间名", "1,Lind,Asa,Mira", "Asa Mira Lind"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_all_parts_of_a_name_are_read(heading: str, cells: str, name: str, sign: str) -> None:
    text = f"{heading}\n{cells}\n"
    row = only(text if sign == "," else text.replace('"Lindqvist, Asa"', "Lindqvist| Asa").replace(",", sign)
               .replace("|", ","))  # fmt: skip
    assert (row.entry_id, row.names) == ("1", (name,))


def test_a_line_that_says_its_sign_and_a_byte_order_mark_do_not_hide_the_columns() -> None:
    assert only("sep=;\r\nid;surname;given names\r\n1;Lind;Asa\r\n").names == ("Asa Lind",)


def test_other_names_stand_beside_the_one_in_use() -> None:
    row = only(
        "id,surname,given names,maiden name,father's name,alias 1,alias 2,native name\n"
        "1,Lind,Asa,Corvo,Bene,Tova Lind,Å. L.,Аса Линд\n"
    )
    assert row.names == ("Asa Lind", "Asa Bene Lind", "Asa Corvo", "Аса Линд", "Tova Lind", "Å. L.")


@pytest.mark.parametrize(
    ("heading", "cells", "name"),
    [
        ("id,Name,Father,Grandfather", "1,Asa,Bene,Ola", "Asa Bene Ola"),
        ("id,Name,Son of", "1,Asa,Bene", "Asa Bene"),
        ("id,Име,Презиме", "1,Аса,Линд", "Аса Линд"),
        ("id,name,middle", "1,Asa,Mira", "Asa Mira"),
        ("id,name,maiden name", "1,Asa,Corvo", "Asa Corvo"),
        ("id,Surname,Given names", "1,Blank,Asa", "Asa Blank"),
    ],
)
def test_a_part_beside_a_name_is_put_together_with_it_as_well(heading: str, cells: str, name: str) -> None:
    assert name in only(f"{heading}\n{cells}\n").names


def test_a_name_that_has_the_further_parts_already_stays_as_it_is() -> None:
    assert only("id,name,patronymic\n1,Asa Bene Lind,Bene\n").names == ("Asa Bene Lind",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,name,clan\n1,Asa,Lind\n2,Tova,Corvo\n", "clan"),
        ("id,name,የአባት ስም\n1,Asa,Bene\n", "የአባት ስም"),
        ("id,name,other names\n1,Lind,Asa Mira\n2,Corvo,Tova\n3,Bene Ola,\n", "other names"),
    ],
)
def test_names_of_one_word_beside_text_of_which_nothing_is_known_stop_the_run(text: str, said: str) -> None:
    with pytest.raises(BadInputError, match=f"“{said}” may hold the rest"):
        table(text)
    assert len(list(table(text, **{said: "surname"}).rows)) == text.count("\n") - 1
    assert len(list(table(text, **{said: ""}).rows)) == text.count("\n") - 1


@pytest.mark.parametrize(
    "text",
    [
        "id,name,clan\n1,Asa Lind,Lind\n2,Tova Corvo,Corvo\n3,Ola,Bene\n",
        "id,name,city,role\n1,Asa,Lindal,observer\n",
        "id,name,remarks\n1,Asa,seen on 3 March\n2,Tova,\n",
        "id,姓名,备注栏\n1,王小明,北京\n",
    ],
)
def test_whole_names_and_columns_of_other_things_do_not_stop_it(text: str) -> None:
    assert list(table(text).rows)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_text_of_two_bytes_a_letter_is_read(encoding: str) -> None:
    text = text_of("id\tSurname\tGiven names\r\n1\tLindqvist\tÅsa\r\n".encode(encoding), place="list")
    assert only(text).names == ("Åsa Lindqvist",)


@pytest.mark.parametrize("content", [b"PK\x03\x04 id,name", b"id,name\n1,A\0sa\n"])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(BadInputError, match="Save it as CSV"):
        text_of(content, place="list")


def test_two_spellings_of_surname_and_given_names_are_two_names() -> None:
    row = only(
        "id,Surname (Latin),Given names (Latin),Surname (Cyrillic),Given names (Cyrillic)\n1,Lind,Asa,Линд,Аса\n"
    )
    assert row.names == ("Asa Lind", "Аса Линд")


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        ("id,surname,imię ojca", "imię ojca"),
        ("id,name,clan name", "clan name"),
        ("id,surname,given names,اسم الشهره الثاني", "اسم الشهره الثاني"),
        ("id,Surname,Beiname", "Beiname"),
    ],
)
def test_what_looks_like_a_name_and_is_not_understood_stops_the_run(headings: str, said: str) -> None:
    with pytest.raises(BadInputError, match=said) as refused:
        table(f"{headings}\n1,a,b\n")
    assert "--column" in str(refused.value)


@pytest.mark.parametrize(
    "headings",
    ["id,surname", "id,given names", "id,Surname,clan,remarks", "id,surname,alias", "id,alias", "id,middle name"],
)
def test_half_a_name_is_no_name(headings: str) -> None:
    with pytest.raises(BadInputError) as refused:
        table(f"{headings}\n1,a,b,c\n")
    assert refused.value.remedy


def test_what_somebody_says_of_a_column_goes_before_everything() -> None:
    text = "id,surname,clan name,given names\n1,Lind,Corvo,Asa\n"
    assert only(text, **{"Clan Name": "second_surname"}).names == ("Asa Lind Corvo",)
    left_out = table(text, **{"clan name": ""})
    assert (next(left_out.rows).names, left_out.headings.ignored) == (("Asa Lind",), ("clan name",))


def test_names_of_others_are_not_read_and_said_so() -> None:
    found = table("id,name,mother's name,organisation name,file name,remarks\n1,Asa,Bene,Club,x.pdf,-\n")
    assert next(found.rows).names == ("Asa",)
    assert found.headings.ignored == ("mother's name", "organisation name", "file name", "remarks")


def test_a_comma_in_a_name_without_quotation_marks_is_a_fault_and_no_other_person() -> None:
    row = only("id,name,birth_date\n1,Lindqvist, Asa,1980-02-03\n")
    assert "more cells" in str(subject_of(row))
    terms = ListTerms(list_id="l", owner="o", legal_basis="b")
    loaded = load_list(b"id,name,birth_date\n1,Lindqvist, Asa,1980-02-03\n2,Asa,\n", terms=terms)
    assert ([entry.subject_id for entry in loaded.entries], [fault.row for fault in loaded.faults]) == (["2"], [2])


def test_samples_of_a_list_show_how_much_was_read_and_no_name() -> None:
    terms = ListTerms(list_id="l", owner="o", legal_basis="b")
    rows = "".join(f"{n},Lindqvist,Asa Mira,1980-02-03,XVD\n" for n in range(9))
    samples = load_list(f"id,surname,given names,dob,nationality\n{rows}".encode(), terms=terms).samples
    assert [(sample.name, sample.birth_date, sample.country) for sample in samples] == [("A… M… L…", "19…", "XVD")] * 3


@pytest.mark.parametrize(
    "heading", ["nationality", "birth place", "phenomenon", "nomination date", "family status", "party", "id number"]
)
def test_what_is_no_name_does_not_look_like_one(heading: str) -> None:
    assert name_column(heading) is None
    assert not looks_like_name(heading)


def test_nominations_join_further_parts_of_a_name_and_stop_at_unknown_ones() -> None:
    header = read_header(["Surname", "Second surname", "Given names", "Middle name", "Role"], place="f.csv")
    assert header.further == {1: "surname", 3: "given_names"}
    numbered = read_header(["Surname", "Surname 3", "Given names", "Middle name 2", "Role"], place="f.csv")
    assert numbered.further == {1: "surname", 3: "given_names"}
    with pytest.raises(HeaderError, match="clan name"):
        read_header(["Surname", "clan name", "Given names", "Role"], place="f.csv")
    agreed = read_header(["Surname", "clan name", "Given names", "Role"], place="f.csv", agreed={"clan name": ""})
    assert agreed.ignored == ("clan name",)
    with_particle = read_header(["Surname", "Tussenvoegsel", "Given names", "Role"], place="f.csv")
    assert (with_particle.further, with_particle.particles) == ({1: "surname"}, (1,))


@pytest.mark.parametrize(
    ("headings", "cells", "names"),
    [
        ("Surname,Given names,Middle name in own language", "Lind,Asa,Mira", ("Asa Mira Lind",)),
        ("Surname in passport document,Given names as in the passport", "Lind,Asa", ("Asa Lind",)),
        ("Surname,Given names,Middle name,Surname in own language,Given names in own language,Patronymic in own script",
         "Lind,Asa,Mira,Линд,Аса,Мира", ("Asa Mira Lind", "Аса Мира Линд")),
        ("Name of individual or entity,Alias quality", "Asa Lind,Good", ("Asa Lind",)),
        ("name,family", "Asa Lind,17", ("Asa Lind",)),
        ("name,family", "Asa Lind,HH-0017", ("Asa Lind",)),
    ],
)  # fmt: skip
def test_where_a_part_is_written_so_and_numbers_of_households_change_no_name(
    headings: str, cells: str, names: tuple[str, ...]
) -> None:
    assert only(f"id,{headings}\n1,{cells}\n").names == names


@pytest.mark.parametrize("headings", ["name,family", "given names,family"])
def test_a_number_is_no_half_of_a_name(headings: str) -> None:
    with pytest.raises(BadInputError, match="“family” holds numbers"):
        table(f"id,{headings}\n1,Asa,17\n2,Tova,18\n")


WORDS = st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=3, max_size=9)
HEADINGS = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


@settings(max_examples=50, deadline=None)
@given(HEADINGS, st.lists(WORDS, min_size=3, max_size=3, unique_by=plain))
def test_a_third_part_below_whatever_heading_is_read_or_stops_the_run(heading: str, parts: list[str]) -> None:
    assume(not is_of_others(heading) and not is_of_other_things(heading) and not meaning(heading))
    first, second, third = (part.capitalize() for part in parts)
    assume(not third[0].islower())
    text = f"id,Surname,Given names,{heading}\n1,{first},{second},{third}\n"
    try:
        names = only(text).names
    except BadInputError as refused:
        names = (third,) if "--column" in refused.remedy else ()
    assert any(third in name for name in names)


@pytest.mark.parametrize(
    "text",
    [
        "id,Name,Gender,Occupation\n1,Asa Lind,Female,Teacher\n2,Bo Corvo,Male,Farmer\n",
        "id,LastName,GivenName,Schedule,TitleOrShip\n1,Lind,Asa,Part One,Minister\n",
        "id,given_name,surname,suburb,state\n1,asa,lind,lindal,north\n",
        "id,name,Unbekanntes\n" + "".join(f"{n},Asa Lind{n},{'Rot' if n % 2 else 'Blau'}\n" for n in range(8)),
        "id,name,Unbekanntes\n1,Asa Lind,grün\n2,Bo Corvo,rot\n",
        "id,name,Unbekanntes\n1,Asa Lind,XVD\n",
    ],
)
def test_columns_that_plainly_hold_no_names_do_not_stop_the_run(text: str) -> None:
    assert list(table(text).rows)
