"""Acknowledgements: who gets an office's list or a region's summary says that it arrived (practice: section 12)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.letters.asking import Asking
from domain.values import OfficeCode, RegionCode, UtcTime

AcknowledgedBy = Literal["link", "reply", "paper"]


class Recipient(StrEnum):
    """Who gets a list or summary: an office; in a region the commission's representative, the local administration."""

    OFFICE = "office"
    COMMISSION = "commission"
    ADMINISTRATION = "administration"


class Acknowledgement(Asking):
    """A list or a summary that was sent, and whether who got it said so. A later one takes its place."""

    recipient: Recipient
    code: Annotated[OfficeCode | RegionCode, Field(description="of the office; else of the region")]
    version: Annotated[int, Field(ge=1, description="of the office's list")]
    answered: Annotated[AcknowledgedBy | None, Field(description="how it was acknowledged; unset: it was not")] = None

    def is_late(self, now: UtcTime) -> bool:
        """Whether the time is over and nothing was said; it can still be."""
        return not self.closed and self.is_over(now)
