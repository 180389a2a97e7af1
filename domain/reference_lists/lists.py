"""Reading reference lists: own CSV, FollowTheMoney JSON lines, OpenSanctions ``targets.simple.csv``.

A list is read from its bytes and named by their hash; the engine ships none. What a row gets wrong is reported with
its row and field, and the other rows are taken.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Final, cast

from pydantic import Field, ValidationError

from domain.errors import BadInputError
from domain.reference_lists.people import PeopleTable, joined, read_people, several, text_of
from domain.screening.birth import birth_date
from domain.screening.subject import ListEntry, ReferenceList
from domain.values import Frozen


class ListFormat(StrEnum):
    """The formats that can be read."""

    CSV = "csv"
    FOLLOW_THE_MONEY = "ftm"
    OPENSANCTIONS_SIMPLE = "targets.simple"


class RowFault(Frozen):
    """What is wrong with one row (1-based, the heading counted), without the value itself."""

    row: int
    field: str
    problem: str
    remedy: str


class ListTerms(Frozen):
    """What the operator declares of a list; without a legal basis nobody may be compared with it."""

    list_id: str
    owner: str
    legal_basis: str
    valid_from: date | None = None
    valid_until: date | None = None


class LoadedList(Frozen):
    """A list ready for an index, and the rows that could not be taken."""

    reference: ReferenceList
    entries: tuple[ListEntry, ...] = Field(repr=False)
    faults: tuple[RowFault, ...]
    ignored: tuple[str, ...] = ()
    """Headings of columns that were not read."""

    @property
    def samples(self) -> tuple[ListSample, ...]:
        """The first, the middle and the last entry, masked: what was taken as what."""
        places = sorted({0, len(self.entries) // 2, len(self.entries) - 1})
        return tuple(ListSample.of(self.entries[place]) for place in places)


class ListSample(Frozen):
    """What a list says of one entry, masked: how many words a name has shows whether all of it was read."""

    name: str
    birth_date: str
    country: str

    @classmethod
    def of(cls, entry: ListEntry) -> ListSample:
        """Return *entry* with the first letter of each word, and the century."""
        return cls(
            name=" ".join(f"{word[0]}…" for word in entry.names[0].split()),
            birth_date=", ".join(f"{date[:2]}…" for date in entry.birth_dates),
            country=", ".join(entry.countries),
        )


def load_list(
    content: bytes,
    *,
    terms: ListTerms,
    list_format: ListFormat | None = None,
    agreed: Mapping[str, str] | None = None,
) -> LoadedList:
    """Return the list read from *content* (UTF-8); the format is recognised where it is not given.

    *agreed* says what headings of our own CSV mean (heading → field). Raises BadInputError for a list without owner
    or legal basis, one that is not UTF-8, one whose columns are missing or not understood, and one in which no row
    can be taken.
    """
    reference = _reference(content, terms=terms)
    place = f"list {terms.list_id}"
    text = text_of(content, place=place)
    list_format = list_format or recognised_format(text)
    table = read_people(text, place=place, agreed=agreed) if list_format is ListFormat.CSV else None
    taken = _from_csv(table, terms.list_id) if table else _READERS[list_format](text, terms.list_id)
    entries, faults = _gathered(taken, place=place)
    ignored = table.headings.ignored if table else ()
    return LoadedList(reference=reference, entries=entries, faults=faults, ignored=ignored)


def _gathered(taken: Taken, *, place: str) -> tuple[tuple[ListEntry, ...], tuple[RowFault, ...]]:
    """Return the entries by their ids, and what is wrong with the other rows."""
    entries: dict[str, ListEntry] = {}
    faults: list[RowFault] = []
    try:
        for row, found in taken:
            if isinstance(found, RowFault):
                faults.append(found)
            elif found.subject_id in entries:
                faults.append(_fault(row, "id", "the id stands in an earlier row too.", "Make ids unique."))
            else:
                entries[found.subject_id] = found
    except csv.Error as error:
        raise BadInputError(place, f"it is not CSV: {error}.", remedy="Save it as CSV anew.") from error
    if not entries:
        remedy = faults[0].remedy if faults else "Check that the file is the right one."
        raise BadInputError(place, "no row can be used.", remedy=remedy)
    return tuple(entries.values()), tuple(faults)


def recognised_format(text: str) -> ListFormat:
    """Return the format that the beginning of *text* shows; anything else is our own CSV."""
    first = text.lstrip().split("\n", 1)[0]
    if first.startswith("{"):
        return ListFormat.FOLLOW_THE_MONEY
    columns = {column.strip().strip('"').lower() for column in first.split(",")}
    return ListFormat.OPENSANCTIONS_SIMPLE if {"id", "schema", "name", "aliases"} <= columns else ListFormat.CSV


def _reference(content: bytes, *, terms: ListTerms) -> ReferenceList:
    place = f"list {terms.list_id}"
    if not terms.legal_basis.strip():
        remedy = "Name the law or resolution that allows comparing observers with it."
        raise BadInputError(place, "it has no legal basis and is not loaded.", remedy=remedy)
    if not terms.owner.strip():
        raise BadInputError(place, "it has no owner.", remedy="Name the authority that keeps the list.")
    digest = hashlib.sha256(content).hexdigest()
    try:
        return ReferenceList(version_hash=digest, **terms.model_dump())
    except ValidationError as error:
        remedy = "Use up to 64 letters, digits, dots, hyphens and underscores."
        raise BadInputError(place, "its id cannot be used.", remedy=remedy) from error


def _fault(row: int, field: str, problem: str, remedy: str) -> RowFault:
    return RowFault(row=row, field=field, problem=problem, remedy=remedy)


Taken = Iterator[tuple[int, ListEntry | RowFault]]


def _from_csv(table: PeopleTable, list_id: str) -> Taken:
    for row in table.rows:
        fields = {"names": row.names, **{name: row.fields.get(field, ()) for name, field in _FIELDS.items()}}
        if row.problem:
            problem, remedy = row.problem.split(". ", maxsplit=1)
            yield row.number, _fault(row.number, "row", f"{problem}.", remedy)
        else:
            note = ", ".join(row.fields["note"])
            yield from _entry(row.number, list_id=list_id, entry_id=row.entry_id, fields=fields, note=note)


def _from_simple(text: str, list_id: str) -> Taken:
    """Read OpenSanctions' simplified targets (https://www.opensanctions.org/docs/bulk/csv/); people only."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for row in reader:
        if row.get("schema") == "Person":
            # Identifiers stand as numbers with remarks; only what looks like a number is kept.
            numbers = (re.sub(r"\(.*\)", "", text).strip() for text in several(row.get("identifiers") or ""))
            fields = {
                "names": (row.get("name") or "", *several(row.get("aliases") or "")),
                "birth_dates": several(row.get("birth_date") or ""),
                "countries": several(row.get("countries") or ""),
                "documents": tuple(number for number in numbers if re.search(r"\d{4}", number)),
            }
            note = row.get("dataset") or ""
            entry_id = row.get("id") or ""
            yield from _entry(reader.line_num, list_id=list_id, entry_id=entry_id, fields=fields, note=note)


def _from_follow_the_money(text: str, list_id: str) -> Taken:
    """Read FollowTheMoney entities (https://followthemoney.tech), one JSON object a line; people only."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entity = json.loads(line)
            properties = cast("Mapping[str, Sequence[str]]", entity.get("properties", {}))
            if entity.get("schema") == "Person":
                yield from _from_entity(number, entity, list_id=list_id, properties=properties)
        except (ValueError, AttributeError, TypeError):
            yield number, _fault(number, "line", "it is not a FollowTheMoney entity.", "Write one JSON object a line.")


def _from_entity(
    number: int, entity: Mapping[str, Any], *, list_id: str, properties: Mapping[str, Sequence[str]]
) -> Taken:
    def values(*names: str) -> tuple[str, ...]:
        return tuple(str(value) for name in names for value in properties.get(name, ()))

    fields = {
        "names": values("name", "alias", "previousName") or _in_parts(values) or (str(entity.get("caption", "")),),
        "birth_dates": values("birthDate"),
        "countries": values("nationality", "citizenship", "country"),
        "documents": values("passportNumber", "idNumber"),
    }
    note = ", ".join(values("topics"))
    yield from _entry(number, list_id=list_id, entry_id=str(entity.get("id", "")), fields=fields, note=note)


def _in_parts(values: Callable[..., tuple[str, ...]]) -> tuple[str, ...]:
    """Return the name of an entity that gives it in parts only."""
    given = values("firstName", "secondName", "middleName", "fatherName")
    return tuple(filter(None, (joined(" ".join(given), " ".join(values("lastName"))),)))


def _entry(row: int, *, list_id: str, entry_id: str, fields: Mapping[str, tuple[str, ...]], note: str) -> Taken:
    """Return the entry and what is wrong with its row; a date that cannot be read does not hide a person."""
    if not entry_id.strip():
        yield row, _fault(row, "id", "it is empty.", "Give every row an id of its own.")
        return
    names = tuple(name for name in fields["names"] if any(letter.isalnum() for letter in name))
    if not names:
        yield row, _fault(row, "name", "it has no letters.", "Give the person's name.")
        return
    dates = tuple(text for text in fields["birth_dates"] if birth_date(text) is not None)
    if len(dates) < len(fields["birth_dates"]):
        problem = "it is not a date; the entry was taken without it."
        yield row, _fault(row, "birth_date", problem, "Write YYYY-MM-DD, YYYY-MM or YYYY.")
    kept = dict(fields) | {"names": names, "birth_dates": dates}
    yield row, ListEntry.model_validate(kept | {"list_id": list_id, "subject_id": entry_id.strip(), "note": note})


_FIELDS: Final = {"birth_dates": "birth_date", "countries": "country", "documents": "document"}
_READERS: Final = {
    ListFormat.OPENSANCTIONS_SIMPLE: _from_simple,
    ListFormat.FOLLOW_THE_MONEY: _from_follow_the_money,
}
