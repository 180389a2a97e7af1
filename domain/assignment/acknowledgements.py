"""Acknowledgements: who gets an office's list or a region's summary says that it arrived (practice: section 12)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.letters.asking import Asking
from domain.values import OfficeCode, RegionCode, UtcTime

AcknowledgedBy = Literal["link", "reply", "paper"]


class Recipient(StrEnum):
    """Who says that something arrived: a list at an office; a summary with those two of a region; printed badges."""

    OFFICE = "office"
    COMMISSION = "commission"
    ADMINISTRATION = "administration"
    STOCK = "stock"
    """The office that takes over printed badges; they are known by the office that they left."""


class Acknowledgement(Asking):
    """A list, a summary or badges that were sent, and whether who got them said so. A later one takes its place."""

    recipient: Recipient
    code: Annotated[OfficeCode | RegionCode, Field(description="of the office, which badges left; else of the region")]
    version: Annotated[int, Field(ge=1, description="of the office's list; of badges which handover")]
    answered: Annotated[AcknowledgedBy | None, Field(description="how it was acknowledged; unset: it was not")] = None

    def is_late(self, now: UtcTime) -> bool:
        """Whether the time is over and nothing was said; it can still be."""
        return not self.closed and self.is_over(now)
