"""The catalogue of reasons. A profile maps each code to its own legal ground, or leaves it off."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class ReasonCode(StrEnum):
    """Why something is asked for (D), refused (R), taken back (V), given up (W) or put off (X).

    There is no code "other": a new ground is a change of the profile, published like any other rule.
    """

    D01 = "D01"
    D02 = "D02"
    D03 = "D03"
    D04 = "D04"
    D05 = "D05"
    D06 = "D06"
    D07 = "D07"
    D08 = "D08"
    R01 = "R01"
    R02 = "R02"
    R03 = "R03"
    R04 = "R04"
    R05 = "R05"
    R06 = "R06"
    R07 = "R07"
    R08 = "R08"
    R09 = "R09"
    R10 = "R10"
    V01 = "V01"
    V02 = "V02"
    V03 = "V03"
    V04 = "V04"
    V05 = "V05"
    W01 = "W01"
    X01 = "X01"

    @property
    def is_deficiency(self) -> bool:
        """Whether the organisation can mend it within the cure period."""
        return self.value.startswith("D")

    @property
    def is_refusal(self) -> bool:
        """Whether it can found a refusal."""
        return self.value.startswith("R")


ASKED: Final = (ReasonCode.D01, ReasonCode.D02, ReasonCode.D03, ReasonCode.D05, ReasonCode.D06)
"""What intake finds by itself and asks to be mended, by letters that cite the ground; officers ask for the others."""

MEANING: Final[Mapping[ReasonCode, str]] = MappingProxyType(
    {
        ReasonCode.D01: "A required document is missing",
        ReasonCode.D02: "A document cannot be read, or shows the wrong page",
        ReasonCode.D03: "The travel document expires too early",
        ReasonCode.D04: "Form and document differ",
        ReasonCode.D05: "The photograph does not meet the rules",
        ReasonCode.D06: "The form, its signature or the pledge is missing, incomplete or in the wrong form",
        ReasonCode.D07: "Papers of the nominating organisation are missing",
        ReasonCode.D08: "A clarification is needed (conflict of interest, affiliation, double nomination)",
        ReasonCode.R01: "Filed after the deadline",
        ReasonCode.R02: "Still incomplete when the cure period ended",
        ReasonCode.R03: "The nominating organisation is not eligible or was not invited",
        ReasonCode.R04: "A national of the host state proposed as an international observer",
        ReasonCode.R05: "Covered by a published exclusion policy",
        ReasonCode.R06: "Holds an incompatible function",
        ReasonCode.R07: "Nominated a second time; the person chose the other organisation",
        ReasonCode.R08: "A false document or a false statement",
        ReasonCode.R09: "A bar laid down by statute",
        ReasonCode.R10: "A published number limit is reached",
        ReasonCode.V01: "Minor breach: warning",
        ReasonCode.V02: "Suspended until the facts are established",
        ReasonCode.V03: "Serious or repeated breach",
        ReasonCode.V04: "Accreditation obtained by a false statement",
        ReasonCode.V05: "No longer eligible",
        ReasonCode.W01: "Withdrawn or replaced by the organisation or the person",
        ReasonCode.X01: "Put off until a named fact is known, at the latest until a named time",
    }
)
