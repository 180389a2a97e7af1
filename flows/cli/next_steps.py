"""What a command ends with: what can or must be done next in the election."""

from __future__ import annotations

from typing import Final

from domain.numbers import number_of
from domain.values import ElectionCode
from flows.cli.options import console
from flows.oversight.counts import status_of
from flows.oversight.open_work import waiting_work

_MOST: Final = 3


def show_next(election: ElectionCode, *first: str) -> None:
    """Print what comes *first*, then the first commands that have work, in the order of work; status has the rest."""
    found: dict[str, list[str]] = {}
    for pile in waiting_work(election, status_of(election)):
        if pile.next.startswith("accredit"):
            found.setdefault(pile.next, []).append(number_of(pile.number, pile.what))
    told = "; ".join([*first, *(f"{step} ({', '.join(piles)})" for step, piles in [*found.items()][:_MOST])])
    console.print(f"Next: {told or 'nothing waits; accredit status shows where everything stands'}.", highlight=False)
