"""Days of other calendars, as people copy them from their documents: found, and the common day worked out beside.

Nothing here is taken for what the sender means: the day goes back as a suggestion.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

from hijridate import Hijri

from domain.intake.folding import plain, western_digits

_EARLIEST, _LATEST = date(1900, 1, 1), date(2100, 1, 1)
"""Between these a day of anybody's birth, stay or document lies."""
_NUMBERS: Final = re.compile(r"\d+")
_YEAR_DIGITS: Final = 4
_PERSIAN: Final = (
    "فروردین farvardin", "اردیبهشت ordibehesht", "خرداد khordad", "تیر tir", "مرداد mordad امرداد", "شهریور shahrivar",
    "مهر mehr", "آبان aban", "آذر azar", "دی dey", "بهمن bahman", "اسفند esfand",
)  # fmt: skip
_HIJRI: Final = (
    "محرم muharram", "صفر safar", "ربیعالاول rabialawwal ربيعالاول ربيعاول", "ربيعالثاني rabialthani ربيعالاخر",
    "جماديالاولي jumadaalula جماديالاول", "جماديالاخره jumadaalthani جماديالثانيه جماديالثاني", "رجب rajab",
    "شعبان shaban", "رمضان ramadan", "شوال shawwal", "ذوالقعده dhualqadah ذيالقعده", "ذوالحجه dhualhijjah ذيالحجه",
)  # fmt: skip
_ETHIOPIC: Final = (
    "መስከረም meskerem", "ጥቅምት tikimt", "ኅዳር hidar ህዳር", "ታኅሣሥ tahsas ታህሳስ", "ጥር tir", "የካቲት yekatit", "መጋቢት megabit",
    "ሚያዝያ miyazya", "ግንቦት ginbot", "ሰኔ sene", "ሐምሌ hamle", "ነሐሴ nehase", "ጳጉሜን pagume ጳጉሜ",
)  # fmt: skip
_ERAS: Final = (("民国", 1911), ("民國", 1911), ("令和", 2018), ("平成", 1988), ("昭和", 1925), ("大正", 1911))
"""Years of an era begin with 1 (Republic of China; eras of Japan, law on era names 1979)."""
_ERA: Final = re.compile(rf"({'|'.join(name for name, _ in _ERAS)})(\d{{1,3}}|元)年(\d{{1,2}})月(\d{{1,2}})[日號]?")


def persian_day(year: int, month: int, day: int) -> date:
    """Return the day of the Solar Hijri calendar; raises ValueError where there is none.

    The cycle of 33 years (ICU, persncal.cpp): equal to the astronomical rule for the years 1206 to 1498 at least.
    """
    last = 31 if month <= 6 else 30  # noqa: PLR2004 -- the first half of the year
    if not (1 <= month <= 12 and 1 <= day <= last):  # noqa: PLR2004 -- months
        raise ValueError(month, day)
    before = 31 * (month - 1) if month <= 7 else 30 * (month - 1) + 6  # noqa: PLR2004 -- as above
    found = date(622, 3, 21) + timedelta(365 * (year - 1) + (8 * year + 21) // 33 + before + day - 1)
    if month == 12 and found >= persian_day(year + 1, 1, 1):  # noqa: PLR2004 -- a thirtieth in leap years only
        raise ValueError(month, day)
    return found


def ethiopic_day(year: int, month: int, day: int) -> date:
    """Return the day of the Ethiopian calendar: months of 30 days and a thirteenth of five or six; raises ValueError.

    Reckoned from 29 August 8 of the Julian calendar (Reingold and Dershowitz, Calendrical Calculations, chapter 4).
    """
    last = 30 if month <= 12 else 5 + (year % 4 == 3)  # noqa: PLR2004 -- the short month
    if not (1 <= month <= 13 and 1 <= day <= last):  # noqa: PLR2004 -- months
        raise ValueError(month, day)
    return date.fromordinal(2795 + 365 * (year - 1) + year // 4 + 30 * (month - 1) + day)


def hijri_day(year: int, month: int, day: int) -> date:
    """Return the day of the Umm al-Qura calendar (1343 to 1500); raises ValueError or OverflowError."""
    return date(*Hijri(year, month, day).to_gregorian().datetuple())


def buddhist_day(year: int, month: int, day: int) -> date:
    """Return the day of the Thai solar calendar: 543 years ahead since 1941; raises ValueError."""
    return date(year - 543, month, day)


_Calendar = Callable[[int, int, int], date]
_BY_YEAR: Final[tuple[tuple[range, _Calendar], ...]] = (
    (range(1280, 1480), persian_day),
    (range(1318, 1500), hijri_day),
    (range(2443, 2644), buddhist_day),
)
_BY_MARK: Final[tuple[tuple[re.Pattern[str], _Calendar], ...]] = (
    (re.compile(r"ه\.?\s?ش|شمسی|\bAP\b|\bS\.?H\.?\b|jalali|خورشیدی", re.IGNORECASE), persian_day),
    (re.compile(r"هـ|هجري|قمري|\bA\.?H\.?\b|hijri", re.IGNORECASE), hijri_day),
    (re.compile(r"พ\.?ศ\.?|\bB\.?E\.?\b|พุทธ", re.IGNORECASE), buddhist_day),
    (re.compile(r"ዓ\.?\s?ም|\bE\.?C\.?\b|ethiopian", re.IGNORECASE), ethiopic_day),
)  # fmt: skip


def common_days(text: str) -> tuple[date, ...]:
    """Return the days of the common calendar that *text* can mean in another one; none where it is in none.

    >>> common_days("1365/05/31"), common_days("17/05/2528"), common_days("1985-05-17")
    ((datetime.date(1986, 8, 22),), (datetime.date(1985, 5, 17),), ())
    """
    written = western_digits(text)
    found = dict.fromkeys(day for day in _readings(written) if day and _EARLIEST < day < _LATEST)
    return tuple(found)


def _readings(text: str) -> Iterator[date | None]:
    if era := _ERA.search("".join(text.split())):
        years = 1 if era[2] == "元" else int(era[2])
        yield _maybe(date, dict(_ERAS)[era[1]] + years, int(era[3]), int(era[4]))
        return
    numbers = [int(part) for part in _NUMBERS.findall(text)]
    if named := list(_named(text, numbers)):
        yield from named
        return
    if (parts := _year_first(text)) is None:
        return
    marked = [calendar for mark, calendar in _BY_MARK if mark.search(text)][:1]
    by_year = [calendar for years, calendar in _BY_YEAR if parts[0] in years]
    thirteenth = [ethiopic_day] if parts[1] == 13 else []  # noqa: PLR2004 -- no other calendar here has it
    for calendar in marked or thirteenth or by_year:
        yield _maybe(calendar, *parts)


def _named(text: str, numbers: list[int]) -> Iterator[date | None]:
    """Yield the days whose month is written in words: two numbers, a day and a year, in either order."""
    word = "".join(letter for letter in plain(text) if letter.isalpha())
    if len(numbers) != 2:  # noqa: PLR2004 -- day and year
        return
    day, year = sorted(numbers)
    for months, calendar in ((_PERSIAN, persian_day), (_HIJRI, hijri_day), (_ETHIOPIC, ethiopic_day)):
        for number, names in enumerate(months, start=1):
            if any(word.startswith(plain(name).replace(" ", "")) for name in names.split()):
                yield _maybe(calendar, year, number, day)


def _year_first(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day of three numbers of which one end has four digits."""
    parts = _NUMBERS.findall(text)
    if len(parts) == 1 and len(parts[0]) == len("YYYYMMDD"):
        parts = [parts[0][:4], parts[0][4:6], parts[0][6:]]
    if len(parts) != 3:  # noqa: PLR2004 -- year, month, day
        return None
    if len(parts[2]) == _YEAR_DIGITS:
        parts.reverse()
    return (int(parts[0]), int(parts[1]), int(parts[2])) if len(parts[0]) == _YEAR_DIGITS else None


def _maybe(calendar: _Calendar, year: int, month: int, day: int) -> date | None:
    try:
        return calendar(year, month, day)
    except (ValueError, OverflowError):
        return None
