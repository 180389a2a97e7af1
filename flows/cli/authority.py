"""Who acts and when, from a command's options; the engine is imported only when a command runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.statements.acceptance import Hand, Sitting


def sitting_of(election: str | None, as_of: datetime | None) -> Sitting:
    """Return the election and the moments a command works with."""
    from flows.context import chosen_election, moment
    from flows.statements.acceptance import Sitting

    return Sitting(chosen_election(election), moment(as_of))


def hand_of(officer: str, key: Path | None) -> Hand:
    """Return the officer with the key that will sign."""
    from flows.statements.acceptance import Hand

    return Hand(officer, key)
