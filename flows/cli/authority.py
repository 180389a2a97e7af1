"""Who acts and when, from a command's options; the engine is imported only when a command runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.statements.authority import Hand, Sitting


def sitting_of(election: str | None, as_of: datetime | None) -> Sitting:
    """Return the election and the moments a command works with."""
    from flows.context import chosen_election, moment, right_now
    from flows.statements.authority import Sitting

    return Sitting(chosen_election(election), moment(as_of), right_now())


def hand_of(officer: str, code: str, key: Path | None) -> Hand:
    """Return the officer with what will prove the act theirs."""
    from flows.statements.authority import Hand

    return Hand(officer, code=code, key=key)
