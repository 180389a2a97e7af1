"""Nonsense is asked about by rule and column; what honest people send stays clear, measured on public names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import NOW, a_nomination

from domain.application.findings import Severity
from domain.application.nomination import COLUMNS, Nomination
from domain.identity.mrz_lines import PrintedDocument, td3_lines
from domain.identity.readings import Sex
from domain.intake.completeness import completeness, for_officers
from domain.intake.nominations_file import RowRead
from domain.intake.plausibility.rules import RULES, implausible
from domain.intake.plausibility.siblings import SharedValues, compared, remarked
from domain.intake.remedies import Asked
from domain.intake.rows import read_row
from domain.vetting.checks import Surroundings, vet
from domain.words import words_in
from flows.intake.reading.text_tables import cell_text
from flows.rehearsal import valdara
from flows.rehearsal.package.batches import batches
from flows.rehearsal.package.cases import cases
from flows.rehearsal.package.oddities import KINDS, with_oddities

SHARED: Final = Path(__file__).parents[3].parent / "shared" / "data"
VALDARA: Final = valdara()
HONEST: Final = {
    "reference": "1", "role": "expert", "surname": "LINDENGARD", "given_names": "AVA MARIT", "birth_date": "1985-05-17",
    "nationality": "XAA", "document_number": "K1234567", "document_issuer": "XAA", "document_expiry": "2031-01-31",
    "email": "ava@mission.example", "conflict_declared": "no", "pledge_accepted_on": "2027-02-01",
}  # fmt: skip
NONSENSE: Final = [
    *((rule, "document_number", text) for rule, texts in {
        "number_placeholder": ("-", "N/A", "applied for", "en cours", "solicitado", "оформляется", "قيد الإصدار",
                               "申请中"),
        "number_scientific": ("1.23457E+08", "1,23457E+08", "1E+09", "123456789.0", "K1234567.0",
                              "44927.5", "44270.123456", "4,5E+07"),
        "number_date": ("MAR-04", "4-Mar", "04-MAR-27", "2027-03-04", "2027-03-04T00:00:00", "12:30:00", "3/4/2027",
                        "3/4/27", "04.03.27", "2027/03/04", "1899-12-30", "2027-03", "03/2027"),
        "number_digits_lost": ("1234570000000", "1234567890123450000", "1234567890123456000"),
        "number_implausible": ("PASSPORT", "7", "00?12345", "1111111", "12345678", "ava@mission.example",
                               "A" * 40 + "1", "1234567890123456", "K0000000", "No. K1234567", "№ 1234567",
                               "Passport K1234567", "K1234567 (old)", "K1234567/K1234568", "K1234567 exp 2030",
                               "ABC123", "ABCD1234", "asdf1234", "121212", "K1111111", "123123123", "K1234567 XAA",
                               "1985", "31012031", "TEST123", "XXXXX123", "-K1234567", "17051985",
                               "№1234567", "PP K1234567", "nro 1234567", "K1234567/2031-01-31", "K1234567 31.01.2031",
                               "\u041a1234567",
                               "\u0643\u0661\u0662\u0663\u0664\u0665"),
    }.items() for text in texts),
    *((rule, "surname", text) for rule, texts in {
        "name_garbled": ("锟斤拷", "JosÃ©", "JosÃƒÂ©", "NikoliÄ‡", "Р†РІР°РЅРѕРІ", "Èâàíîâ", "хБЮМНБ", "M├╝ller",
                         "M\x81ller",
                         "MÉller",                          "Mu\u02c6oz"),
        "name_letters_lost": ("M?ller", "Mu\ufffdoz", "Mu¿oz", "Mari?", "M\x00ller"),
        "name_decoded": ("Mu&ntilde;oz", "O&#39;Brenn", "O\\'Brenn", "Mu\\u00f1oz", "Mu%C3%B1oz", "Lind &amp; Berg",
                         "O''Brenn"),
        "name_placeholder": ("To be confirmed", "TBC", "Delegate 3", "N.N.", "待定", "будет уточнено",
                             '"', "none", "wird noch benannt",
                             "TBC TBC", "Second observer", "Observer from the embassy", "Ministry of Foreign Affairs",
                             "not decided yet", "Your surname", "Lind (leader)", "Lind - Head of mission",
                             "Replacement of Lind", "plus one",
                             "Head of delegation", "Chef de mission", "Глава делегации", "代表团团长"),
        "name_marks": ("Lind3n", "ava@mission.example", "Lind & Berg", "Lind*", "<b>Lind</b>", "Lind +1",
                       "www.x.example", "Lind/Berg", "Lind, Ava", "(sic)",
                       "Lind née Berg", "Lind geb. Berg", "Lind and Berg", "Lind nee Berg",
                       "Lind aka Berg", "Lind (cancelled)", "Lind - withdrawn", "Lind (f)", "Линд (замена)"),
        "name_title": ("Dr. Lind", "Dr Lind", "Prof Lind", "Mrs. Lind", "Hon. Lind", "Lind PhD", "د. ليند",
                       "Sen. Lind", "Rt Hon Lind", "Lind M.D.", "Lind OBE", "Lind (Mrs)", "д-р Линд", "李先生",
                       "Miss Lind", "Herr Lind", "Señora Lind", "Dott.ssa Lind",
                       "Lind Ph.D.", "Maj Gen Lind", "Senator Lind", "김 박사", "นางสาวลินด์", "гр. Линд", "السفير ليند"),
        "name_mixed_script": ("Lіnd", "Αlberg", "\u13deind", "Lin\u0564"),
    }.items() for text in texts),
    *(("code_unknown", column, text) for column in ("nationality", "document_issuer")
      for text in ("GER", "SUI", "UK", "D", "stateless?", "ZZZ", "ZZY", "QQQ", "AAA", "AAB", "UTO", "XYZ", "NIL",
                   "Suisse", "ROM", "YUG")),
    ("email_several", "email", "ava@mission.example; bo@mission.example"),
    ("email_several", "email", "ava@mission.example bo@mission.example"),
    ("email_unusable", "email", "ava@mission.example."),
    ("name_mixed_script", "email", "\u0430va@mission.example"),
    *(("email_placeholder", "email", f"{name}@mission.example")
      for name in ("noemail", "no.reply", "your_name", "first.last", "mailer-daemon")),
    *(("phone_implausible", "phone", text) for text in (
        "8.00123E+11", "call the office", "ava@mission.example", "1985-05-17", "2027-02-01 00:00:00", "K1234567",
        "12345678", "0000000", "123", "+999 555 \ufffd0100", "123456789012345678901")),
    ("day_other_calendar", "birth_date", "1365/05/31"),
    ("day_other_calendar", "birth_date", "2528-05-17"),
]  # fmt: skip


def read(**changes: str) -> Nomination:
    row = read_row(2, HONEST | changes)
    assert isinstance(row, Nomination)
    return row


def rules_of(person: Nomination, column: str) -> set[str]:
    asked = (one for one in completeness(person, VALDARA) if one.severity is not Severity.NOTE)
    found = (*asked, *for_officers(person, VALDARA))
    return {one.rule for one in found if column in one.fields} - {"document_missing"}


def zone(**printed: object) -> str:
    usual: dict[str, object] = {
        "issuer": "XAA", "number": "K1234567", "nationality": "XAA", "birth_date": date(1985, 5, 17), "sex": Sex.FEMALE,
        "expiry": date(2031, 1, 31), "surname": "Lindengard", "given_names": "Ava Marit",
    }  # fmt: skip
    return "/".join(td3_lines(PrintedDocument.model_validate(usual | printed)))


@pytest.mark.parametrize(("rule", "column", "text"), NONSENSE)
def test_nonsense_is_asked_about_once_and_by_its_cause(rule: str, column: str, text: str) -> None:
    assert rules_of(read(**{column: text}), column) == {rule}


def test_every_rule_has_a_case_here_and_whatever_is_asked_has_a_remedy() -> None:
    tried = {rule for rule, _, _ in NONSENSE} | {"number_zeros_lost", "name_repeated", "apostrophe_removed"}
    tried |= {"number_repeated", "number_shorter", "email_shared"}
    assert {rule.name for rule in RULES} <= tried
    assert {rule.name for rule in RULES if rule.severity is Severity.CURE} <= words_in("en").problems.keys()


@pytest.mark.parametrize(
    ("column", "text", "likely"),
    [
        ("nationality", "GER", "DEU"), ("nationality", "UK", "GBR"), ("document_issuer", "SUI", "CHE"),
        ("nationality", "Allemagne", "DEU"), ("nationality", "U.K.", "GBR"), ("nationality", "France (FRA)", "FRA"),
        ("document_issuer", "PRC", "CHN"), ("nationality", "ＦＲＡ", "FRA"), ("nationality", "N/A", ""),
        ("nationality", "ZZZ", ""), ("nationality", "ROM", "ROU"), ("document_issuer", "ZAR", "COD"),
        ("birth_date", "2528-05-17", "1985-05-17"),
        ("birth_date", "1365/05/31", "1986-08-22"), ("birth_date", "12/05/1970 EC", "1978-01-20"),
    ],
)  # fmt: skip
def test_what_may_be_meant_stands_beside_the_question(column: str, text: str, likely: str) -> None:
    assert [remark.likely for remark in read(**{column: text}).remarks] == [likely]


@pytest.mark.parametrize(
    "text",
    ["+999 555 0100", "(0)20-7946 0018 ext. 12", "00 999 555 01 00 99", "+999 555 0123456; +999 555 0123457",
     "22-33-44", "Tel. 01.55.01.00.99", "٠٩٩٩٥٥٥٠١٠٠", "+999 555 0100 / 0101", "N/A", "-", ""],
)  # fmt: skip
def test_a_telephone_number_is_taken_however_people_write_it(text: str) -> None:
    assert rules_of(read(phone=text), "phone") == set()


@given(st.dates(date(1300, 1, 1), date(1500, 12, 28)), st.sampled_from(["", " AH", " AP", " BE", " EC"]))
def test_a_converted_day_of_birth_never_lies_in_the_future(day: date, calendar: str) -> None:
    person = read(birth_date=f"{day:%Y/%m/%d}{calendar}")
    asked = Asked.of(VALDARA, person).likely.get(("birth_date", "day_other_calendar"), "")
    assert all(date.fromisoformat(likely) < NOW.date() for likely in asked.split(" / ") if likely)


def test_of_two_days_that_a_birth_may_mean_only_the_one_that_is_past_is_shown() -> None:
    person = read(birth_date="1410/05/01")
    assert [remark.likely for remark in person.remarks] == ["2031-07-23 / 1989-11-29"]
    assert Asked.of(VALDARA, person).likely == {("birth_date", "day_other_calendar"): "1989-11-29"}


@pytest.mark.parametrize(
    ("column", "texts", "meant"),
    [
        ("nationality", ("DEU-FRA", "DEU – FRA", "deu fra", "D<< / FRA", "DEU;FRA;DEU"), ("DEU", "FRA")),
        ("languages", ("en fr", "EN/FR", "en; fr", "en y fr"), ("en", "fr")),
        ("document_number", ("K1234567", " k1234567<", "K1234567.", "Ｋ1234567"), "K1234567"),
        ("birth_date", ("17 MAY/MAI 1985", "17MAY1985", "17. Mai 1985", "17 Mayıs 1985"), date(1985, 5, 17)),
        ("sex", ("-", "<", "n/a", ""), ""),
        ("given_names", ("Ａｖａ", "𝐀𝐯𝐚", '"Ava"', "Ava,", "Ava"), "Ava"),
        ("native_name", ("-", "N/A", "see passport", ""), ""),
        ("arrival", ("TBC", "-", "noch offen", ""), None),
        ("document_kind", ("travel document", "Titre de voyage", "загранпаспорт", "旅行证件"), "passport"),
    ],
)  # fmt: skip
def test_what_can_mean_one_thing_only_is_taken_and_nothing_is_asked(
    column: str, texts: tuple[str, ...], meant: object
) -> None:
    name = {"nationality": "nationalities"}.get(column, column)
    for text in texts:
        assert (getattr(read(**{column: text}), name), rules_of(read(**{column: text}), column)) == (meant, set())


@pytest.mark.parametrize(
    "name",
    ["བསྟན་འཛིན", "አበበ፡በቀለ", "Մկրտիչ՚", "अ॰ कुमार", "ᠮᠣᠩᠭᠣᠯ\u180eᠠ", "နေမျိုး", "ⴰⵎⴰⵣⵉⵖ", "ߒߞߏ", "𞤀𞤣𞤤𞤢𞤥",
      "ნინო", "សុភា", "ශාන්ත"],
)  # fmt: skip
def test_a_name_in_its_own_script_stays_as_it_is_and_is_not_asked_about(name: str) -> None:
    assert read(native_name=name).native_name == name
    assert rules_of(read(native_name=name), "native_name") == set()


@pytest.mark.parametrize(
    ("column", "meant"), [("HMM", "MFF"), ("HF", "MF"), ("MFF", "MFF"), ("MM", "MM"), ("HMF", "M?F"), ("MV", "??")]
)
def test_what_m_means_is_seen_from_the_whole_column(column: str, meant: str) -> None:
    rows = [{**HONEST, "sex": letter} for letter in column]
    listed = SharedValues()
    for cells in rows:
        listed.add(cells)
    read_rows = [RowRead(number=n, organisation="ORG-01", nomination=read(**c), cells=c) for n, c in enumerate(rows)]
    for found in (compared(read_rows), [compared([row], listed.marks)[0] for row in read_rows]):
        said = ["?" if "sex" in row.nomination.unreadable else row.nomination.sex for row in found]
        assert "".join(said) == meant


def test_who_bears_a_word_for_people_as_surname_is_not_asked() -> None:
    assert rules_of(read(surname="GUEST"), "surname") == set()
    assert rules_of(read(surname="GUEST", given_names="-"), "surname") == {"name_placeholder"}


@pytest.mark.parametrize("mark", ["'", "\u2019", "`"])
def test_an_apostrophe_that_guards_a_number_is_taken_off_and_said(mark: str) -> None:
    person = read(document_number=f"{mark}00123456", email=f"{mark}ava@mission.example{mark}", phone=f"{mark}+99955")
    assert (person.document_number, person.email) == ("00123456", "ava@mission.example")
    (said,) = (one for one in completeness(person, VALDARA) if one.rule == "apostrophe_removed")
    assert said.severity is Severity.NOTE
    assert set(said.fields) == {"document_number", "email", "phone"}
    assert read(surname=f"{mark}t Hooven").surname == f"{mark}t Hooven"


@pytest.mark.parametrize(
    ("changes", "printed"),
    [
        ({"document_number": "7"}, {"number": "7"}),
        ({"document_number": "12345678"}, {"number": "12345678"}),
        ({"given_names": "LINDENGARD"}, {"given_names": "Lindengard"}),
        ({"surname": "DR LINDENGARD"}, {"surname": "Dr Lindengard"}),
        ({"nationality": "ZZZ", "document_issuer": "ZZZ"}, {"nationality": "ZZZ", "issuer": "ZZZ"}),
    ],
)
def test_what_the_document_prints_is_right_whatever_it_looks_like(
    changes: dict[str, str], printed: dict[str, object]
) -> None:
    for column in changes:
        assert rules_of(read(**changes), column)
        assert not rules_of(read(**changes, mrz=zone(**printed)), column)


def test_zeros_that_a_cell_lost_are_found_in_the_zone() -> None:
    assert rules_of(read(document_number="123456", mrz=zone(number="00123456")), "document_number") == {
        "number_zeros_lost"
    }


@pytest.mark.parametrize(
    ("surname", "given"), [("LIND", "LIND"), ("AVA LIND", "AVA LIND"), ("LIND", "AVA LIND"), ("LIND", "LIND AVA")]
)
def test_the_whole_name_in_both_cells_is_asked_about(surname: str, given: str) -> None:
    assert rules_of(read(surname=surname, given_names=given), "given_names") == {"name_repeated"}


def people(number: int, **fields: object) -> list[Nomination]:
    return [
        a_nomination(surname=f"LIND{'AEIOU'[place % 5]}{place}", document_number=f"0{place:07d}", **fields)
        for place in range(number)
    ]


def test_one_address_and_one_number_for_everybody_are_told_and_those_of_a_couple_are_not() -> None:
    for few in (2, 3):
        rows = remarked([person.revised(document_number="K7654321") for person in people(few)])
        assert [rules_of(row, "email") for row in rows] == [{"email_shared"} if few > 2 else set()] * few
        assert [rules_of(row, "document_number") for row in rows] == [{"number_repeated"} if few > 2 else set()] * few
    (shared,) = (officer for officer in for_officers(rows[0], VALDARA) if officer.rule == "email_shared")
    assert shared.severity is Severity.HUMAN


@given(st.integers(1, 6), st.integers(6, 9))
def test_a_number_shorter_than_its_siblings_is_shown_to_officers(place: int, length: int) -> None:
    rows = [person.revised(document_number=f"9{number:0{length}d}") for number, person in enumerate(people(9))]
    short = rows[place].revised(document_number=rows[place].document_number[1:].lstrip("0").zfill(length - 1))
    found = remarked([*rows[:place], short, *rows[place + 1 :]])
    assert [one.document_number for one in found if "number_shorter" in rules_of(one, "document_number")] == [
        short.document_number
    ]


@given(st.sampled_from(["", *"KLP"]), st.from_regex(r"[1-9][0-9]{6,8}", fullmatch=True))
def test_what_issuers_print_is_a_number(letter: str, digits: str) -> None:
    counted = re.fullmatch(r"(\d{1,3})\1+", digits) or digits in "1234567890123456789 987654321098765"
    assert counted or not rules_of(read(document_number=letter + digits), "document_number")


def _public_names() -> Iterator[tuple[str, str]]:
    for path in SHARED.glob("names/wd_*_tokens.csv"):
        for row in _rows(path):
            yield row["latin"], ""
    for row in _rows(SHARED / "names" / "namebench_person.csv"):
        for name in (row["name1"], row["name2"]):
            given_names, _, surname = name.rpartition(" ")
            yield surname, given_names
    for path in SHARED.glob("duplicates/febrl[34]*.csv"):
        for row in _rows(path):
            if "surname" in row:
                yield row["surname"], row["given_name"]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [{key.strip(): text.strip() for key, text in row.items()} for row in csv.DictReader(lines)]


@pytest.mark.skipif(not (SHARED / "names").is_dir(), reason="the shared public names are not here")
def test_of_public_names_at_most_two_in_a_thousand_are_asked_about() -> None:
    # Quotation marks and digits of nicknames are noise of the source, which says so; wd files hold single tokens.
    names = [(one, other) for one, other in _public_names() if one or other]
    asked = [name for name in names if _is_asked(*name)]
    assert len(names) > 30_000
    assert len(asked) <= 0.002 * len(names), asked


def _is_asked(surname: str, given_names: str) -> bool:
    person = read(surname=surname or "-", given_names=given_names or "-")
    return any({"surname", "given_names"} & set(one.fields) for one in implausible(person, on=VALDARA.election.day))


def test_of_the_rehearsals_rows_none_is_asked_about() -> None:
    every = cases(batches(1500, 5, VALDARA), 5, VALDARA)
    rows = [row for case in every if isinstance(row := read_row(case.row, case.cells), Nomination)]
    odd = {rule.name for rule in RULES}
    found = [
        officer for row in remarked(rows) for officer in (*completeness(row, VALDARA), *for_officers(row, VALDARA))
    ]
    assert [one for one in found if one.rule in odd] == []


@pytest.mark.parametrize(
    ("stated", "rule"),
    [
        ("2009", "age_uncertain"), ("2009-03", "age_uncertain"), ("2009-02", ""), ("2008", ""), ("1970", ""),
        ("2010", "under_age"), ("2009-04", "under_age"),
    ],
)  # fmt: skip
def test_an_unknown_day_of_birth_is_referred_for_its_age_only_where_it_matters(stated: str, rule: str) -> None:
    """Of age is who has completed 18 years on 14 March 2027: at worst on the last day of the period, at best on its
    first."""
    found = vet(read(birth_date=stated), VALDARA, Surroundings(received_at=NOW))
    assert {one.rule for one in found} - {"birth_day_unproved"} == {rule} - {""}


@pytest.mark.parametrize(
    ("number", "text"), [(1234567890123456789.0, "1.23456789012346E+18"), (10**15, "1.00000000000000E+15"),
                         (923456781234507.0, "923456781234507"), (7654021.0, "7654021"), (7654021, "7654021")],
)  # fmt: skip
def test_a_number_of_more_digits_than_a_cell_keeps_is_read_as_what_it_is(number: float, text: str) -> None:
    assert cell_text(number) == text
    odd = {"number_scientific"} if "E" in text else set[str]()
    assert rules_of(read(document_number=cell_text(number)), "document_number") == odd


@pytest.mark.parametrize("text", ["\\ud800", "Lind\\udc00\\ud800", "&#xD800;", "%ED%A0%80", "\\ud83d\\ude00"])
def test_half_a_letter_in_an_escape_is_a_letter_that_was_lost(text: str) -> None:
    person = read(surname=f"Lin{text}d")
    assert rules_of(person, "surname")
    assert Nomination.model_validate_json(person.model_dump_json()).surname == person.surname


@pytest.mark.parametrize("text", ["0000", "0000<<<<", "00000000", "0000-05", "00/0000", "XX/XX/0000"])
def test_a_year_that_never_was_is_no_birth(text: str) -> None:
    person = read(birth_date=text)
    assert person.born == ""
    assert rules_of(person, "birth_date")


_PIECES = (
    "0000", "9999", "00", "9" * 400, "1E+308", "NaN", "\u0660\u0661", "½", "Ⅻ", "İ", "\u202e", "\U0001f600",
    "<<<<", ";;", "@", "%zz", "&#x110000;", "\\ud800", "\\u12", "=FF=FE", "''", "#N/A", "29.02.1900", "00/0000",
    "9999-12-31", "令和元年1月1日", "昭和99年12月31日", "30 Pagume 1999", "13/13/1400", "1500/12/30 H", "XXX", "D<<",
    "yes", "P<XCALIND<<AVA", "\u2028", "( )",
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(sorted(COLUMNS)), st.lists(st.sampled_from(_PIECES), max_size=3).map("".join), max_size=6
    )
)
def test_whatever_stands_in_the_cells_a_row_is_judged_and_can_be_kept(cells: dict[str, str]) -> None:
    row = read_row(2, HONEST | cells)
    if isinstance(row, Nomination):
        completeness(row, VALDARA)
        for_officers(row, VALDARA)
        assert Nomination.model_validate_json(row.model_dump_json()) == row


def test_what_other_rows_show_is_no_change_of_a_row() -> None:
    alone, *_ = people(3, email="all@mission.example")
    (together, *_) = remarked(people(3, email="all@mission.example"))
    assert together.remarks
    assert together.says_the_same_as(alone)
    assert not together.says_the_same_as(alone.revised(phone="1"))


def test_further_people_of_a_rehearsal_go_their_way_and_leave_all_others_alone() -> None:
    every = cases(batches(700, 9, VALDARA), 9, VALDARA)
    rows = with_oddities(every, 9, VALDARA)
    before = {id(case) for case in every}
    assert [case for case in rows if id(case) in before] == every
    further = [case for case in rows if id(case) not in before]
    assert {case.truth.problems for case in further} == {(problem,) for problem in KINDS}
    for case in further:
        person = read_row(case.row, case.cells)
        assert isinstance(person, Nomination)
        asked = {one.code for one in completeness(person, VALDARA) if one.rule != "document_missing"}
        seen = vet(person, VALDARA, Surroundings(received_at=case.batch.received_at))
        asked |= {"D02" if "identity_page" in case.unusable else "D05"} if case.unusable else set()
        codes = asked or {one.code for one in seen if one.severity is Severity.HUMAN}
        assert codes == set(case.truth.codes), case.truth.problems
