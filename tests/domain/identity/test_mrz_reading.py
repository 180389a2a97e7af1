from datetime import date
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.zones import td1_lines, td2_lines, visa_lines

from domain.identity.check_digits import ALPHABET, check_digit
from domain.identity.layouts import LAYOUTS, MrzField, MrzFormat
from domain.identity.mrz import parse
from domain.identity.mrz_lines import PrintedDocument, UnwritableError, td3_lines
from domain.identity.readings import FieldCheck, FindingCode, Mrz, NumberRule, Sex
from domain.identity.state_codes import CodeKind, comparable, known, lookup
from domain.identity.transliteration import is_transliterable, transliterate

ON = date(2026, 11, 23)
LETTERS = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=6), min_size=1, max_size=2).map(" ".join)
NUMBERS = st.text(st.sampled_from(ALPHABET[:-1]), min_size=1, max_size=9)
CODES = st.sampled_from(["XVD", "QMA", "DEU", "UNO", "XXA", "RKS", "GBO"])


def documents(numbers: st.SearchStrategy[str] = NUMBERS) -> st.SearchStrategy[PrintedDocument]:
    return st.builds(
        PrintedDocument,
        document_code=st.just("I"),
        issuer=CODES,
        number=numbers,
        nationality=CODES,
        birth_date=st.dates(date(1926, 11, 24), ON),
        sex=st.sampled_from(Sex),
        expiry=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
        surname=WORDS,
        given_names=WORDS,
    )


def a_document(**changes: Any) -> PrintedDocument:
    printed: dict[str, Any] = {"issuer": "XVD", "nationality": "XVD", "number": "Q1234567", "sex": Sex.FEMALE}
    printed |= {"birth_date": date(1980, 3, 4), "expiry": date(2031, 5, 6), "surname": "Ortega", "given_names": "Lina"}
    return PrintedDocument.model_validate(printed | changes)


def read(lines: tuple[str, ...], *, on: date = ON) -> Mrz:
    return parse("\n".join(lines), on=on)


def written(kind: MrzFormat, document: PrintedDocument) -> tuple[str, ...]:
    match kind:
        case MrzFormat.TD1:
            return td1_lines(document)
        case MrzFormat.TD2:
            return td2_lines(document)
        case MrzFormat.TD3:
            return td3_lines(document.revised(document_code="P"))
        case _:
            width = LAYOUTS[kind].width
            return visa_lines(document.revised(document_code="V"), width=width)


WRITABLE = [kind for kind in LAYOUTS if kind is not MrzFormat.FRENCH_ID]


@pytest.mark.parametrize("kind", WRITABLE)
@given(document=documents())
def test_what_is_written_is_read_back_as_the_same_person(kind: MrzFormat, document: PrintedDocument) -> None:
    reading = read(written(kind, document))
    assert reading.format is kind
    assert reading.is_clear
    assert reading.digits_fit
    assert (reading.surname, reading.given_names) == (document.surname, document.given_names)
    assert (reading.number, reading.sex) == (document.number, document.sex)
    assert (reading.birth_date, reading.expiry) == (document.birth_date, document.expiry)
    codes = (reading.issuer, reading.nationality), (document.issuer, document.nationality)
    assert [*map(comparable, codes[0])] == [*map(comparable, codes[1])]


@given(document=documents(st.text(st.sampled_from(ALPHABET[:-1]), min_size=10, max_size=22)))
def test_a_long_number_continues_in_the_optional_field(document: PrintedDocument) -> None:
    reading = read(td1_lines(document))
    assert reading.number == document.number
    assert reading.number_rule is NumberRule.LONG
    assert reading.is_clear


def test_a_long_number_whose_digit_counts_the_filler_is_read_and_said_to_be() -> None:
    first, second, third = td1_lines(a_document(document_code="I"))
    digit = check_digit("000590240<601")
    reading = read((f"I<XVD000590240<601{digit}".ljust(30, "<"), second, third))
    assert (reading.number, reading.number_rule) == ("000590240601", NumberRule.LONG_WITH_FILLER)
    assert reading.verdict(MrzField.NUMBER).verdict is FieldCheck.OK
    assert first.startswith("I<XVD")


def test_a_number_without_any_digit_is_unknown_and_not_wrong() -> None:
    _, second, third = td1_lines(a_document(document_code="I"))
    reading = read(("I<XVD000590240<".ljust(30, "<"), second, third))
    assert reading.verdict(MrzField.NUMBER).verdict is FieldCheck.ABSENT
    assert FindingCode.DIGIT_ABSENT in {finding.code for finding in reading.findings}


COVERED = [
    (kind, span.line, place)
    for kind in (MrzFormat.TD1, MrzFormat.TD2, MrzFormat.TD3)
    for span in LAYOUTS[kind].composite_over
    for place in range(span.start, span.stop)
]


@given(document=documents(), place=st.sampled_from(COVERED), substitute=st.sampled_from(ALPHABET))
def test_a_single_substitution_is_noticed_unless_the_values_agree_modulo_ten(
    document: PrintedDocument, place: tuple[MrzFormat, int, int], substitute: str
) -> None:
    kind, number, column = place
    lines = list(written(kind, document))
    line = lines[number]
    original = line[column]
    lines[number] = line[:column] + substitute + line[column + 1 :]
    if check_digit(original) != check_digit(substitute):
        assert not read(tuple(lines)).digits_fit


def test_one_pair_of_characters_in_thirteen_escapes_the_digits() -> None:
    blind = sum(check_digit(one) == check_digit(other) for one, other in combinations(ALPHABET, 2))
    assert (blind, len(list(combinations(ALPHABET, 2)))) == (52, 666)


@given(st.text(max_size=300) | st.text(st.sampled_from("A1< \n«é?"), max_size=120))
def test_no_text_is_refused(text: str) -> None:
    reading = parse(text, on=ON)
    assert reading.is_recognised or reading.findings[0].code is FindingCode.UNRECOGNISED


@pytest.mark.parametrize("kind", list(LAYOUTS))
@given(noise=st.data())
def test_noise_of_the_right_size_is_read_too(kind: MrzFormat, noise: st.DataObject) -> None:
    layout = LAYOUTS[kind]
    line = st.text(st.sampled_from("ABZ019<?é"), min_size=layout.width, max_size=layout.width)
    lines = tuple(noise.draw(line) for _ in range(layout.lines))
    assert read(lines).lines == lines


def test_layout_of_the_text_does_not_matter() -> None:
    lines = td3_lines(a_document())
    expected = read(lines)
    plain = "\r\n".join(lines)
    assert parse(plain.lower(), on=ON) == expected
    assert parse(f"\n  {plain.replace('<', '«')}\n\n", on=ON) == expected
    assert parse(" ".join(lines), on=ON) == expected
    assert parse(" / ".join(lines), on=ON) == expected
    assert parse(" ".join("".join(lines)), on=ON) == expected


def test_a_confused_number_is_kept_and_its_likely_reading_offered() -> None:
    first, second = td3_lines(a_document(number="QO1234567"))
    reading = read((first, second.replace("QO1", "Q01")))
    assert reading.number == "Q01234567"
    assert [(suggestion.lines, suggestion.changed) for suggestion in reading.suggestions] == [
        ((first, second), (MrzField.NUMBER,))
    ]


@pytest.mark.parametrize(
    ("on", "printed", "born"),
    [
        (date(2026, 11, 23), "261123", date(2026, 11, 23)),
        (date(2026, 11, 23), "261124", date(1926, 11, 24)),
        (date(2026, 11, 23), "270101", date(1927, 1, 1)),
        (date(2026, 11, 23), "000229", date(2000, 2, 29)),
        (date(1999, 12, 31), "000101", date(1900, 1, 1)),
        (date(2026, 11, 23), "990230", None),
        (date(2026, 11, 23), "80<<<<", None),
    ],
)
def test_a_birth_date_falls_in_the_latest_century_that_is_not_in_the_future(
    on: date, printed: str, born: date | None
) -> None:
    first, second = td3_lines(a_document())
    reading = read((first, second[:13] + printed + (check_digit(printed) or "") + second[20:]), on=on)
    assert reading.birth_date == born
    impossible = FindingCode.NOT_A_DATE in {finding.code for finding in reading.findings}
    assert impossible is (printed == "990230")


def test_an_unstated_nationality_sex_or_expiry_is_in_order() -> None:
    first, second = td3_lines(a_document(sex=Sex.UNSPECIFIED))
    line = second[:10] + "<<<" + second[13:21] + "<<<<<<0" + "<" * 15
    covered = line[:10] + line[13:20] + line[21:43]
    reading = read((first, line + (check_digit(covered) or "")))
    assert reading.is_clear
    assert (reading.nationality, reading.sex, reading.expiry) == ("", Sex.UNSPECIFIED, None)


@pytest.mark.parametrize(("issuer", "code"), [("ABC", FindingCode.UNKNOWN_STATE), ("UTO", FindingCode.SPECIMEN_STATE)])
def test_an_odd_issuer_is_a_finding_and_no_more(issuer: str, code: FindingCode) -> None:
    reading = read(td3_lines(a_document(issuer=issuer)))
    assert reading.digits_fit
    assert [(finding.code, finding.field) for finding in reading.findings] == [(code, MrzField.ISSUER)]
    assert reading.findings[0].words


def test_the_state_codes_are_those_of_iso_and_icao() -> None:
    assert all(known(code) for code in ("D", "D<<", "GBN", "UNO", "UNA", "UNK", "EUE", "XXA", "XOM", "NTZ", "RKS"))
    assert [comparable(code) for code in ("D<<", "GBS", "ROM", "XKX", "??")] == ["DEU", "GBR", "ROU", "RKS", "??"]
    assigned = [lookup(code) for code in ("AAA", "QMA", "QZZ", "XVD", "XZZ", "ZZZ")]
    assert [entry and entry.kind for entry in assigned] == [CodeKind.USER_ASSIGNED] * 6
    assert not any(known(code) for code in ("", "ABC", "QLZ", "XA", "XVDD", "Äxx"))


def test_nothing_personal_is_spoken_of_a_zone() -> None:
    lines = td3_lines(a_document())
    reading = read((lines[0], lines[1][:-1] + "9"))
    spoken = f"{reading} {reading!r} {reading.findings!r} {reading.suggestions!r} {a_document()} {a_document()!r}"
    assert not any(secret in spoken for secret in ("ORTEGA", "Ortega", "LINA", "Lina", "Q1234567", "800304", "1980"))


def test_what_does_not_fit_is_not_written() -> None:
    for attempt in (
        lambda: td3_lines(a_document(number="1234567890")),
        lambda: td2_lines(a_document(optional="12345678")),
        lambda: td1_lines(a_document(number="1234567890", optional="1")),
    ):
        with pytest.raises(UnwritableError):
            attempt()


def test_the_worked_example_of_the_standard_is_transliterated_letter_by_letter() -> None:
    # ICAO Doc 9303-3 appendix B.5.
    assert transliterate("ابو بكر محمد بن زكريا الرازي") == "ABW<BKR<MXHMD<BN<ZKRYA<ALRAZY"
    assert not is_transliterable("田中")
