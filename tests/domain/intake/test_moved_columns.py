"""One column sorted apart from the others is noticed, and what people really change is not taken for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from support.builders import a_nomination

from domain.application.nomination import Nomination
from domain.intake.moved_columns import changes_of, exchanged_names, moved_column
from domain.messages import Message
from domain.words import LANGUAGES

VALUES: dict[str, Callable[[int], object]] = {
    "given_names": lambda number: f"GIVEN{number}",
    "surname": lambda number: f"FAMILY{number}",
    "birth_date": lambda number: date(1950 + number, 1, 1),
    "email": lambda number: f"p{number}@mission.example",
    "document_number": lambda number: f"K{number:07}",
    "photo": lambda number: f"{number:064x}",
    "identity_page": lambda number: f"{number + 1:064x}",
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
    found = moved_column(changes_of(pairs))
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
    pairs = ((nomination(**person(n)), nomination(**new)) for n, new in enumerate(said))
    assert moved_column(changes_of(pairs)) is None


@given(
    st.sets(st.sampled_from(sorted({*VALUES} - {"surname", "given_names"})), min_size=1),
    st.integers(5, 20),
    st.integers(1, 4),
)
def test_columns_that_slipped_together_are_noticed_together(columns: set[str], size: int, by: int) -> None:
    people = [person(number) for number in range(size)]
    said = [mine | {name: people[(place + by) % size][name] for name in columns} for place, mine in enumerate(people)]
    found = moved_column(
        changes_of((nomination(**old), nomination(**new)) for old, new in zip(people, said, strict=True))
    )
    assert found is not None
    assert (set(found.column.split(", ")), found.people) == (columns, size)
    for language in LANGUAGES:
        assert found.column in Message.of("column_moved", **found._asdict()).problem(language)


@given(st.integers(5, 20), st.integers(1, 4))
def test_rows_about_other_people_altogether_are_no_slip(size: int, by: int) -> None:
    people = [person(number) for number in range(size)]
    said = [people[(place + by) % size] | {"reference": mine["reference"]} for place, mine in enumerate(people)]
    assert (
        moved_column(changes_of((nomination(**old), nomination(**new)) for old, new in zip(people, said, strict=True)))
        is None
    )


def test_given_names_that_two_people_exchanged_are_noticed_whoever_else_changes() -> None:
    people = [person(number) for number in range(30)]
    said = [*people]
    for mine, other in ((3, 20), (20, 3), (7, 40)):
        said[mine] = person(mine) | {"given_names": person(other)["given_names"]}
    pairs = [(nomination(**old), nomination(**new)) for old, new in zip(people, said, strict=True)]
    assert [one.reference for one in exchanged_names(pairs)] == ["0003", "0020"]
    assert moved_column(changes_of(pairs)) is None
