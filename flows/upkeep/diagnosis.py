"""What the doctor says of one part of an installation: how it stands, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from domain.values import Frozen


class Standing(StrEnum):
    """How a part of the installation stands."""

    RIGHT = "right"
    SOON = "look at it"
    """Works, but not for ever, or not watched."""
    WRONG = "wrong"


class Diagnosis(Frozen):
    """One line of the doctor's screen. It names no person: it goes to Prefect and to logs."""

    part: str
    standing: Standing
    says: str
    remedy: str = ""
    """What to do, in plain words, without a full stop at its end; empty where all is right."""


def right(part: str, says: str) -> Diagnosis:
    """Return that *part* is as it should be."""
    return Diagnosis(part=part, standing=Standing.RIGHT, says=says)


def soon(part: str, says: str, remedy: str) -> Diagnosis:
    """Return that somebody should look at *part* in the next days."""
    return Diagnosis(part=part, standing=Standing.SOON, says=says, remedy=remedy.rstrip("."))


def wrong(part: str, says: str, remedy: str) -> Diagnosis:
    """Return that *part* keeps work from being done, or will be missed soon."""
    return Diagnosis(part=part, standing=Standing.WRONG, says=says, remedy=remedy.rstrip("."))


def wrong_ones(found: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Return those that are wrong."""
    return [told for told in found if told.standing is Standing.WRONG]
