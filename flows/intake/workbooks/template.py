"""The workbook that organisations fill in: drop-downs, a note on each column and an example, in their language."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from domain.application.nomination import COLUMNS, USUAL_COLUMNS, Nomination
from domain.application.roles import USUAL_ROLES, Role
from domain.election.profile import ElectionProfile
from domain.errors import BadInputError
from domain.intake.rows import cells_of
from domain.words import LANGUAGES, SORTS, all_words, words_in
from notifications.workbooks import is_like_a_formula, timeless, writable

_ALWAYS: Final = frozenset({"surname", "given_names", "role"})
_ROWS: Final = 2000
"""Rows with drop-downs."""
HIDDEN_LISTS: Final = "Lists"
"""The hidden sheet of a workbook to mend; that of a form bears a name in its language."""
_HEAD: Final = PatternFill("solid", fgColor="DDE6F0")
_MUST: Final = PatternFill("solid", fgColor="FBE5C8")
_BOLD: Final = Font(bold=True)
_WRAPPED: Final = Alignment(wrap_text=True, vertical="top")
_EXAMPLE: Final = Nomination(
    reference="1",
    role=Role.SHORT_TERM_OBSERVER,
    surname="LINDENGARD",
    given_names="AVA MARIT",
    native_name="Ava Marit Lindengård",
    sex="F",
    birth_date=date(1985, 5, 17),
    nationalities=("XAA",),
    document_number="K1234567",
    document_issuer="XAA",
    mrz="",
    email="ava.lindengard@mission.example",
    phone="+999 555 0100",
    languages=("en", "fr"),
    conflict_declared=False,
    gain_from_contestant=False,
    family_tie=False,
    paid_by_host=False,
    excluded_before=False,
    disclosure="",
    funded_by="The sending organisation",
    stay_together=False,
)


@cache
def example_sheets() -> frozenset[str]:
    """Return what the sheet with the example is called, in every language."""
    return frozenset(words.sheets["example"] for words in all_words())


@cache
def own_sheets() -> frozenset[str]:
    """Return what the sheets that hold nobody's nomination are called, in every language."""
    return example_sheets() | {HIDDEN_LISTS} | {words.sheets["choices"] for words in all_words()}


def languages_of(profile: ElectionProfile) -> tuple[str, ...]:
    """Return the profile's languages in which a form can be written, else English."""
    return tuple(language for language in profile.languages if language in LANGUAGES) or ("en",)


def template(profile: ElectionProfile, language: str) -> bytes:
    """Return the empty form in *language*; raises :class:`BadInputError` for a language that no form is in."""
    if language not in LANGUAGES:
        raise BadInputError("--language", f"there is no form in {language[:8]!r}.", remedy=f"{', '.join(LANGUAGES)}.")
    return form(profile, language, ())


def form(profile: ElectionProfile, language: str, rows: Iterable[Mapping[str, str]]) -> bytes:
    """Return the form in *language* with *rows* filled in (column → text); the same bytes for the same content."""
    book = Workbook()
    names = words_in(language).sheets
    sheet = book.worksheets[0]
    sheet.title = names["nominations"]
    example, lists = book.create_sheet(names["example"]), book.create_sheet(names["choices"])
    required = required_columns(profile)
    for page in (sheet, example):
        head_form(page, language, required, profile=profile)
    _fill(sheet, rows)
    _fill(example, [_example(profile, language)])
    offer_choices(sheet, lists, language, profile)
    written = io.BytesIO()
    book.save(written)
    return timeless(written.getvalue())


def _example(profile: ElectionProfile, language: str) -> dict[str, str]:
    """Return somebody who does not exist, with every day where one of *profile*'s election would be."""
    day = profile.election.day
    person = _EXAMPLE.revised(
        letter_language=profile.languages[0],
        document_expiry=day.replace(day=1, year=day.year + 4),
        arrival=day - timedelta(days=5),
        departure=day + timedelta(days=4),
        pledge_accepted_on=day - timedelta(days=30),
    )
    return cells_of(person, language) | {"photo": "1-photo.jpg", "identity_page": "1-page.pdf"}


def required_columns(profile: ElectionProfile) -> frozenset[str]:
    """Return the columns that must be filled, those of files that some people must send among them."""
    files = {document.kind.value for document in profile.documents} & {"photo", "identity_page"}
    return _ALWAYS | set(profile.required_fields) | files


def head_form(
    sheet: Worksheet, language: str, required: frozenset[str], *, profile: ElectionProfile, first: int = 1
) -> None:
    """Write the form's titles with their notes into the first row, from column number *first* on."""
    words = words_in(language)
    sheet.sheet_view.rightToLeft = language == "ar"
    sheet.freeze_panes = "A2"
    for number, column in enumerate(COLUMNS if profile.asks_details else USUAL_COLUMNS, start=first):
        must = column in required
        remark = f"{words.note(column)} ({words.notes['required' if must else 'optional']})"
        head_column(sheet, number, words.titles[column], remark, fill=_MUST if must else _HEAD)


def head_column(sheet: Worksheet, number: int, name: str, remark: str, *, fill: PatternFill = _HEAD) -> None:
    """Write the title of one column with its note."""
    cell = sheet.cell(1, number, name)
    cell.font = _BOLD
    cell.fill = fill
    cell.alignment = _WRAPPED
    cell.comment = Comment(remark, "", height=80, width=260)
    letter = get_column_letter(number)
    sheet.column_dimensions[letter].width = 18
    # Text, so that no spreadsheet turns codes into numbers or days into what its user is used to.
    sheet.column_dimensions[letter].number_format = "@"


def write_text(cell: Cell | MergedCell, text: str) -> None:
    """Write *text* as text: never a formula, a number or a day."""
    cell.value = writable(text)  # pyright: ignore[reportAttributeAccessIssue]  # sheets written here merge no cells
    cell.data_type = "s"
    cell.number_format = "@"
    if is_like_a_formula(text):
        cell.quotePrefix = True  # pyright: ignore[reportAttributeAccessIssue]  # as above


def _fill(sheet: Worksheet, rows: Iterable[Mapping[str, str]]) -> None:
    for number, cells in enumerate(rows, start=2):
        for place, column in enumerate(COLUMNS, start=1):
            if text := cells.get(column, ""):
                write_text(sheet.cell(number, place), text)


def offer_choices(
    sheet: Worksheet, lists: Worksheet, language: str, profile: ElectionProfile, *, first: int = 1
) -> None:
    """Give the columns with choices their drop-downs, which the hidden sheet *lists* holds."""
    lists.sheet_state = "hidden"
    words = words_in(language)
    offered = {column: tuple(words.choices_of(column).values()) for column, sort in SORTS.items() if sort == "choice"}
    offered["letter_language"] = profile.languages
    own = (role for role in profile.known_roles if role not in USUAL_ROLES)
    offered["role"] = (*offered["role"], *(profile.role_word(role, language) for role in own))
    for number, (column, choices) in enumerate(offered.items(), start=1):
        place = get_column_letter(list(COLUMNS).index(column) + first)
        _list(sheet, lists, place, choices, number=number, warning=words.note("role"))


def _list(sheet: Worksheet, lists: Worksheet, place: str, words: Sequence[str], *, number: int, warning: str) -> None:
    for row, word in enumerate(words, start=1):
        lists.cell(row, number, word)
    letter = get_column_letter(number)
    offer = DataValidation(
        type="list",
        formula1=f"{quote_sheetname(lists.title)}!${letter}$1:${letter}${len(words)}",
        allow_blank=True,
        # A warning that can be passed: other words are known too.
        showErrorMessage=True,
        errorStyle="warning",
        error=warning,
    )
    offer.add(f"{place}2:{place}{_ROWS}")
    sheet.add_data_validation(offer)
