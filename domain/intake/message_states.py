"""Where a message that reached the office stands."""

from __future__ import annotations

from enum import StrEnum


class MessageState(StrEnum):
    """Where a message stands."""

    ARRIVED = "arrived"
    """Its files are to be taken in."""
    HELD = "held"
    """An officer decides whether its files are taken in."""
    RELEASED = "released"
    """An officer said so; its files are to be taken in."""
    DISCARDED = "discarded"
    """An officer said no."""
    TAKEN = "taken"
    """Its files were taken in or refused, and it was answered."""
