"""One column sorted apart from the others is noticed, and what people really change is not taken for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from support.builders import a_nomination

from domain.application.nomination import Nomination
from domain.intake.moved_columns import moved_column

VALUES: dict[str, Callable[[int], object]] = {
    "given_names": lambda number: f"GIVEN{number}",
    "surname": lambda number: f"FAMILY{number}",
    "birth_date": lambda number: date(1950 + number, 1, 1),
    "email": lambda number: f"p{number}@mission.example",
    "document_number": lambda number: f"K{number:07}",
}


def person(number: int) -> dict[str, object]:
    return {"reference": f"{number:04}"} | {column: value(number) for column, value in VALUES.items()}


def nomination(**fields: object) -> Nomination:
    return a_nomination(**fields)


@given(st.sampled_from(sorted(VALUES)), st.permutations(range(20)), st.integers(0, 3))
def test_values_of_one_column_that_moved_among_people_are_noticed_whoever_joined(
    column: str, order: list[int], joined: int
) -> None:
    people = [person(number) for number in order]
    said = [mine | {column: other[column]} for mine, other in zip(people, sorted(people, key=str), strict=True)]
    for number in range(joined):
        said[number] = said[number] | {column: VALUES[column](40 + number)}
    pairs = [(nomination(**old), nomination(**new)) for old, new in zip(people, said, strict=True)]
    changed = sum(old != new for old, new in pairs)
    found = moved_column(pairs)
    if changed >= 15 + joined:  # of fewer, what is new may be more than a fifth
        assert found == (column, changed)
    else:
        assert found in {None, (column, changed)}


@given(st.lists(st.tuples(st.integers(0, 19), st.sampled_from(sorted(VALUES)), st.integers(30, 49)), max_size=20))
def test_what_people_really_change_is_none(changes: list[tuple[int, str, int]]) -> None:
    said = [person(number) for number in range(20)]
    for place, column, new in changes:
        said[place][column] = VALUES[column](new)
    said[0]["surname"], said[1]["surname"] = said[1]["surname"], said[0]["surname"]
    assert moved_column((nomination(**person(n)), nomination(**new)) for n, new in enumerate(said)) is None
