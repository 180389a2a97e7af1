"""Dates as people write them: read where only one day can be meant, asked back otherwise, never guessed."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Final

from domain.intake.folding import plain, western_digits
from domain.words import all_words

_MIDNIGHT: Final = re.compile(r"[T ]00:00(:00(\.0+)?)?Z?$")
_THREE_NUMBERS: Final = re.compile(r"^(\d{1,4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,4})\.?$")
_CHINESE: Final = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})[日号]?$")
_ISO_COMPACT: Final = re.compile(r"^\d{8}$")
_ORDINAL: Final = re.compile(r"(?<=\d)(st|nd|rd|th|er|º|ª|-?го)\b")
_AROUND: Final = frozenset({"de", "del", "of", "the", "г", "года", "le", "el"})
_SHORTEST_MONTH: Final = 3


def read_date(text: str) -> date | None:
    """Return the one day that *text* can mean, or None where it means none, or could mean two.

    ISO 8601 and any other order with the year first; day, month, year with points, which no locale of the Unicode
    CLDR writes the other way round; with strokes or hyphens only where one of the numbers cannot be a month, or
    both are the same; months spelled out or cut short in the languages of :data:`domain.words.LANGUAGES`.
    A year has four digits: two do not tell the century.

    >>> read_date("17/05/1985"), read_date("03/04/2027"), read_date("3 avril 2027")
    (datetime.date(1985, 5, 17), None, datetime.date(2027, 4, 3))
    """
    written = _MIDNIGHT.sub("", western_digits(text).strip())
    try:
        if _ISO_COMPACT.match(written):
            return _day(int(written[:4]), int(written[4:6]), int(written[6:]))
        if numbers := _CHINESE.match(written.replace(" ", "")):
            return _day(*(int(part) for part in numbers.groups()))
        if numbers := _THREE_NUMBERS.match(written):
            return _from_numbers(numbers[1], numbers[3], numbers[4], separator=numbers[2])
        return _spelled(written)
    except ValueError:
        return None


def _from_numbers(first: str, second: str, third: str, *, separator: str) -> date | None:
    one, two, three = int(first), int(second), int(third)
    if len(first) == 4:  # noqa: PLR2004 -- a year
        return _day(one, two, three) if len(third) <= 2 else None  # noqa: PLR2004 -- a day
    if len(third) != 4 or len(first) > 2:  # noqa: PLR2004 -- a year and a day
        return None
    readings = {day for day in (_maybe(three, two, one), _maybe(three, one, two)) if day}
    if separator == ".":
        return _maybe(three, two, one)
    return readings.pop() if len(readings) == 1 else None


def _spelled(text: str) -> date | None:
    words = [word for word in plain(_ORDINAL.sub("", text.casefold())).split() if word not in _AROUND]
    numbers = [word for word in words if word.isdigit()]
    month = _month(" ".join(word for word in words if not word.isdigit()))
    years = [word for word in numbers if len(word) == 4]  # noqa: PLR2004 -- a year
    days = [word for word in numbers if len(word) <= 2]  # noqa: PLR2004 -- a day
    if month is None or len(years) != 1 or len(days) != 1 or len(numbers) != 2:  # noqa: PLR2004 -- day and year
        return None
    return _day(int(years[0]), month, int(days[0]))


def _month(word: str) -> int | None:
    """Return the month that *word* begins in any language, or None where there is no such, or more than one."""
    months = _months()
    if word in months:
        return months[word]
    if len(word) < _SHORTEST_MONTH:
        return None
    begun = {number for name, number in months.items() if name.startswith(word)}
    return begun.pop() if len(begun) == 1 else None


@cache
def _months() -> dict[str, int]:
    """Return the numbers of the months by name, comparable, in every language."""
    return {
        plain(name): number
        for words in all_words()
        for number, names in enumerate(words.months, start=1)
        for name in names
    }


def _day(year: int, month: int, day: int) -> date:
    return date(year, month, day)


def _maybe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
