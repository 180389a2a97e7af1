"""What a machine-readable zone was read as: values, a verdict for each field, and findings that warn."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from pydantic import Field

from domain.identity.layouts import MrzField, MrzFormat
from domain.numbers import number_of
from domain.values import Frozen


class FieldCheck(StrEnum):
    """How one field stands: a missing field is no error, and a wrong digit refuses nobody."""

    OK = "OK"
    MISMATCH = "MISMATCH"
    ABSENT = "ABSENT"
    UNREADABLE = "UNREADABLE"


class NumberRule(StrEnum):
    """Where the document number's digit was found; issuers differ on the filler (Doc 9303-5 section 4.2.4)."""

    WITHIN_FIELD = "within its field"
    LONG = "continued, filler left out"
    LONG_WITH_FILLER = "continued, filler counted"


class Sex(StrEnum):
    """The sex a document states; the MRZ prints a filler for unspecified.

    The visual zone prints X for it (Doc 9303-4 section 4.1.1.1), and some issuers do so in the MRZ: it is read alike.
    """

    FEMALE = "F"
    MALE = "M"
    UNSPECIFIED = "<"

    @classmethod
    def _missing_(cls, value: object) -> Sex | None:
        return cls.UNSPECIFIED if value == "X" else None


SEXES: Final = frozenset({*(sex.value for sex in Sex), "X"})
"""What can stand in the place of the sex."""


class FieldVerdict(Frozen):
    """The verdict on one field; for ``MISMATCH`` the digit printed and the digit that belongs there."""

    field: MrzField
    verdict: FieldCheck
    found: str | None = None
    computed: str | None = None


class FindingCode(StrEnum):
    """What can be noticed about a zone; each warns, none refuses."""

    UNRECOGNISED = "mrz_unrecognised"
    CHECK_DIGIT = "mrz_check_digit"
    DIGIT_ABSENT = "mrz_digit_absent"
    UNREADABLE = "mrz_unreadable"
    NOT_A_DATE = "mrz_not_a_date"
    UNKNOWN_STATE = "mrz_unknown_state"
    SPECIMEN_STATE = "mrz_specimen_state"
    DOCUMENT_CODE = "mrz_document_code"
    NOTHING_STATED = "mrz_nothing_stated"
    LINES_SWAPPED = "mrz_lines_swapped"


_WORDS = {
    FindingCode.UNRECOGNISED: "The lines fit no known format; check their number and their lengths.",
    FindingCode.CHECK_DIGIT: "The check digit does not belong to what is printed; compare with the document.",
    FindingCode.DIGIT_ABSENT: "The check digit is missing, so this field cannot be checked.",
    FindingCode.UNREADABLE: "A character cannot stand here; compare with the document.",
    FindingCode.NOT_A_DATE: "This is no date of the calendar.",
    FindingCode.UNKNOWN_STATE: "The code is neither in ISO 3166-1 nor in ICAO Doc 9303.",
    FindingCode.SPECIMEN_STATE: "The code is the one of specimens; no real document carries it.",
    FindingCode.DOCUMENT_CODE: "The document code does not belong to this format.",
    FindingCode.NOTHING_STATED: "A document always states this; here it is empty.",
    FindingCode.LINES_SWAPPED: "The lines came in another order than they are printed in; they were put in order.",
}


class MrzFinding(Frozen):
    """One thing an officer may want to look at, without any personal value in it."""

    code: FindingCode
    field: MrzField | None = None

    @property
    def words(self) -> str:
        """Return the sentence for an officer."""
        return _WORDS[self.code]


class Suggestion(Frozen):
    """What the zone may have said: offered only where every check digit then fits, never put in its place."""

    lines: tuple[str, ...] = Field(repr=False)
    changed: tuple[MrzField, ...]

    def __str__(self) -> str:
        return f"a reading that fits, differing in {', '.join(self.changed)}"


class Mrz(Frozen):
    """A machine-readable zone as given, what it says, and what is odd about it.

    ``issuer`` and ``nationality`` come without fillers. ``birth_printed`` and ``expiry_printed`` are YYMMDD as
    printed, fillers included; the dates are ``None`` where those six characters name no day. ``names_may_be_cut``:
    a name fills its field, so that comparison must be by prefix.
    """

    format: MrzFormat
    lines: tuple[str, ...] = Field(repr=False)
    document_code: str = ""
    issuer: str = ""
    number: str = Field(default="", repr=False)
    number_rule: NumberRule = NumberRule.WITHIN_FIELD
    nationality: str = ""
    birth_date: date | None = Field(default=None, repr=False)
    birth_printed: str = Field(default="", repr=False)
    sex: Sex | None = Field(default=None, repr=False)
    expiry: date | None = Field(default=None, repr=False)
    expiry_printed: str = Field(default="", repr=False)
    surname: str = Field(default="", repr=False)
    given_names: str = Field(default="", repr=False)
    names_may_be_cut: bool = False
    optional: tuple[str, ...] = Field(default=(), repr=False)
    verdicts: tuple[FieldVerdict, ...] = ()
    findings: tuple[MrzFinding, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()

    def __str__(self) -> str:
        return f"{self.format} zone with {number_of(len(self.findings), 'findings')}"

    @property
    def is_recognised(self) -> bool:
        """Say whether the lines fit a format at all."""
        return self.format is not MrzFormat.UNRECOGNISED

    @property
    def digits_fit(self) -> bool:
        """Say whether the zone was recognised and no field is unreadable or contradicts its check digit."""
        wrong = {FieldCheck.MISMATCH, FieldCheck.UNREADABLE}
        return self.is_recognised and not any(field.verdict in wrong for field in self.verdicts)

    @property
    def is_clear(self) -> bool:
        """Say whether there is nothing to look at."""
        return not self.findings

    def verdict(self, field: MrzField) -> FieldVerdict:
        """Return the verdict on *field*; a field this format does not have is ``ABSENT``."""
        absent = FieldVerdict(field=field, verdict=FieldCheck.ABSENT)
        return next((verdict for verdict in self.verdicts if verdict.field is field), absent)
