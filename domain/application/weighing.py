"""What the facts of a measure state besides: why nothing milder is enough, and why no milder step came before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

LEAST: Final = 3
"""Characters: less than a word states nothing."""


class Weighed(StrEnum):
    """A part of the facts of a measure, by the label that it follows; they stand after the facts."""

    PROPORTIONALITY = "proportionality"
    STEPS_SKIPPED = "steps skipped"

    @property
    def label(self) -> str:
        """How the part begins."""
        return f"{self.capitalize()}:"


_LABEL: Final = re.compile(rf"(?<!\S)({'|'.join(part.label for part in Weighed)})[ \t]*")


def stated(facts: str) -> str:
    """Return *facts* without the parts that weigh them."""
    return _LABEL.split(facts)[0].strip()


def weighed(facts: str) -> Mapping[Weighed, str]:
    """Return what follows each label in *facts*; parts that say nothing are left out.

    >>> weighed("Two reports. Proportionality: A warning did not help.")[Weighed.PROPORTIONALITY]
    'A warning did not help.'
    """
    _, *parts = _LABEL.split(facts)
    said = {
        Weighed(label.rstrip(":").lower()): text.strip() for label, text in zip(parts[::2], parts[1::2], strict=True)
    }
    return {part: text for part, text in said.items() if len(text) >= LEAST}


def with_weighed(facts: str, said: Mapping[Weighed, str]) -> str:
    """Return *facts* followed by what is *said* besides, each under its label."""
    return " ".join([facts, *(f"{part.label} {text}" for part, text in said.items() if text)]).strip()
