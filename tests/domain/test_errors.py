"""What an unknown code is told: that it is unknown, and which one may be meant."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from domain.errors import UnknownThingError

CODES = ("ORG-01", "ORG-02", "ORG-07")


@pytest.mark.parametrize(
    ("key", "known", "told"),
    [
        ("ORG-70", CODES, "There is no organisation ORG-70 in this election. Did you mean ORG-07?"),
        ("org-07", CODES, "There is no organisation org-07 in this election. Did you mean ORG-07?"),
        ("X", CODES, "There is no organisation X in this election. There are ORG-01, ORG-02, ORG-07."),
        ("X", "ABCDEFGHIK", "There is no organisation X in this election. There are A, B, C, D, E, F, G, H, …"),
        ("X", (), "There is no organisation X in this election."),
    ],
)
def test_an_unknown_code_is_answered_with_the_nearest_or_with_those_there_are(
    key: str, known: Iterable[str], told: str
) -> None:
    assert str(UnknownThingError("organisation", key, known=known)) == told


def test_an_election_that_is_not_loaded_is_not_sought_in_an_election() -> None:
    assert str(UnknownThingError("election", "B", known=["A-1"])) == "There is no election B. There are A-1."
