"""How dates, numbers and paragraphs look in a language: the filters that letters may use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from babel.units import format_unit

_LOCALES: Final = {"en": "en_150", "ar": "ar_001"}
"""CLDR's regional variants for a readership of many countries: day before month, 24 hours, digits 0-9."""

_BETWEEN: Final = {"ar": "، ", "zh": " "}
"""What stands between day and time, where it is no comma."""

_COMMA: Final = {"ar": "، ", "zh": "、"}
"""What divides the members of a list, where it is no comma."""

_RIGHT_TO_LEFT: Final = "rtl"
_PLAIN_TOKEN: Final = re.compile(r"[A-Za-z](?:[A-Za-z0-9._@+-]*[A-Za-z0-9])?")
_WIDTH: Final = 76
_WIDE: Final = re.compile(r"[\u3000-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff60]")
"""Characters that take two columns."""
_CLOSING: Final = "，。、；：！？）」』】》”’%"
_OPENING: Final = "（「『【《“‘"
_BREAKS: Final = re.compile(
    rf"(?<=[\u3000-\u30ff\u3400-\u9fff\uff01-\uff60”])(?<![{_OPENING}])(?![{_CLOSING}])(?=.)"
    rf"|(?<=[A-Za-z0-9)\]])(?=[\u3400-\u9fff（「《])"
)
_SPACES: Final = re.compile(r"[ \t\r\n]+")  # a space that may not break is none of them


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return the CLDR locale in which *language* writes dates; English where CLDR does not know it."""
    try:
        return Locale.parse(_LOCALES.get(language, language))
    except (ValueError, UnknownLocaleError):
        return Locale.parse(_LOCALES["en"])


def direction(language: str) -> str:
    """Return ``rtl`` or ``ltr``."""
    return _RIGHT_TO_LEFT if locale_of(language).text_direction == _RIGHT_TO_LEFT else "ltr"


@lru_cache(maxsize=4096)  # letters of one day name the same moments
def moment(at: datetime, language: str, timezone: str) -> str:
    """Return *at* as weekday, date, time and offset from UTC in *timezone*.

    >>> from datetime import UTC
    >>> moment(datetime(2027, 3, 31, 16, tzinfo=UTC), "en", "Etc/GMT-2")
    'Wednesday, 31 March 2027, 18:00 (UTC+02:00)'
    """
    local = at.astimezone(ZoneInfo(timezone))
    locale = locale_of(language)
    clock = format_time(local, "HH:mm", locale=locale)
    comma = _BETWEEN.get(language, ", ")
    return f"{format_date(local, 'full', locale=locale)}{comma}{clock} ({_offset(local)})"


@lru_cache(maxsize=4096)
def day(at: date, language: str, timezone: str) -> str:
    """Return the day of *at*, a moment in *timezone* or a day anywhere, without a time."""
    local = at.astimezone(ZoneInfo(timezone)) if isinstance(at, datetime) else at
    return format_date(local, "long", locale=locale_of(language))


@lru_cache(maxsize=4096)
def number(count: int, language: str) -> str:
    """Return *count* with the language's separators."""
    return format_decimal(count, locale=locale_of(language))


def span(count: int, unit: str, language: str) -> str:
    """Return a length of time in words; *unit* is ``day`` or ``hour``.

    >>> span(2, "day", "ru")
    '2 дня'
    """
    return format_unit(count, f"duration-{unit}", locale=locale_of(language))


def listed(names: Sequence[str], language: str) -> str:
    """Return *names* in a row."""
    return _COMMA.get(language, ", ").join(names)


def isolated(value: object) -> object:
    """Return *value*, if it is text, between isolates (UAX #9): its direction then moves nothing around it.

    Codes and addresses need none, and stay as they can be copied.
    """
    if not isinstance(value, str) or not value or _PLAIN_TOKEN.fullmatch(value):
        return value
    return f"\u2068{value}\u2069"


def _offset(local: datetime) -> str:
    text = local.strftime("%z")
    return f"UTC{text[:3]}:{text[3:5]}"


def wrapped(text: str, indent: str = "") -> str:
    """Return *text* in lines of at most 76 columns; addresses and words without spaces stay whole.

    Chinese and Japanese, which divide no words, are broken between characters, two columns each, and never before a
    mark that closes or after one that opens (as UAX #14 has it).
    """
    # Every letter passes here some dozen times; textwrap takes ten times as long.
    is_short = len(text) <= _WIDTH // 2 or (len(text) <= _WIDTH and not _WIDE.search(text))
    if is_short and text.isprintable() and "  " not in (short := text.strip(" ")) and short:
        return text.rstrip(" ")
    pieces = list(_pieces(text))
    if not pieces:
        return ""
    lines = [text[: len(text) - len(text.lstrip(" "))] + pieces[0][1]]
    room = _WIDTH - columns(lines[0])
    for gap, piece in pieces[1:]:
        if (wide := columns(gap + piece)) <= room:
            lines[-1], room = lines[-1] + gap + piece, room - wide
        else:
            lines.append(indent + piece)
            room = _WIDTH - columns(lines[-1])
    return "\n".join(lines)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of *text* between which a line may end, each after what stands before it within a line."""
    for word in filter(None, _SPACES.split(text)):
        gap = " "
        for piece in _BREAKS.split(word) if _WIDE.search(word) else (word,):
            yield gap, piece
            gap = ""


def columns(text: str) -> int:
    """Return how many columns *text* takes where characters have one width: Chinese ones take two."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))
