"""E-mail addresses: read, normalised, and warned about, without asking any network."""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import StrEnum
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email
from pydantic import Field

from domain.values import Frozen, masked


class ContactProblem(StrEnum):
    """What can be noticed about an address."""

    EMAIL_INVALID = "email_invalid"
    EMAIL_MIXED_SCRIPT = "email_mixed_script"


class EmailReport(Frozen):
    """An address as typed, as it is written to, and as it is compared; both empty if it cannot be one."""

    typed: str = Field(repr=False)
    normalised: str = Field(default="", repr=False)
    compared: str = Field(default="", repr=False)
    problems: tuple[ContactProblem, ...] = ()

    def __str__(self) -> str:
        return masked(self.typed)


_LONGEST: Final = 320
"""Characters of the longest address that can be written to (RFC 5321: 64 + 1 + 255)."""


def check_email(typed: str) -> EmailReport:
    """Return *typed* read by the rules of RFC 5321, 6531 and 5891; no domain is looked up."""
    address = typed.strip()
    try:
        read = validate_email(address[: _LONGEST + 1], check_deliverability=False)
    except EmailNotValidError:
        return EmailReport(typed=typed, problems=(ContactProblem.EMAIL_INVALID,))
    mixed = any(is_mixed_script(label) for label in re.split(r"[@.]", read.normalized))
    return EmailReport(
        typed=typed,
        normalised=read.normalized,
        compared=read.normalized.casefold(),
        problems=(ContactProblem.EMAIL_MIXED_SCRIPT,) if mixed else (),
    )


class _Script(StrEnum):
    LATIN = "Latin"
    GREEK = "Greek"
    CYRILLIC = "Cyrillic"
    ARMENIAN = "Armenian"
    CHEROKEE = "Cherokee"
    LISU = "Lisu"
    OTHER = "other"


# First code points of stretches of Unicode, each of the script beside it until the next begins.
_STARTS: Final = (
    (0x0000, _Script.OTHER),
    (0x0041, _Script.LATIN),
    (0x005B, _Script.OTHER),
    (0x0061, _Script.LATIN),
    (0x007B, _Script.OTHER),
    (0x00C0, _Script.LATIN),
    (0x0250, _Script.OTHER),
    (0x0370, _Script.GREEK),
    (0x0400, _Script.CYRILLIC),
    (0x0530, _Script.ARMENIAN),
    (0x0590, _Script.OTHER),
    (0x13A0, _Script.CHEROKEE),
    (0x1400, _Script.OTHER),
    (0x1C80, _Script.CYRILLIC),
    (0x1C90, _Script.OTHER),
    (0x1D00, _Script.LATIN),
    (0x1DC0, _Script.OTHER),
    (0x1E00, _Script.LATIN),
    (0x1F00, _Script.GREEK),
    (0x2000, _Script.OTHER),
    (0x2DE0, _Script.CYRILLIC),
    (0x2E00, _Script.OTHER),
    (0xA4D0, _Script.LISU),
    (0xA500, _Script.OTHER),
    (0xA640, _Script.CYRILLIC),
    (0xA6A0, _Script.OTHER),
    (0xA720, _Script.LATIN),
    (0xA800, _Script.OTHER),
    (0xAB70, _Script.CHEROKEE),
    (0xABC0, _Script.OTHER),
)
_PLACES: Final = [start for start, _ in _STARTS]


def is_mixed_script(label: str) -> bool:
    """Say whether *label* mixes Latin, Greek, Cyrillic or others whose letters look alike; other mixtures are usual."""
    if label.isascii():
        return False
    scripts = {_script(letter) for letter in label if letter.isalpha()}
    return len(scripts - {_Script.OTHER}) > 1


def _script(letter: str) -> _Script:
    return _STARTS[bisect_right(_PLACES, ord(letter)) - 1][1]


@lru_cache(maxsize=4096)
def is_usable(email: str) -> bool:
    """Whether letters can be addressed to *email*; judged once by form alone: every letter of a case asks again."""
    return bool(email) and ContactProblem.EMAIL_INVALID not in check_email(email).problems
