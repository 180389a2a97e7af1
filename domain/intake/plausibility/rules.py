"""What cannot be a document number, a name, a code or an address of a person, though it can be read.

One table: each rule has a name, the columns it looks at, what follows, where it comes from, and a predicate. The first
rule that a column meets counts, so that one cause is told once. What the machine-readable zone of the document prints
as well is right, whatever it looks like.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple

from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination, folded
from domain.application.reasons import ReasonCode
from domain.identity.check_digits import FILLER
from domain.identity.code_aliases import is_issued
from domain.identity.contact import is_mixed_script
from domain.identity.mrz import parse
from domain.identity.readings import Mrz
from domain.identity.state_codes import comparable
from domain.identity.transliteration import transliterate
from domain.intake.plausibility.cleaning import has_marks, is_garbled, lost_letters
from domain.placeholders import is_nobodys_name, is_placeholder
from domain.values import bare


@dataclass(frozen=True)
class JudgedRow:
    """A nomination, and what its document prints where its zone can be read and all digits fit."""

    nomination: Nomination
    on: date

    @cached_property
    def zone(self) -> Mrz | None:
        """The zone, or None where there is none that can be relied on."""
        zone = parse(self.nomination.mrz, on=self.on) if self.nomination.mrz else None
        return zone if zone and zone.is_recognised and zone.digits_fit else None

    @cached_property
    def _said(self) -> dict[str, tuple[str, ...]]:
        return {}

    def values(self, column: str) -> tuple[str, ...]:
        """Return what stands in *column*; several codes of nationality are several values."""
        if column not in self._said:
            self._said[column] = self._values(column)
        return self._said[column]

    def _values(self, column: str) -> tuple[str, ...]:
        if column == "nationality":
            return self.nomination.nationalities
        value = getattr(self.nomination, column)
        return (str(value),) if value else ()

    def prints(self, column: str, value: str) -> bool:
        """Whether the document's zone prints *value* in the place of *column*."""
        zone = self.zone
        if zone is None:
            return False
        match column:
            case "document_number":
                return bare(zone.number) == bare(value)
            case "document_issuer":
                return comparable(zone.issuer) == comparable(value)
            case "nationality":
                return comparable(zone.nationality) == comparable(value)
            case "surname" | "given_names":
                printed = zone.surname if column == "surname" else zone.given_names
                return transliterate(value).replace(FILLER, " ").split() == printed.split()
            case _:
                return False

    @property
    def prints_both_names(self) -> bool:
        """Whether the zone prints surname and given names exactly as they stand."""
        return all(self.prints(column, getattr(self.nomination, column)) for column in NAMES)


Predicate = Callable[[JudgedRow, str, str], bool]
"""Of a row, a column and one value in it."""

NAMES: Final = ("surname", "given_names")
_WRITTEN: Final = (*NAMES, "native_name")
_NUMBER: Final = ("document_number",)
_CODES: Final = ("nationality", "document_issuer")
_NAME_MARKS: Final = (
    "'-.,`\"()/\u00b4\u00b7\u2018\u2019\u02bb\u02bc\u02be\u02bf\u2010\u2011\u2013\u2014"
    "\u2022\u2027\u30fb\u05be\u05f3\u05f4\u0f0b\u0f0c\u1361\u055a\u0970\u1806\u180e\u200c\u200d"
)
"""Apostrophes and the letters written with them, hyphens, middle dots, Hebrew marks, joiners; what parts Tibetan
syllables and Ethiopic words, the Armenian apostrophe, the Indian sign of abbreviation, the Mongolian hyphen."""
_NUMBER_MARKS: Final = "-./()\u2116'\u2010\u2011\u2013"
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?E[+-]\d+|[+-]?\d[.,]\d+E\d+")
_DECIMAL: Final = re.compile(r"[A-Z]{0,3}\d+[.,]\d+")
_MONTH: Final = (
    "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEPT?|OCT|NOV|DEC|JANV|FEVR?|FÉVR?|MARS|AVR|MAI|JUIN|JUIL|AOUT|AOÛT|DÉC|ENE|ABR"
    "|AGO|DIC|ЯНВ|ФЕВ|МАР|АПР|МАЙ|ИЮН|ИЮЛ|АВГ|СЕН|ОКТ|НОЯ|ДЕК"
)
_DATE: Final = re.compile(
    rf"(?:\d{{1,2}}[-./ ])?(?:{_MONTH})\.?[-./ ]\d{{1,4}}|\d{{1,2}}[-./ ](?:{_MONTH})\.?(?:[-./ ]\d{{2,4}})?"
    r"|(?:18|19|20)\d\d([-./])\d\d?\1\d\d?(?:[T ].*)?|\d{1,2}([-./])\d{1,2}\2(?:19|20)?\d\d(?: .*)?|.*\d\d?:\d\d.*"
    r"|(?:19|20)\d\d[-./](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])[-./](?:19|20)\d\d"
    r"|\d{4}年\d{1,2}月(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日"
)
_KEPT_DIGITS: Final = (15, 17)
"""Digits that a number in a spreadsheet keeps, and that programs write of it (IEEE 754, double precision)."""
_SHOWN_DIGITS, _SHOWN_FROM = 6, 12
"""Digits that the general format shows of a number of so many digits and more: saved as shown, it ends in zeros."""
_SHORTEST, _LONGEST = 4, 22
"""Letters and digits of a document number; the longest that a zone has room for (ICAO Doc 9303-5)."""
_COUNTING: Final = ("0123456789" * 3, "9876543210" * 3)
_NO_SERIES: Final = re.compile(r"ABC\w*?123\d*|(?:ASDF|QWER|TEST|XXXX)\w*|[A-Z]{0,3}(\w{1,3})\1{2,}")
"""Texts that people type for a number: letters and digits as they follow on the keyboard or in counting, or one
piece again and again."""
_LONG_ENOUGH: Final = 6
"""Signs of a number in which a piece that comes again and again is no chance."""
_NOT_ALONE: Final = re.compile(
    r"[()№]|(?<![^\W_])(?:N[O°º]|NR|NRO|NUM|PPT?|DNI|CIN|OLD|NEW|EXP|AND|OR)(?![^\W_])|^TEST|^X{4}|^[-+./]"
    r"|(?<![^\W_])[^\W\d_]{4,}(?![^\W_])"
    r"|[A-Z0-9]{6,}\s*[/ ]\s*(?:[A-Z0-9]{6,}|\d{1,4}[-./]\d{1,2}[-./]\d{1,4})"
)
"""What stands beside a number and is none: words, brackets, a second number. Series have three letters at most."""
_FEWEST_DIALLED, _MOST_DIALLED = 5, 20
"""Digits of a telephone number: 15 at most with its country (ITU-T E.164), some more with what is dialled before it."""
_PHONES: Final = re.compile(r"[;,/|\n]|\b(?:and|or|et|ou|y|o|и|или|و|أو)\b|ext|доб|poste|[x#]", re.IGNORECASE)
"""What parts several numbers, or a number and its extension."""
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NO_LATIN: Final = re.compile(r"[^\W\d_a-zA-Z]")
_BESIDE_A_NAME: Final = re.compile(r"[^\W\d_]/|,\s*(?!(?:jr|sr|junior|senior|[ivx]+)\b)[^\W\d_]", re.IGNORECASE)
"""A second name behind a stroke or a comma: "Lind/Berg", "Lind, Ava"."""
_FORMER_NAME: Final = re.compile(
    r"(?i:\s(?:née|geb\.|geborene?|a\.?k\.?a\.|alias|formerly|урожд(?:[её]нная|\.))\s)|[^\W\d_] nee [A-Z]"
    r"|[^\W\d_] (?:and|und|et|aka) [^\W\d_]"
)
"""What parts a name from an earlier one, or two people: "Lind née Berg", "Lind and Berg"."""
_REMARK: Final = re.compile(r"\s*[(\[].*[)\]]\s*")
"""A note in place of a name: "(blank)"."""
_NOTED: Final = (
    r"cancell?ed|withdr(?:ew|awn)|(?:un|not )?confirmed|resigned|deceased|re?placed|replacement|substitute|reserve"
    r"|alternate|duplicate|annulée?|retirée?|remplacée?|suppléante?|décédée?|cancelad[oa]|retirad[oa]|suplente|titular"
    r"|fallecid[oa]|отозван\w*|отмен\w*|замен[аеён]\w*|резерв|подтвержд\w*|ملغى|منسحب|بديل|احتياط|取消|候补|替补|撤回"
)
_STANDING: Final = re.compile(
    rf"[(\[]\s*(?:[fmh]|new|old|head|leader|chief|female|male|see \w+|нов(?:ый|ая)|{_NOTED})\s*[)\]]"
    rf"|\s[-\u2013\u2014]\s(?:{_NOTED})\s*$",
    re.IGNORECASE,
)
"""What a list notes about somebody beside the name: "Lind (cancelled)", "Lind - withdrawn"."""
_MAIL: Final = re.compile(r"@|https?:|www\.", re.IGNORECASE)
_TITLE_WORDS: Final = """
mr mrs ms mx dr dra prof professor professeur profesor profesora doctor docteur mme mlle srta phd esq excellency
excellence excelencia ambassador ambassadeur embajador embajadora botschafter senator senadora
dipl г-н г-жа господин госпожа гн гжа проф доктор профессор пані гражданин гражданка превосходительство السيد السيدة
الدكتور الدكتورة د الاستاذ الأستاذ المهندس السفير الوزير المستشار д-р mbe obe cbe dott dottssa sayın smt msc bsc llb llm
"""
_HONOURED: Final = re.compile(
    r"[\u4e00-\u9fff](?:先生|女士|小姐|博士|教授|夫人|様)$|[\uac00-\ud7a3]\s?(?:박사|교수|선생님)$|^(?:นาย|นางสาว|นาง)\S"
    r"|^rt\.? hon\b|\b(?:m\.d|ph\.\s?d|d\.phil|ll\.m)\.?$",
    re.IGNORECASE,
)
_POINTED_TITLE_WORDS: Final = (
    "hon rev eng ing ir mag mgr sr sra fr capt cpt col gen amb adv sen lic maj lt sgt dott гр инж полк ген"
)
_LEADING_TITLE_WORDS: Final = """
miss sir monsieur madame mademoiselle herr frau señor señora senor senora signor signora signore senhor senhora
minister ministre ministro bapak encik shri
"""
"""Titles before a name; alone, or behind another word, they are names."""
_NO_MAILBOXES: Final = """
none noemail nomail na unknown noreply donotreply test xxx xx x tbc tba nobody null nomailbox bounce example
postmaster abuse mailerdaemon name email youremail someone somebody firstlast
yourname firstnamelastname firstname lastname nameofperson asdf qwerty pending applied
"""
_TITLES: Final = frozenset(_TITLE_WORDS.split())
_DOTTED_TITLES: Final = frozenset(_POINTED_TITLE_WORDS.split())
_LEADING_TITLES: Final = frozenset(_LEADING_TITLE_WORDS.split())
_ADDRESS_PLACEHOLDERS: Final = frozenset(_NO_MAILBOXES.split())


def _never(_row: JudgedRow, _column: str, _value: str) -> bool:
    """Stand for a rule that reading a file, or comparing its rows, finds: see ``Nomination.remarks``."""
    return False


def _where(says: Callable[[str], bool]) -> Predicate:
    """Return a predicate that looks at the value alone."""
    return lambda _row, _column, value: says(value)


def _is_scientific(value: str) -> bool:
    return _SCIENTIFIC.fullmatch(value) is not None


def _is_decimal(value: str) -> bool:
    return _DECIMAL.fullmatch(value) is not None


def _is_date(value: str) -> bool:
    return _DATE.fullmatch(value) is not None


def _digits_lost(_row: JudgedRow, _column: str, value: str) -> bool:
    digits = bare(value)
    kept = [*_KEPT_DIGITS, _SHOWN_DIGITS] if len(digits) >= _SHOWN_FROM else _KEPT_DIGITS
    return digits.isdigit() and any(len(digits) > most and not digits[most:].strip("0") for most in kept)


def _zeros_lost(row: JudgedRow, _column: str, value: str) -> bool:
    """Say whether the document prints zeros before the number; the check digits have been verified."""
    given = bare(value)
    if not given or f"0{given}" not in row.nomination.mrz.upper():  # spares the reading of most zones
        return False
    printed = bare(row.zone.number) if row.zone else ""
    return printed != given and printed.lstrip("0") == given.lstrip("0")


def _no_number(row: JudgedRow, _column: str, value: str) -> bool:
    number = bare(value)
    days = [day for day in (row.nomination.birth_date, row.nomination.document_expiry) if day]
    others = {bare(row.nomination.born)[:4], bare(row.nomination.phone).lstrip("0")} - {""}
    others |= {shape for day in days for shape in (f"{day:%Y%m%d}", f"{day:%d%m%Y}".lstrip("0"))}
    return (
        not any(sign in number for sign in "123456789")
        or not _SHORTEST <= len(number) <= _LONGEST
        or len(set(number)) == 1
        or (len(number) > _SHORTEST + 1 and any(number in counting for counting in _COUNTING))
        or (len(number) >= _LONG_ENOUGH and _NO_SERIES.fullmatch(number) is not None)
        or number.lstrip("0") in others
        or value.upper().endswith(f" {row.nomination.document_issuer or '-'}")
        or has_marks(re.sub(r"\d", "", value), _NUMBER_MARKS)
        or _NOT_ALONE.search(value.upper()) is not None
        or _NO_LATIN.search(value) is not None
        or lost_letters(value)
    )


def _nobody(row: JudgedRow, column: str, value: str) -> bool:
    (beside,) = set(NAMES) - {column}
    return is_nobodys_name(value, getattr(row.nomination, beside))


def _odd_in_name(_row: JudgedRow, _column: str, value: str) -> bool:
    shapes = (_BESIDE_A_NAME, _FORMER_NAME, _STANDING)
    beside = any(shape.search(value) for shape in shapes) or bool(_REMARK.fullmatch(value))
    return has_marks(value, _NAME_MARKS) or _MAIL.search(value) is not None or beside or _is_one_letter_again(value)


def _is_one_letter_again(value: str) -> bool:
    letters = "".join(filter(str.isalpha, value.casefold()))
    return len(letters) > 2 and len(set(letters)) == 1 and letters.isascii()  # noqa: PLR2004 -- "Oo" is a name


def _title(_row: JudgedRow, _column: str, value: str) -> bool:
    """Find a title among the words of a name; words that are also names count only first and with their point."""
    words = value.casefold().replace(".", ". ").split()
    bare = [word.strip(".,()") for word in words]
    ranks = _DOTTED_TITLES.issuperset(bare[:2]) and len(words) > 2  # noqa: PLR2004 -- "Maj Gen" before a name
    pointed = words[0].endswith(".") and bare[0] in _DOTTED_TITLES
    honoured = ranks or (len(words) > 1 and (pointed or bare[0] in _LEADING_TITLES))
    return honoured or bare[:2] == ["h", "e"] or bool(_HONOURED.search(value)) or not _TITLES.isdisjoint(bare)


def _mixed_script(_row: JudgedRow, _column: str, value: str) -> bool:
    return not value.isascii() and any(is_mixed_script(word) for word in re.split(r"[\s@.-]+", value))


def _repeated(row: JudgedRow, _column: str, value: str) -> bool:
    """Find the surname in the given names as well: "Anna Lind" in both, or "Lind" beside "Anna Lind"."""
    surname, given = folded(row.nomination.surname).split(), folded(value).split()
    size = len(surname)
    return size > 0 and surname in (given[:size], given[-size:]) and not row.prints_both_names


def _code_unknown(row: JudgedRow, column: str, value: str) -> bool:
    return not is_issued(value) and not row.prints(column, value)


def _several_addresses(_row: JudgedRow, _column: str, value: str) -> bool:
    return value.count("@") > 1 and re.search(r"[\s;,/|<>]", value) is not None


def _no_telephone(row: JudgedRow, _column: str, value: str) -> bool:
    """Say whether *value* is no telephone number; several in one cell are several, and "none" says that there is none.

    >>> _no_telephone(Row(Nomination.model_construct(), date.min), "phone", "8.00123E+11")
    True
    """
    digits = "".join(filter(str.isdecimal, value))
    if not digits and is_placeholder(value):
        return False
    others = {bare(row.nomination.document_number), bare(row.nomination.born)} - {""}
    longest = max((sum(map(str.isdecimal, part)) for part in _PHONES.split(value)), default=0)
    return (
        not len(digits) >= _FEWEST_DIALLED
        or longest > _MOST_DIALLED
        or len(set(digits)) == 1
        or any(digits == counting[start : start + len(digits)] for counting in _COUNTING for start in range(10))
        or bare(value) in others
        or _is_scientific(value.upper())
        or (_YEAR.search(value) is not None and _is_date(value.upper()))
        or _MAIL.search(value) is not None
        or lost_letters(value)
    )


def _no_address(_row: JudgedRow, _column: str, value: str) -> bool:
    return re.sub(r"[-._]", "", value.casefold().partition("@")[0]) in _ADDRESS_PLACEHOLDERS


class Rule(NamedTuple):
    """A rule of plausibility: what follows from it is a question (cure), a referral (human) or a note."""

    name: str
    columns: tuple[str, ...]
    severity: Severity
    source: str
    finds: Predicate
    yields_to_zone: bool = True
    """Not asked about where the document's zone prints the very value."""
    code: ReasonCode = ReasonCode.D06


_CURE, _HUMAN, _NOTE = Severity.CURE, Severity.HUMAN, Severity.NOTE
_PRINTED: Final = "ICAO Doc 9303-3, section 4: what a document prints in this field"

RULES: Final[tuple[Rule, ...]] = (
    Rule("apostrophe_removed", (), _NOTE, "text prefix of spreadsheets (ECMA-376 part 1, quotePrefix)", _never,
         yields_to_zone=False),
    Rule("number_placeholder", _NUMBER, _CURE, "domain.placeholders", _where(is_placeholder)),
    Rule("number_scientific", _NUMBER, _CURE, "general number format of spreadsheets: 12 digits and more",
         _where(_is_scientific)),
    Rule("number_scientific", _NUMBER, _CURE, "numbers that programs write as decimals: 12345678.0",
         _where(_is_decimal)),
    Rule("number_date", _NUMBER, _CURE, "spreadsheets turn MAR04 and 3-4 into dates (HGNC gene names, 2020)",
         _where(_is_date)),
    Rule("number_digits_lost", _NUMBER, _CURE, "IEEE 754: 15 digits in a cell", _digits_lost),
    Rule("number_zeros_lost", _NUMBER, _CURE, _PRINTED, _zeros_lost),
    Rule("number_repeated", _NUMBER, _CURE, "one document, one holder: ICAO Doc 9303-4", _never),
    Rule("number_implausible", _NUMBER, _CURE, _PRINTED, _no_number),
    Rule("number_shorter", _NUMBER, _HUMAN, "numbers of one series are equally long; zeros get lost in cells", _never,
         code=ReasonCode.D04),
    Rule("name_decoded", _WRITTEN, _CURE, "HTML 5 entities, JSON and URL escapes", _never, yields_to_zone=False),
    Rule("name_garbled", _WRITTEN, _CURE, "ftfy: UTF-8 read in another encoding",
         _where(is_garbled), yields_to_zone=False),
    Rule("name_letters_lost", _WRITTEN, _CURE, "Unicode 3.9: U+FFFD; ? of legacy encodings",
         _where(lost_letters), yields_to_zone=False),
    Rule("name_placeholder", NAMES, _CURE, "domain.placeholders", _nobody),
    Rule("name_marks", _WRITTEN, _CURE, "ICAO Doc 9303-3, section 4.6: no digits and signs in names", _odd_in_name),
    Rule("name_title", NAMES, _CURE, "ICAO Doc 9303-3, section 4.6: titles are no part of the name", _title),
    Rule("name_mixed_script", (*NAMES, "email"), _CURE, "Unicode TR39, section 5: letters that look alike",
         _mixed_script),
    Rule("name_repeated", ("given_names",), _CURE, _PRINTED, _repeated),
    Rule("code_unknown", _CODES, _CURE, "ISO 3166-1 alpha-3 and ICAO Doc 9303-3, section 5", _code_unknown),
    Rule("email_several", ("email",), _CURE, "RFC 5322, section 3.4.1: one address", _several_addresses),
    Rule("email_placeholder", ("email",), _CURE, "RFC 2142 and practice: mailboxes that nobody reads", _no_address),
    Rule("email_shared", ("email",), _HUMAN, "letters to a person go to the person", _never, code=ReasonCode.D08),
    Rule("phone_implausible", ("phone",), _CURE, "ITU-T E.164: digits of a telephone number", _no_telephone,
         yields_to_zone=False),
    Rule("day_other_calendar", ("birth_date", "document_expiry", "arrival", "departure", "pledge_accepted_on"), _CURE,
         "ISO 8601: the common calendar", _never),
)  # fmt: skip
"""In order: the first that a column meets is told. No column but a name's has several values beside codes."""


_OF_VALUES: Final = tuple(rule for rule in RULES if rule.finds is not _never)


def implausible(nomination: Nomination, *, on: date) -> Iterator[Finding]:
    """Yield a finding for each rule of :data:`RULES` that a column meets; *on* settles the century of a zone."""
    row = JudgedRow(nomination, on)
    met: defaultdict[str, list[str]] = defaultdict(list)
    rules: dict[str, Rule] = {}
    for column, rule in _met(row):
        met[rule.name].append(column)
        rules[rule.name] = rule
    for name, columns in met.items():
        rule = rules[name]
        yield Finding(rule=name, code=rule.code, severity=rule.severity, fields=tuple(columns))


def _met(row: JudgedRow) -> Iterator[tuple[str, Rule]]:
    told: set[str] = set()
    remarked = {(remark.field, remark.rule) for remark in row.nomination.remarks}
    for rule in RULES if remarked else _OF_VALUES:
        columns = rule.columns or tuple(column for column, name in remarked if name == rule.name)
        for column in columns:
            if column in told or not (remarked or row.values(column)):
                continue
            if _meets(row, rule, column, remarked=(column, rule.name) in remarked):
                if rule.severity is not Severity.NOTE:
                    told.add(column)
                yield column, rule


def _meets(row: JudgedRow, rule: Rule, column: str, *, remarked: bool) -> bool:
    """Say whether *column* meets *rule*: by a remark of whoever read it, or by what stands there."""
    if column in row.nomination.unreadable:
        return remarked
    values = row.values(column)
    odd = values if remarked and rule.finds is _never else [value for value in values if rule.finds(row, column, value)]
    return any(not (rule.yields_to_zone and row.prints(column, sign)) for sign in odd)
