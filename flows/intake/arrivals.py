"""Which files arrived, from whom and when."""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from domain.errors import BadInputError

_TURNS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A nominations file as it reached the office."""

    path: Path
    organisation: str = ""
    received_at: datetime | None = None
    only_files: bool = False
    """Its rows were taken in before; only photographs and documents that came since are taken from it."""


def readable(name: str) -> str:
    """Return a file's *name* without what no report, letter or terminal can show: bytes that are no text, and codes.

    Nor what turns letters around (UAX 9): a name would end otherwise than it is shown.
    """
    return "".join(
        "_" if unicodedata.category(letter) in {"Cc", "Cs"} or letter in _TURNS else letter for letter in name
    )


def arrivals(path: Path, *, organisation: str, received_at: datetime | None) -> list[Arrival]:
    """Return the files that *path* means: itself, or what a folder's ``received.csv`` lists, in order of receipt.

    Raises :class:`BadInputError` for a list that cannot be read.
    """
    manifest = path / "received.csv"
    if not manifest.is_file():
        return [Arrival(path, organisation, received_at)]
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as lines:
            return _in_order(
                [
                    Arrival(path / row["file"], row["organisation"], _moment(row.get("received_at")))
                    for row in csv.DictReader(lines)
                ]
            )
    except (OSError, UnicodeDecodeError, KeyError, ValueError) as error:
        raise BadInputError(
            "received.csv", "is no list of files with the columns file, organisation, received_at.",
            remedy="Correct it: times as 2027-03-01T09:30+02:00.",
        ) from error  # fmt: skip


def _in_order(found: list[Arrival]) -> list[Arrival]:
    """Return *found* by its moments, where all have one: a later file corrects an earlier one, not the reverse."""
    moments = [arrival.received_at for arrival in found]
    if not all(moment and moment.tzinfo for moment in moments):
        return found
    return sorted(found, key=lambda arrival: arrival.received_at or datetime.min.replace(tzinfo=UTC))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
