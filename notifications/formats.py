"""How dates, numbers and paragraphs look in a language: the filters that letters may use."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

_LOCALES: Final = {"en": "en_150", "ar": "ar_001"}
"""CLDR's regional variants for a readership of many countries: day before month, 24 hours, digits 0-9."""

_BETWEEN: Final = {"ar": "، ", "zh": " "}
"""What stands between day and time, where it is no comma."""

_RIGHT_TO_LEFT: Final = "rtl"
_WIDTH: Final = 76
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


def _offset(local: datetime) -> str:
    text = local.strftime("%z")
    return f"UTC{text[:3]}:{text[3:5]}"


def wrapped(text: str, indent: str = "") -> str:
    """Return *text* in lines of at most 76 characters; addresses and words without spaces stay whole."""
    # Every letter passes here some dozen times; textwrap takes ten times as long.
    if len(text) <= _WIDTH and text.isprintable() and "  " not in (short := text.strip(" ")) and short:
        return text.rstrip(" ")
    words = [word for word in _SPACES.split(text) if word]
    if not words:
        return ""
    lines = [text[: len(text) - len(text.lstrip(" "))] + words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= _WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(indent + word)
    return "\n".join(lines)
