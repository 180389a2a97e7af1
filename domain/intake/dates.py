"""Dates as people write them: read where only one day can be meant, asked back otherwise, never guessed."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Final

from babel import Locale

from domain.intake.folding import plain, western_digits
from domain.words import all_words

_MIDNIGHT: Final = re.compile(r"[T ]00:00(:00(\.0+)?)?Z?$")
_THREE_NUMBERS: Final = re.compile(r"^(\d{1,4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,4})\.?$")
_CHINESE: Final = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})[日号]?$")
_UNKNOWN: Final = re.compile(r"^(?:[0Xx<?*_·.-]{1,2}|\?\?|--)$")
"""What stands for a day or a month that a document does not print (00, XX, <<)."""
_IN_ZONE: Final = re.compile(r"^(\d{2})(\d{2}|<<)<<$")
_YEAR_MONTH: Final = re.compile(r"^(\d{4})[-/.\s年]\s?(\d{1,2})月?$|^(\d{1,2})[-/.\s]\s?(\d{4})$")
_THREE_PARTS: Final = re.compile(r"^([^\s/.-]{1,4}|--)\s?([-/.\s])\s?([^\s/.-]{1,2}|--)\s?\2\s?([^\s/.-]{1,4}|--)$")
_ISO_COMPACT: Final = re.compile(r"^\d{8}$")
_ORDINAL: Final = re.compile(r"(?<=\d)(st|nd|rd|th|er|º|ª|-?го)\b")
_AROUND: Final = frozenset({"de", "del", "of", "the", "г", "года", "le", "el"})
_GLUED: Final = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
_SHORTEST_MONTH: Final = 3
_MORE_LANGUAGES: Final = ("de", "it", "nl", "pt", "sv", "tr", "uk")
"""Beside those of forms; in none of them does a month bear the name of another one here."""


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


def read_period(text: str) -> str:
    """Return the year, or the year and month, that *text* states in place of a whole day; else an empty text.

    As documents print it (ICAO Doc 9303-3, section 4.7: unknown parts are fillers), and as people copy it.

    >>> read_period("1970"), read_period("00.05.1970"), read_period("XX/XX/1970"), read_period("70<<<<")
    ('1970', '1970-05', '1970', '1970')
    """
    written = western_digits(text).strip().removesuffix("年")
    if re.fullmatch(r"(?!0000)\d{4}[<0]{0,4}", written) and written[4:] in {"", "<<<<", "0000"}:
        return written[:4]
    if zone := _IN_ZONE.match(written):
        return _period(_century(int(zone[1])), zone[2])
    if pair := _YEAR_MONTH.match(written):
        return _period(int(pair[1] or pair[4]), pair[2] or pair[3])
    if parts := _THREE_PARTS.match(written):
        return _from_parts([parts[1], parts[3], parts[4]])
    return _spelled_period(written)


def _century(year: int) -> int:
    """Return the year of somebody who can be an adult; 0 where two centuries can be meant."""
    return 1900 + year if year > 30 else 2000 + year if year < 10 else 0  # noqa: PLR2004 -- ages of observers


def _from_parts(parts: list[str]) -> str:
    if len(parts[0]) == 4:  # noqa: PLR2004 -- a year
        parts.reverse()
    day, month, year = parts
    if not _UNKNOWN.match(day) or not re.fullmatch(r"\d{4}", year):
        return ""
    return _period(int(year), month)


def _period(year: int, month: str) -> str:
    """Return year and month, the year alone where the month is unknown, or nothing where there is no such."""
    if not year or _UNKNOWN.match(month):
        return f"{year:04d}" if year else ""
    return f"{year:04d}-{int(month):02d}" if month.isdigit() and 1 <= int(month) <= 12 else ""  # noqa: PLR2004


def _spelled_period(text: str) -> str:
    words = [word for word in plain(text).split() if word not in _AROUND]
    years = [word for word in words if re.fullmatch(r"\d{4}", word)]
    month = _month(" ".join(word for word in words if not word.isdigit()))
    return _period(int(years[0]), str(month)) if len(years) == 1 and month and len(words) == 2 else ""  # noqa: PLR2004


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
    parted = _GLUED.sub(" ", _ORDINAL.sub("", text.casefold()))
    words = [word for word in plain(parted).split() if word not in _AROUND]
    numbers = [word for word in words if word.isdigit()]
    month = _month_of([word for word in words if not word.isdigit()])
    years = [word for word in numbers if len(word) == 4]  # noqa: PLR2004 -- a year
    days = [word for word in numbers if len(word) <= 2]  # noqa: PLR2004 -- a day
    if month is None or len(years) != 1 or len(days) != 1 or len(numbers) != 2:  # noqa: PLR2004 -- day and year
        return None
    return _day(int(years[0]), month, int(days[0]))


def _month_of(words: list[str]) -> int | None:
    """Return the month that *words* name, together or each by itself: passports print MAY/MAI."""
    if month := _month(" ".join(words)):
        return month
    named = {_month(word) for word in words}
    return named.pop() if len(named) == 1 else None


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
    """Return the numbers of the months by name, comparable, in every language and some more (Unicode CLDR)."""
    more = (Locale.parse(language).months["format"]["wide"].items() for language in _MORE_LANGUAGES)
    return {plain(name): number for months in more for number, name in months} | {
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
