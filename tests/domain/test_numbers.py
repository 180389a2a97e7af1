"""How many there are of something."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.numbers import number_of, spans

ODD = "1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23"


@pytest.mark.parametrize(
    ("count", "things", "told"),
    [
        (1, "cases for an officer to decide", "1 case for an officer to decide"),
        (1, "complete cases to check", "1 complete case to check"),
        (1, "nominees whose papers are not checked", "1 nominee whose papers are not checked"),
        (1, "placed people without a badge", "1 placed person without a badge"),
        (1, "classes of data past their time", "1 class of data past their time"),
        (1, "entries of the log", "1 entry of the log"),
        (1, "cases wait for officers", "1 case waits for officers"),
        (1, "people are left out", "1 person is left out"),
        (1, "entries of the published log are not here", "1 entry of the published log is not here"),
        (2, "cases wait for officers", "2 cases wait for officers"),
        (0, "letters to send", "0 letters to send"),
        (1200, "letters to send", "1,200 letters to send"),
    ],
)
def test_one_thing_is_told_as_one(count: int, things: str, told: str) -> None:
    assert number_of(count, things) == told


def test_no_sentence_counts_things_by_itself() -> None:
    counted = re.compile(r"\{(?:len\([^{}]*\)|[^{}=]*:,)\} (?:[a-z]+ )?(?:people|(?!(?:was|is|has|as)\b)[a-z]+s)\b")
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in sorted((Path(__file__).parents[2] / "flows").rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if counted.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("numbers", "listed"),
    [([], ""), ([4], "4"), ([7, 3, 2, 4], "2-4, 7"), ([1, 1, 2], "1-2"), ([*range(1, 31, 2)], f"{ODD}, …")],
)  # fmt: skip
def test_rows_are_listed_in_spans(numbers: list[int], listed: str) -> None:
    assert spans(numbers) == listed
