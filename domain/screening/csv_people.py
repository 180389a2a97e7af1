"""People from CSV tables, with the column names that such files usually have."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Final

from domain.errors import BadInputError
from domain.screening.subject import Subject

_ALIASES: Final[Mapping[str, str]] = {
    "rec_id": "id", "entry_id": "id", "full_name": "name", "date_of_birth": "birth_date", "birthdate": "birth_date",
    "dob": "birth_date", "nationality": "country", "countries": "country", "passport": "document",
    "identifiers": "document", "other_names": "aliases", "postal_code": "postcode",
}  # fmt: skip


def rows_of(text: str, *, place: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV text with their numbers, columns by their usual names; needs ``id`` and a name.

    Raises BadInputError where there is no ``id`` column, nor one of ``name``, ``given_name`` and ``surname``.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=False)
    heading = [column.strip().lower().replace(" ", "_") for column in next(reader, list[str]())]
    heading = [_ALIASES.get(column, column) for column in heading]
    if "id" not in heading or not ({"name", "surname", "given_name"} & set(heading)):
        problem = f"the columns are {', '.join(heading) or 'missing'}."
        raise BadInputError(place, problem, remedy="The first line must name the columns: at least id and name.")
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                row = dict(zip(heading, (cell.strip() for cell in cells), strict=False))
                row["name"] = row.get("name") or " ".join(filter(None, (row.get("given_name"), row.get("surname"))))
                yield reader.line_num, row
    except csv.Error as error:
        raise BadInputError(f"{place}, line {reader.line_num}", f"{error}.", remedy="Save it as CSV anew.") from error


def several(text: str) -> tuple[str, ...]:
    """Return the values of a cell that may hold several, parted by semicolons."""
    return tuple(part.strip() for part in text.split(";") if part.strip())


def text_of(content: bytes, *, place: str) -> str:
    """Return *content* as text; raises BadInputError where it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInputError(f"{place}, line {line}", "it is not UTF-8.", remedy="Save it as CSV UTF-8.") from error


def subject_of(row: Mapping[str, str], *, number: int) -> Subject | str:
    """Return the person of a row (*number* is its line), or what keeps the row from being used.

    A date of birth that cannot be read stays in ``birth_dates`` and takes no part in any comparison.
    """
    if not row.get("id"):
        return f"line {number}: the id is empty. Give every row an id."
    if not any(letter.isalnum() for letter in row["name"]):
        return f"line {number}: the name has no letters. Give the person's name."
    return Subject(
        subject_id=row["id"],
        names=(row["name"], *several(row.get("aliases", ""))),
        birth_dates=several(row.get("birth_date", "")),
        countries=several(row.get("country", "")),
        documents=several(row.get("document", "")),
        contacts=(*several(row.get("email", "")), *several(row.get("phone", ""))),
        places=several(row.get("postcode", "")),
    )
