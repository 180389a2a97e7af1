"""The words in which form and document are compared."""

from __future__ import annotations

from enum import StrEnum


class ComparisonOutcome(StrEnum):
    """Whether two statements agree; ``ABSENT`` where one side makes none that can be compared."""

    SAME = "SAME"
    COMPATIBLE = "COMPATIBLE"
    DIFFERENT = "DIFFERENT"
    ABSENT = "ABSENT"


class Reason(StrEnum):
    """Why statements that are not letter for letter the same have the outcome they have."""

    NOT_STATED = "not stated on one side"
    UNREADABLE = "cannot be read in the zone"
    SCRIPT = "written in a script that cannot be compared"
    OTHER_CODE = "another code for the same"
    PARTLY_UNKNOWN = "partly unknown in the document"
    STATES_NO_NATIONALITY = "the document's code names no nationality"
    CHECK_DIGIT_INCLUDED = "the check digit was typed with the number"
    LOOK_ALIKE = "differs in look-alike characters only"
    CENTURY = "differs in the century only"
    DAY_AND_MONTH_SWAPPED = "day and month are swapped"
    SPELLING = "another allowed transliteration"
    CUT = "cut to fit the document"
    ORDER = "in another order"
    TITLE = "a title stands on one side"
    MISSING_NAME = "a given name stands on one side only"
    FAMILY_NAME = "a further family name stands on one side only"
