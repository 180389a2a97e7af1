from __future__ import annotations

from uuid import UUID

import pytest

from domain.application.application import case_number
from domain.decisions.sought import Sought, best

AVA = Sought(
    UUID(int=7 << 100), ("VD-000004", "VD-000017"), "ava@mission.example", "K1234567", "Ava Marit Líndengård Ава"
)
TOM = Sought(UUID(int=9 << 100), ("VD-000231",), "tom@league.example", "L7654321", "Tom Lindenberg")
NUMBER = case_number(AVA.id)


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        NUMBER.replace("-", "").lower(),
        NUMBER[:-1] + ("A" if NUMBER[-1] != "A" else "B"),
        "vd 000017",
        "VD-00017",
        "VD-000004",
        "Ava@Mission.example",
        "ava@mision.example",
        "K 1234567",
        "K1243567",
        "lindengard",
        "Lindengaard Ava",
        "ава",
    ],
)
def test_whoever_types_what_is_known_of_somebody_finds_them_also_with_a_slip(typed: str) -> None:
    assert best(typed, [TOM, AVA], most=9)[0] == AVA.id


@pytest.mark.parametrize("typed", ["", "-", "@", "K12", "Ava Lindenberg Tornek", "nobody@mission.example"])
def test_what_names_nobody_finds_nobody(typed: str) -> None:
    assert best(typed, [TOM, AVA], most=9) == []


def test_what_fits_to_the_letter_stands_alone_and_else_all_that_may_be_meant_are_offered() -> None:
    assert best("Lindenberg", [AVA, TOM], most=9) == [TOM.id]
    assert set(best("Lindenbrg", [AVA, TOM._replace(names="Tom Lindenborg")], most=9)) == {TOM.id}
    assert len(best("Lindengarg", [AVA, TOM._replace(names="Tom Lindengart")], most=9)) == 2
    assert len(best("Lindengarg", [AVA, TOM._replace(names="Tom Lindengart")], most=1)) == 1
