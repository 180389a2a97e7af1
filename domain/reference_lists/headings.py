"""What the columns of a table of people mean, and how a person's names are put together from them.

Lists and queries are read as nominations files are: by what stands over the columns, in many languages. What looks like
a name and is not understood stops the run, for half a name finds nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.errors import BadInputError
from domain.intake.columns import meaning
from domain.intake.folding import plain
from domain.intake.name_columns import NameColumn, NamePart, looks_like_name, name_column

FIELDS: Final = ("id", "birth_date", "country", "document", "email", "phone", "postcode", "note")
"""What a column may hold beside names."""

_ALIASES: Final[Mapping[str, str]] = {
    plain(heading).replace(" ", ""): field
    for field, headings in {
        "id": "id|rec id|record id|entry id|person id|subject id|uid|uuid|identifier|unique id|ent num",
        "birth_date": "birth date|date of birth|birthdate|dob|year of birth|birth year|yob|dates of birth|birth dates"
        "|born|born on|geburtsdatum|geboren am|geburtstag|geburtsjahr|data di nascita|data de nascimento|geboortedatum"
        "|data urodzenia|datum narození|dátum narodenia|datum rođenja|datum rojstva|doğum tarihi|дата народження"
        "|дата на раждане|datum rođenja|датум рођења|data nașterii|születési dátum|születési idő|syntymäaika"
        "|födelsedatum|fødselsdato|tanggal lahir|tarikh lahir|ngày sinh|tarehe ya kuzaliwa|تاریخ تولد|تاریخ پیدائش"
        "|תאריך לידה|ημερομηνία γέννησης|생년월일|生年月日|วันเกิด|जन्म तिथि|année de naissance|année naissance"
        "|año de nacimiento|год рождения|سنة الميلاد|سال تولد|出生年份",
        "country": "country|countries|nationality|nationalities|citizenship|citizenships|country code|nationality code",
        "document": "document|documents|passport|passports|identifiers|passport number|passport no"
        "|document number|id number",
        "email": "email|mail|e mail",
        "phone": "phone|telephone|mobile",
        "postcode": "postcode|postal code|zip|zip code",
        "note": "note|notes",
    }.items()
    for heading in headings.split("|")
}  # fmt: skip
_OF_NOMINATIONS: Final[Mapping[str, str]] = {
    "reference": "id", "birth_date": "birth_date", "nationality": "country", "document_number": "document",
    "email": "email", "phone": "phone",
}  # fmt: skip
_NAMES_OF_NOMINATIONS: Final[Mapping[str, NamePart]] = {
    "surname": NamePart.SURNAME, "given_names": NamePart.GIVEN, "native_name": NamePart.ALIAS,
}  # fmt: skip
_AGREED_NAMES: Final[Mapping[str, NamePart]] = {
    "name": NamePart.NAME, "surname": NamePart.SURNAME, "second_surname": NamePart.SECOND_SURNAME,
    "particle": NamePart.PARTICLE,
    "given_names": NamePart.GIVEN, "middle_name": NamePart.MIDDLE, "father": NamePart.ANCESTOR,
    "other_surname": NamePart.OTHER_SURNAME, "alias": NamePart.ALIAS, "": NamePart.NOT_A_NAME,
}  # fmt: skip
AGREEABLE: Final = (*filter(None, _AGREED_NAMES), *FIELDS)
"""What may be said of a column whose heading is not understood."""

SAY: Final = (
    "Rename it (name, surname, second surname, given names, middle name, alias), say what it is with"
    " --column 'HEADING=surname', or that it is none with --column 'HEADING='."
)
_PAIRED: Final = (NamePart.SURNAME, NamePart.GIVEN)


@dataclass(frozen=True, slots=True)
class Headings:
    """What stands over each column: a field, a part of a name, or nothing that is read."""

    fields: Mapping[str, tuple[int, ...]]
    names: tuple[tuple[int, NameColumn], ...]
    ignored: tuple[str, ...]
    width: int

    def places(self, part: NamePart) -> tuple[int, ...]:
        """Return the columns of *part*, numbered ones in the order of their numbers."""
        found = sorted((column.number, place) for place, column in self.names if column.part is part)
        return tuple(place for _, place in found)

    @property
    def known(self) -> int:
        """How many columns are understood."""
        return len(self.names) + len(self.fields)


def read_headings(cells: Sequence[str], *, place: str, agreed: Mapping[str, str] | None = None) -> Headings:
    """Return what the first line of a table means; *agreed* (heading → field, empty: not read) goes before everything.

    Raises BadInputError where there is no id or no name, where only half of a name is there, and for a heading that
    looks like a name and is not understood.
    """
    found = _headings(cells, agreed or {})
    unclear = [name for name in found.ignored if _is_unclear(name, agreed or {})]
    if unclear:
        said = " and ".join(f"“{name[:60]}”" for name in unclear[:5])
        raise BadInputError(place, f"{said} looks like a part of a name and is not understood.", remedy=SAY)
    _refuse_incomplete(found, cells, place)
    return found


def headings_known(cells: Sequence[str]) -> int:
    """Return how many of *cells* are headings that are understood."""
    return _headings(cells, {}).known


def _headings(cells: Sequence[str], agreed: Mapping[str, str]) -> Headings:
    fields: dict[str, tuple[int, ...]] = {}
    names: list[tuple[int, NameColumn]] = []
    ignored: list[str] = []
    said = {plain(heading): field for heading, field in agreed.items()}
    for place, cell in enumerate(cells):
        found = _agreed(said[plain(cell)]) if plain(cell) in said else _meaning(cell)
        if isinstance(found, str):
            fields[found] = (*fields.get(found, ()), place)
        elif found and found.part is not NamePart.NOT_A_NAME:
            names.append((place, found))
        elif cell.strip():
            ignored.append(cell.strip())
    return Headings(fields, tuple(names), tuple(ignored), len(cells))


def _agreed(field: str) -> str | NameColumn:
    return NameColumn(_AGREED_NAMES[field]) if field in _AGREED_NAMES else field


def _meaning(heading: str) -> str | NameColumn | None:
    """Return the field or the part of a name that *heading* stands over."""
    dense = plain(heading).replace(" ", "")
    if dense in _ALIASES:
        return _ALIASES[dense]
    if (column := name_column(heading)) is not None:
        return column
    means = meaning(heading)
    if isinstance(means, tuple):
        return NameColumn(NamePart.NAME) if "surname" in means else None
    if means in _NAMES_OF_NOMINATIONS:
        return NameColumn(_NAMES_OF_NOMINATIONS[means])
    return _OF_NOMINATIONS.get(means)


def _is_unclear(heading: str, agreed: Mapping[str, str]) -> bool:
    said = {plain(name) for name in agreed}
    return plain(heading) not in said and name_column(heading) is None and looks_like_name(heading)


def _refuse_incomplete(found: Headings, cells: Sequence[str], place: str) -> None:
    shown = ", ".join(cell.strip()[:60] for cell in cells if cell.strip()) or "missing"
    parts = Counter(column.part for _, column in found.names if not column.number)
    if len(found.fields.get("id", ())) != 1 or not found.names:
        remedy = "The first line must name the columns: at least id and name, or id, surname and given names."
        raise BadInputError(place, f"the columns are {shown}.", remedy=remedy)
    halves = [part for part in _PAIRED if found.places(part)]
    if not halves and not found.places(NamePart.NAME):
        problem = f"there is no name, only what stands beside one; the columns are {shown}."
        raise BadInputError(place, problem, remedy=SAY)
    if len(halves) == 1 and not found.places(NamePart.NAME):
        problem = f"of the names there are only the {halves[0]}; the columns are {shown}."
        raise BadInputError(place, problem, remedy=f"Where it is the whole name, call it name. {SAY}")
    if len({parts[part] for part in halves}) > 1 and max(parts[part] for part in halves) > 1:
        problem = f"a part of the name comes several times; the columns are {shown}."
        raise BadInputError(place, problem, remedy="Number further parts (surname 2), or call other spellings alias.")
