"""What is printed on a badge."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from babel.dates import format_date
from pydantic import Field, StringConstraints

from domain.credentials.claims import printable_name
from domain.values import Frozen, LanguageCode, Serial
from notifications.badge.scripts import Writing, writing_of

_JPEG: Final = b"\xff\xd8\xff"
_WHITE, _INK = "#ffffff", "#15202b"
_LEAST_CONTRAST: Final = 4.5
"""WCAG 2.2, 1.4.3: white lettering is used where it reaches this ratio, dark lettering elsewhere."""

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
Line = Annotated[str, StringConstraints(max_length=160)]


class BadgeWords(Frozen):
    """The printed words around the facts, in the election's language."""

    organisation: Line = "Organisation"
    region: Line = "Region"
    valid: Line = "Valid"
    serial: Line = "Serial number"
    notice: Line = "Valid only with identity document"
    title: Line = "Observer badge"
    photo: Line = "Photograph of the holder"
    code: Line = "Code for checking the credential"


class Badge(Frozen):
    """One badge. Names are data: nothing in them is read as a command by the typesetter.

    ``native_name`` is left out where it repeats the passport name or where no font here can set its script; for that
    officers are warned, see ``scripts.unshown_script``.
    """

    passport_name: str = Field(min_length=1, max_length=160, repr=False)
    native_name: str = Field(default="", max_length=160, repr=False)
    native_language: LanguageCode | None = None
    role: Line
    colour: Colour = "#0b5c8a"
    organisation: Line
    region: Line = "All regions"
    region_notice: Line = ""
    valid_from: date
    valid_until: date
    serial: Serial
    issuer: Line
    election: Line
    token: str = Field(repr=False)
    photo: bytes | None = Field(default=None, repr=False)
    words: BadgeWords = BadgeWords()
    language: LanguageCode = "en"

    def __str__(self) -> str:
        """Name the badge by its serial; nothing personal."""
        return f"badge {self.serial}"

    @property
    def native_writing(self) -> Writing | None:
        """How the native name is set, or None when it is not printed."""
        name = printable_name(self.native_name)
        if name.casefold() in {"", printable_name(self.passport_name).casefold()}:
            return None
        return writing_of(name, self.native_language)

    @property
    def has_usable_photo(self) -> bool:
        """Whether there is a JPEG to print; see ``photo.printed_photo``."""
        return self.photo is not None and self.photo.startswith(_JPEG)

    @property
    def validity(self) -> str:
        """First and last day, in the badge's language."""
        first, last = (format_date(day, "d MMM y", locale=self.language) for day in (self.valid_from, self.valid_until))
        return f"{first} – {last}"

    @property
    def ink(self) -> str:
        """The lettering on the role colour."""
        return _WHITE if _contrast_with_white(self.colour) >= _LEAST_CONTRAST else _INK


def _contrast_with_white(colour: str) -> float:
    """Return the contrast ratio of WCAG 2.2 (relative luminance of sRGB)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]  # noqa: PLR2004 -- the constants of IEC 61966-2-1
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
