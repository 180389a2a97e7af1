"""The two-digit years of travel documents."""

from __future__ import annotations

from datetime import date
from typing import Final

_CENTURY: Final = 100


def birth_date(printed: str, *, on: date) -> date | None:
    """Return the day that YYMMDD names: in the latest century that is not in the future on *on*.

    ``None`` where parts are unknown (fillers) or no such day exists.
    """
    this_century = on.year - on.year % _CENTURY
    candidates = (_day(printed, century=this_century - back * _CENTURY) for back in (0, 1))
    return next((day for day in candidates if day is not None and day <= on), None)


def expiry_date(printed: str) -> date | None:
    """Return the day that YYMMDD names in this century: a document outlives no other (practice of issuers)."""
    return _day(printed, century=2000)


def _day(printed: str, *, century: int) -> date | None:
    if len(printed) != len("YYMMDD") or not (printed.isascii() and printed.isdigit()):
        return None
    try:
        return date(century + int(printed[:2]), int(printed[2:4]), int(printed[4:]))
    except ValueError:
        return None
